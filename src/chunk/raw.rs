//! `[[…]]`: phonemes written out, which no rule of text may touch.

use std::ops::Range;

/// The most characters a block may have between its brackets.
///
/// It is spoken by one inference, whole. What is longer is no word that
/// somebody spelled out, and is taken for text, so that the bound holds.
const MAX_CHARS: usize = 1000;

/// The blocks of a text, in order.
#[derive(Debug, Clone)]
pub(crate) struct RawBlocks<'t> {
    text: &'t str,
    ahead: Option<Range<usize>>,
}

impl<'t> RawBlocks<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            ahead: find(text, 0),
        }
    }

    /// Returns the first block that ends behind `position`.
    ///
    /// Positions may not fall from call to call: blocks passed are forgotten.
    pub(crate) fn at_or_after(&mut self, position: usize) -> Option<Range<usize>> {
        while let Some(block) = &self.ahead {
            if block.end > position {
                break;
            }
            self.ahead = find(self.text, block.end);
        }
        self.ahead.clone()
    }
}

/// Returns the first block from `from` on: from `[[` to the next `]]` on the
/// same line, as piper-tts reads it.
fn find(text: &str, mut from: usize) -> Option<Range<usize>> {
    loop {
        let open = from + text[from..].find("[[")?;
        let inner = open + 2;
        match scan(&text[inner..]) {
            Inner::Closed { len } => return Some(open..inner + len + 2),
            // Going on behind what was looked at keeps the cost linear.
            Inner::Open { looked_at } => from = inner + looked_at,
        }
    }
}

enum Inner {
    Closed { len: usize },
    Open { looked_at: usize },
}

fn scan(text: &str) -> Inner {
    for (n_chars, (at, c)) in text.char_indices().enumerate() {
        if c == ']' && text[at..].starts_with("]]") {
            return Inner::Closed { len: at };
        }
        if c == '\n' || n_chars == MAX_CHARS {
            return Inner::Open { looked_at: at };
        }
    }
    Inner::Open {
        looked_at: text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<&str> {
        let mut blocks = RawBlocks::new(text);
        let mut position = 0;
        std::iter::from_fn(|| {
            let block = blocks.at_or_after(position)?;
            position = block.end;
            Some(&text[block])
        })
        .collect()
    }

    #[test]
    fn a_block_goes_to_the_next_closing_brackets_on_its_line() {
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
