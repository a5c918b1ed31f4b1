//! Overrides the pronunciation of words, between chunking and phonemization.
//!
//! A lexicon is a text file:
//!
//! ```text
//! # A word or phrase, `=`, and its pronunciation: respelled, or in IPA.
//! nginx = engine x
//! Worcestershire = [[wˈʊstəʃə]]
//!
//! [de]
//! SQL = Ess Ku Ell
//!
//! [en_US-lessac-medium]
//! SQL = sequel
//! ```
//!
//! Entries below a header apply to a voice or to a language. A language is named
//! by its code, by espeak-ng's name, or by the first part of either. Entries
//! above the first header apply to all voices.
//!
//! An entry matches whole words, inside a sentence and never inside `[[…]]`.
//! Text is split into sentences before words are replaced, so that the ends of
//! sentences and the pauses do not change. The longest entry counts, and
//! replacements are not searched again. An entry without capitals matches in
//! any case; other entries match only as written. Composed and decomposed
//! letters are equal, and so are straight and curly apostrophes, and white space
//! of any length.

mod file;
mod key;
mod pronouncer;
mod replacements;
mod section;
mod word_phonemes;

use std::sync::Arc;

pub use file::{BadLexicon, Fault, MAX_BYTES};
pub use pronouncer::{Pronounced, Pronouncer};
pub use replacements::{Replaced, Replacements};
pub use section::{IpaEntries, LexiconVoice};

use section::Section;

/// The entries of one file.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    /// One section per scope.
    sections: Vec<Arc<Section>>,
}

impl Lexicon {
    /// Parses the bytes of a lexicon file.
    ///
    /// ```
    /// use piper_rs::lexicon::{IpaEntries, Lexicon, LexiconVoice, Replacements};
    ///
    /// let lexicon = Lexicon::parse(b"nginx = engine x\n[de]\nSQL = Ess Ku Ell\n")?;
    /// let voice = LexiconVoice {
    ///     name: "de_DE-thorsten-low",
    ///     languages: &["de"],
    ///     ipa_entries: IpaEntries::Use,
    /// };
    /// let replacements = Replacements::new([&lexicon], &voice);
    /// let replaced = replacements.apply("NGINX und SQL.");
    /// assert_eq!(replaced.text, "engine x und Ess Ku Ell.");
    /// # Ok::<(), piper_rs::lexicon::BadLexicon>(())
    /// ```
    ///
    /// # Errors
    /// The first fault in the file, with its line.
    pub fn parse(file: &[u8]) -> Result<Self, BadLexicon> {
        let sections = file::parse(file)?;
        Ok(Self {
            sections: sections.into_iter().map(Arc::new).collect(),
        })
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.sections.iter().map(|section| section.len()).sum()
    }

    /// Returns whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
