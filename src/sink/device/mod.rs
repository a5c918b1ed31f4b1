//! Sound devices.
//!
//! Feature `playback` decides which of two files is the backend; both have the
//! same functions.

#[cfg(all(feature = "playback", target_os = "linux"))]
mod alsa_pcm;
mod anchors;
#[cfg(not(feature = "playback"))]
mod disabled;
#[cfg(feature = "playback")]
mod enabled;
#[cfg(feature = "playback")]
mod playback_ring;
mod position;

#[cfg(not(feature = "playback"))]
use disabled as backend;
#[cfg(feature = "playback")]
use enabled as backend;

pub use position::PlaybackPosition;

use std::time::Duration;

use super::{Resampled, Sink};
use crate::audio::SampleRate;
use crate::{CancelToken, Result};

/// A sound device that can play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The sound system's unique id: `hw:CARD=0,DEV=0`.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Whether it is used if no device is requested.
    pub is_default: bool,
}

/// How a [`DeviceSink`] plays.
#[derive(Debug, Clone)]
pub struct DeviceOptions {
    /// A device's id or name, in any case; `None` for the default device. With
    /// ALSA also any name that it can open: `plug:dmix`, `null`, an entry of
    /// `~/.asoundrc`.
    pub device: Option<String>,
    /// How much audio may wait for the device, a minute at most. It should be
    /// as much as a device takes at once: up to a second with PulseAudio.
    pub buffer: Duration,
    /// Stops the sound at once.
    pub cancel: CancelToken,
}

impl Default for DeviceOptions {
    fn default() -> Self {
        Self {
            device: None,
            buffer: Duration::from_secs(1),
            cancel: CancelToken::new(),
        }
    }
}

/// Returns the sound system's name, if there is one.
pub fn host_name() -> Option<&'static str> {
    backend::host_name()
}

/// Returns the devices that can play, in the sound system's order.
///
/// None of them is opened, so one may still be busy or unplugged. Empty
/// without feature `playback`.
pub fn devices() -> Result<Vec<DeviceInfo>> {
    backend::devices()
}

/// Plays on a sound device.
///
/// The device starts with the first block. If it can, it gets the samples at
/// their own rate, as the same 16-bit integers that a file gets, in every
/// channel; otherwise they are resampled and converted.
///
/// [`write`](Sink::write) waits while the buffer is full, and
/// [`finish`](Sink::finish) until the last sample has been heard; a cancel ends
/// both within milliseconds. A device that disappears is
/// [`Error::Device`](crate::Error::Device).
pub struct DeviceSink {
    // Dropped before the device.
    position: Position,
    device: Resampled,
    rate: SampleRate,
}

/// What a device plays, until it is dropped.
struct Position(PlaybackPosition);

/// A device that was opened for samples of another rate.
struct OpenedDevice {
    /// Takes samples of the device's rate.
    device: Box<dyn Sink>,
    rate: SampleRate,
    position: PlaybackPosition,
}

impl DeviceSink {
    /// Opens a device for samples of `rate`.
    ///
    /// Fails with [`Error::NoDevice`](crate::Error::NoDevice) if there is
    /// none, and without feature `playback` with
    /// [`Error::NoPlayback`](crate::Error::NoPlayback).
    pub fn open(options: &DeviceOptions, rate: SampleRate) -> Result<Self> {
        let opened = backend::open(options, rate)?;
        Ok(Self {
            position: Position(opened.position),
            device: Resampled::new(opened.device, opened.rate),
            rate,
        })
    }

    /// Returns the position of the sound, which stays valid after the sink.
    ///
    /// Read it before the first write: what the device got before is not followed.
    pub fn position(&self) -> PlaybackPosition {
        self.position.0.clone()
    }
}

impl Sink for DeviceSink {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.position.0.add_written(samples.len());
        self.device.write(samples, self.rate)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.device.finish()?;
        self.position.0.complete();
        Ok(())
    }
}

impl Drop for Position {
    fn drop(&mut self) {
        self.0.stop();
    }
}
