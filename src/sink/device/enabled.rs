//! Sound devices through cpal.

use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    Device, ErrorKind, FromSample, Host, OutputCallbackInfo, SampleFormat, SizedSample, Stream,
    SupportedStreamConfig, SupportedStreamConfigRange,
};

use super::playback_ring::{FailureSlot, RingReader, RingWriter, playback_ring};
use super::position::{PlaybackPosition, PositionRecorder};
use super::{DeviceInfo, DeviceOptions, OpenedDevice};
use crate::audio::{SampleRate, pcm, samples_in};
use crate::error::Cause;
use crate::sink::Sink;
use crate::threads;
use crate::{Error, Result};

/// Formats that samples are converted to, best first: that of a WAV file,
/// lossless ones, then any that a device may require.
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

/// The most audio that may wait for a device, whatever the options say.
const MAX_BUFFER: Duration = Duration::from_secs(60);

pub(super) fn devices() -> Result<Vec<DeviceInfo>> {
    silence_alsa();
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

/// Opens a device, whose rate may differ from `rate`.
pub(super) fn open(options: &DeviceOptions, rate: SampleRate) -> Result<OpenedDevice> {
    silence_alsa();
    // cpal panics if it gets none.
    threads::check(1)?;
    let (device, name) = match find(options.device.as_deref()) {
        Ok(found) => found,
        Err(error) => return open_unlisted(options, rate)?.ok_or(error),
    };
    let offered = device
        .supported_output_configs()
        .map_err(|source| cannot_open(options, &name, source))?;
    let config = choose(offered, rate)
        .ok_or_else(|| failed(&name, "it offers no format that can be played"))?;
    let device_rate = SampleRate::new(config.sample_rate()).unwrap_or(rate);
    let capacity = samples_in(options.buffer.min(MAX_BUFFER), device_rate);
    let position = PlaybackPosition::new(device_rate, rate);
    let recorder = PositionRecorder::new(position.clone());
    let (ring, reader) = playback_ring(capacity, recorder, name.clone(), options.cancel.clone());
    let stream = build(&device, &config, reader, ring.failure_slot())
        .map_err(|source| cannot_open(options, &name, source))?;
    let device = OpenDevice {
        stream,
        ring,
        name,
        state: State::Stopped,
    };
    Ok(OpenedDevice {
        device: Box::new(device),
        rate: device_rate,
        position,
    })
}

/// Opens a device that is not listed by its name, if the sound system can.
fn open_unlisted(options: &DeviceOptions, rate: SampleRate) -> Result<Option<OpenedDevice>> {
    #[cfg(target_os = "linux")]
    if let (Some(name), Some(_)) = (&options.device, host()) {
        return super::alsa_pcm::open(name, options, rate);
    }
    _ = (options, rate);
    Ok(None)
}

/// An open device, for samples of its own rate.
struct OpenDevice {
    stream: Stream,
    ring: RingWriter,
    name: String,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Stopped,
    Playing,
}

impl Sink for OpenDevice {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        let rest = self.ring.offer(samples);
        // Not before there is sound: until then a device plays silence.
        if self.state == State::Stopped && !samples.is_empty() {
            self.stream
                .play()
                .map_err(|source| failed(&self.name, source))?;
            self.state = State::Playing;
        }
        self.ring.push(rest)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        match self.state {
            State::Playing => self.ring.wait_until_played(),
            State::Stopped => Ok(()),
        }
    }
}

/// Stops alsa-lib from printing its errors: they are returned.
fn silence_alsa() {
    #[cfg(target_os = "linux")]
    // Per thread. The messages go to a buffer that is never read.
    drop(alsa::Output::local_error_handler());
}

pub(super) fn host_name() -> Option<&'static str> {
    host().map(|host| host.id().name())
}

/// Returns the first host that works. `cpal::default_host` would panic if
/// there is none, as with a broken ALSA configuration.
fn host() -> Option<Host> {
    cpal::available_hosts()
        .into_iter()
        .find_map(|id| cpal::host_from_id(id).ok())
}

fn id(device: &Device) -> Option<String> {
    device.id().ok().map(|id| id.id().to_owned())
}

