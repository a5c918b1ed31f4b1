//! The chapters of a document: those that a book tells, or else its headings.

use std::ops::Range;

use piper_rs::document::{Block, BlockKind, Document, Format};
use piper_rs::{CancelToken, Error, Result};

use super::book::{Book, BookChapter, FRONT_MATTER};
use super::entry::LocationUnit;
use super::headings::numbered;
use crate::args::SplitArg;
use crate::speech::source::{LastDocument, Source};

/// Headings that begin a chapter: as Markdown's `#` and `##`.
const CHAPTER_LEVELS: Range<u8> = 1..3;

/// Where a chapter begins.
#[derive(Debug)]
struct Start {
    title: String,
    /// The number of its first block, counted from 0.
    block: usize,
    line: u64,
}

/// Divides a document: an EPUB always, others only if `split` says so.
pub(super) fn divide(
    source: &Source,
    format: Format,
    document: Document,
    split: Option<SplitArg>,
    last: &LastDocument,
    cancel: &CancelToken,
) -> Result<Book> {
    let metadata = document.metadata().clone();
    let starts = match format == Format::Epub || split.is_some() {
        true => starts(format, document, cancel)?,
        false => Vec::new(),
    };
    let front_matter = starts.first().filter(|first| first.block > 0);
    let front_matter = front_matter.map(|first| BookChapter {
        title: FRONT_MATTER.to_owned(),
        line: 1,
        source: source.blocks(0..first.block, last),
    });
    let ends = starts.iter().skip(1).map(|next| next.block);
    let ends: Vec<_> = ends.chain([usize::MAX]).collect();
    let chapters = starts
        .into_iter()
        .zip(ends)
        .map(|(start, end)| BookChapter {
            title: start.title,
            line: start.line,
            source: source.blocks(start.block..end, last),
        });
    Ok(Book {
        metadata,
        unit: match format.is_archive() {
            true => LocationUnit::Paragraph,
            false => LocationUnit::Line,
        },
        chapters: front_matter.into_iter().chain(chapters).collect(),
        ..Book::default()
    })
}

fn starts(format: Format, document: Document, cancel: &CancelToken) -> Result<Vec<Start>> {
    let (mut told, mut headings) = (Vec::new(), Vec::new());
    for (n, block) in document.enumerate() {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let block = block?;
        let start = |title: &str| Start {
            title: title.to_owned(),
            block: n,
            line: block.line,
        };
        told.extend(block.chapter.as_deref().map(start));
        if is_heading(format, &block) {
            headings.push(start(&block.text));
        }
    }
    Ok(if told.is_empty() { headings } else { told })
}

fn is_heading(format: Format, block: &Block) -> bool {
    match block.kind {
        BlockKind::Heading(level) => CHAPTER_LEVELS.contains(&level),
        // It has no marks of headings.
        BlockKind::Paragraph if format == Format::PdfText => numbered(&block.text).is_some(),
        BlockKind::Paragraph | BlockKind::Line => false,
    }
}
