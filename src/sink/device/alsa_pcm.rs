//! ALSA devices by any name that ALSA can open: `plug:dmix`, or an entry of
//! `~/.asoundrc`. cpal opens only those that ALSA lists.
//!
//! ALSA's own buffer is the buffer, so there is no other thread.

use std::thread;
use std::time::{Duration, Instant};

use alsa::pcm::{Access, Format, HwParams, PCM, State};
use alsa::{Direction, PollDescriptors as _, ValueOr};

use super::position::{PlaybackPosition, PositionRecorder};
use super::{DeviceOptions, OpenedDevice};
use crate::audio::{SampleRate, duration_of, pcm, samples_in};
use crate::error::Cause;
use crate::sink::Sink;
use crate::{CancelToken, Error, Result};

/// ALSA's numbers of errors; they are those of Linux.
mod errno {
    pub(super) const ENOENT: i32 = 2;
    pub(super) const EAGAIN: i32 = 11;
    pub(super) const ENODEV: i32 = 19;
}

/// How long a wait for the device lasts at most before it is checked again
/// whether the sound was cancelled.
const MAX_WAIT: Duration = Duration::from_millis(10);
/// The largest buffer. ALSA gives as much of it as the device has.
const MAX_BUFFER: Duration = Duration::from_secs(2);
/// What may be left to play when the device is told to finish.
const LAST_PART: Duration = Duration::from_millis(50);
/// A device that plays nothing for so long waits for more samples.
const MAX_STILL: Duration = Duration::from_millis(300);
/// How many frames are converted at once.
const FRAMES: usize = 2048;

/// What the device takes, best first: the format of a WAV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeviceFormat {
    I16,
    I32,
    F32,
}

impl DeviceFormat {
    const ALL: [Self; 3] = [Self::I16, Self::I32, Self::F32];

    fn of_alsa(self) -> Format {
        match self {
            Self::I16 => Format::s16(),
            Self::I32 => Format::s32(),
            Self::F32 => Format::float(),
        }
    }
}

/// Opens the device that ALSA knows as `name`, whose rate may be another than
/// `rate`. `None` if ALSA knows no such device.
pub(super) fn open(
    name: &str,
    options: &DeviceOptions,
    rate: SampleRate,
) -> Result<Option<OpenedDevice>> {
    let failed = |source: Cause| Error::Device {
        device: name.to_owned(),
        source,
    };
    let Some(pcm) = open_pcm(name).map_err(failed)? else {
        return Ok(None);
    };
    let layout = set_up(&pcm, options.buffer.min(MAX_BUFFER), rate).map_err(failed)?;
    let device_rate = SampleRate::new(layout.rate_hz).unwrap_or(rate);
    let position = PlaybackPosition::new(device_rate, rate);
    let device = AlsaPcm {
        recorder: PositionRecorder::new(position.clone()),
        pcm,
        name: name.to_owned(),
        cancel: options.cancel.clone(),
        format: layout.format,
        n_channels: layout.n_channels,
        rate: device_rate,
    };
    Ok(Some(OpenedDevice {
        device: Box::new(device),
        rate: device_rate,
        position,
    }))
}

fn open_pcm(name: &str) -> Result<Option<PCM>, Cause> {
    let messages = alsa::Output::local_error_handler();
    let error = match PCM::new(name, Direction::Playback, true) {
        Ok(pcm) => return Ok(Some(pcm)),
        Err(error) => error,
    };
    // `plug:` converts samples, which we do too. It is part of ALSA's own
    // configuration, which can be replaced.
    let slave = name.strip_prefix("plug:");
    if let Some(slave) = slave.map(|slave| slave.trim_matches(['\'', '"'])) {
        return open_pcm(slave);
    }
    match error.errno() {
        // A name with a zero byte has no error of ALSA.
        0 | errno::ENOENT | errno::ENODEV => Ok(None),
        _ => {
            let messages = messages.map(|messages| messages.borrow().to_string());
            let reason = messages.ok().and_then(|text| last_reason(&text));
            Err(reason.map_or_else(|| error.into(), Cause::from))
        }
    }
}

/// Returns ALSA's last message without the name of the function.
fn last_reason(messages: &str) -> Option<String> {
    let (_, reason) = messages.lines().last()?.split_once(": ")?;
    Some(reason.to_owned())
}

struct Layout {
    format: DeviceFormat,
    n_channels: usize,
    rate_hz: u32,
}

fn set_up(pcm: &PCM, buffer: Duration, rate: SampleRate) -> Result<Layout, Cause> {
    let params = HwParams::any(pcm)?;
    params.set_access(Access::RWInterleaved)?;
    let format = DeviceFormat::ALL
        .into_iter()
        .find(|format| params.test_format(format.of_alsa()).is_ok())
        .ok_or("it takes no 16-bit, 32-bit or float samples; `plug:NAME` converts them")?;
    params.set_format(format.of_alsa())?;
    let n_channels = params.set_channels_near(1)?;
    // The same rate, or a multiple that is easily resampled.
    let rates = [rate.get(), rate.get().saturating_mul(2), 48_000];
    match rates.into_iter().find(|hz| params.test_rate(*hz).is_ok()) {
        Some(hz) => params.set_rate(hz, ValueOr::Nearest)?,
        None => _ = params.set_rate_near(rate.get(), ValueOr::Nearest)?,
    }
    let buffer_us = u32::try_from(buffer.as_micros()).unwrap_or(u32::MAX);
    params.set_buffer_time_near(buffer_us.max(20_000), ValueOr::Nearest)?;
    pcm.hw_params(&params)?;
    pcm.prepare()?;
    Ok(Layout {
        format,
        n_channels: n_channels as usize,
        rate_hz: params.get_rate()?,
    })
}

