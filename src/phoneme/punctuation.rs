//! Rewrites punctuation so that espeak-ng makes every pause a reader would make.
//!
//! Text that needs no change is returned as it is.

use super::clause::is_space;
use super::language_rules::LanguageRules;
use super::marks::{Terminator, is_ellipsis};

/// Rewrites the punctuation of a text:
///
/// - an ellipsis becomes a semicolon, or a full stop at the end; before the
///   first word or next to another mark it is removed;
/// - dashes between words become dashes that espeak-ng knows, and brackets
///   become commas;
/// - marks that espeak-ng does not know become similar ones that it knows;
/// - the noun after a German ordinal gets a lowercase letter, otherwise the
///   number would be read as the end of the sentence.
pub(super) fn rewrite(text: &str, rules: LanguageRules) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut rewriter = Rewriter {
        last_word: chars.iter().rposition(|&c| is_speakable(c)),
        chars: &chars,
        rules,
        out: String::with_capacity(text.len() + 16),
        at: 0,
        closing: Vec::new(),
    };
    while rewriter.at < chars.len() {
        rewriter.step();
    }
    rewriter.out
}

/// Returns whether espeak-ng should speak a text.
///
/// Sequences of symbols, such as `***`, are separators and are not spoken. A
/// single symbol is.
pub(super) fn has_words(text: &str) -> bool {
    if text.chars().any(is_speakable) {
        return true;
    }
    let mut visible = text.chars().filter(|&c| !is_space(c) && !c.is_control());
    match (visible.next(), visible.next()) {
        (Some(c), None) => "#$%&*+/<=>@\\^_|~".contains(c),
        _ => false,
    }
}

/// Returns whether `c` is a letter, a digit, or a symbol with a name, such as an
/// emoji.
fn is_speakable(c: char) -> bool {
    let symbol = matches!(c, '£' | '¥' | '§' | '©' | '®' | '°' | '±' | '×' | '÷')
        || matches!(u32::from(c), 0x20A0..=0x20CF | 0x2100..=0x22ED | 0x2600..=0x27BF | 0x1F000..=0x1FAFF);
    c.is_alphanumeric() || symbol && Terminator::of(c).is_none()
}

struct Rewriter<'c> {
    chars: &'c [char],
    rules: LanguageRules,
    out: String,
    at: usize,
    /// The position of the last speakable character.
    last_word: Option<usize>,
    /// Positions of closing brackets that become commas.
    closing: Vec<usize>,
}

impl Rewriter<'_> {
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
            self.at += 1; // "pero ¿qué pasa?" has no pause
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
        // Arabic commas need a space after them, which some texts lack.
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

    /// Returns whether a speakable character follows.
    fn continues(&self) -> bool {
        self.last_word.is_some_and(|last| last >= self.at)
    }

    /// Returns the last written character that is not white space.
    fn last_written(&self) -> Option<char> {
        self.out.trim_end().chars().next_back()
    }

    /// Returns whether the output ends with a word, not with a mark.
    fn after_word(&self) -> bool {
        self.out.contains(is_speakable)
            && self
                .last_written()
                .is_some_and(|c| Terminator::of(c).is_none())
    }

    /// Writes a mark between words. Elsewhere, writes a space.
    fn pause(&mut self, mark: &str) {
        if self.after_word() && self.continues() {
            self.out.truncate(self.out.trim_end().len());
            self.out.push_str(mark);
        } else {
            self.out.push(' ');
        }
    }

    /// Returns the length of the ellipsis that starts here.
    fn ellipsis(&self) -> Option<usize> {
        let mut len = 0;
        let mut dots = 0;
        while let Some(c) = self.peek(len) {
            match c {
                '.' => dots += 1,
                _ if is_ellipsis(c) => dots += 3,
                // Some texts have spaces between the dots.
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
        } else if self.continues() {
            self.pause("; ");
        } else if self.after_word() {
            self.out.push('.');
        }
    }

    /// Returns the length of the dash that starts here, if espeak-ng would
    /// ignore it: ` - `, `--`, `—` between letters.
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
            '-' => free || tight && is_speakable(before) && is_speakable(after),
            _ => tight && !digits || !self.continues(),
        }
        .then_some(len)
    }

    /// Returns whether there is a number on both sides: `10 - 5`.
    fn is_between_numbers(&self, len: usize) -> bool {
        let is_digit = |c: Option<&char>| c.is_some_and(char::is_ascii_digit);
        let mut before = self.chars[..self.at].iter().rev();
        let mut after = self.chars[self.at + len..].iter();
        is_digit(before.find(|&&c| !is_space(c))) && is_digit(after.find(|&&c| !is_space(c)))
    }

    /// Returns the position of the closing bracket, if a bracket opens here that
    /// is separate from the words around it, unlike in `word(s)` and `(s)he`.
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
            && inside.iter().any(|&c| is_speakable(c));
        pauses.then_some(self.at + len)
    }

    fn close_bracket(&mut self) {
        let next = self.chars[self.at..].iter().find(|&&c| !is_space(c));
        match next {
            Some(&c) if Terminator::of(c).is_some() => {}
            _ => self.pause(", "),
        }
    }

    /// Returns whether this character is like the M of `3. Mai`.
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
        self.rules.capital_nouns
            && self.chars[self.at].is_uppercase()
            && (1..=2).contains(&digits)
            && alone
    }
}
