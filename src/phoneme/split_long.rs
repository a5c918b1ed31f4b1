//! Texts too long for one of espeak-ng's clauses.
//!
//! A clause has room for 800 bytes, 300 words and 1000 phonemes. Where it is
//! full, the library ends it, or leaves the rest of the words out.

use unicode_segmentation::UnicodeSegmentation as _;

use super::clause::is_space;
use super::marks::Terminator;

/// Under the 725 from which the library ends a clause at the next space.
const MAX_BYTES: usize = 700;
const MAX_WORDS: usize = 250;
/// The library stops at 991; the rest is for an estimate that is too low.
const MAX_PHONEMES: usize = 800;

/// Cuts a text so that no stretch of it without marks is too long: after white
/// space if there is any, else between characters.
///
/// `own_ideographs`: the voice reads Chinese characters, where others say
/// what they are.
pub(super) fn pieces(text: &str, own_ideographs: bool) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut size = Size::default();
    // The last space of the piece, and what has been read since.
    let mut space: Option<(usize, Size)> = None;
    let mut marked = false;

    for (at, cluster) in text.grapheme_indices(true) {
        let first = cluster.chars().next().unwrap_or(' ');
        if is_space(first) {
            if marked {
                size = Size::default(); // a clause ends: all the room is free again
            }
            space = Some((at + cluster.len(), Size::default()));
        }
        let added = Size::of(cluster, own_ideographs, size.in_word);
        size = size.plus(&added);
        if let Some((_, since)) = &mut space {
            *since = since.plus(&added);
        }
        if size.is_too_large() && at > start && !is_space(first) {
            let (cut, rest) = match space {
                Some((cut, since)) if cut > start && cut <= at => (cut, since),
                _ => (at, added),
            };
            pieces.push(&text[start..cut]);
            (start, size, space) = (cut, rest, None);
        }
        // A full stop may be that of an abbreviation, which ends nothing.
        marked = first != '.' && Terminator::of(first).is_some();
        if Terminator::of(first).is_some_and(Terminator::stands_anywhere) {
            size = Size::default();
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// What a stretch of text takes of a clause's room.
#[derive(Debug, Clone, Default)]
struct Size {
    bytes: usize,
    words: usize,
    phonemes: usize,
    in_word: bool,
}

impl Size {
    fn of(cluster: &str, own_ideographs: bool, after_word: bool) -> Self {
        let phonemes = cluster
            .chars()
            .map(|c| phonemes_of(c, own_ideographs))
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

/// Returns about how many phonemes a character takes, with some to spare.
fn phonemes_of(c: char, own_ideographs: bool) -> usize {
    match c {
        ' ' | '\n' | '\t' => 1,
        '0'..='9' => 9, // 777 is "seven hundred and seventy seven"
        '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{20000}'..='\u{3FFFF}' => {
            if own_ideographs {
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
