//! What Tab offers at the prompt.

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper, Result};

/// What could be typed now.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    /// With their colon.
    pub(super) commands: Vec<String>,
    pub(super) settings: Vec<String>,
    pub(super) voices: Vec<String>,
    pub(super) speakers: Vec<String>,
}

/// What stands where the cursor is.
#[derive(Debug, PartialEq, Eq)]
enum Place<'a> {
    /// One of these, which begins so, at this byte.
    Word(usize, Vec<&'a str>),
    /// A voice's name or a file.
    Voice(usize, Vec<&'a str>),
    File,
    /// Text: nothing to offer.
    Text,
}

impl Words {
    /// Returns what `typed`, the line up to the cursor, is about to become.
    fn place(&self, typed: &str) -> Place<'_> {
        let Some((command, argument)) = typed.split_once(' ') else {
            return match typed.starts_with(':') {
                true => Place::Word(0, beginning(&self.commands, typed)),
                false => Place::Text,
            };
        };
        let start = typed.len() - argument.len();
        match command {
            ":voice" | ":unload" => Place::Voice(start, beginning(&self.voices, argument)),
            ":speaker" => Place::Word(start, beginning(&self.speakers, argument)),
            ":set" if argument.starts_with("lexicon ") => Place::File,
            ":set" => Place::Word(start, beginning(&self.settings, argument)),
            ":save" => Place::File,
            _ => Place::Text,
        }
    }
}

fn beginning<'a>(words: &'a [String], start: &str) -> Vec<&'a str> {
    let words = words.iter().map(String::as_str);
    words.filter(|word| word.starts_with(start)).collect()
}

/// The library's way to ask for [`Words`].
#[derive(Default)]
pub(super) struct Completion {
    pub(super) words: Words,
    files: FilenameCompleter,
}

impl Completer for Completion {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let typed = line.get(..at).unwrap_or(line);
        match self.words.place(typed) {
            Place::Word(start, words) => Ok((start, pairs(words))),
            Place::Voice(start, words) if !words.is_empty() => Ok((start, pairs(words))),
            Place::Voice(..) | Place::File => self.files.complete_path(line, at),
            Place::Text => Ok((at, Vec::new())),
        }
    }
}

fn pairs(words: Vec<&str>) -> Vec<Pair> {
    let pair = |word: &str| Pair {
        display: word.to_owned(),
        replacement: word.to_owned(),
    };
    words.into_iter().map(pair).collect()
}

impl Helper for Completion {}
impl Highlighter for Completion {}
impl Validator for Completion {}
impl Hinter for Completion {
    type Hint = String;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_depends_on_the_command() {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let words = Words {
            commands: owned(&[":voice", ":voices", ":set"]),
            settings: owned(&["seed", "speed"]),
            voices: owned(&["en_GB-a", "en_US-b"]),
            speakers: owned(&["alice", "bob"]),
        };
        let cases = [
            (":vo", Place::Word(0, vec![":voice", ":voices"])),
            (":voice ", Place::Voice(7, vec!["en_GB-a", "en_US-b"])),
            (":voice en_U", Place::Voice(7, vec!["en_US-b"])),
            (":voice ./", Place::Voice(7, vec![])),
            (":speaker b", Place::Word(9, vec!["bob"])),
            (":set s", Place::Word(5, vec!["seed", "speed"])),
            (":set seed 1", Place::Word(5, vec![])),
            (":set lexicon a", Place::File),
            (":save a", Place::File),
            ("Hello", Place::Text),
            ("", Place::Text),
        ];
        for (typed, place) in cases {
            assert_eq!(words.place(typed), place, "{typed}");
        }
    }
}
