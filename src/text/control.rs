//! Control characters and what terminals make of them → plain text.

use std::borrow::Cow;

/// Returns `text` as an [`Input`](super::Input) would give it: every line end is
/// a line feed, terminal sequences are left out, and other control characters
/// except the tab are spaces.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c.is_control() && c != '\n' && c != '\t') {
        return Cow::Borrowed(text);
    }
    let mut filter = ControlFilter::default();
    let mut plain = String::with_capacity(text.len());
    filter.append(text, &mut plain);
    filter.finish(&mut plain);
    Cow::Owned(plain)
}

/// Makes every line end a line feed and leaves out what only a terminal
/// understands: colours, titles, links (ECMA-48 control sequences and xterm's
/// operating system commands), and letters struck over (`man` prints bold as
/// `N\bN`).
///
/// Only `ESC` begins a sequence. Every other control character but the tab
/// becomes a space: it is no text, and a NUL would end it for espeak-ng. The
/// 8-bit controls (`U+0080` to `U+009F`) are common in text that was decoded
/// wrongly.
#[derive(Debug, Default)]
pub struct ControlFilter {
    state: State,
    /// The string so far. It is text if it does not end within the line.
    string: String,
    after_carriage_return: bool,
    /// The character before, which a backspace would take back. A line end is
    /// never held, so that a line is complete when its end has come.
    held: Option<char>,
    form_feeds: FormFeeds,
}

/// What becomes of form feeds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormFeeds {
    /// They become spaces, as other control characters.
    #[default]
    Space,
    /// They stay: they end pages.
    Keep,
}

/// The most bytes of a string that terminals know; what is longer is text.
const MAX_STRING_BYTES: usize = 64 * 1024;

/// What the next character belongs to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// `ESC`.
    Escape,
    /// `ESC` and intermediate characters, such as `ESC ( B`.
    Intermediate,
    /// `ESC [`, until a letter or the like.
    Sequence,
    /// `ESC ]` and other strings, until `BEL` or `ESC \`.
    Command,
    /// `ESC` within a string.
    CommandEscape,
}

impl ControlFilter {
    pub(super) fn new(form_feeds: FormFeeds) -> Self {
        Self {
            form_feeds,
            ..Self::default()
        }
    }

    /// Appends the text of `from` to `to`.
    pub fn append(&mut self, from: &str, to: &mut String) {
        for c in from.chars() {
            self.push(c, to);
        }
    }

    /// Appends the character that a backspace would take back, unless it is in the
    /// middle of a sequence.
    pub(super) fn release(&mut self, to: &mut String) {
        if self.state == State::Text {
            to.extend(self.held.take());
        }
    }

    /// Appends what was held back at the end of all text, or of a line.
    pub fn finish(&mut self, to: &mut String) {
        self.release_string(to);
        self.state = State::Text;
        to.extend(self.held.take());
    }

    fn push(&mut self, c: char, to: &mut String) {
        let after_carriage_return = std::mem::replace(&mut self.after_carriage_return, c == '\r');
        match c {
            // The line ended with the CR, which did not wait for the LF.
            '\n' if after_carriage_return => return,
            // No sequence goes over a line end.
            '\n' | '\r' => {
                self.finish(to);
                to.push('\n');
                return;
            }
            _ => {}
        }
        let before = self.state;
        let (state, kept) = before.next(c);
        self.state = state;
        match (before, state) {
            (State::Command, State::Command) => {
                self.string.push(c);
                if self.string.len() > MAX_STRING_BYTES {
                    self.release_string(to);
                    self.state = State::Text;
                }
            }
            (State::Command, State::Text) => self.string.clear(),
            (State::CommandEscape, State::Text) if c == '\\' => self.string.clear(),
            (State::CommandEscape, _) if c != '\u{1B}' => self.release_string(to),
            _ => {}
        }
        if let Some(c) = kept {
            self.keep(c, to);
        }
    }

    /// Appends a string that turned out to be text.
    fn release_string(&mut self, to: &mut String) {
        for c in std::mem::take(&mut self.string).chars() {
            self.keep(c, to);
        }
    }

    fn keep(&mut self, c: char, to: &mut String) {
        match c {
            '\u{8}' => self.held = None,
            c => {
                to.extend(self.held.take());
                let is_kept = c == '\t' || c == '\x0C' && self.form_feeds == FormFeeds::Keep;
                self.held = Some(if c.is_control() && !is_kept { ' ' } else { c });
            }
        }
    }
}

