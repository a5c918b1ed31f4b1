//! The tokens of a text: words, digits, spaces and signs.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, and the marks that belong to them.
    Word,
    /// ASCII digits.
    Digits,
    /// White space.
    Space,
    /// One other character.
    Sign,
    /// What a lexicon said: no rule changes it.
    Opaque,
    /// Before the first token, and after the last.
    Edge,
}

/// A token, by its place in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Kind {
    pub(super) fn of(c: char) -> Self {
        match c {
            '0'..='9' => Self::Digits,
            'a'..='z' | 'A'..='Z' => Self::Word,
            c if c.is_whitespace() => Self::Space,
            c if is_letter(c) => Self::Word,
            _ => Self::Sign,
        }
    }
}

/// Returns whether `c` is a letter or a combining mark; not `²`, `½`, `ª`.
fn is_letter(c: char) -> bool {
    (c.is_alphabetic()
        && !matches!(c, 'ª' | 'º' | '\u{2070}'..='\u{209F}' | '\u{2150}'..='\u{218B}'))
        || unicode_normalization::char::is_combining_mark(c)
            && !matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{20D0}'..='\u{20FF}')
}

/// Returns the kind and the length of the token at the start of `text`.
pub(super) fn first(text: &str) -> Option<(Kind, usize)> {
    let mut chars = text.chars();
    let c = chars.next()?;
    let kind = Kind::of(c);
    let length = match kind {
        Kind::Sign => c.len_utf8(),
        _ => text.find(|c| Kind::of(c) != kind).unwrap_or(text.len()),
    };
    Some((kind, length))
}
