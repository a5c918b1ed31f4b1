//! Text → phonemes: the symbols that a voice was trained on.

mod clause;
mod codepoints;
mod espeak;
mod espeak_api;
mod espeak_phonemizer;
mod ipa;
mod language_rules;
mod marks;
mod pinyin;
mod punctuation;
mod raw_phonemes;
mod sanitize;
mod sentence_builder;
mod split_long;

pub use codepoints::TextPhonemizer;
pub use espeak::{Espeak, EspeakOptions, library_names};
pub use espeak_phonemizer::EspeakPhonemizer;
pub use pinyin::PinyinPhonemizer;
pub(crate) use raw_phonemes::is_ipa;

use crate::Result;

/// The phonemes of one sentence, with marks and spaces. Each code point (NFD)
/// is one symbol, except in Chinese syllables: `zhong1` is `zh`, `ong`, `1`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phonemes(String);

impl Phonemes {
    /// Returns the symbols as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Phonemes {
    /// Returns the number of symbols.
    pub(crate) fn symbols(&self) -> usize {
        self.0.chars().count()
    }

    /// Removes a final full stop, because the sentence continues.
    pub(crate) fn without_full_stop(mut self) -> Self {
        if self.0.ends_with(['.', '。']) {
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

/// Whether the faults of piper-tts are fixed or reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PiperMode {
    /// They are fixed: no mark, pause or word is lost, and no sentence ends early.
    #[default]
    Improved,
    /// They are reproduced: espeak-ng decides where sentences and clauses end, as
    /// in the phonemizer that stock voices were trained with.
    Strict,
}

/// Converts text to phonemes.
pub trait Phonemizer: Send + Sync {
    /// Returns the phonemes of `text`, one entry per sentence.
    ///
    /// With [`PiperMode::Improved`], `text` is one sentence, or none if there
    /// is nothing to speak. With [`PiperMode::Strict`], espeak-ng decides, and
    /// sentences may be empty.
    fn phonemize(&self, text: &str) -> Result<Vec<Phonemes>>;
}
