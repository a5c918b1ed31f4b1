//! A cut: an end of a line or a cue between two atoms, and what it costs the reader.

use super::atom::{Atom, AtomEnd};
use crate::chunk::{is_clause_mark, is_closer, is_terminal};
use crate::language_tables::{self, LanguageTable};

/// What a cut costs the reader. Only its relations matter; they follow the rules of line
/// treatment: behind marks, before conjunctions and prepositions, and never between an
/// article and its noun, if another place will do.
pub(super) type Cost = f64;

/// Behind a sentence.
const SENTENCE: Cost = 0.0;
/// Behind the mark of a clause.
const CLAUSE: Cost = 10.0;
/// Before a conjunction or a preposition.
const PHRASE: Cost = 40.0;
/// Between other words.
const WORDS: Cost = 80.0;
/// Between Chinese characters: most words have two.
const CHARACTERS: Cost = 100.0;
/// Behind a number or an abbreviation, and between names.
const NAME: Cost = 140.0;
/// Behind an article, a preposition, a conjunction.
const BOUND: Cost = 200.0;
/// Before marks without a word, or within a word.
const WORD: Cost = 400.0;

/// The cuts of a language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cuts {
    table: Option<&'static LanguageTable>,
}

impl Cuts {
    /// `language` is a name of espeak-ng.
    pub(super) fn of(language: &str) -> Self {
        Self {
            table: language_tables::of(language),
        }
    }

    /// Returns what the cut behind each of `atoms` costs; none behind the last one.
    pub(super) fn costs(self, atoms: &[Atom]) -> Vec<Cost> {
        let pairs = atoms.windows(2);
        let costs = pairs.map(|pair| self.cost(&pair[0], &pair[1]));
        costs.chain([0.0]).collect()
    }

    /// Returns what a cut between two atoms costs.
    fn cost(self, before: &Atom, after: &Atom) -> Cost {
        match before.end {
            AtomEnd::Sentence => return SENTENCE,
            AtomEnd::Word => return WORD,
            AtomEnd::Space if !has_word(&after.text) && !opens(&after.text) => return WORD,
            AtomEnd::Space | AtomEnd::Character => {}
        }
        let left = before.text.trim_end_matches(is_closer);
        match left.chars().next_back() {
            // Of an abbreviation: the sentence goes on.
            Some('.') => return NAME,
            Some(c) if is_clause_mark(c) || is_terminal(c) => return CLAUSE,
            // `(as it was)`
            _ if left.len() < before.text.len() || opens(&after.text) => return PHRASE,
            _ if before.end == AtomEnd::Character => return CHARACTERS,
            _ => {}
        }
        let (left, right) = (bare(left), bare(&after.text));
        let begins_line = self.begins_line(&right.to_lowercase());
        match self.hold(&left.to_lowercase()) {
            Hold::Firm => BOUND,
            Hold::Loose if !begins_line => BOUND,
            Hold::Loose => WORDS,
            Hold::None if is_number(left) || is_name(left) && is_name(right) => NAME,
            Hold::None if begins_line => PHRASE,
            Hold::None => WORDS,
        }
    }

    fn begins_line(self, word: &str) -> bool {
        self.table.is_some_and(|table| table.line_starts.has(word))
    }

    /// Without a table, short words hold the next one: in most languages articles and
    /// prepositions are short.
    fn hold(self, word: &str) -> Hold {
        let Some(table) = self.table.filter(|table| !table.line_starts.is_empty()) else {
            return match word.chars().count() {
                1 | 2 => Hold::Firm,
                _ => Hold::None,
            };
        };
        if table.line_starts.has(word) {
            Hold::Firm
        } else if table.line_holders.has(word) {
            Hold::Loose
        } else {
            Hold::None
        }
    }
}

/// How much a word needs the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// A preposition or a conjunction does.
    Firm,
    /// An article or an auxiliary does, but not a preposition: `he is | in the garden`.
    Loose,
    None,
}

fn has_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

fn opens(text: &str) -> bool {
    text.starts_with(['(', '[', '“', '„', '«', '‹', '「', '『', '（'])
}

/// Returns a word without the marks beside it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

fn is_name(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what the cut at `|` costs.
    fn cost(language: &str, text: &str) -> Cost {
        let (before, after) = text.split_once('|').unwrap();
        let end = match before.ends_with(' ') {
            true => AtomEnd::Space,
            false => AtomEnd::Character,
        };
        let atom = |text: &str| Atom {
            text: text.to_owned(),
            columns: 1,
            samples: 0..1,
            end,
        };
        let before = before.split_whitespace().next_back().unwrap();
        let after = after.split_whitespace().next().unwrap();
        Cuts::of(language).cost(&atom(before), &atom(after))
    }

    #[test]
    fn cuts_are_where_people_breathe() {
        for (language, text, expected) in [
            ("en-us", "at noon, | went out", CLAUSE),
            ("en-us", "“at noon;” | he said", CLAUSE),
            ("en-us", "“Hello” | he said", PHRASE),
            ("en-us", "the boat | of the king", PHRASE),
            ("en-us", "he is | in the garden", WORDS),
            ("en-us", "a quick | fox", WORDS),
            ("en-us", "Mr. | Bennet", NAME),
            ("en-us", "Jane | Austen", NAME),
            ("en-us", "about 5 | km", NAME),
            ("en-us", "The | boat", BOUND),
            ("en-us", "out of | the way", BOUND),
            ("en-us", "the end | — or", WORD),
            ("de", "das Boot | auf dem See", PHRASE),
            ("de", "auf dem | See", BOUND),
            ("fr-fr", "le port | à midi", PHRASE),
            ("fr-fr", "traversa la | baie", BOUND),
            ("es", "el barco | que salió", PHRASE),
            ("xx", "du har | en båt", WORDS),
            ("xx", "har en | båt", BOUND),
            ("cmn", "很好，|我们", CLAUSE),
            ("cmn", "我们|一起", CHARACTERS),
        ] {
            assert_eq!(cost(language, text), expected, "{language}: {text}");
        }
    }
}
