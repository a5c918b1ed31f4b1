//! Changes text that may crash espeak-ng.
//!
//! Version 1.51 writes past the end of its buffers if a "word" is much longer
//! than any real word, and crashes on some sequences of symbols and foreign
//! letters. The rules here were found by experiment, not by proof: sequences
//! that crashed get spaces, and other text is unchanged.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;

use super::clause::is_space;
use super::language_rules::LanguageRules;
use super::marks::Terminator;

/// The limit for a run with symbols or digits: the library's buffer for a word
/// has 160 bytes.
const MAX_MIXED_BYTES: usize = 150;
/// The limit for a word that the voice spells: each letter has a long name, and
/// a word has room for 80 vowels.
const MAX_SPELLED_LETTERS: usize = 16;
/// The limit for a word that is read. The longest dictionary word has 80 letters.
const MAX_READ_LETTERS: usize = 100;
/// The limit for initials in a row, as in `a.b.c.`: the library joins them in a buffer
/// of 160 bytes, whatever spaces and commas are between them. At 80, no row crashed.
const MAX_INITIALS_BYTES: usize = 60;

/// Returns `text` without what may crash espeak-ng.
///
/// Control characters become spaces: two of them are commands to espeak-ng, and
/// NUL ends its text.
pub(super) fn sanitize(text: &str, rules: LanguageRules) -> Cow<'_, str> {
    let is_control = |c: char| c.is_control() && !is_space(c);
    let clean = if text.contains(is_control) {
        Cow::Owned(text.replace(is_control, " "))
    } else {
        Cow::Borrowed(text)
    };
    let spaced = part_initials(&insert_spaces(&clean, rules));
    if spaced == clean {
        clean
    } else {
        Cow::Owned(spaced)
    }
}

/// Inserts spaces into runs that are too long or dangerous.
fn insert_spaces(text: &str, rules: LanguageRules) -> String {
    let mut out = String::with_capacity(text.len());
    for run in text.split_inclusive(is_space) {
        let is_mixed = run.contains(|c: char| c.is_ascii_graphic() && !c.is_ascii_alphabetic());
        let mut word = Word::default();
        let mut bytes = 0; // after the last space or ideograph
        let mut before = ' ';
        let mut clusters = run.graphemes(true).peekable();
        while let Some(cluster) = clusters.next() {
            let c = cluster.chars().next().unwrap_or(' ');
            word.read(cluster, rules);
            bytes += cluster.len();
            let too_long = word.is_too_long() || is_mixed && bytes > MAX_MIXED_BYTES;
            let joined = !is_space(before) && !is_space(c);
            let foreign = is_next_to_foreign(before, c, rules);
            let symbol = joined && (is_symbol(before, rules) || is_symbol(c, rules));
            let korean = joined && is_foreign_hangul(before, rules) != is_foreign_hangul(c, rules);
            let next = clusters.peek().and_then(|next| next.chars().next());
            if too_long
                || symbol
                || korean
                || foreign
                || rules.separates_symbols && is_bound_hyphen(before, c, next)
            {
                out.push(' ');
                word = Word::default();
                word.read(cluster, rules);
                bytes = cluster.len();
            }
            if rules.reads_ideographs && c >= '\u{2E80}' {
                bytes = 0; // each ideograph is a word
            }
            before = c;
            if is_symbol(c, rules) && rules.separates_symbols && !is_flag_half(c) {
                out.push(c); // without joiners and variation selectors
            } else {
                out.push_str(cluster);
            }
        }
    }
    out
}

/// Replaces a dot with a space where too many initials are in a row.
fn part_initials(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut row_bytes = 0;
    let (mut letters, mut word_bytes) = (0, 0); // of the word before `c`
    for c in text.chars() {
        if c.is_alphanumeric() || is_mark(c) {
            letters += usize::from(!is_mark(c));
            word_bytes += c.len_utf8();
            out.push(c);
            continue;
        }
        match letters {
            0 => {}
            1 => row_bytes += word_bytes + 1,
            _ => row_bytes = 0,
        }
        (letters, word_bytes) = (0, 0);
        if c == '.' && row_bytes > MAX_INITIALS_BYTES {
            row_bytes = 0;
            out.push(' ');
        } else {
            out.push(c);
        }
    }
    out
}

/// Returns whether `c` is an accent of the letter before it.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// The current run of letters.
#[derive(Default)]
struct Word {
    letters: usize,
    spelled: usize,
}

impl Word {
    fn read(&mut self, cluster: &str, rules: LanguageRules) {
        for c in cluster.chars() {
            if c.is_ascii_punctuation() && c != '\'' || is_space(c) {
                *self = Self::default();
            } else if rules.reads(c) {
                // Scripts without spaces have long runs with few vowels.
                self.letters += usize::from(c < '\u{E00}');
                self.spelled = 0;
            } else {
                self.letters += 1;
                self.spelled += 1;
            }
        }
    }

    fn is_too_long(&self) -> bool {
        self.spelled > MAX_SPELLED_LETTERS || self.letters > MAX_READ_LETTERS
    }
}

