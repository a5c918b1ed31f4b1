//! A phrase in the pipeline, and what it says when its samples come out.

use super::plan::PhraseWords;
use crate::phoneme::Phonemes;
use crate::phoneme_id::PhonemeSpans;
use crate::timing::{Precision, SpokenPhoneme, SpokenPhrase};

/// What is known of a phrase before its voice has spoken it.
pub(super) struct QueuedPhrase {
    pub(super) phonemes: Phonemes,
    pub(super) words: PhraseWords,
    pub(super) spans: PhonemeSpans,
}

impl QueuedPhrase {
    /// Returns what it says, if its ids end after `id_ends` samples, which are then
    /// divided by `stretch`.
    pub(super) fn spoken(self, id_ends: Option<&[u64]>, stretch: f64) -> SpokenPhrase {
        let measured = id_ends.and_then(|ends| self.spans.places(ends));
        let (precision, places) = match measured {
            Some(mut places) => {
                let stretched = |sample: u64| (sample as f64 / stretch).round() as u64;
                for place in &mut places {
                    *place = stretched(place.start)..stretched(place.end);
                }
                (Precision::Measured, places)
            }
            None => {
                let count = self.spans.iter().count() as u64;
                (Precision::Estimated, (0..count).map(|n| n..n + 1).collect())
            }
        };
        let PhraseWords {
            sentence,
            ends_sentence,
            symbols: words,
        } = self.words;
        let symbols: Vec<char> = self.phonemes.as_str().chars().collect();
        let phonemes = self.spans.iter().zip(places);
        let phonemes = phonemes.map(|(span, place)| SpokenPhoneme {
            phoneme: String::from_iter(&symbols[span.symbols.clone()]).into(),
            word: words[span.symbols.clone()].iter().find_map(|word| *word),
            place,
        });
        let phonemes = phonemes.collect();
        SpokenPhrase::new(sentence, ends_sentence, precision, phonemes)
    }
}
