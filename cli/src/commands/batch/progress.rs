//! The progress of a batch, from all workers: counts, bars, events and errors.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use piper_rs::Result;
use piper_rs::phoneme_id::UnknownPhonemes;
use piper_rs::synth::{SpeechSession, StreamStats, WordTimes};

use super::entry::SourceLocation;
use super::event::{Counts, Event, Subject};
use super::plan::Task;
use crate::args::EventsArg;
use crate::speech::markup;
use crate::terminal::progress::BatchBars;
use crate::terminal::quantity::{clock, count};
use crate::terminal::report::Reporter;
use crate::terminal::stdout::print_json;

/// Observes a batch. The workers share it.
pub(super) struct BatchProgress {
    reporter: Arc<Reporter>,
    events: Option<EventsArg>,
    bars: BatchBars,
    texts: usize,
    skipped: Skipped,
    started: Instant,
    /// From the start of the batch to its first block of audio.
    first_audio: OnceLock<Duration>,
    totals: Mutex<Totals>,
}

/// How much a batch has to do.
pub(super) struct Workload {
    pub(super) texts: usize,
    pub(super) chars: u64,
    pub(super) workers: usize,
    pub(super) skipped: Skipped,
}

/// Whether the texts and characters of a workload include those that are skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skipped {
    LeaveOut,
    /// Which ones is not known at the start.
    Count,
}

/// A text that became a file.
pub(super) struct FinishedText {
    pub(super) session: SpeechSession,
    pub(super) bytes: u64,
    pub(super) wall_seconds: f64,
}

/// What a batch has done so far.
#[derive(Debug, Default, Clone)]
pub(super) struct Totals {
    pub(super) counts: Counts,
    pub(super) stream: StreamStats,
    pub(super) unknown: UnknownPhonemes,
}

impl BatchProgress {
    /// `started` is the start of the batch.
    pub(super) fn new(
        reporter: Arc<Reporter>,
        events: Option<EventsArg>,
        started: Instant,
        workload: &Workload,
    ) -> Self {
        let progress = Self {
            bars: BatchBars::new(workload.chars, workload.workers, &reporter),
            texts: workload.texts,
            skipped: workload.skipped,
            reporter,
            events,
            started,
            first_audio: OnceLock::new(),
            totals: Mutex::default(),
        };
        progress.show_texts(0);
        progress
    }

    /// Prints an event, if `--events` asks for events.
    pub(super) fn emit(&self, event: &Event<'_>) -> Result<()> {
        match self.events {
            Some(EventsArg::Json | EventsArg::Words) => print_json(event),
            None => Ok(()),
        }
    }

    /// Returns whether sentences and words are reported.
    pub(super) fn word_times(&self) -> WordTimes {
        match self.events {
            Some(EventsArg::Words) => WordTimes::On,
            Some(EventsArg::Json) | None => WordTimes::Off,
        }
    }

    pub(super) fn skipped(&self, task: &Task) -> Result<()> {
        let mut totals = self.totals();
        totals.counts.skipped += 1;
        let counts = totals.counts.clone();
        drop(totals);
        if self.skipped == Skipped::Count {
            self.bars.skip(task.chars);
            self.show_texts(counts.done + counts.skipped);
        }
        self.emit(&Event::Skip {
            subject: Subject::of(task),
        })
    }

    pub(super) fn started(&self, worker: usize, task: &Task) -> Result<()> {
        self.bars.start_text(worker, &task.key, task.chars);
        self.emit(&Event::Start {
            subject: Subject::of(task),
        })
    }

    /// Notes what was read: markup is spoken as text.
    pub(super) fn read(&self, text: &str) {
        if let Some(note) = markup::note(text) {
            self.reporter.note_once(note);
        }
    }

    /// Notes that a block of audio was made.
    pub(super) fn made_audio(&self) {
        self.first_audio.get_or_init(|| self.started.elapsed());
    }

    /// Advances the bars by characters and audio that were spoken.
    pub(super) fn spoke(&self, worker: usize, chars: u64, audio: Duration) {
        self.bars.advance(worker, chars, audio);
    }

    pub(super) fn finished(&self, task: &Task, finished: &FinishedText) -> Result<()> {
        if finished.session.sounds() == 0 {
            let location = &task.location;
            self.reporter.note(&format!("{location} has no sound"));
        }
        let mut totals = self.totals();
        totals.add(&finished.session);
        let ready = match self.skipped {
            Skipped::Count => totals.counts.done + totals.counts.skipped,
            Skipped::LeaveOut => totals.counts.done,
        };
        drop(totals);
        self.show_texts(ready);
        self.emit(&Event::Finish {
            subject: Subject::of(task),
            audio_seconds: finished.session.stats().audio_seconds,
            wall_seconds: finished.wall_seconds,
            bytes: finished.bytes,
        })
    }

    pub(super) fn failed(
        &self,
        location: &SourceLocation,
        subject: Subject<'_>,
        error: &anyhow::Error,
    ) -> Result<()> {
        self.totals().counts.failed += 1;
        self.reporter.error_at(location, error);
        self.emit(&Event::Fail {
            subject,
            error: format!("{error:#}"),
        })
    }

    fn show_texts(&self, done: u64) {
        let texts = format!("{done}/{}", count(self.texts as u64, "text"));
        self.bars.show_texts(texts);
    }

    /// Removes the bars, and returns the totals.
    pub(super) fn end(&self) -> Totals {
        self.bars.remove();
        let mut totals = self.totals().clone();
        let first_audio = self.first_audio.get();
        totals.stream.first_audio_ms = first_audio.map(|time| time.as_secs_f64() * 1000.0);
        totals
    }

    fn totals(&self) -> MutexGuard<'_, Totals> {
        // A panic elsewhere cannot leave a count half-changed.
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Totals {
    /// Adds a finished text.
    fn add(&mut self, session: &SpeechSession) {
        self.counts.done += 1;
        self.unknown.merge(session.unknown_phonemes());
        self.stream += session.stats();
    }

    /// Says what became of the texts, and how long that took.
    pub(super) fn summary(&self, wall_seconds: f64) -> String {
        let Counts {
            done,
            skipped,
            failed,
        } = self.counts;
        let mut summary = format!("{} spoken", count(done, "text"));
        for (count, what) in [(skipped, "skipped"), (failed, "failed")] {
            if count > 0 {
                summary.push_str(&format!(", {count} {what}"));
            }
        }
        if done > 0 {
            let audio = clock(Duration::from_secs_f64(self.stream.audio_seconds));
            let wall = clock(Duration::from_secs_f64(wall_seconds));
            summary.push_str(&format!(": {audio} of audio in {wall}"));
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_what_there_was() {
        let mut totals = Totals::default();
        totals.counts.skipped = 3;
        assert_eq!(totals.summary(0.04), "0 texts spoken, 3 skipped");
        totals.stream.audio_seconds = 7205.0;
        (totals.counts.done, totals.counts.failed) = (1, 2);
        let summary = totals.summary(725.0);
        let expected = "1 text spoken, 3 skipped, 2 failed: 2:00:05 of audio in 12:05";
        assert_eq!(summary, expected);
    }
}