/// An open device, for samples of its own rate.
struct AlsaPcm {
    pcm: PCM,
    recorder: PositionRecorder,
    name: String,
    cancel: CancelToken,
    format: DeviceFormat,
    n_channels: usize,
    rate: SampleRate,
}

impl AlsaPcm {
    fn failed(&self, error: alsa::Error) -> Error {
        Error::Device {
            device: self.name.clone(),
            source: error.into(),
        }
    }

    fn check_cancelled(&self) -> Result<()> {
        match self.cancel.is_cancelled() {
            true => Err(Error::Cancelled),
            false => Ok(()),
        }
    }

    /// Writes samples after each was converted and copied to all channels.
    fn write_as<T: Copy + alsa::pcm::IoFormat>(
        &mut self,
        samples: &[f32],
        convert: impl Fn(f32) -> T,
    ) -> Result<()> {
        let io = self.pcm.io_checked::<T>().map_err(|e| self.failed(e))?;
        let mut frames = Vec::with_capacity(FRAMES.min(samples.len()) * self.n_channels);
        for samples in samples.chunks(FRAMES) {
            frames.clear();
            for sample in samples {
                frames.extend(std::iter::repeat_n(convert(*sample), self.n_channels));
            }
            let mut rest = &frames[..];
            while !rest.is_empty() {
                self.check_cancelled()?;
                match io.writei(rest) {
                    Ok(n_frames) => {
                        rest = &rest[n_frames * self.n_channels..];
                        let delay = || {
                            let frames = u64::try_from(self.pcm.delay().unwrap_or(0));
                            duration_of(frames.unwrap_or(0), self.rate)
                        };
                        self.recorder.record(n_frames, delay);
                    }
                    Err(error) if error.errno() == errno::EAGAIN => self.wait_for_room()?,
                    // After a gap or a suspend the device goes on.
                    Err(error) => self.recover(error)?,
                }
            }
        }
        Ok(())
    }

    /// Waits until the device has played all but the last [`LAST_PART`].
    fn wait_until_nearly_played(&self) -> Result<()> {
        let waiting = thread::current();
        let _wake = self.cancel.on_cancel(move || waiting.unpark());
        let last_frames = samples_in(LAST_PART, self.rate) as i64;
        let mut left_before = i64::MAX;
        let mut checked = Instant::now();
        loop {
            self.check_cancelled()?;
            let left = match self.pcm.delay() {
                Ok(left) if self.pcm.state() == State::Running => left,
                _ => return Ok(()),
            };
            if left <= last_frames {
                return Ok(());
            }
            if left < left_before {
                (left_before, checked) = (left, Instant::now());
            } else if checked.elapsed() > MAX_STILL {
                return Ok(()); // it does not play before it is told to finish
            }
            thread::park_timeout(MAX_WAIT);
        }
    }

    fn wait_for_room(&self) -> Result<()> {
        // ALSA's own wait begins again whenever the device wakes it without
        // room, so it may last as long as a period.
        let waited = self
            .pcm
            .get()
            .and_then(|mut fds| alsa::poll::poll(&mut fds, MAX_WAIT.as_millis() as i32))
            .and_then(|_| self.pcm.wait(Some(0)));
        match waited {
            Ok(_) => Ok(()),
            Err(error) => self.recover(error),
        }
    }

    fn recover(&self, error: alsa::Error) -> Result<()> {
        let recovered = self.pcm.try_recover(error, true);
        recovered.map_err(|error| self.failed(error))
    }
}

impl Sink for AlsaPcm {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.check_cancelled()?;
        match self.format {
            DeviceFormat::I16 => self.write_as(samples, pcm::to_i16),
            DeviceFormat::I32 => self.write_as(samples, to_i32),
            DeviceFormat::F32 => self.write_as(samples, |sample| sample.clamp(-1.0, 1.0)),
        }
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.wait_until_nearly_played()?;
        // Some plugins block here, so little may be left to play.
        match self.pcm.drain() {
            Ok(()) => {}
            Err(error) if error.errno() == errno::EAGAIN => {}
            Err(error) => return Err(self.failed(error)),
        }
        while self.pcm.state() == State::Draining {
            self.check_cancelled()?;
            thread::park_timeout(MAX_WAIT);
        }
        self.check_cancelled()
    }
}

fn to_i32(sample: f32) -> i32 {
    (f64::from(sample.clamp(-1.0, 1.0)) * f64::from(i32::MAX)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_scale_stays_within_32_bits() {
        assert_eq!(
            [-1.0, 0.0, 1.0, 2.0].map(to_i32),
            [-i32::MAX, 0, i32::MAX, i32::MAX]
        );
    }

    #[test]
    fn the_reason_is_alsas_last_message() {
        let messages = "snd_a: first\nsnd_b: Cannot open shared library x.so (x.so: no)\n";
        let reason = "Cannot open shared library x.so (x.so: no)";
        assert_eq!(last_reason(messages).as_deref(), Some(reason));
        assert_eq!(last_reason(""), None);
    }
}
