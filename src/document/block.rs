//! What a reader of documents returns: the lines of their paragraphs.

use std::ops::Range;
use std::time::Duration;

use crate::parts::ssml::SsmlPart;
use crate::text::Passage;

/// A line of a document, as it is to be read: a paragraph, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Words, without line ends and markup; `* * *` for a rule.
    pub text: String,
    /// What kind of line it is.
    pub kind: BlockKind,
    /// Where it begins, counted from 1: a line of the file; in EPUB and DOCX, which
    /// have no lines, a block.
    pub line: u64,
    /// How many bytes the [passages](Self::into_passage) before it have.
    pub offset: u64,
    /// The title of the chapter that begins here.
    pub chapter: Option<String>,
    /// When a subtitle is shown.
    pub cue: Option<Range<Duration>>,
    /// How its parts are spoken, if the format is SSML.
    pub parts: Vec<SsmlPart>,
    /// What is wrong with the document near it, in words: a page that is missing.
    pub notes: Vec<String>,
}

/// What a block is; it decides the pause after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// A heading, 1 to 6.
    Heading(u8),
    /// A paragraph, or its last line.
    Paragraph,
    /// A line that another one of the same paragraph follows: of a list, a
    /// table or verse.
    Line,
}

impl BlockKind {
    /// Returns what ends the passage of such a block.
    fn end(self) -> &'static str {
        match self {
            Self::Line => "\n",
            Self::Heading(_) | Self::Paragraph => "\n\n",
        }
    }
}

impl Block {
    /// Returns how many bytes its passage has.
    pub(super) fn passage_bytes(&self) -> u64 {
        (self.text.len() + self.kind.end().len()) as u64
    }

    /// Returns the block as a passage of the input called `origin`.
    pub fn into_passage(self, origin: &str) -> Passage {
        Passage {
            text: self.text + self.kind.end(),
            origin: origin.to_owned(),
            line: self.line,
            offset: self.offset,
            resume_point: None,
            parts: self.parts,
            notes: self.notes,
        }
    }
}
