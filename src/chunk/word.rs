//! The words around a full stop: what they look like, and what that says.

use super::mark;

/// How far ahead the next word is looked for: quotes, dashes, bullets.
const LOOK_AHEAD_CHARS: usize = 32;

/// The longest word that is looked up, in characters.
const WORD_CHARS: usize = 24;

/// What a sentence might go on or begin with.
pub(super) struct Next<'t> {
    pub(super) class: Class,
    /// Whether a dash stands before it.
    pub(super) dashed: bool,
    pub(super) word: &'t str,
    /// Whether the word is a letter with a full stop.
    pub(super) is_initial: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// No word in sight.
    Nothing,
    Small,
    Capital,
    Digit,
    /// A letter of a script without case, or a `[[…]]` block.
    Other,
}

impl<'t> Next<'t> {
    pub(super) fn of(after: &'t str) -> Self {
        let mut dashed = false;
        for (at, c) in after.char_indices().take(LOOK_AHEAD_CHARS) {
            let rest = &after[at..];
            if c.is_alphanumeric() || rest.starts_with("[[") {
                let word = leading_word(rest);
                return Self {
                    class: Class::of(c),
                    dashed,
                    word,
                    is_initial: word.len() == c.len_utf8() && rest[word.len()..].starts_with('.'),
                };
            }
            dashed |= mark::is_dash(c);
        }
        Self {
            class: Class::Nothing,
            dashed,
            word: "",
            is_initial: false,
        }
    }

    /// Returns whether it is a number, in digits or Roman: `Nr. 5`, `Vol. II`.
    pub(super) fn is_number(&self) -> bool {
        self.class == Class::Digit || (self.word.len() > 1 && is_roman(self.word))
    }
}

impl Class {
    fn of(c: char) -> Self {
        match c {
            // Georgian's everyday letters have capitals that nobody writes.
            '\u{10D0}'..='\u{10FF}' => Self::Other,
            c if c.is_numeric() => Self::Digit,
            c if c.is_lowercase() => Self::Small,
            c if c.is_uppercase() => Self::Capital,
            _ => Self::Other,
        }
    }
}

fn leading_word(text: &str) -> &str {
    let end = text
        .char_indices()
        .take(WORD_CHARS)
        .find(|&(_, c)| !(c.is_alphanumeric() || matches!(c, '\'' | '’')))
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Returns the word that ends `text`, marks inside it included: `z.B`, `U.S`.
pub(super) fn last_word(text: &str) -> &str {
    let is_edge = |c: char| c.is_whitespace() || mark::is_opener(c) || matches!(c, '/' | '—');
    text.char_indices()
        .rev()
        .take(WORD_CHARS)
        .find(|&(_, c)| is_edge(c))
        .map_or(text, |(at, c)| &text[at + c.len_utf8()..])
}

/// Returns whether a sentence so far is only a list item's label: `1`, `b`, `IV`.
pub(super) fn is_list_number(before: &str) -> bool {
    // No label is longer, and a long sentence need not be searched for one.
    if before.len() > 2 * LOOK_AHEAD_CHARS {
        return false;
    }
    let label = before.trim_start_matches(|c: char| !c.is_alphanumeric());
    let digits = label
        .split('.')
        .all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    let letter = label.chars().count() == 1 && label.contains(char::is_alphabetic);
    digits || letter || is_roman(label)
}

pub(super) fn is_roman(word: &str) -> bool {
    (1..=7).contains(&word.len())
        && word
            .bytes()
            .all(|byte| matches!(byte, b'I' | b'V' | b'X' | b'L' | b'C'))
}

/// Returns whether `word` is made of single capitals: `T`, `J.R.R`, `J.-P`.
pub(super) fn is_initials(word: &str) -> bool {
    word.split(['.', '-'])
        .filter(|part| !part.is_empty())
        .all(|part| {
            let mut chars = part.chars();
            chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
        })
        && word.contains(char::is_uppercase)
}

/// Returns whether `word` with a full stop may be an ordinal: `3`, `XIV`.
/// Years are not: nobody says them as such.
pub(super) fn is_ordinal(word: &str) -> bool {
    let digits = word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    !word.is_empty() && (digits || is_roman(word))
}

/// Returns whether the writer does without capitals, so that a small letter
/// says nothing about the next sentence.
pub(super) fn has_no_capital(before: &str) -> bool {
    before
        .chars()
        .take(LOOK_AHEAD_CHARS)
        .find(|c| c.is_alphabetic())
        .is_some_and(|c| Class::of(c) == Class::Small)
}

/// Returns whether `word` is long and plain enough to be no abbreviation.
pub(super) fn is_plain_word(word: &str) -> bool {
    word.chars().count() >= 3 && word.chars().all(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_word_is_found_behind_quotes_and_dashes() {
        let cases = [
            ("", Class::Nothing, false, ""),
            ("— !", Class::Nothing, true, ""),
            ("word on", Class::Small, false, "word"),
            ("“It’s on", Class::Capital, false, "It’s"),
            ("— Он", Class::Capital, true, "Он"),
            ("(3rd", Class::Digit, false, "3rd"),
            ("[[x]] y", Class::Other, false, ""),
            ("გამარჯობა.", Class::Other, false, "გამარჯობა"),
        ];
        for (after, class, dashed, word) in cases {
            let next = Next::of(after);
            assert_eq!(
                (next.class, next.dashed, next.word),
                (class, dashed, word),
                "{after}"
            );
        }
        assert!(Next::of("R. Tolkien").is_initial);
        assert!(!Next::of("A dog.").is_initial);
    }

    #[test]
    fn words_show_what_they_are() {
        for (word, initials, ordinal) in [
            ("T", true, false),
            ("U.S", true, false),
            ("J.-P", true, false),
            ("É", true, false),
            ("Dr", false, false),
            ("3", false, true),
            ("1999", false, false),
            ("XIV", false, true),
            ("", false, false),
        ] {
            assert_eq!(
                (is_initials(word), is_ordinal(word)),
                (initials, ordinal),
                "{word}"
            );
        }
        for (before, label) in [
            ("1", true),
            (" - 12", true),
            ("1.2", true),
            ("b", true),
            ("IV", true),
            ("1999", false),
            ("No 1", false),
            ("", false),
        ] {
            assert_eq!(is_list_number(before), label, "{before}");
        }
        for (text, word) in [
            ("say z.B", "z.B"),
            ("(e.g", "e.g"),
            ("l’avv", "avv"),
            ("", ""),
        ] {
            assert_eq!(last_word(text), word);
        }
    }
}
