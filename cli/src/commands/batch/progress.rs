//! The progress of a batch, from all workers: counts, bars, events and errors.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar};
use piper_rs::Result;
use piper_rs::phoneme_id::UnknownPhonemes;
use piper_rs::synth::{SpeechSession, StreamStats};

use super::entry::SourceLocation;
use super::event::{Counts, Event, Subject};
use super::plan::Task;
use crate::args::EventsArg;
use crate::environment;
use crate::terminal::progress::{clock, from_template};
use crate::terminal::report::{Reporter, write_line};
use crate::terminal::stdout::print_json;

/// How often the remaining time on a bar is updated between texts.
const TICK: Duration = Duration::from_millis(500);

/// Observes a batch. The workers share it.
pub(super) struct BatchProgress {
    reporter: Arc<Reporter>,
    events: Option<EventsArg>,
    bars: Bars,
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
        Self {
            bars: Bars::new(workload, &reporter),
            reporter,
            events,
            started,
            first_audio: OnceLock::new(),
            totals: Mutex::default(),
        }
    }

    /// Prints an event, if `--events` asks for events.
    pub(super) fn emit(&self, event: &Event<'_>) -> Result<()> {
        match self.events {
            Some(EventsArg::Json) => print_json(event),
            None => Ok(()),
        }
    }

    pub(super) fn skipped(&self, task: &Task) -> Result<()> {
        self.totals().counts.skipped += 1;
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

    /// Notes that a block of audio was made.
    pub(super) fn made_audio(&self) {
        self.first_audio.get_or_init(|| self.started.elapsed());
    }

    /// Advances the bars by characters that were spoken.
    pub(super) fn spoke(&self, worker: usize, chars: u64) {
        self.bars.advance(worker, chars);
    }

    pub(super) fn finished(&self, task: &Task, finished: &FinishedText) -> Result<()> {
        if finished.session.sounds() == 0 {
            let location = &task.location;
            self.reporter.note(&format!("{location} has no sound"));
        }
        let mut totals = self.totals();
        totals.add(&finished.session);
        let (done, audio_seconds) = (totals.counts.done, totals.stream.audio_seconds);
        drop(totals);
        self.bars.show_done(done, audio_seconds);
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

    /// Returns a sentence for people.
    pub(super) fn summary(&self, wall_seconds: f64) -> String {
        let Counts {
            done,
            skipped,
            failed,
        } = self.counts;
        let audio_seconds = self.stream.audio_seconds;
        let speed = match audio_seconds > 0.0 {
            true => format!(", {:.3} of real time", wall_seconds / audio_seconds),
            false => String::new(),
        };
        let hours = audio_seconds / 3600.0;
        format!(
            "{done} done, {skipped} skipped, {failed} failed: {hours:.3} hours of audio in \
             {wall_seconds:.1} s{speed}"
        )
    }
}

/// The bars on standard error: one for the batch, one per worker. Without a
/// terminal, or with `-q`, they do nothing.
struct Bars {
    batch: ProgressBar,
    workers: Vec<ProgressBar>,
    texts: usize,
}

impl Bars {
    fn new(workload: &Workload, reporter: &Reporter) -> Self {
        let texts = workload.texts;
        if !reporter.shows_progress() {
            return Self {
                batch: ProgressBar::hidden(),
                workers: Vec::new(),
                texts,
            };
        }
        let screen = MultiProgress::new();
        let empty = || screen.add(ProgressBar::new(0).with_style(from_template("")));
        let workers = (0..workload.workers).map(|_| empty()).collect();
        let style = from_template(match environment::no_color() {
            true => "{bar:30} {msg}, {eta} left",
            false => "{bar:30.cyan} {msg}, {eta} left",
        });
        let batch = screen.add(ProgressBar::new(workload.chars).with_style(style));
        batch.enable_steady_tick(TICK);
        let bar = batch.clone();
        reporter.print_with(move |line| bar.suspend(|| write_line(line)));
        let bars = Self {
            batch,
            workers,
            texts,
        };
        bars.show_done(0, 0.0);
        bars
    }

    fn start_text(&self, worker: usize, name: &str, chars: u64) {
        if let Some(bar) = self.workers.get(worker) {
            bar.set_style(from_template("  {bar:20} {wide_msg}"));
            bar.reset();
            bar.set_length(chars);
            bar.set_message(name.to_owned());
        }
    }

    fn advance(&self, worker: usize, chars: u64) {
        self.batch.inc(chars);
        if let Some(bar) = self.workers.get(worker) {
            bar.inc(chars);
        }
    }

    fn show_done(&self, done: u64, audio_seconds: f64) {
        if self.batch.is_hidden() {
            return;
        }
        let speed = audio_seconds / self.batch.elapsed().as_secs_f64().max(0.001);
        let audio = clock(Duration::from_secs_f64(audio_seconds));
        let message = format!("{done}/{} texts, {audio} audio, {speed:.1}x", self.texts);
        self.batch.set_message(message);
    }

    fn remove(&self) {
        self.workers.iter().for_each(ProgressBar::finish_and_clear);
        self.batch.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_has_a_speed_if_there_is_audio() {
        let mut totals = Totals::default();
        totals.counts.skipped = 3;
        assert_eq!(
            totals.summary(0.04),
            "0 done, 3 skipped, 0 failed: 0.000 hours of audio in 0.0 s"
        );
        totals.stream.audio_seconds = 7200.0;
        totals.counts.done = 1;
        let summary = totals.summary(720.0);
        let end = "2.000 hours of audio in 720.0 s, 0.100 of real time";
        assert!(summary.ends_with(end), "{summary}");
    }
}
