//! Progress bars on standard error.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};
use piper_rs::synth::Progress;

use super::bar_style::{Facts, Total, from_template};
use super::quantity::{clock, megabytes};
use super::report::{Reporter, write_line};

/// Shorter runs show no bar.
const DELAY: Duration = Duration::from_millis(500);
/// How often the bars of a batch are drawn between blocks of audio.
const TICK: Duration = Duration::from_millis(500);

/// The progress of a run: how much of the text is spoken, remaining time, length
/// of the audio, speed.
///
/// Without a terminal, and with `-q`, it draws nothing.
pub(crate) struct Bar {
    bar: ProgressBar,
    facts: Facts,
    total: Option<Total>,
    is_shown: bool,
    progress: Arc<Progress>,
    audio: Duration,
    /// After this audio the run ends.
    max: Option<Duration>,
}

/// In how many steps the bar is drawn if the end of the audio is known.
const STEPS: u64 = 1000;

impl Bar {
    /// Makes the bar of a run that ends with the text, or at `max` audio.
    pub(crate) fn new(progress: Arc<Progress>, max: Option<Duration>, reporter: &Reporter) -> Self {
        let is_shown = reporter.shows_progress();
        // Drawn by `advance`.
        let bar = ProgressBar::hidden();
        if is_shown {
            print_above(&bar, reporter);
        }
        Self {
            bar,
            facts: Facts::default(),
            total: None,
            is_shown,
            progress,
            audio: Duration::ZERO,
            max,
        }
    }

    /// Counts a block that has been written.
    pub(crate) fn advance(&mut self, audio: Duration) {
        self.audio += audio;
        if !self.is_shown || self.bar.elapsed() < DELAY {
            return;
        }
        let (text, audio) = (self.progress.fraction(), self.played());
        let total = match text.into_iter().chain(audio).reduce(f32::max) {
            Some(fraction) => {
                self.bar.set_length(STEPS);
                self.bar.set_position((fraction * STEPS as f32) as u64);
                Total::Known
            }
            None => Total::Unknown,
        };
        if self.total != Some(total) {
            self.facts.draw_on(&self.bar, total);
            self.total = Some(total);
        }
        let mut facts = audio_facts(self.audio, self.bar.elapsed());
        if let (Some(max), Some(audio)) = (self.max, facts.first_mut()) {
            *audio = format!("{} of {} audio", clock(self.audio), clock(max));
        }
        self.facts.set(facts);
        if self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.tick();
    }

