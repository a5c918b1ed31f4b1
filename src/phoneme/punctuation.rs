//! Rewrites text so that espeak-ng hears every pause a reader would make.
//!
//! Text that needs no repair comes out as it went in.

use super::clause::{Habits, is_space};
use super::marks::{Terminator, is_ellipsis};

/// Rewrites one text.
///
/// - an ellipsis becomes a semicolon, at the end a full stop, and nothing
///   before the first word or beside another mark;
/// - dashes between words and in place of brackets become dashes and commas
///   that espeak-ng knows;
/// - marks of scripts that espeak-ng half knows become ones it knows;
/// - the noun after a German ordinal is written small, or the number would
///   be read as the end of the sentence.
pub(super) fn repair(text: &str, habits: Habits) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut repair = Repair {
        last_word: chars.iter().rposition(|&c| is_sayable(c)),
        chars: &chars,
        habits,
        out: String::with_capacity(text.len() + 16),
        at: 0,
        closing: Vec::new(),
    };
    while repair.at < chars.len() {
        repair.step();
    }
    repair.out
}

/// Returns whether espeak-ng has anything to say about a text.
///
/// Rows of signs, such as `***`, separate; they are not read out. One alone
/// is.
pub(super) fn has_words(text: &str) -> bool {
    if text.chars().any(is_sayable) {
        return true;
    }
    let mut visible = text.chars().filter(|&c| !is_space(c) && !c.is_control());
    match (visible.next(), visible.next()) {
        (Some(c), None) => "#$%&*+/<=>@\\^_|~".contains(c),
        _ => false,
    }
}

/// Letters, digits, and symbols with a name, such as emoji.
fn is_sayable(c: char) -> bool {
    let symbol = matches!(c, '£' | '¥' | '§' | '©' | '®' | '°' | '±' | '×' | '÷')
        || matches!(u32::from(c), 0x20A0..=0x20CF | 0x2100..=0x22ED | 0x2600..=0x27BF | 0x1F000..=0x1FAFF);
    c.is_alphanumeric() || symbol && Terminator::of(c).is_none()
}

struct Repair<'c> {
    chars: &'c [char],
    habits: Habits,
    out: String,
    at: usize,
    /// Where the last thing to be said stands.
    last_word: Option<usize>,
    /// Where the brackets close that are read as commas.
    closing: Vec<usize>,
}

