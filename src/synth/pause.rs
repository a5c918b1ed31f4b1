//! Silence between sentences, lines and paragraphs.

use std::time::Duration;

use crate::chunk::Boundary;
use crate::voice::Speed;

/// How long the silence is at each boundary of the text.
///
/// Silence falls only *between* speech, never at the very end. If several
/// boundaries meet, the longest pause counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    /// After a sentence.
    pub sentence: Duration,
    /// After a line.
    pub line: Duration,
    /// After a paragraph.
    pub paragraph: Duration,
    /// At a scene break: a paragraph of marks such as `* * *`, or three blank
    /// lines and more. `None` to treat them as any other text.
    pub scene: Option<Duration>,
}

impl Default for Pauses {
    /// 200 ms after a sentence or a line, 500 ms after a paragraph, which is a
    /// breath longer, 1.5 s at a scene break.
    fn default() -> Self {
        Self {
            sentence: Duration::from_millis(200),
            line: Duration::from_millis(200),
            paragraph: Duration::from_millis(500),
            scene: Some(Duration::from_millis(1500)),
        }
    }
}

impl Pauses {
    /// No pauses, except those that the voice itself makes.
    pub const NONE: Self = Self {
        sentence: Duration::ZERO,
        line: Duration::ZERO,
        paragraph: Duration::ZERO,
        scene: None,
    };

    /// Returns the pauses as they are heard at `speed`.
    pub fn at_speed(self, speed: Speed) -> Self {
        Self {
            sentence: speed.duration(self.sentence),
            line: speed.duration(self.line),
            paragraph: speed.duration(self.paragraph),
            scene: self.scene.map(|scene| speed.duration(scene)),
        }
    }

    /// Returns the silence after text that ends in `boundary`.
    pub fn after(&self, boundary: Boundary) -> Duration {
        match boundary {
            Boundary::Clause => Duration::ZERO,
            Boundary::Sentence => self.sentence,
            Boundary::Line => self.line,
            Boundary::Paragraph => self.paragraph,
        }
    }
}
