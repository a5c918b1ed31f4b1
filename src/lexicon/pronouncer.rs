//! From a sentence to phonemes: its words replaced, then read.

use std::sync::Arc;

use super::Replacements;
use crate::Result;
use crate::phoneme::{Phonemes, Phonemizer};

/// A phonemizer, and what it would read wrong.
#[derive(Clone)]
pub struct Pronouncer {
    phonemizer: Arc<dyn Phonemizer>,
    replacements: Replacements,
}

/// What a sentence sounds like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pronounced {
    /// As [`Phonemizer::phonemize`] gives them.
    pub sentences: Vec<Phonemes>,
    /// How many words a lexicon replaced.
    pub replaced: u64,
}

impl Pronouncer {
    /// Reads words as the phonemizer does.
    pub fn new(phonemizer: Arc<dyn Phonemizer>) -> Self {
        Self {
            phonemizer,
            replacements: Replacements::default(),
        }
    }

    /// Reads words as `replacements` say.
    pub fn with(self, replacements: Replacements) -> Self {
        Self {
            replacements,
            ..self
        }
    }

    /// Returns the phonemes of a sentence as the chunks have it.
    pub fn pronounce(&self, sentence: &str) -> Result<Pronounced> {
        let replaced = self.replacements.apply(sentence.trim());
        Ok(Pronounced {
            sentences: self.phonemizer.phonemize(&replaced.text)?,
            replaced: replaced.count,
        })
    }
}
