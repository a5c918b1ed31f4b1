//! The phonemes of words alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Result;
use crate::phoneme::{Phonemes, Phonemizer};

/// How many words are kept: 2 MB. Then they are forgotten, and kept anew.
const MAX_WORDS: usize = 16_384;

/// Words that were phonemized alone. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct WordPhonemes(Arc<Mutex<Words>>);

/// Words with their symbols.
type Words = HashMap<Box<str>, Arc<[char]>>;

impl WordPhonemes {
    /// Returns the symbols of `word`, as `phonemizer` speaks it.
    pub(super) fn of(&self, word: &str, phonemizer: &dyn Phonemizer) -> Result<Arc<[char]>> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(word) {
            return Ok(Arc::clone(known));
        }
        let sentences = phonemizer.phonemize(word)?;
        let symbols: Arc<[char]> = sentences
            .iter()
            .map(Phonemes::as_str)
            .flat_map(str::chars)
            .collect();
        let mut words = lock();
        if words.len() == MAX_WORDS {
            words.clear();
        }
        words.insert(word.into(), Arc::clone(&symbols));
        Ok(symbols)
    }
}
