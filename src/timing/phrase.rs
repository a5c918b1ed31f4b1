//! What a block of speech says.

use std::ops::Range;
use std::sync::Arc;

use super::Precision;

/// A sentence, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSentence {
    /// Without the white space around it.
    pub text: String,
    /// Its bytes in the text that was spoken.
    pub source: Range<usize>,
    /// The bytes of its words in the same text: of what stands between white space.
    pub words: Vec<Range<usize>>,
}

/// A sentence, or a part of one, that a voice spoke at once. All blocks of a phrase
/// share it, and all phrases of a sentence share the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokenPhrase {
    /// The sentence.
    pub sentence: Arc<SourceSentence>,
    /// Whether no other phrase of the sentence follows.
    pub ends_sentence: bool,
    /// How the places of the phonemes are known.
    pub precision: Precision,
    phonemes: Vec<SpokenPhoneme>,
}

/// A phoneme that the voice knows, in a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokenPhoneme {
    /// The symbol of the voice's table.
    pub phoneme: Box<str>,
    /// The number of its word in [`SourceSentence::words`]. `None` for pauses.
    pub word: Option<usize>,
    /// In samples after the first one of the phrase, if they were measured; otherwise
    /// in phonemes.
    pub place: Range<u64>,
}

impl SpokenPhrase {
    /// Creates a phrase. The places of its phonemes must not decrease.
    pub fn new(
        sentence: Arc<SourceSentence>,
        ends_sentence: bool,
        precision: Precision,
        phonemes: Vec<SpokenPhoneme>,
    ) -> Self {
        Self {
            sentence,
            ends_sentence,
            precision,
            phonemes,
        }
    }

    /// Returns the phonemes with their samples, counted from the first one of the
    /// phrase, of which there are `samples`.
    pub fn phonemes(&self, samples: u64) -> impl Iterator<Item = (&SpokenPhoneme, Range<u64>)> {
        let count = self.phonemes.len().max(1) as u64;
        let sample = move |place: u64| match self.precision {
            Precision::Measured => place.min(samples),
            Precision::Estimated => place * samples / count,
        };
        self.phonemes.iter().map(move |phoneme| {
            let Range { start, end } = phoneme.place;
            (phoneme, sample(start)..sample(end))
        })
    }
}