    /// Returns how much was spoken of what may be, 0 to 1.
    fn played(&self) -> Option<f32> {
        let max = self.max?.as_secs_f32();
        Some((self.audio.as_secs_f32() / max).min(1.0))
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The progress of a batch: a bar for all texts, and one for each worker's text.
/// Without a terminal, and with `-q`, it draws nothing.
pub(crate) struct BatchBars {
    batch: ProgressBar,
    facts: Facts,
    workers: Vec<ProgressBar>,
    started: Instant,
    made: Mutex<Made>,
}

/// What a batch has made so far.
#[derive(Debug, Default)]
struct Made {
    /// Such as `3/12 texts`.
    texts: String,
    /// That of unfinished texts included.
    audio: Duration,
}

impl BatchBars {
    /// `chars` is the length of all texts.
    pub(crate) fn new(chars: u64, workers: usize, reporter: &Reporter) -> Self {
        let (batch, workers) = match reporter.shows_progress() {
            true => Self::drawn(chars, workers, reporter),
            false => (ProgressBar::hidden(), Vec::new()),
        };
        let facts = Facts::default();
        if !batch.is_hidden() {
            facts.draw_on(&batch, Total::Known);
            batch.enable_steady_tick(TICK);
        }
        Self {
            batch,
            facts,
            workers,
            started: Instant::now(),
            made: Mutex::default(),
        }
    }

    fn drawn(chars: u64, workers: usize, reporter: &Reporter) -> (ProgressBar, Vec<ProgressBar>) {
        let screen = MultiProgress::new();
        let empty = || screen.add(ProgressBar::new(0).with_style(from_template("")));
        let workers = (0..workers).map(|_| empty()).collect();
        let batch = screen.add(ProgressBar::new(chars));
        print_above(&batch, reporter);
        (batch, workers)
    }

    /// Shows the text that a worker begins.
    pub(crate) fn start_text(&self, worker: usize, name: &str, chars: u64) {
        if let Some(bar) = self.workers.get(worker) {
            bar.set_style(from_template("  {bar:10} {wide_msg}"));
            bar.reset();
            bar.set_length(chars);
            bar.set_message(name.to_owned());
        }
    }

    /// Counts characters and audio that a worker has spoken.
    pub(crate) fn advance(&self, worker: usize, chars: u64, audio: Duration) {
        self.batch.inc(chars);
        if let Some(bar) = self.workers.get(worker) {
            bar.inc(chars);
        }
        self.show(|made| made.audio += audio);
    }

    /// Counts characters that are not spoken, because their file exists.
    pub(crate) fn skip(&self, chars: u64) {
        self.batch.inc(chars);
    }

    /// Shows how many texts are finished, such as `3/12 texts`.
    pub(crate) fn show_texts(&self, texts: String) {
        self.show(|made| made.texts = texts);
    }

    fn show(&self, change: impl FnOnce(&mut Made)) {
        if self.batch.is_hidden() {
            return;
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut made);
        let mut facts = vec![made.texts.clone()];
        facts.extend(audio_facts(made.audio, self.started.elapsed()));
        self.facts.set(facts);
    }

    pub(crate) fn remove(&self) {
        self.workers.iter().for_each(ProgressBar::finish_and_clear);
        self.batch.finish_and_clear();
    }
}

/// The progress of a download.
pub(crate) struct ByteBar {
    bar: ProgressBar,
    facts: Facts,
    name: String,
    total: Option<u64>,
    started: Instant,
    /// The bytes that existed at the start.
    from: u64,
}

impl ByteBar {
    pub(crate) fn new(name: &str, reporter: &Reporter) -> Self {
        let bar = match reporter.shows_progress() {
            true => ProgressBar::no_length(),
            false => ProgressBar::hidden(),
        };
        if reporter.shows_progress() {
            print_above(&bar, reporter);
        }
        Self {
            bar,
            facts: Facts::default(),
            name: name.to_owned(),
            total: None,
            started: Instant::now(),
            from: 0,
        }
    }

    /// Starts a file of `bytes` bytes, of which `from` exist already.
    pub(crate) fn begin(&mut self, bytes: Option<u64>, from: u64) {
        (self.total, self.from, self.started) = (bytes, from, Instant::now());
        if let Some(bytes) = bytes {
            self.bar.set_length(bytes);
        }
        let total = bytes.map_or(Total::Unknown, |_| Total::Known);
        self.facts.draw_on(&self.bar, total);
        self.bar.reset_eta();
        self.at(from);
    }

    /// Sets the number of bytes that exist.
    pub(crate) fn at(&self, bytes: u64) {
        let amount = match self.total {
            Some(total) => format!("{:.1} of {}", bytes as f64 / 1e6, megabytes(total)),
            None => megabytes(bytes),
        };
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        let per_second = (bytes.saturating_sub(self.from) as f64 / seconds) as u64;
        let speed = format!("{}/s", megabytes(per_second));
        self.facts.set(vec![amount, speed, self.name.clone()]);
        self.bar.set_position(bytes);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn audio_facts(audio: Duration, elapsed: Duration) -> Vec<String> {
    let speed = audio.as_secs_f64() / elapsed.as_secs_f64().max(0.001);
    vec![format!("{} audio", clock(audio)), format!("{speed:.1}x")]
}

/// Lets messages appear above the bar.
fn print_above(bar: &ProgressBar, reporter: &Reporter) {
    let bar = bar.clone();
    reporter.print_with(move |line| bar.suspend(|| write_line(line)));
}
