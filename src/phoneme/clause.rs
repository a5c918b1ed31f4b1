//! Where espeak-ng ends a clause, and how strongly.
//!
//! The library says which phonemes a clause has and how far it read, but up
//! to version 1.52 not *why* it stopped. A [`ClauseReader`] reads the text as
//! the library does and knows.

use super::marks::Terminator;

/// The end of the text, as the library sees it: a character.
const NUL: char = '\0';
/// The bytes of one clause that the library has room for.
const CLAUSE_BYTES: usize = 800;
/// Takes the place of an Armenian mark inside a word.
const EMPHASIS: char = '\u{530}';

/// The habits of a language that decide where a clause ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Habits {
    /// The letters it is written with, first and last, where not Latin ones.
    letters: Option<(char, char)>,
    /// A dot after a number makes it an ordinal: `am 3. Mai`.
    pub(super) dotted_ordinals: bool,
    /// A comma after a dotted ordinal is no pause: `december 2., szerda`.
    pub(super) comma_after_ordinal: bool,
    /// A script without capitals: a small letter may begin a sentence.
    pub(super) uncased: bool,
    /// The tatweel is no character, and the zero-width non-joiner a hyphen.
    pub(super) persian: bool,
    /// Every noun has a capital: `am 3. Mai` goes on.
    pub(super) capital_nouns: bool,
    /// Chinese characters are read, not described.
    pub(super) ideographs: bool,
    /// Two signs in a row may crash the library.
    pub(super) signs_apart: bool,
}

impl Habits {
    /// Returns the habits of a language, named as espeak-ng names it.
    pub(super) fn of(language: &str) -> Self {
        let family = language.split(['-', '+']).next().unwrap_or_default();
        Self {
            dotted_ordinals: matches!(
                family,
                "da" | "de"
                    | "et"
                    | "fi"
                    | "hu"
                    | "kl"
                    | "lt"
                    | "ltg"
                    | "lv"
                    | "nb"
                    | "nl"
                    | "no"
                    | "sl"
                    | "smj"
            ),
            comma_after_ordinal: family == "hu",
            uncased: family == "ka",
            persian: family == "fa",
            letters: letters_of(family),
            signs_apart: matches!(family, "hi" | "vi"),
            capital_nouns: family == "de",
            ideographs: matches!(family, "cmn" | "hak" | "ja" | "ko" | "yue" | "zh"),
        }
    }

    /// Returns whether `c` belongs to words that are read, not spelled.
    pub(super) fn reads(self, c: char) -> bool {
        // Latin words are read by every voice, if need be in English.
        c < '\u{370}'
            || matches!(c, '\u{1E00}'..='\u{1EFF}')
            || self
                .letters
                .is_some_and(|(first, last)| (first..=last).contains(&c))
    }

    /// Returns what the library reads for `c`; `None` when it skips it.
    fn read_as(self, c: char) -> Option<char> {
        match c {
            '\u{AD}' => None,
            '\u{200C}' if self.persian => Some('-'),
            '\u{200C}' => None,
            '\u{640}' if self.persian => None,
            '\u{F0B}' => Some(' '),
            other => Some(other),
        }
    }
}

/// Returns the block of letters that a language is written with.
fn letters_of(family: &str) -> Option<(char, char)> {
    Some(match family {
        "el" | "grc" => ('\u{370}', '\u{3FF}'),
        "ba" | "be" | "bg" | "cv" | "kk" | "ky" | "mk" | "nog" | "ru" | "sr" | "tt" | "uk" => {
            ('\u{400}', '\u{52F}')
        }
        "hy" | "hyw" => ('\u{530}', '\u{58F}'),
        "he" => ('\u{590}', '\u{5FF}'),
        "ar" | "fa" | "sd" | "ug" | "ur" => ('\u{600}', '\u{77F}'),
        "hi" | "kok" | "mr" | "ne" => ('\u{900}', '\u{97F}'),
        "as" | "bn" | "bpy" => ('\u{980}', '\u{9FF}'),
        "pa" => ('\u{A00}', '\u{A7F}'),
        "gu" => ('\u{A80}', '\u{AFF}'),
        "or" => ('\u{B00}', '\u{B7F}'),
        "ta" => ('\u{B80}', '\u{BFF}'),
        "te" => ('\u{C00}', '\u{C7F}'),
        "kn" => ('\u{C80}', '\u{CFF}'),
        "ml" => ('\u{D00}', '\u{D7F}'),
        "si" => ('\u{D80}', '\u{DFF}'),
        "th" => ('\u{E00}', '\u{E7F}'),
        "my" | "shn" => ('\u{1000}', '\u{109F}'),
        "ka" => ('\u{10A0}', '\u{10FF}'),
        "am" => ('\u{1200}', '\u{139F}'),
        "ja" | "cmn" | "hak" | "yue" | "zh" => ('\u{2E80}', '\u{9FFF}'),
        "ko" => ('\u{AC00}', '\u{D7A3}'),
        _ => return None,
    })
}

