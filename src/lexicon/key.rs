//! The key by which words are looked up.

use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// A normalized text, as written and in lowercase. It grows token by token.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) written: String,
    pub(super) lowercase: String,
    /// The number of tokens; a run of white space counts as one.
    pub(super) n_tokens: usize,
}

/// Splits a text at word boundaries (UAX #29) into words, white space and single
/// marks, each with its position.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_word_bound_indices()
}

pub(super) fn is_space(token: &str) -> bool {
    token.chars().all(char::is_whitespace)
}

impl Key {
    pub(super) fn of(text: &str) -> Self {
        let mut key = Self::default();
        tokens(text).for_each(|(_, token)| key.push(token));
        key
    }

    pub(super) fn push(&mut self, token: &str) {
        if is_space(token) {
            if !self.written.ends_with(' ') {
                self.push_char(' ');
                self.n_tokens += 1;
            }
            return;
        }
        self.n_tokens += 1;
        if token.is_ascii() {
            token.chars().for_each(|c| self.push_char(c));
            return;
        }
        // A token contains letters with their combining marks, so it can be
        // composed alone.
        let written: String = token.nfc().map(straight_apostrophe).collect();
        self.lowercase.push_str(&written.to_lowercase());
        self.written.push_str(&written);
    }

    fn push_char(&mut self, c: char) {
        self.written.push(c);
        self.lowercase.push(c.to_ascii_lowercase());
    }

    /// Returns whether it has no capitals.
    pub(super) fn is_lowercase(&self) -> bool {
        self.written == self.lowercase
    }
}

/// Makes `don’t` and `don't` equal.
fn straight_apostrophe(c: char) -> char {
    match c {
        '\u{2019}' => '\'',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equivalent_spellings_have_equal_keys() {
        for (one, other) in [
            ("caf\u{e9}", "cafe\u{301}"),
            ("don't", "don\u{2019}t"),
            ("new  york", "new\n york"),
            ("a\u{a0}b", "a b"),
            ("\u{ac00}", "\u{1100}\u{1161}"),
        ] {
            assert_eq!(Key::of(one), Key::of(other), "{one}");
        }
        assert_eq!(Key::of("ÉTÉ").lowercase, "été");
        for (text, small) in [
            ("sql", true),
            ("SQL", false),
            ("k8s", true),
            ("größe", true),
        ] {
            assert_eq!(Key::of(text).is_lowercase(), small, "{text}");
        }
        assert_eq!(Key::of("New York's C++").n_tokens, 7);
    }
}
