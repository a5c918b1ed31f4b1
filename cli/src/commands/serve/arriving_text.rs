//! A text that arrives in pieces, sentence by sentence.

use piper_rs::chunk::{self, ChunkOptions};
use piper_rs::text::ControlFilter;

/// Cuts a text where a sentence is complete: where another one begins.
pub(super) struct ArrivingText {
    options: ChunkOptions,
    /// Of all pieces: a line end or a terminal's sequence may be cut in two.
    filter: ControlFilter,
    /// It may be incomplete.
    last: String,
}

impl ArrivingText {
    pub(super) fn new(options: ChunkOptions) -> Self {
        Self {
            options,
            filter: ControlFilter::default(),
            last: String::new(),
        }
    }

    /// Appends a piece.
    pub(super) fn push(&mut self, piece: &str) {
        self.filter.append(piece, &mut self.last);
    }

    /// Takes the sentences that are complete. Reads all that is left.
    pub(super) fn take_complete(&mut self) -> Option<String> {
        let chunks = chunk::split(&self.last, &self.options);
        let lengths = chunks.flat_map(|chunk| chunk.sentences);
        let lengths: Vec<_> = lengths.map(|sentence| sentence.text.len()).collect();
        let (_, complete) = lengths.split_last()?;
        let end = complete.iter().sum();
        let rest = self.last.split_off(end);
        let complete = std::mem::replace(&mut self.last, rest);
        (!complete.trim().is_empty()).then_some(complete)
    }

    /// Returns what is left.
    pub(super) fn finish(mut self) -> String {
        self.filter.finish(&mut self.last);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> ArrivingText {
        ArrivingText::new(ChunkOptions {
            language: "en-us".to_owned(),
            ..ChunkOptions::default()
        })
    }

    #[test]
    fn a_sentence_is_complete_when_the_next_begins() {
        let mut text = text();
        let pieces = [
            "Hello th",
            "ere. How ",
            " are you? Mr",
            ". Smith is",
            " here. ",
        ];
        let complete = pieces.map(|piece| {
            text.push(piece);
            text.take_complete()
        });
        let expected = [
            None,
            Some("Hello there. "),
            Some("How  are you? "),
            None,
            None,
        ];
        assert_eq!(complete.each_ref().map(Option::as_deref), expected);
        assert_eq!(text.finish(), "Mr. Smith is here. ");
    }

    #[test]
    fn a_line_end_or_a_sequence_that_is_cut_in_two_is_one() {
        let mut text = text();
        for piece in ["One\r", "\ntwo \u{1b}", "[31mthree\u{1b}[", "0m."] {
            text.push(piece);
        }
        assert_eq!(text.finish(), "One\ntwo three.");
    }

    #[test]
    fn nothing_is_lost_and_a_text_without_ends_is_cut_anyway() {
        for piece in ["word ", "x", "。", "\n", ". "] {
            let mut text = text();
            let (mut all, mut longest) = (String::new(), 0);
            for _ in 0..5000 {
                text.push(piece);
                all.push_str(&text.take_complete().unwrap_or_default());
                longest = longest.max(text.last.len());
            }
            all.push_str(&text.finish());
            assert_eq!(all.trim(), piece.repeat(5000).trim(), "{piece:?}");
            assert!(longest < 10_000, "{piece:?}: {longest}");
        }
    }
}
