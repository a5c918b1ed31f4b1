//! Sentences → pieces that are short enough for one inference.

use unicode_segmentation::GraphemeCursor;

use super::mark::{is_clause_mark, is_closer, is_tight_clause_mark};
use super::raw::RawBlocks;
use super::{Boundary, Sentence};

/// The pieces of a sentence, each of at most so many characters.
///
/// It is cut behind the last clause mark that leaves a piece worth a breath,
/// else at white space, else between what readers take for characters. Only
/// a `[[…]]` block longer than the bound stays whole, as a piece of its own.
pub(super) struct Pieces<'t> {
    text: &'t str,
    start: usize,
    /// Where the white space begins that ends the text.
    words_end: usize,
    boundary: Boundary,
    max_chars: usize,
    raw: RawBlocks<'t>,
}

impl<'t> Pieces<'t> {
    pub(super) fn new(sentence: Sentence<'t>, max_chars: usize) -> Self {
        Self {
            text: sentence.text,
            start: 0,
            words_end: sentence.text.trim_end().len(),
            boundary: sentence.boundary,
            max_chars: max_chars.max(1),
            raw: RawBlocks::new(sentence.text),
        }
    }

    /// Returns where the piece ends that begins at `start`.
    fn end(&mut self) -> usize {
        let rest = &self.text[self.start..];
        let Some((window, _)) = rest.char_indices().nth(self.max_chars) else {
            return self.text.len();
        };
        let limit = self.start + window;
        if self.words_end <= limit {
            return limit;
        }
        match self.raw_block_across(limit) {
            Some(block) if block.start <= self.start => block.end,
            Some(block) => self.best_cut(block.start),
            None => self.best_cut(limit),
        }
    }

    fn raw_block_across(&mut self, limit: usize) -> Option<std::ops::Range<usize>> {
        self.raw.at_or_after(self.start);
        // A copy, because the cut may come before blocks that are passed.
        let block = self.raw.clone().at_or_after(limit)?;
        (block.start < limit).then_some(block)
    }

    fn best_cut(&self, limit: usize) -> usize {
        let cuts = self.cuts(limit);
        let worth_a_breath = |cut: &usize| (cut - self.start) * 4 > limit - self.start;
        cuts.clause
            .filter(worth_a_breath)
            .or(cuts.space)
            .or(cuts.clause)
            .unwrap_or_else(|| self.grapheme_cut(limit, cuts.raw_end))
    }

    fn cuts(&self, limit: usize) -> Cuts {
        let mut cuts = Cuts::default();
        let mut raw = self.raw.clone();
        let mut after_mark = false;
        let mut at = self.start;
        while let Some(c) = self.text[at..limit].chars().next() {
            if let Some(block) = raw.at_or_after(at).filter(|block| block.start <= at) {
                at = block.end;
                cuts.raw_end = at;
                after_mark = false;
                continue;
            }
            at += c.len_utf8();
            if c.is_whitespace() {
                cuts.space = Some(at);
                if after_mark {
                    cuts.clause = Some(at);
                }
                continue;
            }
            after_mark = is_clause_mark(c) || (after_mark && is_closer(c));
            if is_tight_clause_mark(c) {
                cuts.clause = Some(at);
            }
        }
        cuts
    }

    fn grapheme_cut(&self, limit: usize, raw_end: usize) -> usize {
        let rest = &self.text[self.start..];
        let window = limit - self.start;
        let mut cursor = GraphemeCursor::new(window, rest.len(), true);
        let cut = match cursor.is_boundary(rest, 0) {
            Ok(true) => window,
            _ => cursor.prev_boundary(rest, 0).ok().flatten().unwrap_or(0),
        };
        // A cluster longer than the bound is cut like anything else.
        let cut = (self.start + cut).max(raw_end);
        if cut > self.start { cut } else { limit }
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Sentence<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.start == self.text.len() {
            return None;
        }
        let end = self.end();
        let text = &self.text[self.start..end];
        self.start = end;
        let boundary = if end < self.words_end {
            Boundary::Clause
        } else {
            self.boundary
        };
        Some(Sentence { text, boundary })
    }
}

/// Where a window may be cut, each the last of its kind.
#[derive(Default)]
struct Cuts {
    clause: Option<usize>,
    space: Option<usize>,
    /// The end of the last `[[…]]` in the window, or 0.
    raw_end: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(text: &str, max_chars: usize) -> Vec<&str> {
        let sentence = Sentence {
            text,
            boundary: Boundary::Sentence,
        };
        Pieces::new(sentence, max_chars)
            .map(|piece| piece.text)
            .collect()
    }

    #[test]
    fn cuts_fall_at_clause_marks_then_white_space_then_clusters() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("short", &["short"]),
            ("one two, three four", &["one two, ", "three four"]),
            ("one “two,” three four", &["one “two,” ", "three four"]),
            ("a, bcdefghi jklmnopqrs", &["a, bcdefghi ", "jklmnopqrs"]),
            ("one two three four", &["one two ", "three four"]),
            ("abcdefghijklmnop", &["abcdefghijkl", "mnop"]),
            ("1,000,000,000,000", &["1,000,000,00", "0,000"]),
            ("word—word word word", &["word—", "word word ", "word"]),
            (
                "你好，世界你好世界你好世界",
                &["你好，", "世界你好世界你好世界"],
            ),
            ("abcdefghijke\u{301}xyz", &["abcdefghijk", "e\u{301}xyz"]),
            ("🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪x🇩🇪", &["🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪x", "🇩🇪"]),
            ("abcdefghijkl      ", &["abcdefghijkl", "      "]),
            ("go [[a, b c d]] on", &["go ", "[[a, b c d]]", " on"]),
            ("[[a, b, c, d, e, f]] on", &["[[a, b, c, d, e, f]]", " on"]),
            ("abcdef[[gh]]\u{301}", &["abcdef[[gh]]", "\u{301}"]),
        ];
        for (text, wanted) in cases {
            assert_eq!(&pieces(text, 12), wanted, "{text:?}");
        }
    }

    #[test]
    fn only_the_last_piece_with_words_has_the_sentences_boundary() {
        let sentence = Sentence {
            text: "one two three    \n\n\n\n\n\n\n",
            boundary: Boundary::Paragraph,
        };
        let boundaries: Vec<_> = Pieces::new(sentence, 8)
            .map(|piece| (piece.text.trim(), piece.boundary))
            .collect();
        assert_eq!(
            boundaries,
            [
                ("one two", Boundary::Clause),
                ("three", Boundary::Paragraph),
                ("", Boundary::Paragraph),
            ]
        );
    }

    proptest! {
        #[test]
        fn pieces_keep_the_bound_and_the_text(
            text in r"(?:[a-c世é🎉\u{301}\u{200d} ,.\n]|\[\[|\]\]){0,60}",
            max_chars in 1usize..20,
        ) {
            let pieces = pieces(&text, max_chars);
            prop_assert_eq!(pieces.concat(), text.as_str());
            for piece in pieces {
                prop_assert!(!piece.is_empty());
                let whole_block = piece.starts_with("[[") && piece.ends_with("]]");
                prop_assert!(piece.chars().count() <= max_chars || whole_block, "{:?}", piece);
            }
        }
    }
}
