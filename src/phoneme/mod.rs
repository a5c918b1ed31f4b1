//! Text → phonemes: the symbols a voice was trained to read.

mod block;
mod clause;
mod codepoints;
mod espeak;
mod espeak_phonemizer;
mod ipa;
mod marks;
mod punctuation;
mod sanitize;
mod split_long;
mod utterance;

pub(crate) use block::is_ipa;
pub use codepoints::TextPhonemizer;
pub use espeak::{Espeak, EspeakOptions, library_names};
pub use espeak_phonemizer::EspeakPhonemizer;

use crate::Result;

/// The symbols of one sentence: code points in NFD, marks and spaces included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phonemes(String);

impl Phonemes {
    /// Returns the symbols as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Phonemes {
    /// Takes away a final full stop: the sentence goes on elsewhere.
    pub(crate) fn open_ended(mut self) -> Self {
        if self.0.ends_with('.') {
            self.0.pop();
        }
        self
    }
}

impl From<String> for Phonemes {
    fn from(symbols: String) -> Self {
        Self(symbols)
    }
}

/// Whose idea of sentence and clause ends is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Terminators {
    /// Ours: no mark, pause or word is lost, and no sentence ends early.
    #[default]
    Improved,
    /// espeak-ng's, as the training-era phonemizer passed them on.
    Strict,
}

/// Turns text into phonemes. The seam between text and voices.
pub trait Phonemizer: Send + Sync {
    /// Returns the phonemes of `text`, one entry per sentence to be spoken.
    ///
    /// Text without anything to say gives no sentence. With
    /// [`Terminators::Improved`], a text is one sentence;
    /// [`Terminators::Strict`] passes on the empty ones of the reference.
    fn phonemize(&self, text: &str) -> Result<Vec<Phonemes>>;
}
