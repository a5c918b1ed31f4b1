//! Progress bars on standard error.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use piper_rs::synth::Progress;

use super::report::{Reporter, write_line};
use crate::environment;

/// Shorter runs show no bar.
const DELAY: Duration = Duration::from_millis(500);

/// The progress of a run: chunks, length of the audio, speed, remaining time.
///
/// Without a terminal, and with `-q`, it draws nothing.
pub(crate) struct Bar {
    bar: ProgressBar,
    is_shown: bool,
    progress: Arc<Progress>,
    audio: Duration,
}

impl Bar {
    pub(crate) fn new(progress: Arc<Progress>, reporter: &Reporter) -> Self {
        let is_shown = reporter.shows_progress();
        // Drawn by `advance`.
        let bar = ProgressBar::hidden();
        if is_shown {
            let bar = bar.clone();
            reporter.print_with(move |line| bar.suspend(|| write_line(line)));
        }
        Self {
            bar,
            is_shown,
            progress,
            audio: Duration::ZERO,
        }
    }

    /// Counts a block that has been written.
    pub(crate) fn advance(&mut self, audio: Duration) {
        self.audio += audio;
        if !self.is_shown || self.bar.elapsed() < DELAY {
            return;
        }
        if self.bar.length().is_none() {
            self.bar
                .set_style(chunk_style(self.progress.total_chunks().is_some()));
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

/// The progress of a download.
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

    /// Starts a file of `bytes` bytes, of which `from` exist already.
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

    /// Sets the number of bytes that exist.
    pub(crate) fn at(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Returns a style that the terminal can draw.
pub(crate) fn from_template(template: &str) -> ProgressStyle {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    if environment::locale_is_utf8() {
        style
    } else {
        style.progress_chars("#-").tick_chars("-\\|/ ")
    }
}

fn chunk_style(total_is_known: bool) -> ProgressStyle {
    let template = match (total_is_known, environment::no_color()) {
        (true, false) => "{bar:30.cyan} {pos}/{len} chunks, {msg}{left}",
        (true, true) => "{bar:30} {pos}/{len} chunks, {msg}{left}",
        (false, _) => "{spinner} {pos} chunks, {msg}",
    };
    from_template(template).with_key("left", remaining)
}

/// Writes the remaining time, once it can be estimated.
fn remaining(state: &ProgressState, out: &mut dyn fmt::Write) {
    if state.pos() > 0 {
        // An error here could not be reported.
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
            chunk_style(known);
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
