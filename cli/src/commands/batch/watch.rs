//! Whoever looks on: counts, bars, events and messages, fed from every job.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use piper_rs::Result;
use piper_rs::synth::SpeechSession;

use super::bars::Bars;
use super::event::{Event, Subject};
use super::item::Place;
use super::plan::Job;
use super::tally::Tally;
use crate::args::EventsArg;
use crate::terminal::report::Reporter;

pub(super) struct Watch {
    reporter: Arc<Reporter>,
    events: Option<EventsArg>,
    bars: Bars,
    started: Instant,
    tally: Mutex<Tally>,
}

/// A text that was made.
pub(super) struct Made {
    pub(super) session: SpeechSession,
    pub(super) bytes: u64,
    pub(super) wall_seconds: f64,
}

impl Watch {
    pub(super) fn new(
        reporter: Arc<Reporter>,
        events: Option<EventsArg>,
        started: Instant,
        bars: Bars,
    ) -> Self {
        Self {
            reporter,
            events,
            bars,
            started,
            tally: Mutex::default(),
        }
    }

    /// Says what happened to programs that listen.
    pub(super) fn emit(&self, event: &Event<'_>) -> Result<()> {
        match self.events {
            Some(EventsArg::Json) => event.print(),
            None => Ok(()),
        }
    }

    pub(super) fn skipped(&self, subject: Subject<'_>) -> Result<()> {
        self.tally().skipped += 1;
        self.emit(&Event::Skip { subject })
    }

    pub(super) fn began(&self, line: usize, job: Job<'_>) -> Result<()> {
        let task = job.task;
        self.bars.begin(line, &task.key, task.chars);
        self.emit(&Event::Start {
            subject: Subject::new(job.place, task),
        })
    }

    /// Counts characters that were spoken, on the line of their job.
    pub(super) fn spoke(&self, line: usize, chars: u64) {
        self.bars.advance(line, chars);
    }

    pub(super) fn finished(&self, job: Job<'_>, made: &Made) -> Result<()> {
        let mut tally = self.tally();
        tally.add(&made.session, self.started);
        let (done, audio) = (tally.done, tally.stream.audio_seconds);
        drop(tally);
        self.bars.tell(done, audio);
        self.emit(&Event::Finish {
            subject: Subject::new(job.place, job.task),
            audio_seconds: made.session.stats().audio_seconds,
            wall_seconds: made.wall_seconds,
            bytes: made.bytes,
        })
    }

    pub(super) fn failed(
        &self,
        place: &Place,
        subject: Subject<'_>,
        error: &anyhow::Error,
    ) -> Result<()> {
        self.tally().failed += 1;
        self.reporter.error_at(place, error);
        self.emit(&Event::Fail {
            subject,
            error: format!("{error:#}"),
        })
    }

    /// Ends the watch; returns what was counted.
    pub(super) fn end(&self) -> Tally {
        self.bars.finish();
        self.tally().clone()
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        // Counts are whole whatever panicked beside them.
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
