//! Predicts where and how strongly espeak-ng ends a clause.
//!
//! The library returns the phonemes of a clause and how far it has read, but up
//! to version 1.52 not *why* it stopped. A [`ClauseReader`] reads the text by
//! the library's rules and therefore knows.

use super::language_rules::LanguageRules;
use super::marks::Terminator;

/// The end of the text, which espeak-ng represents as a character.
const NUL: char = '\0';
/// The size in bytes of espeak-ng's buffer for a clause.
const CLAUSE_BYTES: usize = 800;
/// Replaces an Armenian mark inside a word.
const EMPHASIS: char = '\u{530}';

/// One clause of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clause {
    /// How it ends.
    pub(super) terminator: Terminator,
    /// How many bytes of the text have been read, including look-ahead; `None`
    /// at the end of the text.
    pub(super) read_bytes: Option<usize>,
}

/// Reads a text clause by clause, by the rules of espeak-ng.
pub(super) struct ClauseReader<'t> {
    text: &'t str,
    rules: LanguageRules,
    at: usize,
    ended: bool,
    /// A look-ahead character, which is read again next.
    pushed_back: Option<char>,
    /// Whether the last clause that is not blank ended a sentence.
    sentence_ended: bool,
}

impl<'t> ClauseReader<'t> {
    pub(super) fn new(text: &'t str, rules: LanguageRules) -> Self {
        Self {
            text,
            rules,
            at: 0,
            ended: false,
            pushed_back: None,
            sentence_ended: true,
        }
    }

    /// Continues at `read_bytes`, the position that espeak-ng reports.
    pub(super) fn resume_at(&mut self, read_bytes: usize) {
        self.at = read_bytes;
        self.ended = false;
        // The last character read is look-ahead; it is read again.
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

    /// Skips white space from `c` on; returns the next character and the number
    /// of newlines.
    fn skip_space(&mut self, mut c: char) -> (char, usize) {
        let mut newlines = 0;
        while !self.at_end() && is_space(c) {
            newlines += usize::from(c == '\n');
            c = self.take();
        }
        (c, newlines)
    }

    /// Joins three or more dots into one ellipsis. `second` is the second dot.
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

    /// Reads one clause; returns its end, and whether it is blank.
    fn read(&mut self) -> (Terminator, bool) {
        let mut clause = ClauseBuffer::default();
        let (mut c1, mut before) = (' ', ' ');
        let mut c2 = if self.at_end() { NUL } else { self.take() };
        let mut stressed = false;

        while !self.at_end() {
            let two_before = before;
            before = c1;
            c1 = c2;
            c2 = self.take();

            let Some(read) = self.rules.read_as(c1) else {
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
                // In `?!` or `?…`, the first mark counts.
                while Terminator::of(c2).is_some() {
                    c2 = self.take();
                }
                if mark.is_in_word() {
                    stressed = true;
                    continue;
                }
                if self.may_end(mark, c2) {
                    let (after, newlines) = self.skip_space(c2);
                    let context = MarkContext {
                        two_before,
                        before,
                        mark: c1,
                        after,
                    };
                    if newlines > 0 || self.ends_clause(&context, &clause) {
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
        mark.ends_anywhere() || is_space(after) || is_bracket(after) || self.at_end()
    }

    /// Returns whether a mark ends the clause if a space, a bracket or the end
    /// of the text follows.
    fn ends_clause(&self, context: &MarkContext, clause: &ClauseBuffer) -> bool {
        let &MarkContext {
            two_before,
            before,
            mark,
            after,
        } = context;
        if !clause.any_alphanumeric {
            return false;
        }
        if mark == ',' && self.rules.comma_after_ordinal && before == '.' {
            let continues = after.is_ascii_digit() || after.is_lowercase();
            return !(two_before.is_ascii_digit() && continues);
        }
        if mark != '.' {
            return true;
        }
        let genitive = after == '\'' && self.text[self.at..].starts_with('s');
        !(genitive
            || after.is_lowercase() && !self.rules.uncased
            || self.rules.dotted_ordinals && context.is_ordinal())
    }
}

impl Iterator for ClauseReader<'_> {
    type Item = Clause;

    fn next(&mut self) -> Option<Clause> {
        if self.ended {
            return None;
        }
        let (mut terminator, blank) = self.read();
        // A blank clause after the end of a sentence ends one too.
        if blank && self.sentence_ended {
            terminator = terminator.of_sentence();
        }
        self.sentence_ended = terminator.ends_sentence();
        Some(Clause {
            terminator,
            read_bytes: (!self.ended).then_some(self.at),
        })
    }
}

/// The characters around a mark.
struct MarkContext {
    two_before: char,
    before: char,
    mark: char,
    /// The next character that is not white space.
    after: char,
}

impl MarkContext {
    /// Returns whether the dot belongs to a number: `XIV.`, `3. mai`.
    fn is_ordinal(&self) -> bool {
        let roman = |c| matches!(c, 'I' | 'V' | 'X' | 'L');
        if self.before.is_ascii_digit() {
            return self.after.is_lowercase() || self.after == '-';
        }
        roman(self.before) && (roman(self.two_before) || is_space(self.two_before))
    }
}

/// The state of espeak-ng's buffer for a clause.
#[derive(Default)]
struct ClauseBuffer {
    bytes: usize,
    any_alphanumeric: bool,
    any_visible: bool,
}

impl ClauseBuffer {
    fn write(&mut self, c: char) {
        self.bytes += c.len_utf8();
        self.any_visible |= c > ' ';
    }

    fn is_blank(&self) -> bool {
        !self.any_visible
    }

    /// Returns whether the clause must end after `last`: between words if the
    /// buffer is nearly full, anywhere if it is full.
    fn is_full(&self, last: char) -> bool {
        let between_words = !is_alpha(last) && !last.is_ascii_digit();
        self.bytes > CLAUSE_BYTES - 75 && between_words || self.bytes >= CLAUSE_BYTES - 4
    }
}

/// Returns whether `c` is white space at which a line may break.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{A0}' | '\u{2007}' | '\u{202F}')
}

/// Returns whether `c` is a bracket, a quote, or a dash of the same Unicode
/// range.
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

/// Returns whether espeak-ng counts `c` as a letter.
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
