//! Sentences → segments: parts that are short enough for one inference.

use unicode_segmentation::GraphemeCursor;

use super::mark::{is_clause_mark, is_closer, is_tight_clause_mark};
use super::raw_phonemes::RawPhonemes;
use super::{Boundary, Sentence};

/// The segments of a sentence, each of at most `max_chars` characters.
///
/// A sentence is cut after the last clause mark that does not leave a very
/// short segment, else at white space, else between grapheme clusters. Only
/// `[[…]]` phonemes may be longer than the limit; they are a segment of their
/// own.
pub(super) struct Segments<'t> {
    text: &'t str,
    start: usize,
    /// The start of the white space at the end of the text.
    words_end: usize,
    boundary: Boundary,
    max_chars: usize,
    raw: RawPhonemes<'t>,
}

impl<'t> Segments<'t> {
    pub(super) fn new(sentence: Sentence<'t>, max_chars: usize) -> Self {
        Self {
            text: sentence.text,
            start: 0,
            words_end: sentence.text.trim_end().len(),
            boundary: sentence.boundary,
            max_chars: max_chars.max(1),
            raw: RawPhonemes::new(sentence.text),
        }
    }

    /// Returns the end of the segment that starts at `start`.
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
        // A clone, because the cut may come before the block that it finds.
        let block = self.raw.clone().at_or_after(limit)?;
        (block.start < limit).then_some(block)
    }

    fn best_cut(&self, limit: usize) -> usize {
        let cuts = self.cuts(limit);
        let long_enough = |cut: &usize| (cut - self.start) * 4 > limit - self.start;
        cuts.clause
            .filter(long_enough)
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
        // A cluster longer than the limit is cut inside.
        let cut = (self.start + cut).max(raw_end);
        if cut > self.start { cut } else { limit }
    }
}

impl<'t> Iterator for Segments<'t> {
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

/// The positions where a window may be cut: the last one of each kind.
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

    fn segments(text: &str, max_chars: usize) -> Vec<&str> {
        let sentence = Sentence {
            text,
            boundary: Boundary::Sentence,
        };
        Segments::new(sentence, max_chars)
            .map(|segment| segment.text)
            .collect()
    }

    #[test]
    fn cuts_prefer_clause_marks_then_white_space_then_clusters() {
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
            assert_eq!(&segments(text, 12), wanted, "{text:?}");
        }
    }

    #[test]
    fn only_the_last_segment_with_words_has_the_boundary_of_the_sentence() {
        let sentence = Sentence {
            text: "one two three    \n\n\n\n\n\n\n",
            boundary: Boundary::Paragraph,
        };
        let boundaries: Vec<_> = Segments::new(sentence, 8)
            .map(|segment| (segment.text.trim(), segment.boundary))
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
        fn segments_keep_to_the_limit_and_give_back_the_text(
            text in r"(?:[a-c世é🎉\u{301}\u{200d} ,.\n]|\[\[|\]\]){0,60}",
            max_chars in 1usize..20,
        ) {
            let segments = segments(&text, max_chars);
            prop_assert_eq!(segments.concat(), text.as_str());
            for segment in segments {
                prop_assert!(!segment.is_empty());
                let whole_block = segment.starts_with("[[") && segment.ends_with("]]");
                prop_assert!(segment.chars().count() <= max_chars || whole_block, "{:?}", segment);
            }
        }
    }
}
