//! Entries that hold for the same voices.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use super::key::{self, Key};

/// The voice that is to speak, as far as it decides which entries hold.
#[derive(Debug, Clone, Copy)]
pub struct ForVoice<'a> {
    /// Its key: `en_US-lessac-medium`.
    pub name: &'a str,
    /// Every name of its language: `en-us`, `en_US`, `en`.
    pub languages: &'a [&'a str],
    /// What becomes of entries in IPA.
    pub blocks: Blocks,
}

/// Whether `[[…]]` is phonemes to a voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocks {
    /// It is.
    Read,
    /// The voice was trained on letters, and such entries do not hold.
    LeftOut,
}

/// For whom entries hold. Ordered: what is said of fewer wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    /// As a header names it, in small letters and with hyphens.
    Named(String),
}

#[derive(Debug)]
pub(super) struct Section {
    pub(super) scope: Scope,
    /// By phrase, and by the first word of each phrase: a text is searched in
    /// the same time for three entries and for a million.
    entries: HashMap<Box<str>, Entry>,
    len: usize,
}

#[derive(Debug, Default)]
struct Entry {
    /// What is said for this; nothing where it is only how others begin.
    spoken: Option<Box<str>>,
    /// Where it stands in the file.
    line: u32,
    /// Pieces of the longest phrase that begins so.
    reach: u16,
}

/// How closely a scope fits a voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    All,
    /// With the length of the name: `en-gb` says more than `en`.
    Language(usize),
    Voice,
}

impl Scope {
    pub(super) fn named(name: &str) -> Self {
        Self::Named(plain(name))
    }

    /// Returns how closely it fits `voice`, if it does.
    pub(super) fn fit(&self, voice: &ForVoice<'_>) -> Option<Fit> {
        let Self::Named(name) = self else {
            return Some(Fit::All);
        };
        if *name == plain(voice.name) {
            return Some(Fit::Voice);
        }
        let is_language = |language: &&str| {
            let language = plain(language);
            let rest = language.strip_prefix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let fits = voice.languages.iter().any(is_language);
        fits.then_some(Fit::Language(name.len()))
    }
}

/// `en_US` and `en-us` are one language.
fn plain(name: &str) -> String {
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

    /// Adds an entry; `Err` is the line of the one that is there already.
    pub(super) fn insert(&mut self, phrase: &str, spoken: &str, line: u32) -> Result<(), u32> {
        let key = Key::of(phrase);
        let first = Key::of(key::pieces(phrase).next().map_or("", |(_, piece)| piece));
        let reach = u16::try_from(key.pieces).unwrap_or(u16::MAX);
        // A phrase with a capital keeps them all, from the first word on.
        let (phrase, first) = match key.is_small() {
            true => (key.small, first.small),
            false => (key.written, first.written),
        };
        let begins = self.entries.entry(first.into()).or_default();
        begins.reach = begins.reach.max(reach);
        let entry = match self.entries.entry(phrase.into()) {
            Slot::Occupied(slot) if slot.get().spoken.is_some() => return Err(slot.get().line),
            slot => slot.or_default(),
        };
        (entry.spoken, entry.line) = (Some(spoken.into()), line);
        self.len += 1;
        Ok(())
    }

    /// Returns what is said for `key`.
    pub(super) fn spoken(&self, key: &Key, blocks: Blocks) -> Option<&str> {
        let spoken = |key: &str| {
            let spoken = self.entries.get(key)?.spoken.as_deref();
            spoken.filter(|spoken| blocks == Blocks::Read || !is_block(spoken))
        };
        spoken(&key.written).or_else(|| spoken(&key.small))
    }

    /// Returns how many pieces the longest phrase has that begins with
    /// `first`, 0 where none does.
    pub(super) fn reach(&self, first: &Key) -> usize {
        let reach = |key: &str| self.entries.get(key).map_or(0, |entry| entry.reach);
        usize::from(reach(&first.written).max(reach(&first.small)))
    }
}

pub(super) fn is_block(spoken: &str) -> bool {
    spoken.starts_with("[[")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_a_voice_or_the_beginning_of_a_language() {
        let voice = ForVoice {
            name: "de_AT-kerstin-low",
            languages: &["de", "de_AT", "gem-x"],
            blocks: Blocks::Read,
        };
        let cases = [
            ("de_AT-kerstin-low", Some(Fit::Voice)),
            ("DE_at-Kerstin-LOW", Some(Fit::Voice)),
            ("de", Some(Fit::Language(2))),
            ("de-AT", Some(Fit::Language(5))),
            ("gem", Some(Fit::Language(3))),
            ("d", None),
            ("en", None),
            ("de_AT-kerstin", None),
            ("de_DE", None),
        ];
        for (name, fit) in cases {
            assert_eq!(Scope::named(name).fit(&voice), fit, "{name}");
        }
        assert_eq!(Scope::All.fit(&voice), Some(Fit::All));
        assert!(Fit::All < Fit::Language(2) && Fit::Language(5) < Fit::Voice);
    }
}
