//! Changes to a text, collected before they are made.

use std::ops::Range;

use super::rule::Rule;

/// Replacements of ranges of one text, in order and without overlap.
#[derive(Debug, Default)]
pub(crate) struct Edits(Vec<Edit>);

/// A replacement of a range of a text.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
    pub(super) rule: Rule,
}

impl Edits {
    /// Replaces `range`, which lies behind all ranges replaced before.
    pub(crate) fn replace(&mut self, rule: Rule, range: Range<usize>, text: impl Into<String>) {
        debug_assert!(
            self.0
                .last()
                .is_none_or(|last| last.range.end <= range.start)
        );
        let text = text.into();
        self.0.push(Edit { range, text, rule });
    }

    pub(super) fn remove(&mut self, rule: Rule, range: Range<usize>) {
        self.replace(rule, range, String::new());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn as_slice(&self) -> &[Edit] {
        &self.0
    }

    /// Returns `text`, which the ranges are of, with all replacements made.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut edited = String::with_capacity(text.len());
        let mut start = 0;
        for edit in &self.0 {
            edited.push_str(&text[start..edit.range.start]);
            edited.push_str(&edit.text);
            start = edit.range.end;
        }
        edited.push_str(&text[start..]);
        edited
    }
}
