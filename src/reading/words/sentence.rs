//! A text as tokens, and questions that rules ask about the neighbours of one.

use std::ops::Range;

use super::token::{self, Kind, Token};
use crate::language_tables::{self, LanguageTable};

/// The tokens of a text. An index outside of it is an edge.
pub(super) struct Sentence<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    /// As espeak-ng names it.
    pub(super) language: &'t str,
    table: Option<&'static LanguageTable>,
    has_lowercase: bool,
}

impl<'t> Sentence<'t> {
    pub(super) fn new(
        text: &'t str,
        offset: usize,
        opaque: &[Range<usize>],
        language: &'t str,
    ) -> Self {
        let mut tokens = Vec::with_capacity(text.len() / 3);
        let mut start = 0;
        let mut opaque = opaque
            .iter()
            .skip_while(|range| range.end <= offset)
            .map(|range| range.start.saturating_sub(offset)..range.end - offset)
            .take_while(|range| range.end <= text.len() && !range.is_empty())
            .peekable();
        while start < text.len() {
            if let Some(range) = opaque.next_if(|range| range.start <= start) {
                let (kind, end) = (Kind::Opaque, range.end);
                tokens.push(Token { kind, start, end });
                start = end;
                continue;
            }
            let until = opaque.peek().map_or(text.len(), |range| range.start);
            let Some((kind, length)) = token::first(&text[start..until]) else {
                break;
            };
            let end = start + length;
            tokens.push(Token { kind, start, end });
            start = end;
        }
        Self {
            text,
            tokens,
            language,
            table: language_tables::of(language),
            has_lowercase: text.contains(char::is_lowercase),
        }
    }

    /// Returns whether not all letters are capitals.
    pub(super) fn has_lowercase(&self) -> bool {
        self.has_lowercase
    }