impl State {
    /// Returns the state after `c`, and `c` if it is no part of a sequence.
    fn next(self, c: char) -> (Self, Option<char>) {
        match (self, c) {
            (Self::Command, '\u{7}' | '\u{9C}') => (Self::Text, None),
            (Self::Command, '\u{1B}') => (Self::CommandEscape, None),
            (Self::Command, _) => (Self::Command, None),
            // `ESC \` ends the string. `ESC ESC` is an `ESC` within it, as tmux
            // writes it. Any other escape begins anew.
            (Self::CommandEscape, '\\') => (Self::Text, None),
            (Self::CommandEscape, '\u{1B}') => (Self::Command, None),
            (Self::CommandEscape, _) => Self::Escape.next(c),
            (_, '\u{1B}') => (Self::Escape, None),
            (Self::Escape, '[') => (Self::Sequence, None),
            (Self::Escape, ']' | 'P' | 'X' | '^' | '_') => (Self::Command, None),
            (Self::Escape | Self::Intermediate, ' '..='/') => (Self::Intermediate, None),
            (Self::Escape | Self::Intermediate, '0'..='~') => (Self::Text, None),
            (Self::Sequence, ' '..='?') => (Self::Sequence, None),
            (Self::Sequence, '@'..='~') => (Self::Text, None),
            _ => (Self::Text, Some(c)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_pieces(pieces: &[&str]) -> String {
        let mut filter = ControlFilter::default();
        let mut text = String::new();
        for piece in pieces {
            filter.append(piece, &mut text);
        }
        filter.finish(&mut text);
        text
    }

    #[test]
    fn sequences_of_terminals_are_left_out() {
        for (written, read) in [
            ("\x1b[31mError\x1b[0m: disk full", "Error: disk full"),
            ("\x1b]0;title\x07Hello", "Hello"),
            (
                "Done \x1b[2K\x1b[1Gnow \x1b[38;5;196mred\x1b[m",
                "Done now red",
            ),
            (
                "\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\ text",
                "link text",
            ),
            ("\x1b(Bplain\x1b7\x1b=", "plain"),
            ("\x1b]0;t\u{9c}x", "x"),
            ("\x1bPtmux;\x1b\x1b]0;t\x07\x1b\\x", "x"),
            ("\x1bP1$r0m\x1b\\after", "after"),
            ("\x1b[?25lhidden cursor\x1b[?25h", "hidden cursor"),
            ("N\x08NA\x08AM\x08ME\x08E, _\x08u_\x08n", "NAME, un"),
        ] {
            assert_eq!(plain(written), read, "{written:?}");
            let pieces: Vec<_> = written.split_inclusive(|_| true).collect();
            assert_eq!(in_pieces(&pieces), read, "{written:?} in pieces");
        }
    }

    #[test]
    fn text_survives_sequences_that_never_end() {
        assert_eq!(
            in_pieces(&["\x1b]0;no", " end\nNext line"]),
            "0;no end\nNext line"
        );
        assert_eq!(in_pieces(&["a\x1b]no end"]), "ano end");
        assert_eq!(in_pieces(&["\x1bPno end\x1b\r\nb"]), "no end\nb");
        assert_eq!(in_pieces(&["\x1b]no \x1b[1mend\x1b[m."]), "no end.");
        let long = "long ".repeat(MAX_STRING_BYTES);
        assert_eq!(in_pieces(&["\x1b]", &long, "\n"]), format!("{long}\n"));
        assert_eq!(in_pieces(&["\x1b[31\nNext"]), "\nNext");
        assert_eq!(in_pieces(&["\x1b[3é"]), "é");
        assert_eq!(in_pieces(&["\x1bé"]), "é");
        assert_eq!(in_pieces(&["ends in \x1b"]), "ends in ");
    }

    #[test]
    fn eight_bit_controls_are_spaces() {
        for c in '\u{80}'..='\u{9f}' {
            let text = format!("d\u{e2}{c}t\u{e2} 31m the rest\n");
            assert_eq!(plain(&text), text.replace(c, " "), "{c:?}");
        }
    }

    #[test]
    fn other_control_characters_are_spaces_and_lines_end_in_one_way() {
        assert_eq!(in_pieces(&["a\0b\x01c\x7fd\te"]), "a b c d\te");
        assert_eq!(in_pieces(&["a\r\nb\rc\n\nd\r", "\ne"]), "a\nb\nc\n\nd\ne");
        assert_eq!(in_pieces(&["\x08a\n\x08b"]), "a\nb");
    }
}