/// Returns the device that was requested, with its name for errors.
fn find(requested: Option<&str>) -> Result<(Device, String)> {
    let found = host().and_then(|host| match requested {
        None => host.default_output_device(),
        Some(requested) => find_named(&host, requested),
    });
    let device = found.ok_or_else(|| no_device(requested))?;
    let name = requested.map_or_else(|| device.to_string(), str::to_owned);
    Ok((device, name))
}

fn find_named(host: &Host, requested: &str) -> Option<Device> {
    if let Some(device) = host.device_by_id(&cpal::DeviceId::new(host.id(), requested)) {
        return Some(device);
    }
    let default = host.default_output_device().into_iter();
    default.chain(host.output_devices().ok()?).find(|device| {
        let id = id(device).unwrap_or_default();
        id.eq_ignore_ascii_case(requested) || device.to_string().eq_ignore_ascii_case(requested)
    })
}

fn no_device(requested: Option<&str>) -> Error {
    let known = devices().unwrap_or_default();
    Error::NoDevice {
        requested: requested.map(str::to_owned),
        known: known.into_iter().map(|device| device.id).collect(),
    }
}

/// ALSA always lists a default device; that there is none shows only here.
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

/// Returns the configuration that changes samples of `rate` least.
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

/// Returns the best rate of the range: `rate` or a multiple of it, else the
/// next higher rate, else the highest.
fn nearest_rate(range: &SupportedStreamConfigRange, rate: u32) -> u32 {
    let (min, max) = (range.min_sample_rate(), range.max_sample_rate());
    let multiple = min.div_ceil(rate).max(1).checked_mul(rate);
    match multiple {
        Some(multiple) if (min..=max).contains(&multiple) => multiple,
        _ => rate.clamp(min, max),
    }
}

/// Orders rates: the same, multiples, higher rates, lower rates; near ones first.
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
    reader: RingReader,
    failure: FailureSlot,
) -> Result<Stream, cpal::Error> {
    match config.sample_format() {
        SampleFormat::I16 => build_as(device, config, reader, failure, pcm::to_i16),
        SampleFormat::F32 => build_from::<f32>(device, config, reader, failure),
        SampleFormat::I32 => build_from::<i32>(device, config, reader, failure),
        SampleFormat::I24 => build_from::<cpal::I24>(device, config, reader, failure),
        SampleFormat::F64 => build_from::<f64>(device, config, reader, failure),
        SampleFormat::U16 => build_from::<u16>(device, config, reader, failure),
        SampleFormat::U24 => build_from::<cpal::U24>(device, config, reader, failure),
        SampleFormat::U32 => build_from::<u32>(device, config, reader, failure),
        SampleFormat::I8 => build_from::<i8>(device, config, reader, failure),
        SampleFormat::U8 => build_from::<u8>(device, config, reader, failure),
        _ => Err(ErrorKind::UnsupportedConfig.into()),
    }
}

fn build_from<T: SizedSample + FromSample<f32> + Send + 'static>(
    device: &Device,
    config: &SupportedStreamConfig,
    reader: RingReader,
    failure: FailureSlot,
) -> Result<Stream, cpal::Error> {
    let convert = |sample: f32| T::from_sample_(sample.clamp(-1.0, 1.0));
    build_as(device, config, reader, failure, convert)
}

fn build_as<T: SizedSample + Send + 'static>(
    device: &Device,
    config: &SupportedStreamConfig,
    mut reader: RingReader,
    failure: FailureSlot,
    convert: impl Fn(f32) -> T + Send + 'static,
) -> Result<Stream, cpal::Error> {
    let n_channels = usize::from(config.channels());
    device.build_output_stream(
        config.config(),
        move |frames: &mut [T], info: &OutputCallbackInfo| {
            let at = info.timestamp();
            let latency = at.playback.duration_since(at.callback);
            reader.fill(frames, n_channels, latency, &convert);
        },
        move |error| {
            if is_fatal(&error) {
                failure.set(error);
            }
        },
        None,
    )
}

/// Returns whether `error` ends a stream.
fn is_fatal(error: &cpal::Error) -> bool {
    !matches!(
        error.kind(),
        // A gap, a switch to another device, a thread without real-time priority.
        ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied
    )
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
