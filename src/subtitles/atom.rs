//! An atom: what stays together in a line. A word, or a part of one: a Chinese
//! character, a piece of what is too long for a line.

use std::ops::Range;

use unicode_linebreak::linebreaks;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::MAX_COLUMNS;
use crate::chunk::is_clause_mark;
use crate::timing::{TimedSentence, TimedWord};

/// What stays together in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Atom {
    pub(super) text: String,
    /// How wide it is, in columns.
    pub(super) columns: usize,
    /// Its first sample and the one after its last.
    pub(super) samples: Range<u64>,
    pub(super) end: AtomEnd,
}

/// What is behind an atom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AtomEnd {
    /// The end of its sentence.
    Sentence,
    /// White space.
    Space,
    /// Another character of a script without spaces.
    Character,
    /// The rest of a word that is too long.
    Word,
}

impl Atom {
    pub(super) fn is_heard(&self) -> bool {
        !self.samples.is_empty()
    }

    /// Returns what is between it and the next one in a line.
    pub(super) fn space(&self) -> &'static str {
        match self.end {
            AtomEnd::Sentence if self.text.ends_with(is_unspaced) => "",
            AtomEnd::Sentence | AtomEnd::Space => " ",
            AtomEnd::Character | AtomEnd::Word => "",
        }
    }
}

/// Returns the atoms of a sentence; none if no word of it is heard.
pub(super) fn atoms(sentence: &TimedSentence) -> Vec<Atom> {
    if sentence.words.iter().all(|word| word.samples.is_empty()) {
        return Vec::new();
    }
    let words = sentence.words.iter();
    let mut atoms: Vec<_> = words
        .flat_map(|word| atoms_of_word(word, sentence))
        .collect();
    if let Some(last) = atoms.last_mut() {
        last.end = AtomEnd::Sentence;
    }
    atoms
}

fn atoms_of_word(word: &TimedWord, sentence: &TimedSentence) -> Vec<Atom> {
    // Players and formats give control characters meanings of their own.
    let shown = |c: &char| !c.is_control() && !matches!(c, '\u{FEFF}' | '\u{2028}' | '\u{2029}');
    let text: String = word.text.chars().filter(shown).collect();
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    let pieces = pieces(text);
    let times = times(&pieces, word, sentence);
    let last = pieces.len() - 1;
    let atom = |(n, ((piece, end), samples)): (usize, ((&str, AtomEnd), Range<u64>))| Atom {
        text: piece.to_owned(),
        columns: piece.width(),
        samples,
        end: match n == last {
            true => AtomEnd::Space,
            false => end,
        },
    };
    pieces
        .into_iter()
        .zip(times)
        .enumerate()
        .map(atom)
        .collect()
}

/// Divides a word where a line may end.
fn pieces(word: &str) -> Vec<(&str, AtomEnd)> {
    let is_long = word.width() > MAX_COLUMNS;
    let mut pieces = Vec::new();
    let mut start = 0;
    // Unicode's rules (UAX #14) allow more places, such as behind hyphens. There only what
    // is too long is cut.
    for (at, _) in linebreaks(word) {
        let (before, after) = (word[..at].chars().next_back(), word[at..].chars().next());
        let end = match before.is_some_and(is_unspaced) || after.is_some_and(is_unspaced) {
            true => AtomEnd::Character,
            false => AtomEnd::Word,
        };
        let is_place = at == word.len() || is_long || end == AtomEnd::Character;
        if !is_place || at == start {
            continue;
        }
        let piece = &word[start..at];
        start = at;
        match piece.width() > MAX_COLUMNS {
            true => pieces.extend(graphemes(piece, end)),
            false => pieces.push((piece, end)),
        }
    }
    pieces
}

/// Divides what is too long and has no place to end a line.
fn graphemes(piece: &str, end: AtomEnd) -> Vec<(&str, AtomEnd)> {
    let mut pieces = Vec::new();
    let (mut start, mut columns) = (0, 0);
    for (at, grapheme) in piece.grapheme_indices(true) {
        columns += grapheme.width();
        if columns > MAX_COLUMNS && at > start {
            pieces.push((&piece[start..at], AtomEnd::Word));
            (start, columns) = (at, grapheme.width());
        }
    }
    pieces.push((&piece[start..], end));
    pieces
}

/// Returns whether `c` is of a script without spaces between words, whose lines may end
/// between most characters: Chinese and Japanese. Korean has spaces.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{2E80}'..='\u{2FDF}' // radicals
        | '\u{3000}'..='\u{30FF}' // marks, hiragana, katakana
        | '\u{31F0}'..='\u{4DBF}' // katakana, ideographs
        | '\u{4E00}'..='\u{A4CF}' // ideographs, Yi
        | '\u{F900}'..='\u{FAFF}' // ideographs
        | '\u{FE30}'..='\u{FE4F}' // marks
        | '\u{FF01}'..='\u{FF9F}' // full and half widths
        | '\u{20000}'..='\u{3FFFF}') // ideographs
}

