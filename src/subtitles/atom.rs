//! An atom: what stays together in a line. A word, or a part of one: a Chinese
//! character, a piece of what is too long for a line.

use std::ops::Range;

use unicode_linebreak::linebreaks;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::MAX_COLUMNS;
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
    // Chinese words have nothing between them.
    let runs = sentence
        .words
        .chunk_by(|word, next| word.source.end == next.source.start);
    let mut atoms: Vec<_> = runs.flat_map(atoms_of_run).collect();
    if let Some(last) = atoms.last_mut() {
        last.end = AtomEnd::Sentence;
    }
    atoms
}

/// Returns the atoms of words without white space between them: mostly a single word.
fn atoms_of_run(words: &[TimedWord]) -> Vec<Atom> {
    let run: String = words.iter().map(|word| word.text.as_str()).collect();
    let mut atoms: Vec<Atom> = Vec::new();
    let mut start = 0;
    // A piece that is not shown is heard with the one before it, or else with the next one.
    let mut not_shown = 0..0;
    for (piece, end) in pieces(&run) {
        let samples = samples(words, start..start + piece.len());
        start += piece.len();
        // Players and formats give control characters meanings of their own.
        let text: String = piece.chars().filter(|c| !has_a_meaning(*c)).collect();
        let text = text.trim();
        match atoms.last_mut() {
            Some(last) if text.is_empty() => last.samples = joined(last.samples.clone(), samples),
            None if text.is_empty() => not_shown = joined(not_shown, samples),
            Some(_) | None => atoms.push(Atom {
                text: text.to_owned(),
                columns: text.width(),
                samples: joined(std::mem::take(&mut not_shown), samples),
                end,
            }),
        }
    }
    if let Some(last) = atoms.last_mut() {
        last.end = AtomEnd::Space;
    }
    atoms
}

/// Returns whether `c` ends lines, or is a command.
fn has_a_meaning(c: char) -> bool {
    c.is_control() || matches!(c, '\u{FEFF}' | '\u{2028}' | '\u{2029}')
}

/// Returns the samples of some bytes of a run.
fn samples(words: &[TimedWord], bytes: Range<usize>) -> Range<u64> {
    let mut start = 0;
    let of_words = words.iter().map(|word| {
        let own = start..start + word.text.len();
        start = own.end;
        (word, own)
    });
    let mut samples: Option<Range<u64>> = None;
    for (word, own) in of_words {
        let inside = bytes.start.max(own.start)..bytes.end.min(own.end);
        if inside.is_empty() {
            continue;
        }
        let heard = share(word, inside.start - own.start..inside.end - own.start);
        samples = Some(match samples {
            Some(samples) => joined(samples, heard),
            None => heard,
        });
    }
    samples.unwrap_or_default()
}

/// Returns the samples of two parts, one behind the other, of which each may be unheard.
fn joined(before: Range<u64>, after: Range<u64>) -> Range<u64> {
    match (before.is_empty(), after.is_empty()) {
        (false, false) => before.start..after.end,
        (false, true) => before,
        (true, _) => after,
    }
}

/// Returns the samples of some bytes of a word, in proportion. Each part of a word that is
/// heard is heard, however short the word is.
fn share(word: &TimedWord, bytes: Range<usize>) -> Range<u64> {
    let total = word.text.len() as u128;
    let length = u128::from(word.samples.end - word.samples.start);
    let at = |byte: usize| word.samples.start + (length * byte as u128 / total.max(1)) as u64;
    let start = at(bytes.start);
    start..at(bytes.end).max(start + length.min(1) as u64)
}

/// Divides a run where a line may end.
fn pieces(run: &str) -> Vec<(&str, AtomEnd)> {
    let is_long = run.width() > MAX_COLUMNS;
    let mut pieces = Vec::new();
    let mut start = 0;
    // Unicode's rules (UAX #14) allow more places, such as behind hyphens. There only what
    // is too long is cut.
    for (at, _) in linebreaks(run) {
        let (before, after) = (run[..at].chars().next_back(), run[at..].chars().next());
        let end = match before.is_some_and(is_unspaced) || after.is_some_and(is_unspaced) {
            true => AtomEnd::Character,
            false => AtomEnd::Word,
        };
        let is_place = at == run.len() || is_long || end == AtomEnd::Character;
        if !is_place || at == start {
            continue;
        }
        let piece = &run[start..at];
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing::Precision;

    /// A sentence of words that take 100 samples each, without space between them.
    fn sentence(words: &[&str]) -> TimedSentence {
        let mut at = 0;
        let word = |(n, word): (u64, &&str)| {
            let start = at;
            at += word.len();
            TimedWord {
                text: (*word).to_owned(),
                source: start..at,
                samples: n * 100..(n + 1) * 100,
                phonemes: 0..0,
            }
        };
        TimedSentence {
            words: (0..).zip(words).map(word).collect(),
            text: words.concat(),
            source: 0..at,
            samples: 0..words.len() as u64 * 100,
            phonemes: vec![],
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
            assert_eq!(texts(&atoms(&sentence(&[word]))), expected);
        }
    }

    #[test]
    fn what_is_too_long_is_cut_at_hyphens_or_else_between_graphemes() {
        let long = format!("{}-{}", "a".repeat(40), "e\u{301}".repeat(50));
        let atoms = atoms(&sentence(&[&long]));
        let columns: Vec<_> = atoms.iter().map(|atom| atom.columns).collect();
        assert_eq!(columns, [41, 42, 8]);
        assert!(atoms[2].text.starts_with("e\u{301}"));
        assert_eq!(
            (atoms[0].end, atoms[2].end),
            (AtomEnd::Word, AtomEnd::Sentence)
        );
    }

    #[test]
    fn all_of_a_very_short_word_is_heard() {
        let mut sentence = sentence(&[&"a-".repeat(100)]);
        sentence.words[0].samples = 7..8;
        let atoms = atoms(&sentence);
        assert!(atoms.len() > 2, "{atoms:?}");
        assert!(atoms.iter().all(|atom| atom.samples == (7..8)), "{atoms:?}");
    }

    #[test]
    fn white_space_in_a_word_is_heard_with_it() {
        for word in ["\u{3000}word", "word\u{3000}", "\u{3000}word\u{3000}"] {
            let atoms = atoms(&sentence(&[word]));
            assert_eq!(texts(&atoms), ["word"], "{word:?}");
            assert_eq!(atoms[0].samples, 0..100, "{word:?}");
        }
    }

    #[test]
    fn chinese_words_keep_their_times() {
        let starts = |words: &[&str]| -> Vec<_> {
            let atoms = atoms(&sentence(words));
            let parts = atoms.iter();
            parts
                .map(|atom| (atom.text.clone(), atom.samples.start))
                .collect()
        };
        let expected = [("你，", 0), ("行", 100), ("吗？", 200)];
        let expected = expected.map(|(text, start)| (text.to_owned(), start));
        assert_eq!(starts(&["你，", "行", "吗？"]), expected);
        // A word of several characters: in proportion.
        assert_eq!(starts(&["你好"])[1].1, 50);
    }

    #[test]
    fn a_sentence_that_is_not_heard_has_no_atoms() {
        let mut silent = sentence(&["***"]);
        silent.words[0].samples = 0..0;
        assert_eq!(atoms(&silent), []);
    }
}
