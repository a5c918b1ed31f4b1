//! A sentence's phonemes → the pieces that are inferred one by one.

use std::time::Duration;

use crate::phoneme::Phonemes;

/// The most phonemes one inference gets, about a minute of speech: memory
/// grows with its length, and some text has far more phonemes than letters.
const MAX_PHONEMES: usize = 1024;

/// A part of a sentence, spoken by one inference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) phonemes: Phonemes,
    /// Silence that follows inside the sentence.
    pub(super) pause: Duration,
}

/// Cuts `phonemes` after those that `silences` names, and where they are too
/// many for one inference. Most sentences are one piece.
pub(super) fn pieces(phonemes: &Phonemes, silences: &[(char, Duration)]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = phonemes.as_str();
    while !rest.trim().is_empty() {
        let (length, pause) = first_piece(rest, silences);
        let (piece, after) = rest.split_at(length);
        pieces.push(Piece {
            phonemes: Phonemes::from(piece.to_owned()),
            pause,
        });
        rest = after;
    }
    pieces
}

/// Returns the first piece's length in bytes and the pause after it.
fn first_piece(symbols: &str, silences: &[(char, Duration)]) -> (usize, Duration) {
    let mut last_space = None;
    for (count, (at, symbol)) in symbols.char_indices().enumerate() {
        if count == MAX_PHONEMES {
            return (last_space.unwrap_or(at), Duration::ZERO);
        }
        let end = at + symbol.len_utf8();
        if let Some((_, pause)) = silences.iter().find(|(silent, _)| *silent == symbol) {
            return (end, *pause);
        }
        if symbol == ' ' {
            last_space = Some(end);
        }
    }
    (symbols.len(), Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HALF: Duration = Duration::from_millis(500);

    fn cut(phonemes: &str, silences: &[(char, Duration)]) -> Vec<(String, Duration)> {
        pieces(&Phonemes::from(phonemes.to_owned()), silences)
            .into_iter()
            .map(|piece| (piece.phonemes.as_str().to_owned(), piece.pause))
            .collect()
    }

    #[test]
    fn an_ordinary_sentence_is_one_piece() {
        assert_eq!(cut("a, b.", &[]), [("a, b.".to_owned(), Duration::ZERO)]);
        assert_eq!(cut("", &[]), []);
    }

    #[test]
    fn a_silent_phoneme_ends_a_phrase() {
        let expected = [("a,".to_owned(), HALF), (" b.".to_owned(), Duration::ZERO)];
        assert_eq!(cut("a, b.", &[(',', HALF)]), expected);
    }

    #[test]
    fn too_many_phonemes_are_cut_at_a_space() {
        let words = "ab ".repeat(MAX_PHONEMES);
        for (piece, _) in cut(&words, &[]) {
            assert!(
                piece.len() <= MAX_PHONEMES && piece.ends_with(' '),
                "{piece}"
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_long(phonemes in "[ab ,̃]{0,3000}") {
            let pieces = cut(&phonemes, &[(',', HALF)]);
            let joined: String = pieces.iter().map(|(piece, _)| piece.as_str()).collect();
            prop_assert_eq!(joined.trim_end(), phonemes.trim_end());
            prop_assert!(pieces.iter().all(|(piece, _)| piece.chars().count() <= MAX_PHONEMES));
        }
    }
}