/// One clause of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clause {
    /// How it ends.
    pub(super) terminator: Terminator,
    /// The bytes of the text read so far, look-ahead included; `None` at the
    /// end of the text.
    pub(super) read_bytes: Option<usize>,
}

/// Reads a text as espeak-ng does, clause by clause.
pub(super) struct ClauseReader<'t> {
    text: &'t str,
    habits: Habits,
    at: usize,
    ended: bool,
    /// A character that was read too far, to be read again.
    pushed_back: Option<char>,
    /// Whether the last clause with anything in it ended a sentence.
    fresh_sentence: bool,
}

impl<'t> ClauseReader<'t> {
    pub(super) fn new(text: &'t str, habits: Habits) -> Self {
        Self {
            text,
            habits,
            at: 0,
            ended: false,
            pushed_back: None,
            fresh_sentence: true,
        }
    }

    /// Goes on at `read_bytes`, where the library says it is.
    pub(super) fn resume_at(&mut self, read_bytes: usize) {
        self.at = read_bytes;
        self.ended = false;
        // The last character read is look-ahead, which will be read again.
        self.pushed_back = self.text[..read_bytes].chars().next_back();
    }

    fn take(&mut self) -> char {
        if let Some(c) = self.pushed_back.take() {
            return c;
        }
        match self.text[self.at..].chars().next() {
            Some(c) => {
                self.at += c.len_utf8();
                c
            }
            None => {
                self.ended = true;
                NUL
            }
        }
    }

    fn push_back(&mut self, c: char) {
        self.pushed_back = (c != NUL).then_some(c);
    }

    fn at_end(&self) -> bool {
        self.ended && self.pushed_back.is_none()
    }

    /// Reads white space from `c` on; returns what follows and the newlines.
    fn skip_space(&mut self, mut c: char) -> (char, usize) {
        let mut newlines = 0;
        while !self.at_end() && is_space(c) {
            newlines += usize::from(c == '\n');
            c = self.take();
        }
        (c, newlines)
    }

    /// Makes one ellipsis of three dots or more, of which `second` is one.
    fn join_dots(&mut self, second: char) -> (char, char) {
        let third = self.take();
        if third != '.' {
            self.push_back(third);
            return ('.', second);
        }
        let mut after = self.take();
        while after == '.' {
            after = self.take();
        }
        ('…', after)
    }

    /// Reads one clause.
    fn read(&mut self) -> (Terminator, bool) {
        let mut clause = Written::default();
        let (mut c1, mut before) = (' ', ' ');
        let mut c2 = if self.at_end() { NUL } else { self.take() };
        let mut stressed = false;

        while !self.at_end() {
            let two_before = before;
            before = c1;
            c1 = c2;
            c2 = self.take();

            let Some(read) = self.habits.read_as(c1) else {
                continue;
            };
            c1 = read;
            if c1.is_alphanumeric() {
                clause.any_alphanumeric = true;
            } else if std::mem::take(&mut stressed) {
                c1 = EMPHASIS;
                self.push_back(c2);
                c2 = ' ';
            }
            if c1 == '\n' {
                let (after, newlines) = self.skip_space(c2);
                c2 = after;
                if newlines > 0 {
                    self.push_back(c2);
                    return (Terminator::PARAGRAPH, clause.is_blank());
                }
            }
            if c1 == '.' && c2 == '.' {
                (c1, c2) = self.join_dots(c2);
            }
            if let Some(mark) = Terminator::of(c1) {
                // Of `?!` or `?…` the first counts.
                while Terminator::of(c2).is_some() {
                    c2 = self.take();
                }
                if mark.is_in_word() {
                    stressed = true;
                    continue;
                }
                if self.may_end(mark, c2) {
                    let (after, newlines) = self.skip_space(c2);
                    let around = Around {
                        two_before,
                        before,
                        mark: c1,
                        after,
                    };
                    if newlines > 0 || self.ends_clause(&around, &clause) {
                        self.push_back(after);
                        let terminator = if newlines > 1 {
                            mark.before_blank_line()
                        } else {
                            mark
                        };
                        return (terminator, clause.is_blank());
                    }
                    if c1 == '.' && !clause.any_alphanumeric {
                        c1 = ' ';
                    }
                    if is_space(c2) && !self.at_end() {
                        self.push_back(after);
                    }
                }
            }
            clause.write(c1);
            if clause.is_full(c1) {
                self.push_back(c2);
                return (Terminator::NONE, clause.is_blank());
            }
        }
        (Terminator::END, clause.is_blank())
    }

