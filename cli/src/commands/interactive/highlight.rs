//! The sentence that is being spoken, after an empty prompt, with its word highlighted.
//!
//! The line editor draws it as a hint: text after the cursor that is not part of the
//! line. It is gone as soon as a letter is typed, and does not move what is typed. The
//! editor asks for a hint only when the line changes; in between, the hint is drawn again
//! if a message is printed. So the hint is a blank of the right width, and what is drawn
//! in its place is the words. A message that prints nothing makes the editor draw them.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use piper_rs::Result;
use rustyline::hint::Hint;
use unicode_width::UnicodeWidthStr as _;

use crate::speech::events::SpokenEvent;
use crate::terminal::width::stderr_columns;

/// A line up and a line down again, which the editor prints above the prompt.
const NOTHING: &str = "\x1b[A\n";
/// The prompt's terminal shows no less than this.
const MIN_COLUMNS: usize = 20;

/// What is spoken. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Highlight(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// What is drawn in place of the blank.
    spoken: Option<Spoken>,
    /// Whether the prompt is empty, so that the blank is shown.
    is_shown: bool,
    /// Whether the editor was asked to draw and has not done so.
    is_asked: bool,
    printer: Option<Printer>,
}

/// Prints above the prompt, which is drawn again.
type Printer = Box<dyn FnMut(String) + Send>;

/// A sentence, and the bytes of the word in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spoken {
    sentence: String,
    word: Range<usize>,
}

/// A hint of spaces, which cannot be accepted.
pub(super) struct Blank(String);

impl Hint for Blank {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Highlight {
    /// Draws with `printer`, which prints above the prompt, from now on.
    pub(super) fn draw_with(&self, printer: impl FnMut(String) + Send + 'static) {
        self.state().printer = Some(Box::new(printer));
    }

    /// Shows what is heard. The error is never one.
    pub(super) fn show(&self, event: &SpokenEvent) -> Result<()> {
        let spoken = match event {
            SpokenEvent::Word(sentence, word) => Some(Spoken {
                sentence: sentence.text.clone(),
                word: word.source.start - sentence.source.start
                    ..word.source.end - sentence.source.start,
            }),
            SpokenEvent::Sentence(_) => return Ok(()),
            SpokenEvent::SentenceEnd(..) => None,
        };
        self.set(spoken);
        Ok(())
    }

    /// Shows nothing more.
    pub(super) fn clear(&self) {
        self.set(None);
    }

    fn set(&self, spoken: Option<Spoken>) {
        let mut state = self.state();
        if state.spoken == spoken {
            return;
        }
        state.spoken = spoken;
        // If it was asked before, it has not drawn yet, and will draw this.
        if !state.is_shown || state.is_asked {
            return;
        }
        if let Some(mut printer) = state.printer.take() {
            state.is_asked = true;
            // Not under the lock: the editor may be waiting for it, and not reading.
            drop(state);
            printer(NOTHING.to_owned());
            self.state().printer = Some(printer);
        }
    }

    /// Returns the blank after a line that is `prompt_columns` wide, if the line is empty.
    pub(super) fn blank(&self, line: &str, prompt_columns: usize) -> Option<Blank> {
        let columns = stderr_columns().max(MIN_COLUMNS);
        let room = columns.saturating_sub(prompt_columns + 1);
        let is_shown = line.is_empty() && room > 0;
        self.state().is_shown = is_shown;
        is_shown.then(|| Blank(" ".repeat(room)))
    }

    /// Notes that no line is edited.
    pub(super) fn hide(&self) {
        let mut state = self.state();
        (state.is_shown, state.is_asked) = (false, false);
    }

