//! Sentence → phonemes: cleans the text, replaces words, then phonemizes.

use std::sync::Arc;

use super::Replacements;
use super::word_phonemes::WordPhonemes;
use crate::Result;
use crate::phoneme::{Phonemes, Phonemizer};
use crate::reading::{Change, Edits, Reader, ReadingOptions, Rule, SpokenText};

/// A phonemizer with overridden pronunciations.
#[derive(Clone)]
pub struct Pronouncer {
    phonemizer: Arc<dyn Phonemizer>,
    reader: Reader,
    replacements: Replacements,
    words: WordPhonemes,
}

/// The pronunciation of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pronounced {
    /// The result of [`Phonemizer::phonemize`].
    pub sentences: Vec<Phonemes>,
    /// How many words and phrases were replaced.
    pub replaced: u64,
    /// The text that was phonemized.
    pub spoken: String,
    /// What is spoken otherwise than it was written: the bytes of the sentence, and
    /// those of `spoken`.
    pub changes: Vec<Change>,
}

impl Pronouncer {
    /// Returns a pronouncer without replacements, which reads verbatim.
    pub fn new(phonemizer: Arc<dyn Phonemizer>) -> Self {
        Self {
            phonemizer,
            reader: Reader::verbatim(),
            replacements: Replacements::default(),
            words: WordPhonemes::default(),
        }
    }

    /// Sets what the text goes through before words are replaced.
    pub fn with_reader(self, reader: Reader) -> Self {
        Self { reader, ..self }
    }

    /// Sets what is read besides words.
    pub fn with_reading_options(self, options: ReadingOptions) -> Self {
        Self {
            reader: self.reader.with_options(options),
            ..self
        }
    }

    /// Sets the replacements.
    pub fn with_replacements(self, replacements: Replacements) -> Self {
        Self {
            replacements,
            ..self
        }
    }

    /// Returns the symbols of a word of [`Pronounced::spoken`] alone. They are kept.
    pub(crate) fn word_symbols(&self, word: &str) -> Result<Arc<[char]>> {
        self.words.of(word, self.phonemizer.as_ref())
    }

    /// Returns whether marks are heard by their names wherever they are.
    pub(crate) fn names_marks(&self) -> bool {
        self.reader.names_marks()
    }

    /// Returns the phonemes of a sentence of `text`. One mark has its name only if
    /// it is the whole text.
    ///
    /// # Errors
    /// Those of the phonemizer.
    pub fn pronounce_in(&self, text: &str, sentence: &str) -> Result<Pronounced> {
        match sentence.trim().len() < text.trim().len() {
            true => self.pronounce_with(sentence, |cleaned| self.reader.write_out_part(cleaned)),
            false => self.pronounce(sentence),
        }
    }

    /// Returns the phonemes of a text of one sentence.
    ///
    /// # Errors
    /// Those of the phonemizer.
    pub fn pronounce(&self, sentence: &str) -> Result<Pronounced> {
        self.pronounce_with(sentence, |cleaned| self.reader.write_out(cleaned))
    }

    fn pronounce_with(
        &self,
        sentence: &str,
        write_out: impl for<'t> Fn(SpokenText<'t>) -> SpokenText<'t>,
    ) -> Result<Pronounced> {
        let trimmed = sentence.trim();
        let start = sentence.len() - sentence.trim_start().len();
        let cleaned = self.reader.clean(trimmed);
        let replaced = self.replacements.apply(cleaned.as_str());
        let count = replaced.count();
        let mut edits = Edits::default();
        for (range, spoken) in &replaced.ranges {
            edits.replace(Rule::Lexicon, range.clone(), &replaced.text[spoken.clone()]);
        }
        let (text, mut changes) = write_out(cleaned.edit(&edits)).into_parts();
        for change in &mut changes {
            change.written = change.written.start + start..change.written.end + start;
        }
        Ok(Pronounced {
            sentences: self.phonemizer.phonemize(&text)?,
            replaced: count,
            spoken: text.into_owned(),
            changes,
        })
    }
}
