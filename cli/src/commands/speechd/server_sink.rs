//! Samples of a message → events, with marks between them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use piper_rs::Result;
use piper_rs::audio::SampleRate;
use piper_rs::sink::Sink;
use piper_rs::speechd::MAX_EVENT_SAMPLES;

use super::connection::Connection;
use crate::speech::events::Schedule;

/// Marks that wait for their sample. The sink reports them, whoever reads the message
/// adds them.
pub(super) type DueMarks = Arc<Mutex<Schedule<String>>>;

pub(super) fn lock(due: &DueMarks) -> MutexGuard<'_, Schedule<String>> {
    due.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends the samples of one message, which have one rate.
pub(super) struct ServerSink {
    pub(super) connection: Arc<Connection>,
    /// Of the message.
    pub(super) id: u64,
    pub(super) rate: SampleRate,
    /// How many samples were sent.
    pub(super) sent: u64,
    pub(super) marks: DueMarks,
}

impl ServerSink {
    /// Reports the marks up to the next sample. Returns how many samples there are before
    /// the mark after them.
    fn report_marks(&mut self) -> Result<u64> {
        loop {
            let mut marks = lock(&self.marks);
            let Some(name) = marks.take_due(self.sent + 1) else {
                let next = marks.next_sample();
                return Ok(next.map_or(u64::MAX, |next| next - self.sent));
            };
            drop(marks);
            self.connection.mark(self.id, &name)?;
        }
    }
}

impl Sink for ServerSink {
    fn write(&mut self, mut samples: &[f32]) -> Result<()> {
        loop {
            let before_mark = self.report_marks()?;
            if samples.is_empty() {
                return Ok(());
            }
            let before_mark = usize::try_from(before_mark).unwrap_or(usize::MAX);
            let length = samples.len().min(MAX_EVENT_SAMPLES).min(before_mark);
            let (next, rest) = samples.split_at(length);
            self.connection.audio(self.id, next, self.rate)?;
            self.sent += length as u64;
            samples = rest;
        }
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        // Those behind the last word.
        self.sent = u64::MAX - 1;
        self.report_marks().map(drop)
    }
}
