//! Phonemes for voices whose `phoneme_type` is `text`: the characters.

use unicode_normalization::UnicodeNormalization as _;

use super::{Phonemes, Phonemizer};
use crate::Result;

/// Uses the text itself as phonemes, as code points in NFD.
///
/// Capitals are kept, because piper1-gpl trains such voices with them. Older
/// programs converted them to lowercase, in different ways.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextPhonemizer;

impl Phonemizer for TextPhonemizer {
    fn phonemize(&self, text: &str) -> Result<Vec<Phonemes>> {
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![Phonemes(text.nfd().collect())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decomposed_and_keeps_its_capitals() {
        let cases: [(&str, &[&str]); 4] = [
            ("Überall, ok?", &["U\u{308}berall, ok?"]),
            ("한", &["\u{1112}\u{1161}\u{11AB}"]),
            (" a [[b]] ", &[" a [[b]] "]), // only espeak voices have blocks
            (" \n", &[]),
        ];
        for (text, expected) in cases {
            let sentences = TextPhonemizer.phonemize(text).unwrap();
            let symbols: Vec<_> = sentences.iter().map(Phonemes::as_str).collect();
            assert_eq!(symbols, expected, "{text:?}");
        }
    }
}
