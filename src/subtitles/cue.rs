//! A cue: text on the screen for a time.

use std::ops::Range;
use std::time::Duration;

/// A text on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// When it is shown, in whole milliseconds. Never empty, never before its first word
    /// is heard, and never before the end of the cue before it.
    pub time: Range<Duration>,
    /// One or two lines of at most [`MAX_COLUMNS`](super::MAX_COLUMNS).
    pub lines: Vec<Vec<CueWord>>,
}

/// A word of a cue, or a part of one that is too long for a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CueWord {
    /// The word as it was written, with the space after it, if there is one in its line.
    pub text: String,
    /// When it is heard, in whole milliseconds; `None` if it is not.
    pub start: Option<Duration>,
}

impl Cue {
    /// Returns the text of each line.
    pub fn text_lines(&self) -> impl Iterator<Item = String> {
        let words = |line: &Vec<CueWord>| line.iter().map(|word| word.text.as_str()).collect();
        self.lines.iter().map(words)
    }
}
