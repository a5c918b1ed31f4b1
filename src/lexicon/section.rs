//! Entries that apply to the same voices.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use super::key::{self, Key};

/// The properties of a voice that decide which entries apply.
#[derive(Debug, Clone, Copy)]
pub struct LexiconVoice<'a> {
    /// Its name: `en_US-lessac-medium`.
    pub name: &'a str,
    /// All names of its language: `en-us`, `en_US`, `en`.
    pub languages: &'a [&'a str],
    /// Whether entries in IPA apply.
    pub ipa_entries: IpaEntries,
}

/// Whether entries in IPA, `[[…]]`, apply to a voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpaEntries {
    /// They do.
    Use,
    /// They do not: the voice was trained on letters.
    Skip,
}

/// The voices to which a section applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    /// The name in a header, in lowercase and with hyphens.
    Named(String),
}

#[derive(Debug)]
pub(super) struct Section {
    pub(super) scope: Scope,
    /// By phrase, and by the first word of each phrase. Therefore a search takes
    /// the same time for three entries and for a million.
    entries: HashMap<Box<str>, Entry>,
    len: usize,
}

#[derive(Debug, Default)]
struct Entry {
    /// The pronunciation; `None` if the key is only the first word of phrases.
    pronunciation: Option<Box<str>>,
    /// Its line in the file.
    line: u32,
    /// The number of tokens of the longest phrase with this first word.
    max_tokens: u16,
}

/// How specific a scope is for a voice. Ordered: the largest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Specificity {
    All,
    /// With the length of the name: `en-gb` is more specific than `en`.
    Language(usize),
    Voice,
}

impl Scope {
    pub(super) fn named(name: &str) -> Self {
        Self::Named(normalized(name))
    }

    /// Returns how specific it is for `voice`; `None` if it does not apply.
    pub(super) fn specificity(&self, voice: &LexiconVoice<'_>) -> Option<Specificity> {
        let Self::Named(name) = self else {
            return Some(Specificity::All);
        };
        if *name == normalized(voice.name) {
            return Some(Specificity::Voice);
        }
        let is_language = |language: &&str| {
            let language = normalized(language);
            let rest = language.strip_prefix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let applies = voice.languages.iter().any(is_language);
        applies.then_some(Specificity::Language(name.len()))
    }
}

/// Makes `en_US` and `en-us` equal.
fn normalized(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

impl Section {
    pub(super) fn new(scope: Scope) -> Self {
        Self {
            scope,
            entries: HashMap::new(),
            len: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds an entry. `Err` is the line of an entry for the same phrase.
    pub(super) fn insert(
        &mut self,
        phrase: &str,
        pronunciation: &str,
        line: u32,
    ) -> Result<(), u32> {
        let key = Key::of(phrase);
        let first = Key::of(key::tokens(phrase).next().map_or("", |(_, token)| token));
        let n_tokens = u16::try_from(key.n_tokens).unwrap_or(u16::MAX);
        // A phrase with capitals matches only as written.
        let (phrase, first) = match key.is_lowercase() {
            true => (key.lowercase, first.lowercase),
            false => (key.written, first.written),
        };
        let first_word = self.entries.entry(first.into()).or_default();
        first_word.max_tokens = first_word.max_tokens.max(n_tokens);
        let entry = match self.entries.entry(phrase.into()) {
            Slot::Occupied(slot) if slot.get().pronunciation.is_some() => {
                return Err(slot.get().line);
            }
            slot => slot.or_default(),
        };
        (entry.pronunciation, entry.line) = (Some(pronunciation.into()), line);
        self.len += 1;
        Ok(())
    }

    /// Returns the pronunciation for `key`.
    pub(super) fn pronunciation(&self, key: &Key, ipa_entries: IpaEntries) -> Option<&str> {
        let pronunciation = |key: &str| {
            let pronunciation = self.entries.get(key)?.pronunciation.as_deref();
            pronunciation.filter(|pronunciation| {
                ipa_entries == IpaEntries::Use || !is_ipa_block(pronunciation)
            })
        };
        pronunciation(&key.written).or_else(|| pronunciation(&key.lowercase))
    }

    /// Returns the number of tokens of the longest phrase whose first word is
    /// `first`; 0 if there is none.
    pub(super) fn max_tokens(&self, first: &Key) -> usize {
        let max = |key: &str| self.entries.get(key).map_or(0, |entry| entry.max_tokens);
        usize::from(max(&first.written).max(max(&first.lowercase)))
    }
}

pub(super) fn is_ipa_block(pronunciation: &str) -> bool {
    pronunciation.starts_with("[[")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_a_voice_or_the_first_part_of_a_language() {
        let voice = LexiconVoice {
            name: "de_AT-kerstin-low",
            languages: &["de", "de_AT", "gem-x"],
            ipa_entries: IpaEntries::Use,
        };
        let cases = [
            ("de_AT-kerstin-low", Some(Specificity::Voice)),
            ("DE_at-Kerstin-LOW", Some(Specificity::Voice)),
            ("de", Some(Specificity::Language(2))),
            ("de-AT", Some(Specificity::Language(5))),
            ("gem", Some(Specificity::Language(3))),
            ("d", None),
            ("en", None),
            ("de_AT-kerstin", None),
            ("de_DE", None),
        ];
        for (name, specificity) in cases {
            assert_eq!(
                Scope::named(name).specificity(&voice),
                specificity,
                "{name}"
            );
        }
        assert_eq!(Scope::All.specificity(&voice), Some(Specificity::All));
        assert!(
            Specificity::All < Specificity::Language(2)
                && Specificity::Language(5) < Specificity::Voice
        );
    }
}
