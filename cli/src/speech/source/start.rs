//! `--start-at`: the passages of a text from a place on.

use std::collections::BTreeSet;
use std::io;

use piper_rs::chunk::{self, Boundary, ChunkOptions};
use piper_rs::text::Passage;
use piper_rs::{Error, Result};

use super::folded::Folded;
use crate::args::StartAt;
use crate::terminal::quote::quoted;
use crate::terminal::suggest::nearest;

/// Where reading begins.
#[derive(Debug, Clone)]
pub(super) enum Start {
    /// As it was typed, and how the text is divided into sentences.
    Typed(StartAt, ChunkOptions),
    Place(TextPlace),
}

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextPlace {
    /// The input, as its passages name it.
    pub(crate) origin: String,
    /// The bytes of text before the place.
    pub(crate) offset: u64,
}

/// What a passage is, which decides where it can be divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PassageKind {
    /// Lines of plain text.
    Lines,
    /// A line with an object of JSON.
    Object,
    /// A block of a document that begins at a line of it.
    Block,
    /// A block of a document without lines. Its line is its number.
    NumberedBlock,
}

/// A passage, and the number of its input.
pub(super) type Found = (usize, PassageKind, Passage);

/// Passages from a place on.
pub(super) struct Started<'a, I> {
    /// `None` once the place is found.
    start: Option<&'a Start>,
    passages: I,
    /// A passage that was read to find the place.
    next: Option<Passage>,
}

impl<'a, I: Iterator<Item = Result<Found>>> Started<'a, I> {
    pub(super) fn new(start: &'a Start, passages: I) -> Self {
        Self {
            start: Some(start),
            passages,
            next: None,
        }
    }

    /// Returns the rest of the passage in which the line is. Other inputs than the
    /// first have lines of their own.
    fn find_line(&mut self, line: u64) -> Result<Passage> {
        let mut last: Option<(PassageKind, Passage)> = None;
        let mut origin = None;
        for found in self.passages.by_ref() {
            let (input, kind, passage) = found?;
            if input > 0 {
                break;
            }
            origin.get_or_insert_with(|| passage.origin.clone());
            let lines = lines_of(&passage);
            let skipped = line.checked_sub(passage.line);
            match (kind, skipped) {
                (PassageKind::Lines | PassageKind::Object, Some(skipped)) if skipped < lines => {
                    let mut ends = passage.text.match_indices('\n').map(|(at, _)| at + 1);
                    let at = match skipped {
                        0 => 0,
                        n => ends.nth(n as usize - 1).unwrap_or_default(),
                    };
                    return Ok(cut(passage, at));
                }
                (PassageKind::Block | PassageKind::NumberedBlock, Some(0)) => return Ok(passage),
                // The line is within the block before, or else it has no words.
                (PassageKind::Block, None) => {
                    return Ok(match last.take() {
                        Some((_, before)) => {
                            self.next = Some(passage);
                            before
                        }
                        None => passage,
                    });
                }
                _ => last = Some((kind, passage)),
            }
        }
        let end = match last {
            // How many lines a block has is not known.
            Some((PassageKind::Block, last)) => return Ok(last),
            Some((PassageKind::NumberedBlock, last)) => format!("paragraph {}", last.line),
            Some((_, last)) => format!("line {}", last.line + lines_of(&last) - 1),
            None => "empty".to_owned(),
        };
        let message = format!("`--start-at {line}` is after its end, which is {end}");
        Err(not_found(origin, message))
    }

    /// Returns the rest of the passage from a place on. If that is the end of its input,
    /// returns the next input's first passage.
    fn find_place(&mut self, place: &TextPlace) -> Option<Result<Passage>> {
        let mut is_after = false;
        for found in self.passages.by_ref() {
            let (_, kind, passage) = match found {
                Ok(found) => found,
                Err(error) => return Some(Err(error)),
            };
            if passage.origin != place.origin {
                if is_after {
                    return Some(Ok(passage));
                }
                continue;
            }
            is_after = true;
            let skipped = place.offset.saturating_sub(passage.offset);
            let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
            if skipped < passage.text.len() {
                let is_whole = kind == PassageKind::Object || !passage.parts.is_empty();
                let at = passage.text.floor_char_boundary(skipped);
                return Some(Ok(if is_whole { passage } else { cut(passage, at) }));
            }
        }
        None
    }