/// Divides the time of a word among its pieces, by their graphemes.
///
/// The marks of a Chinese sentence are in its phonemes too: what is between two of them
/// keeps its time, so that a cue that begins behind one is not early.
fn times(
    pieces: &[(&str, AtomEnd)],
    word: &TimedWord,
    sentence: &TimedSentence,
) -> Vec<Range<u64>> {
    if let [_] = pieces {
        return vec![word.samples.clone()];
    }
    let clauses = clauses(pieces, word, sentence);
    let mut times = Vec::with_capacity(pieces.len());
    for (pieces, samples) in clauses {
        let lengths: Vec<_> = pieces.iter().map(|(piece, _)| length(piece)).collect();
        let total = lengths.iter().sum::<u64>().max(1);
        let mut before = 0;
        let at = |length: u64| {
            let share = u128::from(samples.end - samples.start) * u128::from(length);
            samples.start + (share / u128::from(total)) as u64
        };
        for length in lengths {
            times.push(at(before)..at(before + length));
            before += length;
        }
    }
    times
}

/// How many graphemes of a piece are heard.
fn length(piece: &str) -> u64 {
    let graphemes = piece.graphemes(true);
    let heard = graphemes.filter(|grapheme| grapheme.contains(char::is_alphanumeric));
    heard.count() as u64
}

type Pieces<'p, 't> = &'p [(&'t str, AtomEnd)];

/// Divides a word behind its marks; not at all if its phonemes have other ones.
fn clauses<'p, 't>(
    pieces: Pieces<'p, 't>,
    word: &TimedWord,
    sentence: &TimedSentence,
) -> Vec<(Pieces<'p, 't>, Range<u64>)> {
    let whole = || vec![(pieces, word.samples.clone())];
    let Some(phonemes) = sentence.phonemes.get(word.phonemes.clone()) else {
        return whole();
    };
    let is_mark = |text: &str| text.chars().any(is_clause_mark);
    let ends_clause = |(piece, _): &(&str, AtomEnd)| is_mark(piece);
    let clauses: Vec<_> = pieces.split_inclusive(ends_clause).collect();
    let mut ends: Vec<_> = phonemes
        .chunk_by(|a, b| !is_mark(&a.phoneme) || is_mark(&b.phoneme))
        .map(|clause| clause.last().map_or(0, |last| last.samples.end))
        .collect();
    if ends.len() != clauses.len() || !ends.is_sorted() {
        return whole();
    }
    let mut start = word.samples.start;
    if let Some(last) = ends.last_mut() {
        *last = word.samples.end;
    }
    let range = |end: u64| {
        let end = end.clamp(start, word.samples.end.max(start));
        std::mem::replace(&mut start, end)..end
    };
    let ranges: Vec<_> = ends.into_iter().map(range).collect();
    clauses.into_iter().zip(ranges).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing::{Precision, TimedPhoneme};

    /// A sentence of one word that takes 1000 samples, and its phonemes, 100 each.
    fn sentence(text: &str, phonemes: &[&str]) -> TimedSentence {
        let phoneme = |(n, phoneme): (u64, &&str)| TimedPhoneme {
            phoneme: (*phoneme).to_owned(),
            samples: n * 100..(n + 1) * 100,
        };
        TimedSentence {
            text: text.to_owned(),
            source: 0..text.len(),
            samples: 0..1000,
            words: vec![TimedWord {
                text: text.to_owned(),
                source: 0..text.len(),
                samples: 0..1000,
                phonemes: 0..phonemes.len(),
            }],
            phonemes: (0..).zip(phonemes).map(phoneme).collect(),
            precision: Precision::Measured,
        }
    }

    fn texts(atoms: &[Atom]) -> Vec<&str> {
        atoms.iter().map(|atom| atom.text.as_str()).collect()
    }

    #[test]
    fn a_word_is_an_atom_and_so_is_a_chinese_character_with_its_marks() {
        for (word, expected) in [
            ("well-known", &["well-known"][..]),
            ("“$5.50”", &["“$5.50”"]),
            ("한국어", &["한국어"]),
            ("「你好」，", &["「你", "好」，"]),
            ("ちょっと", &["ちょっ", "と"]),
            ("A\u{7}B", &["AB"]),
        ] {
            assert_eq!(texts(&atoms(&sentence(word, &[]))), expected);
        }
    }

    #[test]
    fn what_is_too_long_is_cut_at_hyphens_or_else_between_graphemes() {
        let long = format!("{}-{}", "a".repeat(40), "e\u{301}".repeat(50));
        let atoms = atoms(&sentence(&long, &[]));
        let columns: Vec<_> = atoms.iter().map(|atom| atom.columns).collect();
        assert_eq!(columns, [41, 42, 8]);
        assert!(atoms[2].text.starts_with("e\u{301}"));
        assert_eq!(
            (atoms[0].end, atoms[2].end),
            (AtomEnd::Word, AtomEnd::Sentence)
        );
    }

    #[test]
    fn the_clauses_of_a_chinese_sentence_keep_their_times() {
        let phonemes = ["n", "i", "3", "，", "x", "ing", "2", "m", "a", "？"];
        let with_marks = sentence("你，行吗？", &phonemes);
        let atoms_of = atoms(&with_marks);
        assert_eq!(texts(&atoms_of), ["你，", "行", "吗？"]);
        let starts: Vec<_> = atoms_of.iter().map(|atom| atom.samples.start).collect();
        assert_eq!(starts, [0, 400, 700]);
        // Without marks in the phonemes: in proportion.
        let atoms = atoms(&sentence("你，行吗？", &phonemes[..3]));
        let starts: Vec<_> = atoms.iter().map(|atom| atom.samples.start).collect();
        assert_eq!(starts, [0, 333, 666]);
    }

    #[test]
    fn a_sentence_that_is_not_heard_has_no_atoms() {
        let mut silent = sentence("***", &[]);
        silent.words[0].samples = 0..0;
        assert_eq!(atoms(&silent), []);
    }
}
