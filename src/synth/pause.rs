//! Silence between pieces of speech.

use std::time::Duration;

use crate::chunk::Boundary;

/// How long the silence is where the text is cut.
///
/// Silence falls only *between* pieces of speech, never at the very end. Where
/// several cuts meet, the longest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    /// After a sentence.
    pub sentence: Duration,
    /// After a line.
    pub line: Duration,
    /// After a paragraph.
    pub paragraph: Duration,
}

impl Pauses {
    /// Returns the silence after a piece of text that ends in `boundary`.
    pub fn after(&self, boundary: Boundary) -> Duration {
        match boundary {
            Boundary::Clause => Duration::ZERO,
            Boundary::Sentence => self.sentence,
            Boundary::Line => self.line,
            Boundary::Paragraph => self.paragraph,
        }
    }
}
