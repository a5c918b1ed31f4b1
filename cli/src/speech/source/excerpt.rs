//! Excerpts: some lines of a text.

use std::ops::Range;

use piper_rs::text::{Passage, ResumePoint};

/// An excerpt of a text: a heading, and lines of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Excerpt {
    /// A paragraph before the lines.
    pub(crate) heading: Option<String>,
    /// Counted from 1.
    pub(crate) lines: Range<u64>,
    /// Lines among them that are left out.
    pub(crate) left_out: Vec<Range<u64>>,
    /// Where reading begins: at or before the first of the lines. `None` is the
    /// start of the text.
    pub(crate) resume_point: Option<ResumePoint>,
}

impl Excerpt {
    /// Returns what a passage has of this excerpt, if it has any.
    pub(super) fn keep(&self, mut passage: Passage) -> Option<Passage> {
        let lines = passage.text.split_inclusive('\n').zip(passage.line..);
        let mut kept = lines.filter(|(_, line)| self.has(*line)).peekable();
        passage.line = kept.peek()?.1;
        passage.text = kept.map(|(text, _)| text).collect();
        Some(passage)
    }

    fn has(&self, line: u64) -> bool {
        self.lines.contains(&line) && !self.left_out.iter().any(|lines| lines.contains(&line))
    }
}
