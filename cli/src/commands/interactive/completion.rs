//! Completion at the prompt, and what is spoken after it.

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use std::borrow::Cow;

use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper, Result};

use super::highlight::{Blank, Highlight};

/// The words that can be completed.
#[derive(Debug, Clone, Default)]
pub(super) struct CompletionWords {
    /// With the leading colon.
    pub(super) commands: Vec<String>,
    pub(super) settings: Vec<String>,
    pub(super) voices: Vec<String>,
    pub(super) speakers: Vec<String>,
}

/// What the cursor is on. Numbers are byte offsets at which the word starts.
#[derive(Debug, PartialEq, Eq)]
enum CompletionContext<'a> {
    /// A word with these candidates.
    Word(usize, Vec<&'a str>),
    /// The name of a voice, with these candidates, or a file.
    Voice(usize, Vec<&'a str>),
    File,
    /// Text to speak, which is not completed.
    Text,
}

impl CompletionWords {
    /// Returns the context at the end of `typed`, the line up to the cursor.
    fn context(&self, typed: &str) -> CompletionContext<'_> {
        let Some((command, argument)) = typed.split_once(' ') else {
            return match typed.starts_with(':') {
                true => CompletionContext::Word(0, with_prefix(&self.commands, typed)),
                false => CompletionContext::Text,
            };
        };
        let start = typed.len() - argument.len();
        match command {
            ":voice" | ":unload" => {
                CompletionContext::Voice(start, with_prefix(&self.voices, argument))
            }
            ":speaker" => CompletionContext::Word(start, with_prefix(&self.speakers, argument)),
            ":set" if argument.starts_with("lexicon ") => CompletionContext::File,
            ":set" => CompletionContext::Word(start, with_prefix(&self.settings, argument)),
            ":save" => CompletionContext::File,
            _ => CompletionContext::Text,
        }
    }
}

fn with_prefix<'a>(words: &'a [String], prefix: &str) -> Vec<&'a str> {
    let words = words.iter().map(String::as_str);
    words.filter(|word| word.starts_with(prefix)).collect()
}

/// Offers [`CompletionWords`] and files to the line editor.
#[derive(Default)]
pub(super) struct PromptCompleter {
    pub(super) words: CompletionWords,
    files: FilenameCompleter,
    /// What is spoken while nothing is typed, if that is shown.
    pub(super) highlight: Option<Highlight>,
    /// Whether there is something to speak.
    pub(super) is_speaking: bool,
    pub(super) prompt_columns: usize,
}

impl Completer for PromptCompleter {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let typed = line.get(..at).unwrap_or(line);
        match self.words.context(typed) {
            CompletionContext::Word(start, words) => Ok((start, pairs(words))),
            CompletionContext::Voice(start, words) if !words.is_empty() => {
                Ok((start, pairs(words)))
            }
            CompletionContext::Voice(..) | CompletionContext::File => {
                self.files.complete_path(line, at)
            }
            CompletionContext::Text => Ok((at, Vec::new())),
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

impl Helper for PromptCompleter {}
impl Validator for PromptCompleter {}

impl Highlighter for PromptCompleter {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        match &self.highlight {
            Some(highlight) => highlight.draw(hint),
            None => Cow::Borrowed(hint),
        }
    }
}

impl Hinter for PromptCompleter {
    type Hint = Blank;

    fn hint(&self, line: &str, _: usize, _: &Context<'_>) -> Option<Blank> {
        let highlight = self.highlight.as_ref().filter(|_| self.is_speaking)?;
        highlight.blank(line, self.prompt_columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_depend_on_the_command() {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let words = CompletionWords {
            commands: owned(&[":voice", ":voices", ":set"]),
            settings: owned(&["seed", "speed"]),
            voices: owned(&["en_GB-a", "en_US-b"]),
            speakers: owned(&["alice", "bob"]),
        };
        let cases = [
            (":vo", CompletionContext::Word(0, vec![":voice", ":voices"])),
            (
                ":voice ",
                CompletionContext::Voice(7, vec!["en_GB-a", "en_US-b"]),
            ),
            (":voice en_U", CompletionContext::Voice(7, vec!["en_US-b"])),
            (":voice ./", CompletionContext::Voice(7, vec![])),
            (":speaker b", CompletionContext::Word(9, vec!["bob"])),
            (":set s", CompletionContext::Word(5, vec!["seed", "speed"])),
            (":set seed 1", CompletionContext::Word(5, vec![])),
            (":set lexicon a", CompletionContext::File),
            (":save a", CompletionContext::File),
            ("Hello", CompletionContext::Text),
            ("", CompletionContext::Text),
        ];
        for (typed, context) in cases {
            assert_eq!(words.context(typed), context, "{typed}");
        }
    }
}
