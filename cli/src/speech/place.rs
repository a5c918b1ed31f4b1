//! Where a text that is spoken comes from.

use std::borrow::Cow;
use std::ops::Range;

use piper_rs::text::Passage;
use serde::{Deserialize, Serialize};

/// A passage, in which its parts are found one after the other.
#[derive(Debug, Default)]
pub(crate) struct PassagePlace {
    file: String,
    line: u64,
    /// The bytes of text before the passage, if it is spoken as it was read.
    offset: Option<u64>,
    text: String,
    /// Where the next part begins, at the earliest.
    next: usize,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    file: String,
    line: u64,
    offset: Option<u64>,
    /// The bytes of text before its passage.
    passage_offset: u64,
    text: String,
}

/// Some words of a text, for programs.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourceRange<'a> {
    pub(crate) file: Cow<'a, str>,
    /// Counted from 1.
    pub(crate) line: u64,
    /// The first byte of the file's text and the one after the last, in UTF-8. `None`
    /// if the text is not spoken as it was read.
    pub(crate) bytes: Option<[u64; 2]>,
}

impl PassagePlace {
    /// The place of a passage that is spoken as it was read, or in parts.
    pub(crate) fn of(passage: &Passage) -> Self {
        Self {
            file: passage.origin.clone(),
            line: passage.line,
            offset: Some(passage.offset),
            text: passage.text.clone(),
            next: 0,
        }
    }

    /// The place of a text that a passage has in another form, as a line of JSON does.
    pub(crate) fn within(passage: &Passage) -> Self {
        Self {
            file: passage.origin.clone(),
            line: passage.line,
            ..Self::default()
        }
    }

    /// Returns the place of its next part. A part with a mark in it that is not spoken
    /// has the line of what is before it, and no bytes.
    pub(crate) fn part(&mut self, text: &str) -> Place {
        // White space around a mark goes to the part before it.
        let words = text.trim();
        let blank = text.len() - text.trim_start().len();
        let found = match self.offset {
            Some(offset) => self.text[self.next..].find(words).map(|at| (offset, at)),
            None => None,
        };
        let Some((offset, at)) = found else {
            return Place {
                file: self.file.clone(),
                line: self.line + lines_in(&self.text[..self.next]),
                offset: None,
                passage_offset: self.offset.unwrap_or_default(),
                text: String::new(),
            };
        };
        let start = self.next + at;
        self.next = start + words.len();
        Place {
            file: self.file.clone(),
            line: (self.line + lines_in(&self.text[..start]))
                .saturating_sub(lines_in(&text[..blank])),
            offset: (offset + start as u64).checked_sub(blank as u64),
            passage_offset: self.offset.unwrap_or_default(),
            text: text.to_owned(),
        }
    }
}

impl Place {
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Returns the line of one of its bytes, and how many bytes of text are before it, if
    /// that is known.
    pub(crate) fn line_and_offset(&self, byte: usize) -> (u64, Option<u64>) {
        let SourceRange { line, bytes, .. } = self.range(&(byte..byte));
        (line, bytes.map(|[start, _]| start))
    }

    /// Returns how many bytes of text are before its passage.
    pub(crate) fn passage_offset(&self) -> u64 {
        self.passage_offset
    }

    /// Returns the place of some of its bytes.
    pub(crate) fn range(&self, bytes: &Range<usize>) -> SourceRange<'_> {
        let before = self.text.get(..bytes.start).unwrap_or_default();
        let in_file = |offset: u64| [bytes.start, bytes.end].map(|byte| offset + byte as u64);
        SourceRange {
            file: Cow::Borrowed(&self.file),
            line: self.line + lines_in(before),
            bytes: self.offset.map(in_file),
        }
    }
}

fn lines_in(text: &str) -> u64 {
    text.matches('\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(text: &str) -> Passage {
        Passage {
            text: text.to_owned(),
            origin: "a.txt".to_owned(),
            line: 3,
            offset: 100,
            resume_point: None,
            parts: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn at(line: u64, bytes: Option<[u64; 2]>) -> SourceRange<'static> {
        SourceRange {
            file: Cow::Borrowed("a.txt"),
            line,
            bytes,
        }
    }

    #[test]
    fn words_have_the_line_and_the_bytes_of_the_file() {
        let text = "One.\n\nTwo three.\n";
        let place = PassagePlace::of(&passage(text)).part(text);
        assert_eq!(place.range(&(0..4)), at(3, Some([100, 104])));
        assert_eq!(place.range(&(10..15)), at(5, Some([110, 115])));
    }

    #[test]
    fn parts_are_found_in_order() {
        let mut passage =
            PassagePlace::of(&passage("No. {{speed=2}}No.\n[[pause 1s]]A \\{{ b. No.\n"));
        assert_eq!(
            passage.part("No.  ").range(&(0..3)),
            at(3, Some([100, 103]))
        );
        assert_eq!(
            passage.part("No.\n").range(&(0..3)),
            at(3, Some([115, 118]))
        );
        assert_eq!(passage.part("A {{ b. ").range(&(2..3)), at(3, None));
        assert_eq!(
            passage.part("No.\n").range(&(0..3)),
            at(4, Some([140, 143]))
        );
    }

    #[test]
    fn a_line_of_json_has_no_bytes() {
        let mut passage = PassagePlace::within(&passage(r#"{"text": "Hi."}"#));
        assert_eq!(passage.part("Hi.").range(&(0..3)), at(3, None));
    }
}
