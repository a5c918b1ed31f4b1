//! The bar on standard error, or nothing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use piper_rs::synth::Progress;

use super::report::{Reporter, write_line};
use crate::environment;

/// A bar appears for what lasts longer than this.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows how far a run has come: chunks, audio made, speed, time left.
///
/// Where standard error is no terminal, or quiet is asked for, all of it does
/// nothing.
pub(crate) struct Bar {
    bar: ProgressBar,
    wanted: bool,
    progress: Arc<Progress>,
    audio: Duration,
}

impl Bar {
    pub(crate) fn new(progress: Arc<Progress>, reporter: &Reporter) -> Self {
        let wanted = reporter.shows_progress();
        // Drawn when there is something to show.
        let bar = ProgressBar::hidden();
        if wanted {
            let bar = bar.clone();
            reporter.print_with(move |line| bar.suspend(|| write_line(line)));
        }
        Self {
            bar,
            wanted,
            progress,
            audio: Duration::ZERO,
        }
    }

    /// Counts a block that the output has taken.
    pub(crate) fn advance(&mut self, audio: Duration) {
        self.audio += audio;
        if !self.wanted || self.bar.elapsed() < PATIENCE {
            return;
        }
        if self.bar.length().is_none() {
            self.bar
                .set_style(style(self.progress.total_chunks().is_some()));
        }
        if let Some(total) = self.progress.total_chunks() {
            self.bar.set_length(total);
        }
        self.bar.set_position(self.progress.processed_chunks());
        let speed = self.audio.as_secs_f64() / self.bar.elapsed().as_secs_f64();
        self.bar
            .set_message(format!("{} audio, {speed:.1}x", clock(self.audio)));
        if self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.tick();
        }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Shows how much of a file is there.
pub(crate) struct ByteBar {
    bar: ProgressBar,
}

impl ByteBar {
    pub(crate) fn new(name: &str, reporter: &Reporter) -> Self {
        if !reporter.shows_progress() {
            let bar = ProgressBar::hidden();
            return Self { bar };
        }
        let bar = ProgressBar::no_length().with_message(name.to_owned());
        let above = bar.clone();
        reporter.print_with(move |line| above.suspend(|| write_line(line)));
        Self { bar }
    }

    /// A file of this size is to come, `from` bytes of which are there.
    pub(crate) fn begin(&self, bytes: Option<u64>, from: u64) {
        let template = match (bytes, environment::no_color()) {
            (None, _) => "{spinner} {msg} {bytes}, {bytes_per_sec}",
            (_, true) => "{msg} {bar:30} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
            (_, false) => "{msg} {bar:30.cyan} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
        };
        if let Some(bytes) = bytes {
            self.bar.set_length(bytes);
        }
        self.bar.set_style(from_template(template));
        self.bar.set_position(from);
        self.bar.reset_eta();
    }

    pub(crate) fn at(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Returns the style of a bar that any terminal can draw.
pub(crate) fn from_template(template: &str) -> ProgressStyle {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    if environment::locale_is_utf8() {
        style
    } else {
        style.progress_chars("#-").tick_chars("-\\|/ ")
    }
}

fn style(total_is_known: bool) -> ProgressStyle {
    let template = match (total_is_known, environment::no_color()) {
        (true, false) => "{bar:30.cyan} {pos}/{len} chunks, {msg}{left}",
        (true, true) => "{bar:30} {pos}/{len} chunks, {msg}{left}",
        (false, _) => "{spinner} {pos} chunks, {msg}",
    };
    from_template(template).with_key("left", left)
}

/// Tells the time left, once there is something to tell it by.
fn left(state: &ProgressState, out: &mut dyn fmt::Write) {
    if state.pos() > 0 {
        // A bar that cannot be drawn has nobody to tell.
        _ = write!(out, ", {:#} left", HumanDuration(state.eta()));
    }
}

/// Renders a duration as a player does: `m:ss`, from an hour on `h:mm:ss`.
pub(crate) fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_valid() {
        for known in [true, false] {
            style(known);
        }
    }

    #[test]
    fn hours_appear_from_an_hour_on() {
        let cases = [
            (125, "2:05"),
            (3599, "59:59"),
            (3600, "1:00:00"),
            (102_012, "28:20:12"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(clock(Duration::from_secs(seconds)), expected);
        }
    }
}