    /// Returns the rest of the passage from the sentence on that has these words.
    fn find_words(&mut self, words: &str, chunks: &ChunkOptions) -> Result<Passage> {
        let folded = Folded::of(words);
        let mut near = Nearest::new(&folded);
        let (mut origin, mut inputs) = (None, 0);
        for found in self.passages.by_ref() {
            let (input, kind, passage) = found?;
            inputs = input + 1;
            origin = Some(passage.origin.clone());
            if let Some(at) = Folded::of(&passage.text).find(&folded) {
                return Ok(match kind {
                    PassageKind::Object => passage,
                    // It is spoken part by part.
                    _ if !passage.parts.is_empty() => passage,
                    _ => {
                        let start = sentence_start(&passage.text, at, chunks);
                        cut(passage, start)
                    }
                });
            }
            near.compare(&passage);
        }
        let origin = match inputs {
            2.. => Some(format!("{inputs} files")),
            _ => origin,
        };
        let tip = match near.best {
            Some((_, place, text)) => format!("; the nearest is {} in {place}", quoted(&text)),
            None => String::new(),
        };
        let message = format!(
            "no sentence has {}, as `--start-at` says{tip}",
            quoted(words)
        );
        Err(not_found(origin, message))
    }
}

impl<I: Iterator<Item = Result<Found>>> Iterator for Started<'_, I> {
    type Item = Result<Passage>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(start) = self.start.take() {
            return match start {
                Start::Typed(StartAt::Line(line), _) => Some(self.find_line(*line)),
                Start::Typed(StartAt::Words(words), chunks) => Some(self.find_words(words, chunks)),
                Start::Place(place) => self.find_place(place),
            };
        }
        match self.next.take() {
            Some(next) => Some(Ok(next)),
            None => Some(self.passages.next()?.map(|(_, _, passage)| passage)),
        }
    }
}

/// The line that is most similar to some words.
struct Nearest<'a> {
    words: BTreeSet<&'a str>,
    /// How many of the words it has, its place and its text.
    best: Option<(usize, String, String)>,
}

impl<'a> Nearest<'a> {
    fn new(words: &'a Folded) -> Self {
        Self {
            words: words.words().collect(),
            best: None,
        }
    }

    /// Looks for a line in `passage` that has more of the words, or similar ones.
    fn compare(&mut self, passage: &Passage) {
        for (line, number) in passage.text.lines().zip(passage.line..) {
            let folded = Folded::of(line);
            let has = |word: &&&str| {
                let mut same_start = folded
                    .words()
                    .filter(|other| other.starts_with(first(word)));
                nearest(word, &mut same_start).is_some()
            };
            let count = self.words.iter().filter(has).count();
            if count > self.best.as_ref().map_or(0, |(best, ..)| *best) {
                let place = format!("line {number} of {}", passage.origin);
                self.best = Some((count, place, line.to_owned()));
            }
        }
    }
}

fn first(word: &str) -> char {
    word.chars().next().unwrap_or_default()
}

/// Returns how many lines a passage has; the last one may have no line end.
fn lines_of(passage: &Passage) -> u64 {
    passage.text.lines().count().max(1) as u64
}

/// Returns the start of the sentence that has the byte `at` of a text.
fn sentence_start(text: &str, at: usize, chunks: &ChunkOptions) -> usize {
    let (mut start, mut is_clause) = (0, false);
    for sentence in chunk::split(text, chunks).flat_map(|chunk| chunk.sentences) {
        let begin = sentence.text.as_ptr() as usize - text.as_ptr() as usize;
        if begin > at {
            break;
        }
        if !is_clause {
            start = begin;
        }
        is_clause = sentence.boundary == Boundary::Clause;
    }
    start
}

/// Returns a passage from the byte `at` on.
fn cut(mut passage: Passage, at: usize) -> Passage {
    let rest = passage.text.split_off(at);
    passage.line += passage.text.matches('\n').count() as u64;
    passage.offset += at as u64;
    passage.text = rest;
    passage
}

