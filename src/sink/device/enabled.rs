//! Sound devices through cpal.

use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    Device, ErrorKind, FromSample, Host, OutputCallbackInfo, SampleFormat, SizedSample, Stream,
    SupportedOutputConfigs, SupportedStreamConfig, SupportedStreamConfigRange,
};

use super::feed::{Drain, FailureSlot, Feed, feed};
use super::{DeviceInfo, DeviceOptions};
use crate::audio::resample::Resampler;
use crate::audio::{SampleRate, pcm, samples_in};
use crate::error::Cause;
use crate::{Error, Result};

/// Formats that samples are converted to, best first: what a WAV file holds,
/// what loses nothing, then whatever a device may insist on.
const FORMATS: [SampleFormat; 10] = [
    SampleFormat::I16,
    SampleFormat::F32,
    SampleFormat::I32,
    SampleFormat::I24,
    SampleFormat::F64,
    SampleFormat::U16,
    SampleFormat::U24,
    SampleFormat::U32,
    SampleFormat::I8,
    SampleFormat::U8,
];

/// The most audio that may wait for a device, whatever is asked for.
const MAX_BUFFER: Duration = Duration::from_secs(60);

pub(super) fn devices() -> Result<Vec<DeviceInfo>> {
    keep_alsa_quiet();
    let Some(host) = host() else {
        return Ok(Vec::new());
    };
    let default = host.default_output_device().and_then(|device| id(&device));
    let devices = host
        .output_devices()
        .map_err(|source| failed("the sound system", source))?;
    Ok(devices
        .filter_map(|device| {
            let id = id(&device)?;
            Some(DeviceInfo {
                is_default: default.as_ref() == Some(&id),
                name: device.to_string(),
                id,
            })
        })
        .collect())
}

/// An open device.
pub(super) struct Playback {
    stream: Stream,
    feed: Feed,
    resampler: Option<Resampler>,
    resampled: Vec<f32>,
    device: String,
    started: Started,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Started {
    No,
    Yes,
}

impl Playback {
    pub(super) fn open(options: &DeviceOptions, rate: SampleRate) -> Result<Self> {
        Self::open_choosing(options, rate, choose)
    }

    /// [`open`](Self::open) with any way to choose among what a device offers.
    fn open_choosing(
        options: &DeviceOptions,
        rate: SampleRate,
        choose: impl Fn(SupportedOutputConfigs, SampleRate) -> Option<SupportedStreamConfig>,
    ) -> Result<Self> {
        keep_alsa_quiet();
        let (device, name) = find(options.device.as_deref())?;
        let offered = device
            .supported_output_configs()
            .map_err(|source| cannot_open(options, &name, source))?;
        let config = choose(offered, rate)
            .ok_or_else(|| failed(&name, "it has no format that can be played"))?;
        let device_rate = SampleRate::new(config.sample_rate()).unwrap_or(rate);
        let capacity = samples_in(options.buffer.min(MAX_BUFFER), device_rate);
        let (feed, drain) = feed(capacity, device_rate, name.clone(), options.cancel.clone());
        let stream = build(&device, &config, drain, feed.failure_slot())
            .map_err(|source| cannot_open(options, &name, source))?;
        let resampler = (device_rate != rate)
            .then(|| Resampler::new(rate, device_rate))
            .transpose()?;
        Ok(Self {
            stream,
            feed,
            resampler,
            resampled: Vec::new(),
            device: name,
            started: Started::No,
        })
    }

    pub(super) fn write(&mut self, samples: &[f32]) -> Result<()> {
        let Some(resampler) = &mut self.resampler else {
            return self.play(samples);
        };
        let mut resampled = std::mem::take(&mut self.resampled);
        resampled.clear();
        resampler.process(samples, &mut resampled)?;
        let played = self.play(&resampled);
        self.resampled = resampled;
        played
    }

    pub(super) fn finish(mut self) -> Result<()> {
        if let Some(mut resampler) = self.resampler.take() {
            let mut rest = Vec::new();
            resampler.finish(&mut rest)?;
            self.play(&rest)?;
        }
        match self.started {
            Started::Yes => self.feed.wait_until_heard(),
            Started::No => Ok(()),
        }
    }

    /// Passes samples of the device's rate on.
    fn play(&mut self, samples: &[f32]) -> Result<()> {
        let rest = self.feed.offer(samples);
        // Not before there is sound: a device plays silence until then.
        if self.started == Started::No && !samples.is_empty() {
            self.stream
                .play()
                .map_err(|source| failed(&self.device, source))?;
            self.started = Started::Yes;
        }
        self.feed.push(rest)
    }
}

/// Stops alsa-lib from printing its errors, which we report ourselves.
fn keep_alsa_quiet() {
    #[cfg(target_os = "linux")]
    // Per thread. The messages go to a buffer that nobody reads.
    drop(alsa::Output::local_error_handler());
}

/// Returns the first host that works. `cpal::default_host` would panic where
/// there is none, such as with a broken ALSA configuration.
pub(super) fn host_name() -> Option<&'static str> {
    host().map(|host| host.id().name())
}

