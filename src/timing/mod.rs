//! When sentences, words and phonemes are heard.
//!
//! If [`SpeechSessionOptions::times`](crate::SpeechSessionOptions::times) says so, each
//! block of speech carries the [`SpokenPhrase`] that it is of. A [`Timeline`] counts the
//! blocks of an output and returns a [`TimedSentence`] for each sentence.

mod alignment;
mod joined;
mod phrase;
mod timeline;
mod words;

pub(crate) use alignment::align;
pub use joined::converted_samples;
pub use phrase::{SourceSentence, SpokenPhoneme, SpokenPhrase};
pub use timeline::Timeline;
pub(crate) use words::words;

use std::ops::Range;

/// A sentence, as it is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedSentence {
    /// The sentence as it was written, without the white space around it.
    pub text: String,
    /// Its bytes in the text that was spoken.
    pub source: Range<usize>,
    /// Its first sample and the one after its last, counted in samples of the output.
    /// The pause after it does not belong to it.
    pub samples: Range<u64>,
    /// Its words, in the order in which they are heard.
    pub words: Vec<TimedWord>,
    /// Its phonemes, in the order in which they are heard; spaces and marks, too, as far
    /// as the voice knows them.
    pub phonemes: Vec<TimedPhoneme>,
    /// How the times of its words and phonemes are known. Its own are exact.
    pub precision: Precision,
}

/// A word, as it is heard: what stands between white space in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedWord {
    /// The word as it was written, with the marks beside it: `"12`, `km,`.
    pub text: String,
    /// Its bytes in the text that was spoken.
    pub source: Range<usize>,
    /// Its first sample and the one after its last. Never before those of the word
    /// before it, and never beyond its sentence. Empty if it is not heard.
    pub samples: Range<u64>,
    /// Its phonemes, as indices of [`TimedSentence::phonemes`].
    pub phonemes: Range<usize>,
}

/// A phoneme, as it is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedPhoneme {
    /// The symbol of the voice's table.
    pub phoneme: String,
    /// Its first sample and the one after its last.
    pub samples: Range<u64>,
}

/// How times are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// From the durations that the voice gave its phonemes.
    Measured,
    /// In proportion to the number of phonemes, since the voice does not tell its
    /// durations.
    Estimated,
}
