//! Changes to a text, collected before they are made.

use std::ops::Range;

/// Replacements of ranges of one text, in order and without overlap.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// Replaces `range`, which lies behind all ranges replaced before.
    pub(super) fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        debug_assert!(
            self.0
                .last()
                .is_none_or(|(last, _)| last.end <= range.start)
        );
        self.0.push((range, text.into()));
    }

    pub(super) fn remove(&mut self, range: Range<usize>) {
        self.replace(range, String::new());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns `text`, which the ranges are of, with all replacements made.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut edited = String::with_capacity(text.len());
        let mut start = 0;
        for (range, replacement) in &self.0 {
            edited.push_str(&text[start..range.start]);
            edited.push_str(replacement);
            start = range.end;
        }
        edited.push_str(&text[start..]);
        edited
    }
}
