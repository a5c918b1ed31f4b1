//! `[[…]]`: phonemes in the text. No rule for text applies to them.

use std::ops::Range;

/// The most characters between the brackets.
///
/// The phonemes of one block are spoken by one inference. Longer blocks are
/// taken for ordinary text, so that an inference stays bounded.
const MAX_CHARS: usize = 1000;

/// The `[[…]]` blocks of a text, in order.
#[derive(Debug, Clone)]
pub(crate) struct RawPhonemes<'t> {
    text: &'t str,
    next: Option<Range<usize>>,
}

impl<'t> RawPhonemes<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            next: find(text, 0),
        }
    }

    /// Returns the first block that ends after `position`.
    ///
    /// `position` must not decrease from call to call.
    pub(crate) fn at_or_after(&mut self, position: usize) -> Option<Range<usize>> {
        while let Some(block) = &self.next {
            if block.end > position {
                break;
            }
            self.next = find(self.text, block.end);
        }
        self.next.clone()
    }
}

/// Returns the first block at or after `from`: from `[[` to the next `]]` on
/// the same line, as in piper-tts.
fn find(text: &str, mut from: usize) -> Option<Range<usize>> {
    loop {
        let open = from + text[from..].find("[[")?;
        let inner = open + 2;
        match scan(&text[inner..]) {
            Inner::Closed { len } => return Some(open..inner + len + 2),
            // Continue after the scanned text, so that the cost stays linear.
            Inner::Unclosed { scanned } => from = inner + scanned,
        }
    }
}

enum Inner {
    Closed { len: usize },
    Unclosed { scanned: usize },
}

fn scan(text: &str) -> Inner {
    for (n_chars, (at, c)) in text.char_indices().enumerate() {
        if c == ']' && text[at..].starts_with("]]") {
            return Inner::Closed { len: at };
        }
        if c == '\n' || n_chars == MAX_CHARS {
            return Inner::Unclosed { scanned: at };
        }
    }
    Inner::Unclosed {
        scanned: text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<&str> {
        let mut blocks = RawPhonemes::new(text);
        let mut position = 0;
        std::iter::from_fn(|| {
            let block = blocks.at_or_after(position)?;
            position = block.end;
            Some(&text[block])
        })
        .collect()
    }

    #[test]
    fn a_block_ends_at_the_next_closing_brackets_on_its_line() {
        let long = format!("[[{}]]", "a".repeat(MAX_CHARS));
        let too_long = format!("[[{}]]", "a".repeat(MAX_CHARS + 1));
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("a [b] c", &[]),
            ("a [[b. c]] d [[e]]", &["[[b. c]]", "[[e]]"]),
            ("[[]][[x]]", &["[[]]", "[[x]]"]),
            ("[[a\nb]] [[c]]", &["[[c]]"]),
            ("[[ [[c]]]", &["[[ [[c]]"]),
            ("[[[", &[]),
            ("[[ə", &[]),
            (&long, &[&long]),
            (&too_long, &[]),
        ];
        for (text, blocks) in cases {
            assert_eq!(&all(text), blocks, "{text}");
        }
    }
}
