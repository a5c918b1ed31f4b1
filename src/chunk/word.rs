//! The words around a full stop, and what they look like.

use super::mark;

/// How far ahead to look for the next word, past quotes, dashes and bullets.
const LOOK_AHEAD_CHARS: usize = 32;

/// The longest word to look up, in characters.
const WORD_CHARS: usize = 24;

/// Words after a time of day that do not start a sentence.
const AFTER_TIMES: [&str; 12] = [
    "Central",
    "Eastern",
    "Friday",
    "Greenwich",
    "Monday",
    "Mountain",
    "Pacific",
    "Saturday",
    "Sunday",
    "Thursday",
    "Tuesday",
    "Wednesday",
];

/// The word after a mark: it continues the sentence or starts the next one.
pub(super) struct NextWord<'t> {
    pub(super) class: WordClass,
    /// Whether there is a dash before it.
    pub(super) after_dash: bool,
    pub(super) word: &'t str,
    /// Whether it is a single letter with a full stop.
    pub(super) is_initial: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WordClass {
    /// There is no word nearby.
    None,
    Lowercase,
    Uppercase,
    Digit,
    /// A letter of a script without case, or a `[[…]]` block.
    Other,
}

impl<'t> NextWord<'t> {
    pub(super) fn of(after: &'t str) -> Self {
        let mut after_dash = false;
        for (at, c) in after.char_indices().take(LOOK_AHEAD_CHARS) {
            let rest = &after[at..];
            if c.is_alphanumeric() || rest.starts_with("[[") {
                let word = leading_word(rest);
                return Self {
                    class: WordClass::of(c),
                    after_dash,
                    word,
                    is_initial: word.len() == c.len_utf8() && rest[word.len()..].starts_with('.'),
                };
            }
            after_dash |= mark::is_dash(c);
        }
        Self {
            class: WordClass::None,
            after_dash,
            word: "",
            is_initial: false,
        }
    }

    /// Returns whether it is a number, in digits or Roman: `Nr. 5`, `Vol. II`.
    pub(super) fn is_number(&self) -> bool {
        self.class == WordClass::Digit || (self.word.len() > 1 && is_roman(self.word))
    }

    /// Returns whether it belongs to a time of day before it: a time zone
    /// (`EST`) or a day (`Monday`).
    pub(super) fn continues_time(&self) -> bool {
        let is_zone = (2..=5).contains(&self.word.len())
            && self.word.bytes().all(|byte| byte.is_ascii_uppercase());
        is_zone || AFTER_TIMES.contains(&self.word)
    }
}

impl WordClass {
    fn of(c: char) -> Self {
        match c {
            // Unicode has capitals for Georgian's letters, but texts do not use
            // them.
            '\u{10D0}'..='\u{10FF}' => Self::Other,
            c if c.is_numeric() => Self::Digit,
            c if c.is_lowercase() => Self::Lowercase,
            c if c.is_uppercase() => Self::Uppercase,
            _ => Self::Other,
        }
    }
}

/// Returns whether `word` is the `p.m` of `5 p.m.`.
pub(super) fn is_clock(word: &str) -> bool {
    matches!(word, "a.m" | "p.m" | "A.M" | "P.M")
}

fn leading_word(text: &str) -> &str {
    let end = text
        .char_indices()
        .take(WORD_CHARS)
        .find(|&(_, c)| !(c.is_alphanumeric() || matches!(c, '\'' | '’')))
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Returns the last word of `text`, including marks inside it: `z.B`, `U.S`.
pub(super) fn last_word(text: &str) -> &str {
    let is_edge = |c: char| c.is_whitespace() || mark::is_opener(c) || matches!(c, '/' | '—');
    text.char_indices()
        .rev()
        .take(WORD_CHARS)
        .find(|&(_, c)| is_edge(c))
        .map_or(text, |(at, c)| &text[at + c.len_utf8()..])
}

/// Returns whether `before` is only the label of a list item: `1`, `b`, `IV`.
pub(super) fn is_list_number(before: &str) -> bool {
    // No label is longer; do not search a long sentence.
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

/// Returns whether `word` consists of single capitals: `T`, `J.R.R`, `J.-P`.
pub(super) fn is_initials(word: &str) -> bool {
    word.split(['.', '-'])
        .filter(|part| !part.is_empty())
        .all(|part| {
            let mut chars = part.chars();
            chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
        })
        && word.contains(char::is_uppercase)
}

/// Returns whether `word` with a full stop may be an ordinal: `3`, `XIV`, but
/// not a year.
pub(super) fn is_ordinal(word: &str) -> bool {
    // `4.-6. Juni`
    let word = match word.rsplit_once(['-', '–', '/']) {
        Some((first, last)) if first.ends_with('.') => last,
        _ => word,
    };
    let digits = word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    !word.is_empty() && (digits || is_roman(word))
}

/// Returns whether the sentence starts without a capital. Then the writer uses
/// none, and a lowercase letter may start the next sentence too.
pub(super) fn starts_without_capital(before: &str) -> bool {
    before
        .chars()
        .take(LOOK_AHEAD_CHARS)
        .find(|c| c.is_alphabetic())
        .is_some_and(|c| WordClass::of(c) == WordClass::Lowercase)
}

/// Returns whether `word` is too long and plain to be an abbreviation.
pub(super) fn is_plain_word(word: &str) -> bool {
    word.chars().count() >= 3 && word.chars().all(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_word_is_found_after_quotes_and_dashes() {
        let cases = [
            ("", WordClass::None, false, ""),
            ("— !", WordClass::None, true, ""),
            ("word on", WordClass::Lowercase, false, "word"),
            ("“It’s on", WordClass::Uppercase, false, "It’s"),
            ("— Он", WordClass::Uppercase, true, "Он"),
            ("(3rd", WordClass::Digit, false, "3rd"),
            ("[[x]] y", WordClass::Other, false, ""),
            ("გამარჯობა.", WordClass::Other, false, "გამარჯობა"),
        ];
        for (after, class, after_dash, word) in cases {
            let next = NextWord::of(after);
            assert_eq!(
                (next.class, next.after_dash, next.word),
                (class, after_dash, word),
                "{after}"
            );
        }
        assert!(NextWord::of("R. Tolkien").is_initial);
        assert!(!NextWord::of("A dog.").is_initial);
    }

    #[test]
    fn words_are_classified() {
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
