//! Documents → the text that a person would read aloud.
//!
//! [`Document`] reads a file of a [`Format`] and returns its text as [`Block`]s:
//! paragraphs, headings and lines, without markup. What follows is the same as for
//! plain text: a block [becomes](Block::into_passage) a [`Passage`](crate::text::Passage).
//!
//! Documents are not trusted. HTML and the text of PDFs are read whole, up to 64 MiB,
//! and Markdown, up to 16 MiB; so are the parts of EPUB and DOCX, one at a time, and up
//! to 128 MiB of them. Subtitles and CSV are read as they arrive. No document gives more
//! than 256 MiB of text, no more than 128 MiB of blocks are held at once, and no block is
//! longer than 64 KiB.
//!
//! ```
//! use piper_rs::document::{Document, DocumentOptions, Format};
//! use piper_rs::text::Input;
//!
//! # fn main() -> piper_rs::Result<()> {
//! let input = Input::Text("# Title\n\nSome *words* of [text](https://example.org).".into());
//! let document = Document::open(input, Format::Markdown, &DocumentOptions::default())?;
//! let blocks: Vec<String> = document.map(|block| Ok(block?.text)).collect::<piper_rs::Result<_>>()?;
//! assert_eq!(blocks, ["Title", "Some words of text."]);
//! # Ok(())
//! # }
//! ```

mod archive;
mod block;
mod block_builder;
mod detect;
mod docx;
mod end_tags;
mod epub;
mod format;
mod front_matter;
mod html;
mod html_elements;
mod html_guard;
mod html_tag;
mod html_text;
mod markdown;
mod pdf_contents;
mod pdf_pages;
mod pdf_text;
mod rows;
mod source;
mod ssml;
mod subtitles;
mod text_tag;
mod xml;

pub use block::{Block, BlockKind};
pub use format::Format;

use std::collections::VecDeque;

use crate::text::{Encoding, Input};
use crate::{BadDocument, Error, Result};
use block_builder::BlockBuilder;

/// How to read a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentOptions {
    /// The encoding; `None` is what the document says, or else UTF-8. In EPUB and DOCX,
    /// that of parts that are neither: `None` is windows-1252.
    pub encoding: Option<Encoding>,
    /// Whether blocks of code are read.
    pub code: Code,
    /// What becomes of the cues of subtitles.
    pub cues: Cues,
}

/// Whether blocks of code are read. Code within a sentence always is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Code {
    /// They are left out.
    #[default]
    Skip,
    /// They are read, line by line.
    Read,
}

/// What becomes of the cues of subtitles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cues {
    /// They are joined to paragraphs: a sentence may go over several cues.
    #[default]
    Join,
    /// Each is a block, with its time.
    Single,
}

/// What a document says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Its title.
    pub title: Option<String>,
    /// Its authors, joined by commas.
    pub author: Option<String>,
}

/// The blocks of a document, in order. After an error there are no more.
pub struct Document {
    origin: String,
    metadata: Metadata,
    reader: Option<Box<dyn Reader>>,
    /// Those that were read, if there is no reader.
    rest: VecDeque<Block>,
    /// The bytes of the passages that were returned.
    offset: u64,
}

/// Reads a document of one format.
trait Reader {
    /// Reads a part of the document.
    fn advance(&mut self) -> Result<Progress, ReadError>;
    /// Returns what makes the blocks.
    fn with_builder(&mut self, take: &mut dyn FnMut(&mut BlockBuilder));
}

/// Whether a reader is at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    More,
    Ended,
}

/// An error of a reader: of the document, or of its input.
#[derive(Debug)]
enum ReadError {
    Document(BadDocument),
    /// It names its origin.
    Input(Error),
}

impl From<BadDocument> for ReadError {
    fn from(bad: BadDocument) -> Self {
        Self::Document(bad)
    }
}

impl From<Error> for ReadError {
    fn from(error: Error) -> Self {
        Self::Input(error)
    }
}

impl ReadError {
    fn into_error(self, origin: &str) -> Error {
        match self {
            Self::Input(error) => error,
            Self::Document(source) => Error::Document {
                origin: origin.to_owned(),
                source,
            },
        }
    }
}