    fn may_end(&self, mark: Terminator, after: char) -> bool {
        mark.stands_anywhere() || is_space(after) || is_bracket(after) || self.at_end()
    }

    /// Decides about a mark that is followed by a space, a bracket or the end.
    fn ends_clause(&self, around: &Around, clause: &Written) -> bool {
        let &Around {
            two_before,
            before,
            mark,
            after,
        } = around;
        if !clause.any_alphanumeric {
            return false;
        }
        if mark == ',' && self.habits.comma_after_ordinal && before == '.' {
            let goes_on = after.is_ascii_digit() || after.is_lowercase();
            return !(two_before.is_ascii_digit() && goes_on);
        }
        if mark != '.' {
            return true;
        }
        let genitive = after == '\'' && self.text[self.at..].starts_with('s');
        !(genitive
            || after.is_lowercase() && !self.habits.uncased
            || self.habits.dotted_ordinals && around.is_ordinal())
    }
}

impl Iterator for ClauseReader<'_> {
    type Item = Clause;

    fn next(&mut self) -> Option<Clause> {
        if self.ended {
            return None;
        }
        let (mut terminator, blank) = self.read();
        // Nothing but space: the sentence before still waits to be ended.
        if blank && self.fresh_sentence {
            terminator = terminator.of_sentence();
        }
        self.fresh_sentence = terminator.ends_sentence();
        Some(Clause {
            terminator,
            read_bytes: (!self.ended).then_some(self.at),
        })
    }
}

/// What stands around a mark.
struct Around {
    two_before: char,
    before: char,
    mark: char,
    /// The next character that is no white space.
    after: char,
}

impl Around {
    /// Returns whether the dot belongs to a number: `XIV.`, `3. mai`.
    fn is_ordinal(&self) -> bool {
        let roman = |c| matches!(c, 'I' | 'V' | 'X' | 'L');
        if self.before.is_ascii_digit() {
            return self.after.is_lowercase() || self.after == '-';
        }
        roman(self.before) && (roman(self.two_before) || is_space(self.two_before))
    }
}

/// What has been written into the library's buffer for a clause.
#[derive(Default)]
struct Written {
    bytes: usize,
    any_alphanumeric: bool,
    any_visible: bool,
}

impl Written {
    fn write(&mut self, c: char) {
        self.bytes += c.len_utf8();
        self.any_visible |= c > ' ';
    }

    fn is_blank(&self) -> bool {
        !self.any_visible
    }

    /// Returns whether the clause must end after `last`: between words when
    /// the buffer is nearly full, anywhere when it is full.
    fn is_full(&self, last: char) -> bool {
        let between_words = !is_alpha(last) && !last.is_ascii_digit();
        self.bytes > CLAUSE_BYTES - 75 && between_words || self.bytes >= CLAUSE_BYTES - 4
    }
}

/// White space at which a line may break.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{A0}' | '\u{2007}' | '\u{202F}')
}

/// Brackets, quotes, and the dashes that Unicode has beside them.
fn is_bracket(c: char) -> bool {
    matches!(
        c,
        '(' | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '<'
            | '>'
            | '"'
            | '\''
            | '`'
            | '«'
            | '»'
            | '《'
            | '》'
            | '\u{E03C}'
            | '\u{2014}'..='\u{201F}'
    )
}

/// Letters, and the marks that the library counts as letters.
fn is_alpha(c: char) -> bool {
    if c.is_alphabetic() {
        return true;
    }
    match u32::from(c) {
        code @ 0x901..=0xDF7 => code & 0x7F < 0x64 || matches!(code, 0xA70 | 0xA71 | 0xD7A..=0xD7F),
        0x300..=0x36F | 0x5B0..=0x5C2 | 0x605 | 0x64B..=0x65E | 0x670 => true,
        0xF40..=0xFBC | 0x1100..=0x11FF | 0x2800..=0x28FF | 0x3041..=0xA700 => true,
        _ => false,
    }
}
