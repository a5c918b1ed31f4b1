//! What a stretch of text is looked up by.

use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// A stretch of text as it is looked up, grown piece by piece: as it is
/// written, and without capitals.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) written: String,
    pub(super) small: String,
    /// How many pieces it has, a run of white space counted as one.
    pub(super) pieces: usize,
}

/// Cuts a text at every boundary of words (UAX #29), with the place of each
/// piece: words, white space, single marks.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_word_bound_indices()
}

pub(super) fn is_space(piece: &str) -> bool {
    piece.chars().all(char::is_whitespace)
}

impl Key {
    pub(super) fn of(text: &str) -> Self {
        let mut key = Self::default();
        pieces(text).for_each(|(_, piece)| key.push(piece));
        key
    }

    pub(super) fn push(&mut self, piece: &str) {
        if is_space(piece) {
            if !self.written.ends_with(' ') {
                self.push_char(' ');
                self.pieces += 1;
            }
            return;
        }
        self.pieces += 1;
        if piece.is_ascii() {
            piece.chars().for_each(|c| self.push_char(c));
            return;
        }
        // Marks stay with their letters: no boundary parts what composes.
        let written: String = piece.nfc().map(straight).collect();
        self.small.push_str(&written.to_lowercase());
        self.written.push_str(&written);
    }

    fn push_char(&mut self, c: char) {
        self.written.push(c);
        self.small.push(c.to_ascii_lowercase());
    }

    /// Returns whether it has no capital.
    pub(super) fn is_small(&self) -> bool {
        self.written == self.small
    }
}

/// Books have `don’t` where keyboards have `don't`.
fn straight(c: char) -> char {
    match c {
        '\u{2019}' => '\'',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_alike_is_alike() {
        for (one, other) in [
            ("caf\u{e9}", "cafe\u{301}"),
            ("don't", "don\u{2019}t"),
            ("new  york", "new\n york"),
            ("a\u{a0}b", "a b"),
            ("\u{ac00}", "\u{1100}\u{1161}"),
        ] {
            assert_eq!(Key::of(one), Key::of(other), "{one}");
        }
        assert_eq!(Key::of("ÉTÉ").small, "été");
        for (text, small) in [
            ("sql", true),
            ("SQL", false),
            ("k8s", true),
            ("größe", true),
        ] {
            assert_eq!(Key::of(text).is_small(), small, "{text}");
        }
        assert_eq!(Key::of("New York's C++").pieces, 7);
    }
}
