//! Splits text that is too long for one clause of espeak-ng.
//!
//! A clause has room for 800 bytes, 300 words and 1000 phonemes. If it is full,
//! the library ends it, or omits the remaining words.

use unicode_segmentation::UnicodeSegmentation as _;

use super::clause::is_space;
use super::marks::Terminator;

/// Less than 725, from which the library ends a clause at the next space.
const MAX_BYTES: usize = 700;
const MAX_WORDS: usize = 250;
/// The library stops at 991; the difference allows for low estimates.
const MAX_PHONEMES: usize = 800;

/// Splits a text so that no run without marks is too long: after white space
/// if there is any, else between grapheme clusters.
///
/// `reads_ideographs`: the voice reads Chinese characters. Other voices describe
/// them, which takes longer.
pub(super) fn split_long(text: &str, reads_ideographs: bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut size = ClauseSize::default();
    // The end of the last white space, and the size of the text after it.
    let mut space: Option<(usize, ClauseSize)> = None;
    let mut marked = false;

    for (at, cluster) in text.grapheme_indices(true) {
        let first = cluster.chars().next().unwrap_or(' ');
        if is_space(first) {
            if marked {
                size = ClauseSize::default(); // a clause ends here
            }
            space = Some((at + cluster.len(), ClauseSize::default()));
        }
        let added = ClauseSize::of(cluster, reads_ideographs, size.in_word);
        size = size.plus(&added);
        if let Some((_, since)) = &mut space {
            *since = since.plus(&added);
        }
        if size.is_too_large() && at > start && !is_space(first) {
            let (cut, rest) = match space {
                Some((cut, since)) if cut > start && cut <= at => (cut, since),
                _ => (at, added),
            };
            parts.push(&text[start..cut]);
            (start, size, space) = (cut, rest, None);
        }
        // A full stop may mark an abbreviation, which does not end a clause.
        marked = first != '.' && Terminator::of(first).is_some();
        if Terminator::of(first).is_some_and(Terminator::ends_anywhere) {
            size = ClauseSize::default();
        }
    }
    parts.push(&text[start..]);
    parts
}

/// How much of a clause's room a text needs.
#[derive(Debug, Clone, Default)]
struct ClauseSize {
    bytes: usize,
    words: usize,
    phonemes: usize,
    in_word: bool,
}

impl ClauseSize {
    fn of(cluster: &str, reads_ideographs: bool, after_word: bool) -> Self {
        let phonemes = cluster
            .chars()
            .map(|c| phonemes_of(c, reads_ideographs))
            .sum();
        let in_word = cluster.starts_with(char::is_alphanumeric);
        Self {
            bytes: cluster.len(),
            words: usize::from(in_word != after_word || !in_word && phonemes > 1),
            phonemes,
            in_word,
        }
    }

    fn plus(&self, next: &Self) -> Self {
        Self {
            bytes: self.bytes + next.bytes,
            words: self.words + next.words,
            phonemes: self.phonemes + next.phonemes,
            in_word: next.in_word,
        }
    }

    fn is_too_large(&self) -> bool {
        self.bytes > MAX_BYTES || self.words / 2 > MAX_WORDS || self.phonemes > MAX_PHONEMES
    }
}

/// Returns a high estimate of the number of phonemes of a character.
fn phonemes_of(c: char, reads_ideographs: bool) -> usize {
    match c {
        ' ' | '\n' | '\t' => 1,
        '0'..='9' => 9, // 777 is "seven hundred and seventy seven"
        '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{20000}'..='\u{3FFFF}' => {
            if reads_ideographs {
                4
            } else {
                14
            }
        }
        _ if c.is_alphabetic() => c.len_utf8(),
        _ if c.is_numeric() => 20,
        _ if c.is_ascii_punctuation() => 4,
        _ if Terminator::of(c).is_some() => 1,
        _ => 30, // symbols and emoji have long names
    }
}