impl Document {
    /// Opens a document of this format.
    ///
    /// # Errors
    /// [`Error::Input`] and [`Error::NotText`] as for text; [`Error::Document`] if it
    /// is damaged, or too large.
    pub fn open(input: Input, format: Format, options: &DocumentOptions) -> Result<Self> {
        let origin = source::name(&input);
        let opened = match format {
            Format::Markdown => source::whole(input, options.encoding)
                .and_then(|text| markdown::read(&text, options))
                .map(|blocks| Self::of_blocks(&origin, blocks)),
            Format::Ssml => source::html(input, options.encoding)
                .and_then(|text| Ok(Self::of_blocks(&origin, ssml::read(&text)?))),
            Format::PdfText => source::pages(input, options.encoding)
                .and_then(|text| Ok(Self::of_blocks(&origin, pdf_text::read(&text)?))),
            Format::Html => source::html(input, options.encoding).map(|text| {
                let page = html::HtmlPage::new(html_text::Syntax::Html, options.code);
                let reader = html::HtmlReader::new(text, page);
                Self::of_reader(&origin, Metadata::default(), Box::new(reader))
            }),
            Format::Srt | Format::Vtt => source::lines(input, options.encoding).map(|lines| {
                let reader = subtitles::SubtitleReader::new(lines, format, options.cues);
                Self::of_reader(&origin, Metadata::default(), Box::new(reader))
            }),
            Format::Csv => rows::RowReader::new(input, options.encoding)
                .map(|reader| Self::of_reader(&origin, Metadata::default(), Box::new(reader))),
            Format::Epub => epub::EpubReader::open(input, options)
                .map(|(metadata, reader)| Self::of_reader(&origin, metadata, Box::new(reader))),
            Format::Docx => docx::DocxReader::open(input, options)
                .map(|(metadata, reader)| Self::of_reader(&origin, metadata, Box::new(reader))),
        };
        opened.map_err(|error| error.into_error(&origin))
    }

    /// Returns what the document says about itself: only EPUB and DOCX do.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the name of the document, for errors and passages.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    fn of_blocks(origin: &str, blocks: VecDeque<Block>) -> Self {
        Self {
            origin: origin.to_owned(),
            metadata: Metadata::default(),
            reader: None,
            rest: blocks,
            offset: 0,
        }
    }

    fn of_reader(origin: &str, metadata: Metadata, reader: Box<dyn Reader>) -> Self {
        Self {
            origin: origin.to_owned(),
            metadata,
            reader: Some(reader),
            rest: VecDeque::new(),
            offset: 0,
        }
    }

    /// Returns the next block that the reader has; reads on until there is one.
    fn read(&mut self) -> Result<Option<Block>, ReadError> {
        let Some(reader) = &mut self.reader else {
            return Ok(None);
        };
        loop {
            let (mut next, mut checked) = (None, Ok(()));
            reader.with_builder(&mut |builder| {
                next = builder.next();
                checked = builder.check_limits();
            });
            checked?;
            if next.is_some() {
                return Ok(next);
            }
            if reader.advance()? == Progress::Ended {
                let rest = &mut self.rest;
                reader.with_builder(&mut |builder| {
                    *rest = std::mem::take(builder).into_blocks();
                });
                self.reader = None;
                return Ok(self.rest.pop_front());
            }
        }
    }
}

impl Iterator for Document {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match self.rest.pop_front() {
            Some(block) => Ok(Some(block)),
            None => self.read(),
        };
        match next {
            Ok(next) => next.map(|mut block| {
                block.offset = self.offset;
                self.offset += block.passage_bytes();
                Ok(block)
            }),
            Err(error) => {
                self.reader = None;
                Some(Err(error.into_error(&self.origin)))
            }
        }
    }
}

fn too_large(place: &str, limit_mib: u64) -> BadDocument {
    BadDocument::TooLarge {
        place: place.to_owned(),
        limit_mib,
    }
}

#[cfg(test)]
mod mutated_tests;
#[cfg(test)]
mod tests;
