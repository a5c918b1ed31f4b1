//! The sentences of a text that arrives in pieces.

use piper_rs::chunk::{self, ChunkOptions};

/// Cuts a text where a sentence is complete: where another one begins.
pub(super) struct Sentences {
    options: ChunkOptions,
    /// It may be incomplete.
    last: String,
}

impl Sentences {
    pub(super) fn new(options: ChunkOptions) -> Self {
        Self {
            options,
            last: String::new(),
        }
    }

    /// Appends text; returns the sentences that it completes.
    pub(super) fn push(&mut self, text: &str) -> Option<String> {
        self.last.push_str(text);
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
    pub(super) fn take_rest(&mut self) -> String {
        std::mem::take(&mut self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences() -> Sentences {
        Sentences::new(ChunkOptions {
            language: "en-us".to_owned(),
            ..ChunkOptions::default()
        })
    }

    #[test]
    fn a_sentence_is_complete_when_the_next_begins() {
        let mut sentences = sentences();
        let pieces = [
            "Hello th",
            "ere. How",
            " are you? Mr",
            ". Smith is",
            " here. ",
        ];
        let complete = pieces.map(|piece| sentences.push(piece));
        let expected = [
            None,
            Some("Hello there. "),
            Some("How are you? "),
            None,
            None,
        ];
        assert_eq!(complete.each_ref().map(Option::as_deref), expected);
        assert_eq!(sentences.take_rest(), "Mr. Smith is here. ");
    }

    #[test]
    fn nothing_is_lost_and_a_text_without_ends_is_cut_anyway() {
        for piece in ["word ", "x", "。", "\n", ". "] {
            let mut sentences = sentences();
            let (mut all, mut longest) = (String::new(), 0);
            for _ in 0..5000 {
                let complete = sentences.push(piece).unwrap_or_default();
                longest = longest.max(sentences.last.len());
                all.push_str(&complete);
            }
            all.push_str(&sentences.take_rest());
            assert_eq!(all.trim(), piece.repeat(5000).trim(), "{piece:?}");
            assert!(longest < 10_000, "{piece:?}: {longest}");
        }
    }
}