    /// Returns what is drawn in place of the blank, as wide as that.
    pub(super) fn draw<'h>(&self, blank: &'h str) -> Cow<'h, str> {
        let mut state = self.state();
        state.is_asked = false;
        match &state.spoken {
            Some(spoken) => Cow::Owned(spoken.drawn(blank.len())),
            None => Cow::Borrowed(blank),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spoken {
    /// Returns the words around the word, in this many columns: the rest of them blank.
    fn drawn(&self, columns: usize) -> String {
        let line = self.line(columns);
        let (before, after) = (line.start..self.word.start, self.word.end..line.end);
        let part = |range: Range<usize>| self.sentence.get(range).unwrap_or_default();
        let [before, word, after] = [before, self.word.clone(), after].map(part).map(one_line);
        let width: usize = [&before, &word, &after]
            .map(|part| part.width())
            .iter()
            .sum();
        match columns.checked_sub(width) {
            Some(rest) => format!(
                "\x1b[2m{before}\x1b[0;1;4m{word}\x1b[0;2m{after}\x1b[0m{}",
                " ".repeat(rest)
            ),
            // A word that is wider than the terminal.
            None => " ".repeat(columns),
        }
    }

    /// Returns the bytes of the line that the word is on, if the sentence is broken
    /// into lines of this width.
    fn line(&self, columns: usize) -> Range<usize> {
        let (mut start, mut end) = (0, 0);
        for word in self.sentence.split_inclusive(char::is_whitespace) {
            let next = end + word.len();
            if self.sentence[start..next].trim_end().width() > columns {
                if self.word.start < end {
                    break;
                }
                start = end;
            }
            end = next;
        }
        start..start + self.sentence[start..end].trim_end().len()
    }
}

/// Returns text on one line, without what a terminal could take for a command.
fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(sentence: &str, word: &str) -> Spoken {
        let start = sentence.find(word).unwrap();
        Spoken {
            sentence: sentence.to_owned(),
            word: start..start + word.len(),
        }
    }

    /// What is drawn, with the word in brackets.
    fn drawn(sentence: &str, word: &str, columns: usize) -> String {
        let drawn = spoken(sentence, word).drawn(columns);
        let plain = drawn.replace("\x1b[0;1;4m", "[").replace("\x1b[0;2m", "]");
        plain.replace("\x1b[2m", "").replace("\x1b[0m", "")
    }

    #[test]
    fn a_sentence_is_shown_line_by_line_and_padded() {
        let sentence = "The quick\nbrown fox jumps.";
        let cases = [
            ("The", 40, "[The] quick brown fox jumps."),
            ("brown", 26, "The quick [brown] fox jumps."),
            ("quick", 12, "The [quick]"),
            ("brown", 12, "[brown] fox"),
            ("jumps.", 12, "[jumps.]"),
            ("jumps.", 3, ""),
        ];
        for (word, columns, expected) in cases {
            let drawn = drawn(sentence, word, columns);
            assert_eq!(drawn.trim_end(), expected, "{columns}");
            assert_eq!(drawn.replace(['[', ']'], "").width(), columns, "{drawn}");
        }
        assert_eq!(drawn("世界 你好", "你好", 9), "世界 [你好]", "wide letters");
        assert_eq!(drawn("a\u{1b}[31m b", "b", 9), "a [31m [b] ");
    }

    #[test]
    fn the_editor_is_asked_once_until_it_draws_and_only_at_an_empty_prompt() {
        let highlight = Highlight::default();
        let asked = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&asked);
        highlight.draw_with(move |message| {
            assert_eq!(message, NOTHING);
            *counted.lock().unwrap() += 1;
        });
        let asked = || *asked.lock().unwrap();
        highlight.set(Some(spoken("a b", "a")));
        assert_eq!(asked(), 0, "there is no prompt");
        let blank = highlight.blank("", 6).unwrap();
        highlight.set(Some(spoken("a b", "b")));
        highlight.set(Some(spoken("c d", "c")));
        assert_eq!(asked(), 1);
        let columns = blank.display().len();
        let expected = spoken("c d", "c").drawn(columns);
        assert_eq!(highlight.draw(blank.display()), expected);
        highlight.clear();
        assert_eq!(asked(), 2);
        assert_eq!(highlight.draw(blank.display()), blank.display());
        assert!(highlight.blank("x", 6).is_none());
        highlight.set(Some(spoken("a b", "b")));
        assert_eq!(asked(), 2, "something is typed");
    }
}
