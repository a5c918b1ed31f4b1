//! Text that espeak-ng can be given with less danger.
//!
//! Version 1.51 writes over the end of its buffers when a "word" is far longer
//! than any real one, and crashes on some rows of signs and foreign letters.
//! The rules here were found by trying, not by proof: what was seen to crash
//! gets spaces, and other text stays as it is.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;

use super::clause::{Habits, is_space};
use super::marks::Terminator;

/// A run with signs or digits in it: the library's words have 160 bytes.
const MAX_MIXED_BYTES: usize = 150;
/// A word of a script that a voice spells: each letter has a long name, and a
/// word has room for 80 vowels.
const MAX_SPELLED_LETTERS: usize = 16;
/// A word that is read. The longest in a dictionary has 80 letters.
const MAX_READ_LETTERS: usize = 100;

/// Returns `text` without what espeak-ng cannot take.
///
/// Control characters become spaces: two of them are its commands, and NUL
/// ends its text.
pub(super) fn speakable(text: &str, habits: Habits) -> Cow<'_, str> {
    let is_noise = |c: char| c.is_control() && !is_space(c);
    let clean = if text.contains(is_noise) {
        Cow::Owned(text.replace(is_noise, " "))
    } else {
        Cow::Borrowed(text)
    };
    let loose = loosen(&clean, habits);
    if loose == clean {
        clean
    } else {
        Cow::Owned(loose)
    }
}

/// Writes spaces into the runs that are too much.
fn loosen(text: &str, habits: Habits) -> String {
    let mut out = String::with_capacity(text.len());
    for run in text.split_inclusive(is_space) {
        let is_mixed = run.contains(|c: char| c.is_ascii_graphic() && !c.is_ascii_alphabetic());
        let mut word = Word::default();
        let mut bytes = 0; // since the last space or ideograph
        let mut before = ' ';
        let mut clusters = run.graphemes(true).peekable();
        while let Some(cluster) = clusters.next() {
            let c = cluster.chars().next().unwrap_or(' ');
            word.read(cluster, habits);
            bytes += cluster.len();
            let too_long = word.is_too_long() || is_mixed && bytes > MAX_MIXED_BYTES;
            let joined = !is_space(before) && !is_space(c);
            let spelled = is_spelled_start(before, c, habits);
            let odd = joined && (is_odd(before, habits) || is_odd(c, habits));
            let korean =
                joined && is_foreign_hangul(before, habits) != is_foreign_hangul(c, habits);
            let next = clusters.peek().and_then(|next| next.chars().next());
            if too_long
                || odd
                || korean
                || spelled
                || habits.signs_apart && is_bound_hyphen(before, c, next)
            {
                out.push(' ');
                word = Word::default();
                word.read(cluster, habits);
                bytes = cluster.len();
            }
            if habits.ideographs && c >= '\u{2E80}' {
                bytes = 0; // each is a word
            }
            before = c;
            if is_odd(c, habits) && habits.signs_apart {
                out.push(c); // without the joiners and selectors of an emoji
            } else {
                out.push_str(cluster);
            }
        }
    }
    out
}

/// Letters in a row.
#[derive(Default)]
struct Word {
    letters: usize,
    spelled: usize,
}

impl Word {
    fn read(&mut self, cluster: &str, habits: Habits) {
        for c in cluster.chars() {
            if c.is_ascii_punctuation() && c != '\'' || is_space(c) {
                *self = Self::default();
            } else if habits.reads(c) {
                // A script without spaces makes long runs of few vowels.
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

/// Returns whether `c` is a sign that is no part of any word: an emoji, a
/// format character, an enclosed number. In Hindi, the dollar is one too.
fn is_odd(c: char, habits: Habits) -> bool {
    match c {
        '$' => habits.signs_apart,
        '\u{200B}'..='\u{200D}' => false, // they join and part letters
        '\u{2060}'..='\u{206F}' | '\u{2190}'..='\u{2BFF}' => true,
        '\u{E000}'.. => !c.is_alphabetic() && Terminator::of(c).is_none_or(|_| c > '\u{FFFF}'),
        _ => false,
    }
}

/// Returns whether `c` is a Korean letter and the voice is not. In one word with
/// Latin letters, which are read in English, it makes the library free the
/// dictionary that it is reading.
fn is_foreign_hangul(c: char, habits: Habits) -> bool {
    let is_hangul = matches!(
        c,
        '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{A960}'..='\u{A97F}'
            | '\u{AC00}'..='\u{D7FF}'
    );
    is_hangul && !habits.reads(c)
}

/// Returns whether a hyphen or star stands between a sign and a letter, which
/// crashes a Vietnamese or Hindi voice at the start of a clause.
fn is_bound_hyphen(before: char, c: char, next: Option<char>) -> bool {
    matches!(c, '-' | '*')
        && before != c
        && !before.is_alphanumeric()
        && !is_space(before)
        && next.is_some_and(char::is_alphabetic)
}

/// Returns whether a sign touches what the voice does not know: the library
/// looks back from there for the word before it, too far.
fn is_spelled_start(before: char, c: char, habits: Habits) -> bool {
    let is_sign = |c: char| !c.is_alphanumeric() && !is_space(c);
    is_sign(before) && is_foreign(c, habits) || is_foreign(before, habits) && is_sign(c)
}

/// Returns whether `c` is neither of the voice's script nor a common mark.
fn is_foreign(c: char, habits: Habits) -> bool {
    let is_common = matches!(
        c,
        '\u{300}'..='\u{36F}' | '\u{2010}'..='\u{205E}' | '\u{20A0}'..='\u{20CF}'
            | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FF1F}'
    );
    !is_common && !habits.reads(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_left_alone() {
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
            let same = speakable(text, Habits::of(language));
            assert!(
                matches!(same, Cow::Borrowed(same) if same == text),
                "{text}"
            );
        }
    }

    #[test]
    fn control_characters_become_spaces() {
        let clean = speakable("a\0b\u{1}c\u{7F}d\u{9B}e", Habits::default());
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
            let loose = speakable(&run, Habits::of("en-us"));
            assert_eq!(loose.replace(' ', ""), run);
            let longest = loose.split(' ').map(str::len).max();
            assert_eq!(longest, Some(max_bytes), "{run}");
        }
    }

    #[test]
    fn korean_stands_apart_from_other_letters_but_in_korean() {
        assert_eq!(
            speakable("the가나's, 가", Habits::of("de")),
            "the 가나 's, 가"
        );
        assert_eq!(speakable("TV를", Habits::of("ko")), "TV를");
    }

    #[test]
    fn hindi_signs_stand_apart() {
        assert_eq!(speakable("❤️!$$", Habits::of("hi")), "❤ ! $ $");
    }
}
