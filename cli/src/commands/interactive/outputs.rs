//! The destinations of a session's audio. Files and streams stay open for the
//! whole session; a device is opened for each text.

use std::time::Duration;

use piper_rs::audio::{SampleRate, samples_in};
use piper_rs::{CancelToken, Result};

use super::highlight::Highlight;
use crate::speech::destination::Destination;
use crate::speech::events::SpokenEvents;
use crate::speech::output::Output;
use crate::speech::output_format::Conversion;

/// All destinations; each gets the same audio.
pub(super) struct Outputs {
    /// Files and standard output, open during the whole session.
    persistent_at: Vec<Destination>,
    persistent: Option<Output>,
    /// A device is closed after each text. So other programs can use it between
    /// texts, it follows the system's default device, and a cancel silences it
    /// immediately.
    device_at: Vec<Destination>,
    device: Option<Output>,
    /// Ends the wait for a pipe's reader when the session is left.
    leave: CancelToken,
}

impl Outputs {
    pub(super) fn new(destinations: Vec<Destination>, leave: CancelToken) -> Self {
        let (device_at, persistent_at) = destinations.into_iter().partition(Destination::is_device);
        Self {
            persistent_at,
            persistent: None,
            device_at,
            device: None,
            leave,
        }
    }

    /// Starts a text whose samples have this `rate`. Files and streams get a
    /// `pause` after the previous text.
    pub(super) fn begin(
        &mut self,
        rate: SampleRate,
        pause: Duration,
        cancel: &CancelToken,
    ) -> Result<()> {
        let conversion = Conversion::none(rate);
        if let Some(persistent) = &mut self.persistent {
            persistent.write(&vec![0.0; samples_in(pause, rate)], rate)?;
        } else if !self.persistent_at.is_empty() {
            self.persistent = Some(Output::open(&self.persistent_at, &conversion, &self.leave)?);
        }
        if !self.device_at.is_empty() {
            self.device = Some(Output::open(&self.device_at, &conversion, cancel)?);
        }
        Ok(())
    }

    /// Shows what is heard of a text that has begun, if a device plays it.
    pub(super) fn follow(
        &self,
        highlight: &Highlight,
        cancel: &CancelToken,
    ) -> Result<Option<SpokenEvents>> {
        let highlight = highlight.clone();
        let show = move |event| highlight.show(&event);
        let follow = |device: &Output| device.follow(cancel, Box::new(show));
        self.device.as_ref().map(follow).transpose()
    }

    pub(super) fn write(&mut self, samples: &[f32], rate: SampleRate) -> Result<()> {
        // The device comes first: if it was stopped and did not play the
        // samples, they do not go into the file either.
        let mut open = self.device.iter_mut().chain(&mut self.persistent);
        open.try_for_each(|output| output.write(samples, rate))
    }

    /// Ends a text. Waits until the device has played it.
    pub(super) fn end(&mut self) -> Result<()> {
        self.device.take().map_or(Ok(()), Output::finish)
    }

    /// Ends the session. Completes the files.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.persistent.take().map_or(Ok(()), Output::finish)
    }
}