    /// Returns a pattern of the language, or that of its region: `date order en-gb`.
    pub(super) fn pattern(&self, name: &str) -> Option<&'static str> {
        let patterns = &self.table?.patterns;
        let mut parts = self.language.split('-');
        let (language, region) = (parts.next(), parts.next());
        let regional = language
            .zip(region)
            .and_then(|(language, region)| patterns.get(&format!("{name} {language}-{region}")));
        regional.or_else(|| patterns.get(name))
    }

    /// Returns a pattern with its `{…}` filled in, if the language has it.
    pub(super) fn say(&self, pattern: &str, parts: &[(&str, &str)]) -> Option<String> {
        Self::fill(self.pattern(pattern)?, parts)
    }

    /// Returns `pattern` with its `{…}` filled in.
    pub(super) fn fill(pattern: &str, parts: &[(&str, &str)]) -> Option<String> {
        let mut rest = pattern;
        let mut said = String::with_capacity(rest.len() + 16);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            said.push_str(before);
            said.push_str(parts.iter().find(|(part, _)| *part == name)?.1);
            rest = after;
        }
        said.push_str(rest);
        Some(said)
    }

    /// Returns whether a measure from `at` to `end` describes what follows: `a $5
    /// bill`, and is not one itself: `a $5 to spend`.
    pub(super) fn is_adjective(&self, at: usize, end: usize) -> bool {
        let Some(table) = self.table else {
            return false;
        };
        let before = self.text(self.before_space(at)).to_lowercase();
        self.kind(self.before(at)) == Kind::Space
            && table.before_adjectives.has(&before)
            && self.kind(end) == Kind::Space
            && self.is_lowercase(end + 1)
            && !table.function_words.has(self.text(end + 1))
    }

    /// Returns whether the quote at `at` may close one that was opened nearby.
    pub(super) fn has_quote_before(&self, at: usize) -> bool {
        let quote = self.text(at);
        let opens = |near: usize| match (self.text(near), quote) {
            ("`" | "‘", "'") | ("“", "\"") => true,
            (text, quote) => text == quote && self.begins_run(near),
        };
        (at.saturating_sub(MAX_QUOTED)..at).any(opens)
    }

    /// Returns whether the digits at `at` belong to letters before a hyphen:
    /// `COVID-19`.
    pub(super) fn is_code(&self, at: usize) -> bool {
        let before = self.before(at);
        is_dash(self.text(before)) && self.kind(self.before(before)) == Kind::Word
    }

    /// Returns whether the digits at `at` end a version: `0.9.7`.
    pub(super) fn is_version(&self, at: usize) -> bool {
        [1, 3].iter().all(|n| self.is(at.wrapping_sub(*n), "."))
    }

    /// Returns whether the word at `at` is a plural, which is counted.
    pub(super) fn is_counted(&self, at: usize) -> bool {
        let Some(table) = self.table else {
            return false;
        };
        let word = self.text(at);
        let ending = table.patterns.get("plural");
        let has_ending = ending.is_some_and(|endings| {
            let mut endings = endings.split('|').map(str::trim);
            word.len() > 3 && endings.any(|ending| word.ends_with(ending))
        });
        (has_ending || table.counted.has(word)) && !table.function_words.has(word)
    }

    /// Returns the table of the language, if it has one.
    pub(super) fn table(&self) -> Option<&'static LanguageTable> {
        self.table
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn kind(&self, at: usize) -> Kind {
        self.tokens.get(at).map_or(Kind::Edge, |token| token.kind)
    }

    /// Returns a token's text; nothing at an edge.
    pub(super) fn text(&self, at: usize) -> &'t str {
        let token = self.tokens.get(at);
        token.map_or("", |token| &self.text[token.start..token.end])
    }

    /// Returns the text of the tokens from `start` up to `end`.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        &self.text[self.range(start, end)]
    }

    /// Returns where the tokens from `start` up to `end` are in the text.
    pub(super) fn range(&self, start: usize, end: usize) -> Range<usize> {
        let first = self.tokens.get(start).map_or(self.text.len(), |t| t.start);
        let last = end.checked_sub(1).and_then(|last| self.tokens.get(last));
        first..last.map_or(self.text.len(), |t| t.end).max(first)
    }

    pub(super) fn is(&self, at: usize, text: &str) -> bool {
        self.text(at) == text
    }

    /// Returns the index of the token before `at`; an edge before the first one.
    pub(super) fn before(&self, at: usize) -> usize {
        at.wrapping_sub(1)
    }

    /// Returns the index of the token before `at` that is no space.
    pub(super) fn before_space(&self, at: usize) -> usize {
        let before = self.before(at);
        match self.kind(before) {
            Kind::Space => self.before(before),
            _ => before,
        }
    }

    /// Returns `at`, or the index after it if it is a space.
    pub(super) fn after_space(&self, at: usize) -> usize {
        at + usize::from(self.kind(at) == Kind::Space)
    }

    /// Returns whether the run without spaces begins at `at`, after opening
    /// brackets and quotes.
    pub(super) fn begins_run(&self, at: usize) -> bool {
        let before = self.before(at);
        match self.kind(before) {
            Kind::Edge | Kind::Space => true,
            Kind::Sign => is_opener(self.text(before)),
            _ => false,
        }
    }

    /// Returns whether a run without spaces may end before `at`: an edge, a
    /// space, or a mark of prose that no letter or digit follows.
    pub(super) fn ends_before(&self, at: usize) -> bool {
        match self.kind(at) {
            Kind::Edge | Kind::Space => true,
            Kind::Sign => {
                is_closer(self.text(at)) && !matches!(self.kind(at + 1), Kind::Word | Kind::Digits)
                    || is_dash(self.text(at))
            }
            _ => false,
        }
    }

    /// Returns whether no rule reads the word at `at`: most words. Only for speed.
    pub(super) fn is_ordinary(&self, at: usize) -> bool {
        let word = self.text(at);
        let is_apart = |kind| matches!(kind, Kind::Space | Kind::Edge);
        let is_stop = matches!(self.text(at + 1), "." | "," | "?" | "!");
        word.bytes().all(|byte| byte.is_ascii_lowercase())
            && is_apart(self.kind(self.before(at)))
            && is_apart(self.kind(at + 1 + usize::from(is_stop)))
            && !matches!(self.kind(self.before_space(at)), Kind::Digits | Kind::Sign)
            && !word.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x'))
            && self.table.is_none_or(|table| !table.may_begin(word))
    }

    /// Returns whether the word at `at` has the ending of a possessive: `NASA's`.
    pub(super) fn is_possessive(&self, at: usize) -> bool {
        let has_ending = |ending: &str| self.text(at + 2).eq_ignore_ascii_case(ending);
        matches!(self.text(at + 1), "'" | "’") && self.pattern("possessive").is_some_and(has_ending)
    }

    /// Returns whether a capitalised word is at `at`.
    pub(super) fn is_capitalised(&self, at: usize) -> bool {
        self.kind(at) == Kind::Word && self.text(at).starts_with(char::is_uppercase)
    }

    pub(super) fn is_lowercase(&self, at: usize) -> bool {
        self.kind(at) == Kind::Word && self.text(at).starts_with(char::is_lowercase)
    }

    /// Returns whether the text ends at `at`, but for spaces, brackets and quotes.
    pub(super) fn is_end(&self, at: usize) -> bool {
        let rest = self.tokens.get(at..).unwrap_or_default();
        let is_quote = |sign: &str| {
            is_closer(sign) && !matches!(sign, "." | "!" | "?" | ";" | ":" | "," | "…")
        };
        rest.len() <= MAX_CLOSERS
            && (at..at + rest.len()).all(|at| {
                self.kind(at) == Kind::Space
                    || self.kind(at) == Kind::Sign && is_quote(self.text(at))
            })
    }

    /// Returns whether a sentence begins at `at`.
    pub(super) fn is_start(&self, at: usize) -> bool {
        let before = self.before_space(at);
        match self.kind(before) {
            Kind::Edge => true,
            Kind::Sign => !matches!(
                self.text(before),
                "," | "-" | "/" | "&" | "'" | "’" | ")" | "%"
            ),
            _ => false,
        }
    }

    /// Returns `spoken` with the spaces it needs between its neighbours, in place
    /// of the tokens from `start` up to `end`.
    pub(super) fn fit(&self, start: usize, end: usize, spoken: String) -> String {
        let joins = |kind| matches!(kind, Kind::Word | Kind::Digits | Kind::Opaque);
        let before = self.before(start);
        // `10%–20%`
        let follows_word =
            joins(self.kind(before)) || matches!(self.text(before), "%" | "‰" | "°" | "€" | "£");
        let mut fitted = spoken;
        if fitted.starts_with(is_word) && follows_word {
            fitted.insert(0, ' ');
        }
        if fitted.ends_with(is_word) && joins(self.kind(end)) {
            fitted.push(' ');
        }
        fitted
    }
}

/// A quote of more tokens is not looked for.
const MAX_QUOTED: usize = 64;

/// More closing marks than this do not end a text.
const MAX_CLOSERS: usize = 6;

fn is_opener(sign: &str) -> bool {
    matches!(
        sign,
        "(" | "[" | "{" | "\"" | "'" | "“" | "‘" | "„" | "«" | "¿" | "¡" | "—" | "–"
    )
}

fn is_closer(sign: &str) -> bool {
    matches!(
        sign,
        "." | ","
            | ";"
            | ":"
            | "!"
            | "?"
            | "…"
            | ")"
            | "]"
            | "}"
            | "\""
            | "'"
            | "”"
            | "’"
            | "»"
            | "“"
            | "*"
    )
}

/// Returns whether `c` would be glued to a letter or a digit next to it. Brackets
/// are around phonemes.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '[' | ']')
}

/// Returns whether a sign is a hyphen or a dash.
pub(super) fn is_dash(sign: &str) -> bool {
    matches!(sign, "-" | "‐" | "‑" | "–" | "—")
}
