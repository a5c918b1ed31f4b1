//! `10 000` and `12'500` → `10000` and `12500`: digits in groups of three.

use super::edits::Edits;
use super::rule::Rule;
use crate::language_tables;

/// Languages that write a plain space between groups of digits, where
/// espeak-ng does not read them as one number by itself. Other languages get
/// this for other spaces, and for groups that can be nothing else (`000`).
const SPACED: [&str; 28] = [
    "be", "bg", "ca", "cs", "da", "de", "eo", "es", "et", "fi", "fr", "hr", "hu", "it", "ka", "kk",
    "lt", "lv", "nb", "nl", "no", "pl", "pt", "ru", "sk", "sl", "sv", "uk",
];

/// A word before a telephone number is shorter, in letters.
const MAX_WORD: usize = 20;

/// What stands between two groups.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Space,
    /// A space that keeps a line together: nobody writes it by accident.
    NoBreakSpace,
    Apostrophe(char),
}

impl Separator {
    fn of(c: char) -> Option<Self> {
        match c {
            ' ' => Some(Self::Space),
            '\u{A0}' | '\u{2007}' | '\u{2008}' | '\u{2009}' | '\u{200A}' | '\u{202F}' => {
                Some(Self::NoBreakSpace)
            }
            '\'' | '\u{2019}' => Some(Self::Apostrophe(c)),
            _ => None,
        }
    }
}

/// Joins groups of three digits behind one of up to three.
///
/// A number that begins with 0, has a group of another length, or touches
/// other digits is none (`01 23 45 67 89`, `555 123 4567`).
pub(super) fn join(text: &str, offset: usize, language: &str, edits: &mut Edits) {
    let table = language_tables::of(language);
    let is_dialled = |before: &str| {
        let near = before.char_indices().rev().take(MAX_WORD).last();
        let near = &before[near.map_or(0, |(start, _)| start)..];
        let near = near.trim_end_matches([' ', '.', ':', '\u{A0}']);
        let word = near.rsplit(char::is_whitespace).next().unwrap_or(near);
        table.is_some_and(|table| table.before_phones.has(&word.to_lowercase()))
    };
    let language = language.split(['-', '+']).next().unwrap_or(language);
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(at) = bytes[start..].iter().position(u8::is_ascii_digit) {
        let head = start + at;
        let (groups, end) = groups(text, head);
        start = end;
        let [(first, _), rest @ ..] = groups.as_slice() else {
            continue;
        };
        let is_number = matches!(first.len(), 1..=3)
            && bytes[first.start] != b'0'
            && !rest.is_empty()
            && rest.iter().all(|(group, _)| group.len() == 3)
            && !follows_digits(&text[..head])
            && !precedes_digits(&text[end..])
            && !(groups.len() == 3 && is_dialled(&text[..head]));
        let separators = || rest.iter().map(|(_, separator)| *separator);
        let is_uniform = separators().all(|separator| Some(separator) == separators().next());
        let is_certain = separators().all(|separator| separator != Some(Separator::Space))
            || SPACED.contains(&language)
            || rest.iter().any(|(group, _)| text[group.clone()] == *"000");
        if is_number && is_uniform && is_certain {
            let digits: String = text[first.start..end]
                .chars()
                .filter(char::is_ascii_digit)
                .collect();
            edits.replace(Rule::DigitGroup, offset + first.start..offset + end, digits);
        }
    }
}

type Group = (std::ops::Range<usize>, Option<Separator>);

/// Returns the groups of digits from `start` on, each with what stands before
/// it, and where the last one ends.
fn groups(text: &str, start: usize) -> (Vec<Group>, usize) {
    let digits = |from: usize| {
        let length = text[from..].bytes().take_while(u8::is_ascii_digit).count();
        from..from + length
    };
    let mut groups = vec![(digits(start), None)];
    let mut end = groups[0].0.end;
    while let Some(c) = text[end..].chars().next() {
        let group = digits(end + c.len_utf8());
        match Separator::of(c) {
            Some(separator) if !group.is_empty() => {
                end = group.end;
                groups.push((group, Some(separator)));
            }
            _ => break,
        }
    }
    (groups, end)
}

/// Returns whether a number goes on before its digits: `+49 170`, `3.14 159`.
fn follows_digits(before: &str) -> bool {
    let mark = before.chars().next_back();
    mark.is_some_and(|c| c == '+' || c.is_alphanumeric())
        || before
            .strip_suffix(['.', ',', '/', ':', '-'])
            .is_some_and(|b| b.ends_with(|c: char| c.is_ascii_digit()))
}

/// Returns whether a number goes on behind its digits with something that is
/// no decimal place: `-12`, `/3`, a letter.
fn precedes_digits(after: &str) -> bool {
    let mut after = after.chars();
    match (after.next(), after.next()) {
        (Some('-' | '/' | ':'), Some(c)) => c.is_ascii_digit(),
        (Some(c), _) => c.is_alphabetic() && c.is_ascii(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::reading::clean;

    #[test]
    fn groups_of_three_are_one_number() {
        for (language, written, read) in [
            ("fr", "Il coûte 10\u{202F}000 €.", "Il coûte 10000 €."),
            ("de", "10\u{A0}000 Euro", "10000 Euro"),
            (
                "en-us",
                "10\u{2009}000\u{2009}000 people",
                "10000000 people",
            ),
            ("en-us", "about 10 000 people", "about 10000 people"),
            ("ru", "12 500 рублей", "12500 рублей"),
            ("de", "12'500 Franken", "12500 Franken"),
            ("de", "1’234’567 Franken", "1234567 Franken"),
            ("pl", "1 234,56 zł", "1234,56 zł"),
            ("it", "1'250'000,50", "1250000,50"),
        ] {
            assert_eq!(clean(written, language), read, "{language}");
        }
    }

    #[test]
    fn other_digits_stay_apart() {
        for (language, text) in [
            ("fr", "01 23 45 67 89"),
            ("fr", "le 0 800 123 456"),
            ("en-us", "in 2019 100 people"),
            ("en-us", "room 12 500 seats"),
            ("en-us", "555 123 4567"),
            ("de", "+49 170 123"),
            ("es", "3,14 159"),
            ("de", "12'34"),
            ("en-us", "5'10 tall"),
            ("pl", "10 000-123"),
            ("it", "the '90s, 10'000'00"),
        ] {
            assert_eq!(clean(text, language), text, "{language}");
        }
    }
}