fn not_found(origin: Option<String>, message: String) -> Error {
    Error::Input {
        origin: origin.unwrap_or_else(|| "the text".to_owned()),
        source: io::Error::other(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piper_rs::text::{Input, PassageUnit, Passages, ReadOptions};

    const TEXT: &str = "One. Two,\ntwo. Three.\n\n\nFour.\nCall me\nIshmael. Five.\n";

    fn passages(unit: PassageUnit, text: &str) -> Vec<Passage> {
        let options = ReadOptions {
            unit,
            ..ReadOptions::default()
        };
        let passages = Passages::open(Input::Text(text.into()), &options).unwrap();
        passages.map(|passage| passage.unwrap()).collect()
    }

    /// The line and offset at which reading starts, and all the text from there on.
    fn started(
        at: &str,
        kind: PassageKind,
        passages: Vec<Passage>,
    ) -> Result<(u64, u64, String), String> {
        let chunks = ChunkOptions {
            line_breaks: chunk::LineBreaks::Join,
            ..ChunkOptions::default()
        };
        let start = Start::Typed(at.parse().unwrap(), chunks);
        let found = passages.into_iter().map(|passage| Ok((0, kind, passage)));
        let rest: Result<Vec<_>> = Started::new(&start, found).collect();
        match rest {
            Ok(rest) => {
                let text = rest.iter().map(|passage| passage.text.as_str()).collect();
                Ok((rest[0].line, rest[0].offset, text))
            }
            Err(Error::Input { origin, source }) => Err(format!("{origin}: {source}")),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn every_line_can_be_the_first() {
        for unit in [PassageUnit::Line, PassageUnit::Paragraph] {
            let mut before = 0;
            for (n, line) in TEXT.split_inclusive('\n').enumerate() {
                let number = n as u64 + 1;
                let passages = passages(unit, TEXT);
                let found = started(&number.to_string(), PassageKind::Lines, passages).unwrap();
                assert_eq!(found, (number, before as u64, TEXT[before..].to_owned()));
                before += line.len();
            }
            let error = started("8", PassageKind::Lines, passages(unit, TEXT)).unwrap_err();
            let expected = "the given text: `--start-at 8` is after its end, which is line 7";
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn words_are_found_across_lines_and_spoken_from_the_start_of_their_sentence() {
        let found = |at| {
            let passages = passages(PassageUnit::Paragraph, TEXT);
            let (line, offset, text) = started(at, PassageKind::Lines, passages)?;
            assert_eq!(TEXT[offset as usize..], text);
            Ok::<_, String>((line, text.lines().next().unwrap().to_owned()))
        };
        assert_eq!(found("one").unwrap(), (1, "One. Two,".to_owned()));
        assert_eq!(found("two. three").unwrap(), (1, "Two,".to_owned()));
        assert_eq!(found("ME ISHMAEL").unwrap(), (6, "Call me".to_owned()));
        assert_eq!(
            found("call me ishmal").unwrap_err(),
            "the given text: no sentence has `call me ishmal`, as `--start-at` says; the nearest \
             is `Call me` in line 6 of the given text"
        );
        assert!(!found("xyz").unwrap_err().contains("nearest"));
    }

    #[test]
    fn blocks_of_documents_begin_at_their_line_or_before_it() {
        let blocks = || {
            let mut blocks = passages(PassageUnit::Line, "A a. B b.\nc\nd\n");
            for (block, line) in blocks.iter_mut().zip([3, 10, 20]) {
                block.line = line;
            }
            blocks
        };
        for (at, line) in [
            ("1", 3),
            ("3", 3),
            ("9", 3),
            ("10", 10),
            ("19", 10),
            ("99", 20),
        ] {
            let found = started(at, PassageKind::Block, blocks()).unwrap();
            assert_eq!(found.0, line, "{at}");
            assert_eq!(found.2.ends_with("c\nd\n"), line < 20);
        }
        let (line, offset, _) = started("b B", PassageKind::Block, blocks()).unwrap();
        assert_eq!((line, offset), (3, 5));
        let numbered = passages(PassageUnit::Line, "a\nb\n");
        let error = started("3", PassageKind::NumberedBlock, numbered).unwrap_err();
        assert!(
            error.ends_with("is after its end, which is paragraph 2"),
            "{error}"
        );
    }

    #[test]
    fn every_place_of_a_text_can_be_the_first() {
        let rest = |offset| {
            let start = Start::Place(TextPlace {
                origin: "the given text".to_owned(),
                offset,
            });
            let mut all = passages(PassageUnit::Paragraph, TEXT);
            let mut other = all[0].clone();
            (other.origin, other.text) = ("another".to_owned(), "Other.".to_owned());
            all.push(other);
            let found = all.into_iter().map(|p| Ok((0, PassageKind::Lines, p)));
            Started::new(&start, found)
                .map(|passage| passage.unwrap().text)
                .collect::<String>()
        };
        for offset in 0..=TEXT.len() + 1 {
            let expected = TEXT.get(offset..).unwrap_or_default().to_owned() + "Other.";
            assert_eq!(rest(offset as u64), expected, "{offset}");
        }
    }

    #[test]
    fn an_object_of_json_is_never_divided() {
        let objects = passages(PassageUnit::Line, "{\"text\": \"A. B.\"}\n");
        let (_, offset, _) = started("b.", PassageKind::Object, objects).unwrap();
        assert_eq!(offset, 0);
    }
}
