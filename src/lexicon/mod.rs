//! How words are spoken, by people who know better than the rules: between
//! chunks and phonemes.
//!
//! A lexicon is a text file:
//!
//! ```text
//! # A word or phrase, `=`, and how it is said: spelled otherwise, or in IPA.
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
//! What stands below a header holds for a language, by its code or
//! espeak-ng's name for it or the beginning of either, or for a voice; what
//! stands above the first holds for all.
//!
//! An entry is found as whole words, never inside `[[…]]`, and within a
//! sentence: a sentence has ends, pauses and a place in the text before words
//! are replaced, and keeps them. The longest entry counts, and what replaces a
//! word is not looked at again. An entry without capitals is found however the
//! text writes it, any other only as it stands. Composed or decomposed
//! letters, straight or curly apostrophes, and one blank or several are the
//! same.

mod file;
mod key;
mod pronouncer;
mod replacements;
mod section;

use std::sync::Arc;

pub use file::{BadLexicon, Fault, MAX_BYTES};
pub use pronouncer::{Pronounced, Pronouncer};
pub use replacements::{Replaced, Replacements};
pub use section::{Blocks, ForVoice};

use section::Section;

/// One file's entries.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    /// No two of the same scope.
    sections: Vec<Arc<Section>>,
}

impl Lexicon {
    /// Reads a lexicon from the bytes of its file.
    ///
    /// ```
    /// use piper_rs::lexicon::{Blocks, ForVoice, Lexicon, Replacements};
    ///
    /// let lexicon = Lexicon::parse(b"nginx = engine x\n[de]\nSQL = Ess Ku Ell\n")?;
    /// let voice = ForVoice {
    ///     name: "de_DE-thorsten-low",
    ///     languages: &["de"],
    ///     blocks: Blocks::Read,
    /// };
    /// let replacements = Replacements::new([&lexicon], &voice);
    /// let replaced = replacements.apply("NGINX und SQL.");
    /// assert_eq!(replaced.text, "engine x und Ess Ku Ell.");
    /// # Ok::<(), piper_rs::lexicon::BadLexicon>(())
    /// ```
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn parse(file: &[u8]) -> Result<Self, BadLexicon> {
        let sections = file::read(file)?;
        Ok(Self {
            sections: sections.into_iter().map(Arc::new).collect(),
        })
    }

    /// Returns how many entries it has.
    pub fn len(&self) -> usize {
        self.sections.iter().map(|section| section.len()).sum()
    }

    /// Returns whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
