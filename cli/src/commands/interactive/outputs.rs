//! Where a session's sound goes: files and streams that last as long as the
//! session, a device that is opened for each text.

use std::time::Duration;

use piper_rs::audio::{SampleRate, samples_in};
use piper_rs::{CancelToken, Result};

use crate::speech::output::{Output, Place};

/// The places that sound goes to, all at once.
pub(super) struct Outputs {
    /// Files and standard output.
    lasting_at: Vec<Place>,
    lasting: Option<Output>,
    /// A device is closed after each text: it is free while nothing is said,
    /// follows the system's default, and falls silent at once when cancelled.
    device_at: Vec<Place>,
    device: Option<Output>,
    /// Ends a wait for the reader of a pipe, when the session is left.
    leave: CancelToken,
}

impl Outputs {
    pub(super) fn new(environment: Vec<Place>, leave: CancelToken) -> Self {
        let is_device = |place: &Place| matches!(place, Place::Device(_));
        let (device_at, lasting_at) = environment.into_iter().partition(is_device);
        Self {
            lasting_at,
            lasting: None,
            device_at,
            device: None,
            leave,
        }
    }

    /// Gets ready for a text at `rate`, `pause` after the one before.
    pub(super) fn begin(
        &mut self,
        rate: SampleRate,
        pause: Duration,
        cancel: &CancelToken,
    ) -> Result<()> {
        if let Some(lasting) = &mut self.lasting {
            lasting.write(&vec![0.0; samples_in(pause, rate)], rate)?;
        } else if !self.lasting_at.is_empty() {
            self.lasting = Some(Output::open(&self.lasting_at, rate, &self.leave)?);
        }
        if !self.device_at.is_empty() {
            self.device = Some(Output::open(&self.device_at, rate, cancel)?);
        }
        Ok(())
    }

    pub(super) fn write(&mut self, samples: &[f32], rate: SampleRate) -> Result<()> {
        // The device first: what a stopped device has not taken is not in the
        // file either.
        let mut open = self.device.iter_mut().chain(&mut self.lasting);
        open.try_for_each(|output| output.write(samples, rate))
    }

    /// Ends a text: waits until it has been heard.
    pub(super) fn end(&mut self) -> Result<()> {
        self.device.take().map_or(Ok(()), Output::finish)
    }

    /// Ends the session: gives files their names.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.lasting.take().map_or(Ok(()), Output::finish)
    }
}