impl Repair<'_> {
    fn step(&mut self) {
        let c = self.chars[self.at];
        if let Some(len) = self.ellipsis() {
            self.at += len;
            self.write_ellipsis();
        } else if let Some(len) = self.dash() {
            self.at += len;
            self.pause(" — ");
        } else if let Some(close) = self.bracket() {
            self.at += 1;
            self.closing.push(close);
            self.pause(", ");
        } else if self.closing.last() == Some(&self.at) {
            self.at += 1;
            self.closing.pop();
            self.close_bracket();
        } else if matches!(c, '¿' | '¡') && self.after_word() {
            self.at += 1; // "pero ¿qué pasa?" is said in one breath
        } else if self.is_german_ordinal_noun() {
            self.at += 1;
            self.out.extend(c.to_lowercase());
        } else {
            self.at += 1;
            self.write(c);
        }
    }

    fn write(&mut self, c: char) {
        let known = match c {
            '‽' | '⁇' | '⁈' | '⁉' => '?',
            '‼' => '!',
            '｡' | '។' | '။' | '\u{FE12}' => '。',
            '､' | '၊' | '\u{FE11}' => '、',
            '॥' => '।',
            other => other,
        };
        self.out.push(known);
        // Arabic commas need a space after them, which not everybody writes.
        let arabic = matches!(c, '،' | '؛' | '؟' | '۔') || known != c;
        if arabic && self.peek(0).is_some_and(char::is_alphabetic) {
            self.out.push(' ');
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn previous(&self) -> Option<char> {
        self.at.checked_sub(1).map(|at| self.chars[at])
    }

    /// Returns whether there is anything to say from here on.
    fn goes_on(&self) -> bool {
        self.last_word.is_some_and(|last| last >= self.at)
    }

    /// Returns the last character written that is no white space.
    fn written(&self) -> Option<char> {
        self.out.trim_end().chars().next_back()
    }

    /// Returns whether a pause here would be the first since a word.
    fn after_word(&self) -> bool {
        self.out.contains(is_sayable) && self.written().is_some_and(|c| Terminator::of(c).is_none())
    }

    /// Writes a pause between words; a space where there is one already.
    fn pause(&mut self, mark: &str) {
        if self.after_word() && self.goes_on() {
            self.out.truncate(self.out.trim_end().len());
            self.out.push_str(mark);
        } else {
            self.out.push(' ');
        }
    }

    /// Returns how many characters an ellipsis has that starts here.
    fn ellipsis(&self) -> Option<usize> {
        let mut len = 0;
        let mut dots = 0;
        while let Some(c) = self.peek(len) {
            match c {
                '.' => dots += 1,
                _ if is_ellipsis(c) => dots += 3,
                // Typewriters put spaces between the dots.
                ' ' if dots > 0 && self.peek(len + 1) == Some('.') => {}
                _ => break,
            }
            len += 1;
        }
        let before_space = self.peek(len).is_none_or(is_space);
        (dots >= 3 || dots == 2 && before_space).then_some(len)
    }

    fn write_ellipsis(&mut self) {
        let marked = self.peek(0).is_some_and(|c| Terminator::of(c).is_some());
        if marked {
            // `Wait…?` is a question.
        } else if self.goes_on() {
            self.pause("; ");
        } else if self.after_word() {
            self.out.push('.');
        }
    }

    /// Returns how many characters a dash has that starts here and is not
    /// heard: ` - `, `--`, `—` between letters.
    fn dash(&self) -> Option<usize> {
        let len = match self.peek(0)? {
            '-' => (0..).take_while(|&i| self.peek(i) == Some('-')).count(),
            '—' | '―' => 1,
            _ => return None,
        };
        let before = self.previous()?;
        let after = self.peek(len).unwrap_or(' ');
        let free = is_space(before) && is_space(after);
        let tight = !is_space(before) && !is_space(after);
        let digits = before.is_ascii_digit() && after.is_ascii_digit();
        match self.peek(0)? {
            '-' if len == 1 => free && !self.is_between_numbers(len),
            '-' => free || tight && is_sayable(before) && is_sayable(after),
            _ => tight && !digits || !self.goes_on(),
        }
        .then_some(len)
    }

    /// Returns whether the next word on both sides is a number: `10 - 5`.
    fn is_between_numbers(&self, len: usize) -> bool {
        let is_digit = |c: Option<&char>| c.is_some_and(char::is_ascii_digit);
        let mut before = self.chars[..self.at].iter().rev();
        let mut after = self.chars[self.at + len..].iter();
        is_digit(before.find(|&&c| !is_space(c))) && is_digit(after.find(|&&c| !is_space(c)))
    }

    /// Returns where the bracket closes that opens here and stands apart from
    /// the words around it, unlike those of `word(s)` and `(s)he`.
    fn bracket(&self) -> Option<usize> {
        let (open, close) = match self.peek(0)? {
            '(' => ('(', ')'),
            '（' => ('（', '）'),
            _ => return None,
        };
        let apart = |c: Option<char>| open == '（' || c.is_none_or(|c| !c.is_alphanumeric());
        let mut depth = 0;
        let len = self.chars[self.at..].iter().position(|&c| {
            depth += i32::from(c == open) - i32::from(c == close);
            depth == 0
        })?;
        let inside = &self.chars[self.at..self.at + len];
        let pauses = apart(self.previous())
            && apart(self.peek(len + 1))
            && inside.iter().any(|&c| is_sayable(c));
        pauses.then_some(self.at + len)
    }

    fn close_bracket(&mut self) {
        let next = self.chars[self.at..].iter().find(|&&c| !is_space(c));
        match next {
            Some(&c) if Terminator::of(c).is_some() => {}
            _ => self.pause(", "),
        }
    }

    /// Returns whether this is the M of `3. Mai`.
    fn is_german_ordinal_noun(&self) -> bool {
        let before = &self.chars[..self.at];
        let dot = before.iter().rposition(|&c| !is_space(c));
        let Some(dot) = dot.filter(|&dot| before[dot] == '.' && dot + 1 < self.at) else {
            return false;
        };
        let digits = before[..dot].iter().rev();
        let digits = digits.take_while(|c| c.is_ascii_digit()).count();
        let alone = dot
            .checked_sub(digits + 1)
            .is_none_or(|i| is_space(before[i]));
        self.habits.capital_nouns
            && self.chars[self.at].is_uppercase()
            && (1..=2).contains(&digits)
            && alone
    }
}
