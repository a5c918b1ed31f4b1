//! Numbers as they are written: digits, perhaps in groups, perhaps a decimal.

use super::sentence::Sentence;
use super::token::Kind;

/// A number in a sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number<'t> {
    /// The index of the token after it.
    pub(super) end: usize,
    /// As it is written, which espeak-ng reads.
    pub(super) text: &'t str,
    /// Without the decimals.
    pub(super) whole: &'t str,
    /// The digits of the decimals.
    pub(super) decimals: Option<&'t str>,
}

impl<'t> Number<'t> {
    /// Returns the number that begins at `at`; `None` if there is none, or if it is a
    /// part of something with more parts: `1.2.3`.
    pub(super) fn at(sentence: &Sentence<'t>, at: usize) -> Option<Self> {
        if sentence.kind(at) != Kind::Digits {
            return None;
        }
        let patterns = &sentence.table()?.patterns;
        let group = patterns.get("group").unwrap_or(",");
        let decimal = patterns.get("decimal").unwrap_or(".");
        let mut end = at + 1;
        if sentence.text(at).len() <= 3 {
            while sentence.is(end, group)
                && sentence.text(end + 1).len() == 3
                && sentence.kind(end + 1) == Kind::Digits
            {
                end += 2;
            }
        }
        let whole = sentence.slice(at, end);
        let mut decimals = None;
        if sentence.is(end, decimal) && sentence.kind(end + 1) == Kind::Digits {
            decimals = Some(sentence.text(end + 1));
            end += 2;
        }
        // `$3.14`, if three digits would be a group.
        let other = patterns.get("other decimal");
        let is_other = other.is_some_and(|other| sentence.is(end, other))
            && sentence.kind(end + 1) == Kind::Digits
            && sentence.text(end + 1).len() != 3;
        if decimals.is_none() && is_other {
            decimals = Some(sentence.text(end + 1));
            end += 2;
        }
        let goes_on =
            matches!(sentence.text(end), "." | ",") && sentence.kind(end + 1) == Kind::Digits;
        let text = sentence.slice(at, end);
        (!goes_on).then_some(Self {
            end,
            text,
            whole,
            decimals,
        })
    }

    pub(super) fn is_one(&self) -> bool {
        self.text == "1"
    }
}

/// Returns whether digits are not part of a longer number, code or word.
pub(super) fn stands_alone(sentence: &Sentence<'_>, at: usize) -> bool {
    let before = sentence.before(at);
    match sentence.kind(before) {
        Kind::Edge | Kind::Space => true,
        Kind::Sign => {
            let sign = sentence.text(before);
            !matches!(
                sign,
                "." | ","
                    | ":"
                    | "/"
                    | "#"
                    | "_"
                    | "="
                    | "\\"
                    | "@"
                    | "&"
                    | "+"
                    | "%"
                    | "!"
                    | "^"
                    | "|"
            )
        }
        _ => false,
    }
}

/// Returns whether a sign is a fraction: `½`.
pub(super) fn is_fraction_sign(sign: &str) -> bool {
    let mut chars = sign.chars();
    matches!(
        (chars.next(), chars.next()),
        (Some('\u{BC}'..='\u{BE}' | '\u{2150}'..='\u{215E}'), None)
    )
}

/// Returns a number of up to 18 digits.
pub(super) fn value(digits: &str) -> Option<u64> {
    (digits.len() <= 18).then(|| digits.parse().ok())?
}