fn host() -> Option<Host> {
    cpal::available_hosts()
        .into_iter()
        .find_map(|id| cpal::host_from_id(id).ok())
}

fn id(device: &Device) -> Option<String> {
    device.id().ok().map(|id| id.id().to_owned())
}

/// Returns the device that `asked` names, with what errors call it.
fn find(asked: Option<&str>) -> Result<(Device, String)> {
    let found = host().and_then(|host| match asked {
        None => host.default_output_device(),
        Some(asked) => find_named(&host, asked),
    });
    let device = found.ok_or_else(|| no_device(asked))?;
    let name = asked.map_or_else(|| device.to_string(), str::to_owned);
    Ok((device, name))
}

fn find_named(host: &Host, asked: &str) -> Option<Device> {
    if let Some(device) = host.device_by_id(&cpal::DeviceId::new(host.id(), asked)) {
        return Some(device);
    }
    let default = host.default_output_device().into_iter();
    default.chain(host.output_devices().ok()?).find(|device| {
        let id = id(device).unwrap_or_default();
        id.eq_ignore_ascii_case(asked) || device.to_string().eq_ignore_ascii_case(asked)
    })
}

fn no_device(asked: Option<&str>) -> Error {
    let known = devices().unwrap_or_default();
    Error::NoDevice {
        requested: asked.map(str::to_owned),
        known: known.into_iter().map(|device| device.id).collect(),
    }
}

/// ALSA has a default device always, and says only here that it is nothing.
fn cannot_open(options: &DeviceOptions, name: &str, error: cpal::Error) -> Error {
    match error.kind() {
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => {
            no_device(options.device.as_deref())
        }
        _ => failed(name, error),
    }
}

fn failed(device: &str, source: impl Into<Cause>) -> Error {
    Error::Device {
        device: device.to_owned(),
        source: source.into(),
    }
}

/// Returns the configuration that changes samples of `rate` the least.
fn choose(
    offered: impl Iterator<Item = SupportedStreamConfigRange>,
    rate: SampleRate,
) -> Option<SupportedStreamConfig> {
    offered
        .filter(|range| range.channels() > 0 && range.max_sample_rate() > 0)
        .filter_map(|range| {
            let format = FORMATS.iter().position(|f| *f == range.sample_format())?;
            let device_rate = nearest_rate(&range, rate.get());
            let cost = (rate_cost(device_rate, rate.get()), format, range.channels());
            Some((cost, range.with_sample_rate(device_rate)))
        })
        .min_by_key(|(cost, _)| *cost)
        .map(|(_, config)| config)
}

/// Returns `rate` or what comes nearest in the range: a multiple, something
/// higher, or the highest there is.
fn nearest_rate(range: &SupportedStreamConfigRange, rate: u32) -> u32 {
    let (min, max) = (range.min_sample_rate(), range.max_sample_rate());
    let multiple = min.div_ceil(rate).max(1).checked_mul(rate);
    match multiple {
        Some(multiple) if (min..=max).contains(&multiple) => multiple,
        _ => rate.clamp(min, max),
    }
}

/// Orders rates: the same, multiples, higher ones, lower ones; near ones first.
fn rate_cost(device_rate: u32, rate: u32) -> (u8, u32) {
    let rank = match device_rate {
        same if same == rate => 0,
        higher if higher.is_multiple_of(rate) => 1,
        higher if higher > rate => 2,
        _ => 3,
    };
    (rank, device_rate.abs_diff(rate))
}

fn build(
    device: &Device,
    config: &SupportedStreamConfig,
    drain: Drain,
    failure: FailureSlot,
) -> Result<Stream, cpal::Error> {
    match config.sample_format() {
        SampleFormat::I16 => build_as(device, config, drain, failure, pcm::to_i16),
        SampleFormat::F32 => build_from::<f32>(device, config, drain, failure),
        SampleFormat::I32 => build_from::<i32>(device, config, drain, failure),
        SampleFormat::I24 => build_from::<cpal::I24>(device, config, drain, failure),
        SampleFormat::F64 => build_from::<f64>(device, config, drain, failure),
        SampleFormat::U16 => build_from::<u16>(device, config, drain, failure),
        SampleFormat::U24 => build_from::<cpal::U24>(device, config, drain, failure),
        SampleFormat::U32 => build_from::<u32>(device, config, drain, failure),
        SampleFormat::I8 => build_from::<i8>(device, config, drain, failure),
        SampleFormat::U8 => build_from::<u8>(device, config, drain, failure),
        _ => Err(ErrorKind::UnsupportedConfig.into()),
    }
}

