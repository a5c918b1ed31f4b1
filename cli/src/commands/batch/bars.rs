//! The bars on standard error: one for the batch, one line per job.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar};

use crate::environment;
use crate::terminal::progress::{from_template, minutes};
use crate::terminal::report::{Reporter, write_line};

/// How often the clock on a bar moves without news.
const TICK: Duration = Duration::from_millis(500);

/// Shows how far a batch has come, by characters. Where standard error is no
/// terminal, or quiet is asked for, all of it does nothing.
pub(super) struct Bars {
    all: ProgressBar,
    jobs: Vec<ProgressBar>,
    texts: usize,
}

impl Bars {
    /// For `jobs` jobs with `texts` texts of `chars` characters.
    pub(super) fn new(texts: usize, chars: u64, jobs: usize, reporter: &Reporter) -> Self {
        if !reporter.shows_progress() {
            return Self {
                all: ProgressBar::hidden(),
                jobs: Vec::new(),
                texts,
            };
        }
        let screen = MultiProgress::new();
        let job = || screen.add(ProgressBar::new(0).with_style(from_template("")));
        let jobs = (0..jobs).map(|_| job()).collect();
        let template = match environment::no_color() {
            true => "{bar:30} {msg}, {eta} left",
            false => "{bar:30.cyan} {msg}, {eta} left",
        };
        let all = screen.add(ProgressBar::new(chars).with_style(from_template(template)));
        all.enable_steady_tick(TICK);
        let above = all.clone();
        reporter.say_through(move |line| above.suspend(|| write_line(line)));
        let bars = Self { all, jobs, texts };
        bars.tell(0, 0.0);
        bars
    }

    /// Shows a text on a job's line.
    pub(super) fn begin(&self, job: usize, name: &str, chars: u64) {
        if let Some(bar) = self.jobs.get(job) {
            bar.set_style(from_template("  {bar:20} {wide_msg}"));
            bar.reset();
            bar.set_length(chars);
            bar.set_message(name.to_owned());
        }
    }

    /// Counts text that has been spoken.
    pub(super) fn advance(&self, job: usize, chars: u64) {
        self.all.inc(chars);
        if let Some(bar) = self.jobs.get(job) {
            bar.inc(chars);
        }
    }

    /// Shows what has been made.
    pub(super) fn tell(&self, done: u64, audio_seconds: f64) {
        if self.all.is_hidden() {
            return;
        }
        let speed = audio_seconds / self.all.elapsed().as_secs_f64().max(0.001);
        let texts = self.texts;
        let audio = minutes(Duration::from_secs_f64(audio_seconds));
        self.all
            .set_message(format!("{done}/{texts} texts, {audio} audio, {speed:.1}x"));
    }

    pub(super) fn finish(&self) {
        self.jobs.iter().for_each(ProgressBar::finish_and_clear);
        self.all.finish_and_clear();
    }
}
