//! Sound devices.
//!
//! Feature `playback` decides which of two files does the work; both have the
//! same functions.

#[cfg(all(test, target_os = "linux", feature = "playback"))]
mod captured;
#[cfg(not(feature = "playback"))]
mod disabled;
#[cfg(feature = "playback")]
mod enabled;
#[cfg(feature = "playback")]
mod feed;

#[cfg(not(feature = "playback"))]
use disabled as chosen;
#[cfg(feature = "playback")]
use enabled as chosen;

use std::time::Duration;

use super::Sink;
use crate::audio::SampleRate;
use crate::{CancelToken, Result};

/// A sound device that can play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInfo {
    /// What the sound system calls it, unique: `hw:CARD=0,DEV=0`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether it plays where no device is asked for.
    pub is_default: bool,
}

/// How a [`DeviceSink`] plays.
#[derive(Debug, Clone)]
pub struct DeviceOptions {
    /// A device's id or name, in any case; `None` for the default device.
    pub device: Option<String>,
    /// How much audio may wait for the device, a minute at most. It should be
    /// as much as a device takes at once: up to a second with PulseAudio.
    pub buffer: Duration,
    /// Ends the sound at once.
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

/// Returns the sound system's name, where there is one.
pub fn host_name() -> Option<&'static str> {
    chosen::host_name()
}

/// Returns the devices that can play, in the sound system's order.
///
/// None of them is opened, so that one may still be busy or unplugged. Empty
/// without feature `playback`.
pub fn devices() -> Result<Vec<DeviceInfo>> {
    chosen::devices()
}

/// Plays.
///
/// The device starts with the first block and takes the samples as they are
/// where it can: at their own rate, as the same 16-bit integers that a file
/// gets, in every channel. Otherwise they are resampled and converted.
///
/// [`write`](Sink::write) waits while the buffer is full, and
/// [`finish`](Sink::finish) until the last sample has been heard; a cancelled
/// run ends both within milliseconds. A device that goes away is
/// [`Error::Device`](crate::Error::Device).
pub struct DeviceSink(chosen::Playback);

impl DeviceSink {
    /// Opens a device for samples of `rate`.
    ///
    /// Fails with [`Error::NoDevice`](crate::Error::NoDevice) where there is
    /// none, and without feature `playback` with
    /// [`Error::NoPlayback`](crate::Error::NoPlayback).
    pub fn open(options: &DeviceOptions, rate: SampleRate) -> Result<Self> {
        chosen::Playback::open(options, rate).map(Self)
    }
}

impl Sink for DeviceSink {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.0.write(samples)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.0.finish()
    }
}