fn build_from<T: SizedSample + FromSample<f32> + Send + 'static>(
    device: &Device,
    config: &SupportedStreamConfig,
    drain: Drain,
    failure: FailureSlot,
) -> Result<Stream, cpal::Error> {
    let convert = |sample: f32| T::from_sample_(sample.clamp(-1.0, 1.0));
    build_as(device, config, drain, failure, convert)
}

fn build_as<T: SizedSample + Send + 'static>(
    device: &Device,
    config: &SupportedStreamConfig,
    mut drain: Drain,
    failure: FailureSlot,
    convert: impl Fn(f32) -> T + Send + 'static,
) -> Result<Stream, cpal::Error> {
    let n_channels = usize::from(config.channels());
    device.build_output_stream(
        config.config(),
        move |frames: &mut [T], info: &OutputCallbackInfo| {
            let at = info.timestamp();
            let latency = at.playback.duration_since(at.callback);
            drain.fill(frames, n_channels, latency, &convert);
        },
        move |error| {
            if is_fatal(&error) {
                failure.set(error);
            }
        },
        None,
    )
}

/// Returns whether a stream that reports `error` is over.
fn is_fatal(error: &cpal::Error) -> bool {
    !matches!(
        error.kind(),
        // A gap, a switch to another device, and an ordinary thread's priority.
        ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied
    )
}

#[cfg(test)]
impl Playback {
    /// Opens a device as stereo floats, as if it had nothing else.
    pub(super) fn open_stereo_floats(
        options: &DeviceOptions,
        rate: SampleRate,
        device_rate: SampleRate,
    ) -> Result<Self> {
        Self::open_choosing(options, rate, |mut offered, _| {
            offered
                .find(|range| range.channels() == 2 && range.sample_format() == SampleFormat::F32)
                .map(|range| range.with_sample_rate(device_rate.get()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpal::SupportedBufferSize;

    /// Channels, lowest and highest rate, format.
    type Range = (u16, u32, u32, SampleFormat);

    fn chosen(ranges: &[Range], rate_hz: u32) -> Option<(u16, u32, SampleFormat)> {
        let offered = ranges.iter().map(|&(channels, min, max, format)| {
            SupportedStreamConfigRange::new(
                channels,
                min,
                max,
                SupportedBufferSize::Unknown,
                format,
            )
        });
        let config = choose(offered, SampleRate::new(rate_hz).unwrap())?;
        Some((
            config.channels(),
            config.sample_rate(),
            config.sample_format(),
        ))
    }

    #[test]
    fn the_configuration_that_changes_samples_least_is_chosen() {
        use SampleFormat::{DsdU8, F32, I16, I32};
        let anything: &[Range] = &[
            (2, 4000, u32::MAX, I16),
            (1, 4000, u32::MAX, F32),
            (1, 4000, u32::MAX, I16),
        ];
        let card: &[Range] = &[
            (2, 44100, 44100, I32),
            (2, 44100, 44100, I16),
            (2, 48000, 48000, I16),
        ];
        let cases: [(&[Range], u32, Option<_>); 9] = [
            (anything, 22050, Some((1, 22050, I16))),
            (card, 22050, Some((2, 44100, I16))),
            (card, 16000, Some((2, 48000, I16))),
            (card, 44100, Some((2, 44100, I16))),
            // The same rate comes before the same format, that before mono.
            (
                &[(2, 22050, 22050, F32), (1, 48000, 48000, I16)],
                22050,
                Some((2, 22050, F32)),
            ),
            (
                &[(1, 48000, 48000, F32), (6, 48000, 48000, I16)],
                48000,
                Some((6, 48000, I16)),
            ),
            // No multiple, nothing higher.
            (&[(2, 40000, 43000, F32)], 22050, Some((2, 40000, F32))),
            (&[(2, 8000, 16000, F32)], 22050, Some((2, 16000, F32))),
            (&[(2, 48000, 48000, DsdU8)], 22050, None),
        ];
        for (ranges, rate_hz, expected) in cases {
            assert_eq!(chosen(ranges, rate_hz), expected, "{ranges:?} at {rate_hz}");
        }
    }

    #[test]
    fn gaps_do_not_end_a_stream_and_a_lost_device_does() {
        let cases = [
            (ErrorKind::Xrun, false),
            (ErrorKind::DeviceChanged, false),
            (ErrorKind::RealtimeDenied, false),
            (ErrorKind::DeviceNotAvailable, true),
            (ErrorKind::StreamInvalidated, true),
            (ErrorKind::BackendError, true),
        ];
        for (kind, fatal) in cases {
            assert_eq!(is_fatal(&kind.into()), fatal, "{kind:?}");
        }
    }
}
