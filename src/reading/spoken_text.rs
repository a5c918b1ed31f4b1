//! A sentence on its way from writing to speech, which remembers where each
//! part of it was written.

use std::borrow::Cow;
use std::ops::Range;

use super::edits::Edits;
use super::rule::Rule;

/// The text that is spoken for a sentence, and what was changed in it.
///
/// Between the changes, the text is the sentence as written. So the changes are
/// a map from each part of the spoken text to where it was written, through
/// all steps: [`written`](Self::written).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokenText<'t> {
    text: Cow<'t, str>,
    changes: Vec<Change>,
}

/// A part of a sentence that is spoken otherwise than it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The bytes of the sentence as written.
    pub written: Range<usize>,
    /// The bytes of the spoken text.
    pub spoken: Range<usize>,
    /// Why. If several rules changed it one after another, the last one.
    pub rule: Rule,
}

impl<'t> SpokenText<'t> {
    /// Returns a sentence that is spoken as it is written.
    pub fn of(sentence: &'t str) -> Self {
        Self {
            text: Cow::Borrowed(sentence),
            changes: Vec::new(),
        }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether the text is the sentence as written, and was not copied.
    pub fn is_as_written(&self) -> bool {
        matches!(self.text, Cow::Borrowed(_))
    }

    /// Returns the changes, in the order of the text, without overlap.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Returns where `spoken`, a range of the text, was written. A part of a
    /// change was written where the whole change was.
    ///
    /// The cost grows with the logarithm of the number of changes.
    pub fn written(&self, spoken: Range<usize>) -> Range<usize> {
        written(&self.changes, spoken)
    }

    /// Returns the text and the changes.
    pub fn into_parts(self) -> (Cow<'t, str>, Vec<Change>) {
        (self.text, self.changes)
    }

    /// Returns the text after `edits` of it.
    pub(crate) fn edit(self, edits: &Edits) -> Self {
        if edits.is_empty() {
            return self;
        }
        Self {
            changes: compose(&self.changes, edits),
            text: Cow::Owned(edits.apply(&self.text)),
        }
    }
}

/// See [`SpokenText::written`].
pub(crate) fn written(changes: &[Change], spoken: Range<usize>) -> Range<usize> {
    let first = changes.partition_point(|change| change.spoken.end <= spoken.start);
    let after = changes.partition_point(|change| change.spoken.start < spoken.end);
    let offset = |at: usize, before: usize| match before.checked_sub(1) {
        Some(before) => {
            let change = &changes[before];
            change.written.end + (at - change.spoken.end)
        }
        None => at,
    };
    let start = match changes.get(first) {
        Some(change) if change.spoken.start <= spoken.start && first < after => {
            change.written.start
        }
        _ => offset(spoken.start, first),
    };
    let end = match after.checked_sub(1).map(|last| &changes[last]) {
        Some(change) if change.spoken.end > spoken.end => change.written.end,
        _ => offset(spoken.end, after),
    };
    start..end.max(start)
}

/// Returns the changes of a text that was changed, then edited. Changes that
/// overlap become one. Linear in the number of both.
fn compose(changes: &[Change], edits: &Edits) -> Vec<Change> {
    let (mut changes, mut edits) = (changes, edits.as_slice());
    let mut composed = Vec::with_capacity(changes.len() + edits.len());
    // The same place in the text before the edits, in the sentence as written,
    // and in the text after the edits: the end of the last change.
    let (mut text, mut written, mut spoken) = (0, 0, 0);
    while let Some((mut group, mut rule)) = first_of(changes, edits) {
        let start = group.start;
        let mut written_end = None; // of the last change, and where it ends in the text
        let (mut removed, mut added) = (0, 0);
        loop {
            match (changes, edits) {
                ([change, rest @ ..], _) if joins(&change.spoken, &group) => {
                    group.end = group.end.max(change.spoken.end);
                    written_end = Some((change.written.end, change.spoken.end));
                    changes = rest;
                }
                (_, [edit, rest @ ..]) if joins(&edit.range, &group) => {
                    group.end = group.end.max(edit.range.end);
                    removed += edit.range.len();
                    added += edit.text.len();
                    rule = edit.rule;
                    edits = rest;
                }
                _ => break,
            }
        }
        let written_start = written + (start - text);
        let written_until = match written_end {
            Some((end, at)) => end + (group.end - at),
            None => written_start + group.len(),
        };
        let spoken_start = spoken + (start - text);
        let spoken_end = spoken_start + group.len() - removed + added;
        composed.push(Change {
            written: written_start..written_until,
            spoken: spoken_start..spoken_end,
            rule,
        });
        (text, written, spoken) = (group.end, written_until, spoken_end);
    }
    composed
}

/// Returns the range of the first change or edit, and its rule.
fn first_of(changes: &[Change], edits: &[super::edits::Edit]) -> Option<(Range<usize>, Rule)> {
    let change = changes.first().map(|change| (&change.spoken, change.rule));
    let edit = edits.first().map(|edit| (&edit.range, edit.rule));
    let key = |(range, _): &(&Range<usize>, Rule)| (range.start, range.end);
    let (range, rule) = change.into_iter().chain(edit).min_by_key(key)?;
    Some((range.clone(), rule))
}

/// Returns whether `range` is the group itself, or overlaps it.
fn joins(range: &Range<usize>, group: &Range<usize>) -> bool {
    range == group || range.start < group.end && range.end > group.start
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edits(list: &[(Range<usize>, &str)]) -> Edits {
        let mut edits = Edits::default();
        for (range, text) in list {
            edits.replace(Rule::Character, range.clone(), *text);
        }
        edits
    }

    #[test]
    fn each_part_is_known_by_where_it_was_written() {
        // `&amp;` → `&` → `and`; `10 000` → `10000`.
        let text = SpokenText::of("a &amp; 10 000 b");
        let text = text.edit(&edits(&[(2..7, "&"), (10..11, "")]));
        assert_eq!(text.as_str(), "a & 10000 b");
        let text = text.edit(&edits(&[(2..3, "and"), (4..9, "ten thousand")]));
        assert_eq!(text.as_str(), "a and ten thousand b");
        let written: Vec<_> = text.changes().iter().map(|c| c.written.clone()).collect();
        assert_eq!(written, [2..7, 8..14]);
        assert_eq!(text.written(0..1), 0..1);
        assert_eq!(text.written(2..5), 2..7);
        assert_eq!(text.written(6..9), 8..14);
        assert_eq!(text.written(10..18), 8..14);
        assert_eq!(text.written(19..20), 15..16);
        assert_eq!(text.written(0..20), 0..16);
    }

    #[test]
    fn a_removal_inside_a_word_belongs_to_the_word() {
        let text = SpokenText::of("ex\u{AD}tra word").edit(&edits(&[(2..4, "")]));
        assert_eq!(text.written(0..5), 0..7);
        assert_eq!(text.written(6..10), 8..12);
        let text = text.edit(&edits(&[(0..5, "more")]));
        assert_eq!(text.written(0..4), 0..7);
    }

    proptest! {
        #[test]
        fn what_was_not_changed_is_found_where_it_was_written(
            cuts in proptest::collection::vec(proptest::collection::vec((0usize..40, 0usize..4, 0usize..4), 0..6), 1..4),
        ) {
            // Each character of the sentence is unique, new ones are `#`.
            let sentence: String = (0..30).map(|n| char::from(b'A' + n)).collect();
            let mut text = SpokenText::of(&sentence);
            for cuts in cuts {
                let mut edits = Edits::default();
                let mut at = 0;
                for (gap, length, added) in cuts {
                    let start = at + gap % 7;
                    let end = start + length;
                    if end > text.as_str().len() { break; }
                    edits.replace(Rule::Character, start..end, "#".repeat(added));
                    at = end;
                }
                text = text.edit(&edits);
            }
            for (at, c) in text.as_str().char_indices() {
                let written = text.written(at..at + 1);
                if c != '#' {
                    prop_assert!(sentence[written.clone()].contains(c), "{c} {written:?}");
                }
            }
            let mut end = (0, 0);
            for change in text.changes() {
                prop_assert!(end.0 <= change.written.start && end.1 <= change.spoken.start);
                prop_assert_eq!(&sentence[end.0..change.written.start], &text.as_str()[end.1..change.spoken.start]);
                end = (change.written.end, change.spoken.end);
            }
            prop_assert_eq!(&sentence[end.0..], &text.as_str()[end.1..]);
        }
    }
}