/// Returns whether `c` is a symbol that is not part of a word: an emoji, a format
/// character, an enclosed number. In Hindi, the dollar is one too.
fn is_symbol(c: char, rules: LanguageRules) -> bool {
    match c {
        '$' => rules.separates_symbols,
        '\u{200B}'..='\u{200D}' => false, // they join and separate letters
        '\u{2060}'..='\u{206F}' | '\u{2190}'..='\u{2BFF}' => true,
        '\u{E000}'.. => !c.is_alphabetic() && Terminator::of(c).is_none_or(|_| c > '\u{FFFF}'),
        _ => false,
    }
}

/// Returns whether `c` is one of the two letters of a flag.
fn is_flag_half(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

/// Returns whether `c` is a Korean letter and the voice is not Korean. In a word
/// with Latin letters, which are read in English, it makes the library free the
/// dictionary that it is using.
fn is_foreign_hangul(c: char, rules: LanguageRules) -> bool {
    let is_hangul = matches!(
        c,
        '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{A960}'..='\u{A97F}'
            | '\u{AC00}'..='\u{D7FF}'
    );
    is_hangul && !rules.reads(c)
}

/// Returns whether a hyphen or star is between a symbol and a letter. At the
/// start of a clause, this crashes Vietnamese and Hindi voices.
fn is_bound_hyphen(before: char, c: char, next: Option<char>) -> bool {
    matches!(c, '-' | '*')
        && before != c
        && !before.is_alphanumeric()
        && !is_space(before)
        && next.is_some_and(char::is_alphabetic)
}

/// Returns whether a symbol is next to a foreign character. The library searches
/// back from there for the previous word, and reads before its buffer.
fn is_next_to_foreign(before: char, c: char, rules: LanguageRules) -> bool {
    let is_symbol = |c: char| !c.is_alphanumeric() && !is_space(c);
    is_symbol(before) && is_foreign(c, rules) || is_foreign(before, rules) && is_symbol(c)
}

/// Returns whether `c` is neither in the voice's script nor a common mark.
fn is_foreign(c: char, rules: LanguageRules) -> bool {
    let is_common = matches!(
        c,
        '\u{300}'..='\u{36F}' | '\u{2010}'..='\u{205E}' | '\u{20A0}'..='\u{20CF}'
            | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FF1F}'
    );
    !is_common && !rules.reads(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_unchanged() {
        let thai = "สวัสดีชาวโลก".repeat(20);
        for (language, text) in [
            ("en", ""),
            ("en", "Hello, world.\n\n\tYes\u{85} ❤"),
            (
                "en",
                "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamte",
            ),
            ("en", "Привет and こんにちは"),
            ("hi", "\"यह है\" (सच)। 5% - \"?\""),
            ("th", &thai),
        ] {
            let same = sanitize(text, LanguageRules::of(language));
            assert!(
                matches!(same, Cow::Borrowed(same) if same == text),
                "{text}"
            );
        }
    }

    #[test]
    fn control_characters_become_spaces() {
        let clean = sanitize("a\0b\u{1}c\u{7F}d\u{9B}e", LanguageRules::default());
        assert_eq!(clean, "a b c d e");
    }

    #[test]
    fn overlong_runs_get_spaces() {
        let cases = [
            (format!(".{}", "a".repeat(250)), MAX_READ_LETTERS + 1),
            ("+".repeat(700), MAX_MIXED_BYTES),
            ("a".repeat(700), MAX_READ_LETTERS),
            ("ж".repeat(99), 2 * MAX_SPELLED_LETTERS),
        ];
        for (run, max_bytes) in cases {
            let spaced = sanitize(&run, LanguageRules::of("en-us"));
            assert_eq!(spaced.replace(' ', ""), run);
            let longest = spaced.split(' ').map(str::len).max();
            assert_eq!(longest, Some(max_bytes), "{run}");
        }
    }

    #[test]
    fn rows_of_initials_are_parted() {
        let rules = LanguageRules::of("en-us");
        for unit in [
            "a.",
            "a.b.",
            "Z. ",
            "e.g., ",
            "ä.",
            "a\u{308}.",
            "é.;",
            "a . ",
            "ж.;",
        ] {
            let row = unit.repeat(300);
            let parted = sanitize(&row, rules);
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
            assert_eq!(letters(&parted), letters(&row));
            let dots = |text: &str| text.matches('.').count();
            assert!(dots(&parted) < dots(&row), "{unit}");
        }
        for text in [
            "J. R. R. Tolkien e.g. in the U.S.A. at 5 p.m.",
            "a. b. c. d",
        ] {
            assert_eq!(sanitize(text, rules), text);
        }
    }

    #[test]
    fn korean_is_separated_from_other_letters_except_in_korean() {
        assert_eq!(
            sanitize("the가나's, 가", LanguageRules::of("de")),
            "the 가나 's, 가"
        );
        assert_eq!(sanitize("TV를", LanguageRules::of("ko")), "TV를");
    }

    #[test]
    fn symbols_are_separated_in_hindi() {
        assert_eq!(sanitize("❤️!$$", LanguageRules::of("hi")), "❤ ! $ $");
        assert_eq!(sanitize("🇩🇪🇫🇷", LanguageRules::of("hi")), "🇩🇪 🇫🇷");
    }
}
