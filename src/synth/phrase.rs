//! A sentence's phonemes → the phrases that are inferred one by one.

use std::time::Duration;

use crate::phoneme::Phonemes;

/// The most phonemes of one inference, about a minute of speech: memory grows
/// with its length, and some text has far more phonemes than letters.
const MAX_PHONEMES: usize = 1024;

/// A part of a sentence that one inference speaks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    pub(super) phonemes: Phonemes,
    /// Silence that follows inside the sentence.
    pub(super) pause: Duration,
}

/// Splits `phonemes` after those that `silences` names, and if they are too
/// many for one inference. Most sentences are one phrase.
pub(super) fn phrases(phonemes: &Phonemes, silences: &[(char, Duration)]) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    let mut rest = phonemes.as_str();
    while !rest.trim().is_empty() {
        let (length, pause) = first_phrase(rest, silences);
        let (phrase, after) = rest.split_at(length);
        phrases.push(Phrase {
            phonemes: Phonemes::from(phrase.to_owned()),
            pause,
        });
        rest = after;
    }
    phrases
}

/// Returns the first phrase's length in bytes and the pause after it.
fn first_phrase(symbols: &str, silences: &[(char, Duration)]) -> (usize, Duration) {
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

    fn split(phonemes: &str, silences: &[(char, Duration)]) -> Vec<(String, Duration)> {
        phrases(&Phonemes::from(phonemes.to_owned()), silences)
            .into_iter()
            .map(|phrase| (phrase.phonemes.as_str().to_owned(), phrase.pause))
            .collect()
    }

    #[test]
    fn an_ordinary_sentence_is_one_phrase() {
        assert_eq!(split("a, b.", &[]), [("a, b.".to_owned(), Duration::ZERO)]);
        assert_eq!(split("", &[]), []);
    }

    #[test]
    fn a_silent_phoneme_ends_a_phrase() {
        let expected = [("a,".to_owned(), HALF), (" b.".to_owned(), Duration::ZERO)];
        assert_eq!(split("a, b.", &[(',', HALF)]), expected);
    }

    #[test]
    fn too_many_phonemes_are_split_at_a_space() {
        let words = "ab ".repeat(MAX_PHONEMES);
        for (phrase, _) in split(&words, &[]) {
            assert!(
                phrase.len() <= MAX_PHONEMES && phrase.ends_with(' '),
                "{phrase}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_phoneme_is_lost_and_no_phrase_is_too_long(phonemes in "[ab ,̃]{0,3000}") {
            let phrases = split(&phonemes, &[(',', HALF)]);
            let joined: String = phrases.iter().map(|(phrase, _)| phrase.as_str()).collect();
            prop_assert_eq!(joined.trim_end(), phonemes.trim_end());
            prop_assert!(phrases.iter().all(|(phrase, _)| phrase.chars().count() <= MAX_PHONEMES));
        }
    }
}
