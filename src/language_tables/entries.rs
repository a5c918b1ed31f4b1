//! The two kinds of sections: entries and lists of words.

use std::collections::{HashMap, HashSet};

/// The written form → the spoken form.
#[derive(Debug, Default)]
pub(crate) struct Entries(HashMap<&'static str, &'static str>);

/// The longest ending has fewer letters.
const MAX_ENDING: usize = 6;

/// A list of words.
#[derive(Debug, Default)]
pub(crate) struct Words(HashSet<&'static str>);

impl Entries {
    /// Adds an entry; returns whether it was new.
    pub(super) fn add(&mut self, written: &'static str, said: &'static str) -> bool {
        self.0.insert(written, said).is_none()
    }

    /// Returns the spoken form of `written`.
    pub(crate) fn get(&self, written: &str) -> Option<&'static str> {
        self.0.get(written).copied()
    }

    /// Returns form number `n` of the spoken form of `written`.
    pub(crate) fn form(&self, written: &str, n: usize) -> Option<&'static str> {
        self.get(written)?.split('|').map(str::trim).nth(n)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, written: &str) -> bool {
        self.0.contains_key(written)
    }

    /// Returns form number `n` of the spoken form of a whole number; the first one, if
    /// there are fewer.
    ///
    /// An entry is a number, or `*` and the last digits of one. `{}` is the
    /// number, `{tens}` the number with a 0 for its last digit.
    pub(crate) fn number(&self, number: u64, n: usize) -> Option<String> {
        let digits = number.to_string();
        let ending = |n: usize| digits.get(digits.len().checked_sub(n)?..);
        let starred = |n| self.starred(ending(n)?);
        let key = self.0.get_key_value(digits.as_str());
        let (key, _) = key
            .or_else(|| starred(2))
            .or_else(|| starred(1))
            .or_else(|| self.starred(""))?;
        let said = self.form(key, n).or_else(|| self.form(key, 0))?;
        let tens = || (number - number % 10).to_string();
        Some(match said.contains("{tens}") {
            true => said.replace("{tens}", &tens()),
            false => said.replace("{}", &digits),
        })
    }

    fn starred(&self, ending: &str) -> Option<(&&'static str, &&'static str)> {
        self.0.get_key_value(format!("*{ending}").as_str())
    }
}

impl Words {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether the word is new.
    pub(super) fn add(&mut self, word: &'static str) -> bool {
        self.0.insert(word)
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// Returns whether `word` or its ending is in the list: `-ung`.
    pub(crate) fn has_ending(&self, word: &str) -> bool {
        let endings = word.char_indices().rev().take(MAX_ENDING);
        self.has(word)
            || endings
                .map(|(at, _)| format!("-{}", &word[at..]))
                .any(|ending| self.has(&ending))
    }
}

/// Returns a capitalised word with a small first letter.
pub(crate) fn decapitalised(word: &str) -> Option<String> {
    let first = word.chars().next().filter(|first| first.is_uppercase())?;
    let rest = &word[first.len_utf8()..];
    Some(first.to_lowercase().chain(rest.chars()).collect())
}
