//! Excerpts: some lines of a text.

use std::ops::Range;

use piper_rs::text::{Passage, ResumePoint};

/// An excerpt of a text: a heading, and lines of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Excerpt {
    /// A paragraph before the lines.
    pub(crate) heading: Option<ExcerptHeading>,
    /// Counted from 1.
    pub(crate) lines: Range<u64>,
    /// Lines among them that are left out.
    pub(crate) left_out: Vec<Range<u64>>,
    /// Where reading begins: at or before the first of the lines. `None` is the
    /// start of the text.
    pub(crate) resume_point: Option<ResumePoint>,
}

/// The heading of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExcerptHeading {
    pub(crate) text: String,
    /// Its line in the whole text, counted from 1.
    pub(crate) line: u64,
    /// The bytes of text before it.
    pub(crate) offset: u64,
}

impl Excerpt {
    /// Returns the heading as a passage of the input called `origin`.
    pub(super) fn heading(&self, origin: &str) -> Option<Passage> {
        let heading = self.heading.as_ref()?;
        Some(Passage {
            text: format!("{}\n\n", heading.text),
            origin: origin.to_owned(),
            line: heading.line,
            offset: heading.offset,
            resume_point: None,
            parts: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// Returns what a passage has of this excerpt, if it has any.
    pub(super) fn keep(&self, mut passage: Passage) -> Option<Passage> {
        let lines = passage.text.split_inclusive('\n').zip(passage.line..);
        let is_left_out = |(_, line): &(&str, u64)| !self.has(*line);
        let before = lines.clone().take_while(is_left_out);
        let before: usize = before.map(|(text, _)| text.len()).sum();
        let mut kept = lines.filter(|(_, line)| self.has(*line)).peekable();
        passage.line = kept.peek()?.1;
        passage.offset += before as u64;
        passage.text = kept.map(|(text, _)| text).collect();
        Some(passage)
    }

    fn has(&self, line: u64) -> bool {
        self.lines.contains(&line) && !self.left_out.iter().any(|lines| lines.contains(&line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_passage_has_its_own_line_and_offset() {
        let excerpt = Excerpt {
            lines: 2..5,
            left_out: std::iter::once(3..4).collect(),
            ..Excerpt::default()
        };
        let passage = Passage {
            text: "a\nbb\nccc\ndd\ne".to_owned(),
            origin: String::new(),
            line: 1,
            offset: 10,
            resume_point: None,
            parts: Vec::new(),
            notes: Vec::new(),
        };
        let kept = excerpt.keep(passage).unwrap();
        assert_eq!(
            (kept.text.as_str(), kept.line, kept.offset),
            ("bb\ndd\n", 2, 12)
        );
    }
}
