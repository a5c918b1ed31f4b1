//! A run of marks that may end a sentence, and the text around it.

use super::mark;
use super::word::{NextWord, WordClass};

/// A run of marks and the text around it. Concatenated, the fields are the
/// text from the start of the sentence.
pub(super) struct MarkRun<'t> {
    /// The sentence before the marks.
    pub(super) before: &'t str,
    marks: &'t str,
    /// Closing quotes and brackets.
    closers: &'t str,
    /// White space.
    pub(super) gap: &'t str,
    /// The rest of the text.
    pub(super) after: &'t str,
}

pub(super) enum MarkKind {
    /// A full stop: it ends a sentence or marks an abbreviation.
    FullStop,
    /// An ellipsis: a pause, or the end of a sentence.
    Ellipsis,
    /// Any other mark: the end of a sentence, except in quotes.
    Firm,
}

impl<'t> MarkRun<'t> {
    /// Parses `rest`, which starts with a mark.
    pub(super) fn new(before: &'t str, rest: &'t str, is_mark: impl Fn(char) -> bool) -> Self {
        let (marks, rest) = split_at_first(rest, |c| !is_mark(c));
        let (closers, rest) = split_closers(rest);
        let (gap, rest) = split_at_first(rest, |c| !c.is_whitespace());
        let (detached, after) = split_detached_closer(rest);
        let (closers, gap) = match detached.trim_end().len() {
            0 => (closers, gap),
            _ => (detached.trim_end(), &detached[detached.trim_end().len()..]),
        };
        Self {
            before,
            marks,
            closers,
            gap,
            after,
        }
    }

    pub(super) fn kind(&self) -> MarkKind {
        let mut marks = self.marks.chars();
        match (marks.next(), marks.next()) {
            (Some(c), None) if mark::is_full_stop(c) => MarkKind::FullStop,
            _ if self
                .marks
                .chars()
                .all(|c| mark::is_full_stop(c) || c == '…') =>
            {
                MarkKind::Ellipsis
            }
            _ => MarkKind::Firm,
        }
    }

    /// Returns whether a quote or bracket closes after the marks.
    pub(super) fn is_closed(&self) -> bool {
        !self.closers.is_empty()
    }

    /// Returns whether the brackets contain only marks: `(!)`, `[…]`.
    pub(super) fn is_bracketed(&self) -> bool {
        self.is_closed() && self.before.ends_with(['(', '[', '（'])
    }

    /// Decides if the next word follows without white space. Then full stops,
    /// `!` and `?` are part of a number, a file name or an address; other
    /// marks need no space.
    pub(super) fn ends_without_space(&self, next: &NextWord) -> bool {
        let last = self.marks.chars().next_back().unwrap_or('.');
        let first_after = self.after.chars().next().unwrap_or(' ');
        let last_before = self.before.chars().next_back().unwrap_or(' ');
        match self.kind() {
            MarkKind::Ellipsis => next.class == WordClass::Uppercase && first_after.is_alphabetic(),
            MarkKind::FullStop if last.is_ascii() => {
                mark::is_unspaced(first_after) && mark::is_unspaced(last_before)
            }
            MarkKind::FullStop => next.class != WordClass::Digit,
            MarkKind::Firm => !last.is_ascii() || mark::is_unspaced(first_after),
        }
    }
}

fn split_at_first(text: &str, is_end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(is_end).unwrap_or(text.len()))
}

/// Splits off closing quotes and brackets, and references such as `[12]`.
fn split_closers(text: &str) -> (&str, &str) {
    let mut end = 0;
    loop {
        let rest = &text[end..];
        let length = rest.find(|c| !mark::is_closer(c)).unwrap_or(rest.len());
        let length = length + reference_len(&rest[length..]);
        if length == 0 {
            break;
        }
        end += length;
    }
    let (closers, rest) = text.split_at(end);
    // Closing quotes of one language are opening quotes of another.
    match closers.strip_suffix(['“', '‘', '«', '‹']) {
        Some(closers) if rest.starts_with(char::is_alphanumeric) => text.split_at(closers.len()),
        _ => (closers, rest),
    }
}

fn reference_len(text: &str) -> usize {
    let Some(inner) = text.strip_prefix('[') else {
        return 0;
    };
    let n_digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    match inner.as_bytes().get(n_digits) {
        Some(b']') if (1..=3).contains(&n_digits) => n_digits + 2,
        _ => 0,
    }
}

/// Splits off a closing quote after a space, as in `« Oui ! »`, and the white
/// space after it.
fn split_detached_closer(text: &str) -> (&str, &str) {
    let (closer, rest) = split_at_first(text, |c| !mark::is_detached_closer(c));
    let (gap, after) = split_at_first(rest, |c| !c.is_whitespace());
    if closer.is_empty() || (gap.is_empty() && after.starts_with(char::is_alphanumeric)) {
        return ("", text);
    }
    text.split_at(closer.len() + gap.len())
}
