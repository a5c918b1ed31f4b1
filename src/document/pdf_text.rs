//! The text that `pdftotext` and the like make of a PDF: without what belongs to
//! pages, and with paragraphs instead of lines.

use std::collections::VecDeque;

use super::BadDocument;
use super::block::Block;
use super::block_builder::BlockBuilder;
use super::pdf_contents;
use super::pdf_pages::{self, EDGE_LINES, Line};

/// A shorter line, compared with the others, ends a paragraph after a full stop.
const SHORT_PERCENT: usize = 75;

/// More than any book has: each page and each line takes memory besides its text.
const MAX_PAGES: usize = 100_000;
const MAX_LINES: usize = 1_000_000;
/// As many blank lines in a row are kept: the search for running heads goes no further.
const MAX_BLANK_LINES: usize = EDGE_LINES;

/// Reads a whole text, in which form feeds end pages.
pub(super) fn read(text: &str) -> Result<VecDeque<Block>, BadDocument> {
    let mut pages = pages(text)?;
    pdf_pages::drop_heads(&mut pages);
    paragraphs(&pages)
}

/// Divides a text into pages and lines. Pages without words are left out.
fn pages(text: &str) -> Result<Vec<Vec<Line<'_>>>, BadDocument> {
    let mut pages = Vec::new();
    let (mut number, mut lines) = (1, 0);
    let too_many = |parts, limit| Err(BadDocument::TooMany { parts, limit });
    for page in text.split('\x0C') {
        let mut kept = Vec::new();
        let mut blank = 0;
        for (n, line) in page.split('\n').enumerate() {
            number += u64::from(n > 0);
            let text = line.trim_end();
            blank = if text.is_empty() { blank + 1 } else { 0 };
            if blank <= MAX_BLANK_LINES {
                lines += 1;
                if lines > MAX_LINES {
                    return too_many("lines", MAX_LINES);
                }
                kept.push(Line {
                    number,
                    text,
                    is_dropped: false,
                });
            }
        }
        match page.trim().is_empty() {
            true => lines -= kept.len(),
            false => pages.push(kept),
        }
        if pages.len() > MAX_PAGES {
            return too_many("pages", MAX_PAGES);
        }
    }
    // It tells its pages, even if there is only one.
    if pages.len() == 1 && text.contains('\x0C') {
        pages.push(Vec::new());
    }
    Ok(pages)
}

fn paragraphs(pages: &[Vec<Line<'_>>]) -> Result<VecDeque<Block>, BadDocument> {
    let lines = pages.iter().flatten();
    let mut lengths: Vec<_> = lines
        .filter(|line| !line.is_dropped)
        .map(|line| line.text.trim().chars().count())
        .filter(|length| *length > 0)
        .collect();
    lengths.sort_unstable();
    // That of a full line: few lines are longer.
    let full = lengths.get(lengths.len() * 9 / 10).copied().unwrap_or(0);
    let mut text = Paragraphs {
        builder: BlockBuilder::default(),
        full,
        last: String::new(),
        is_indented: false,
        hyphen: None,
        gap: PageGap::None,
    };
    for page in pages {
        for (at, line) in page.iter().enumerate() {
            match line.is_dropped {
                true => text.gap = PageGap::Page,
                false => text.line(line, pdf_contents::title(page, at)),
            }
            text.builder.check_limits()?;
        }
        text.gap = PageGap::Page;
    }
    Ok(text.builder.into_blocks())
}

/// What was between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PageGap {
    None,
    Blank,
    /// A sentence may go on.
    Page,
}

/// How a line follows the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    Sentence,
    Line,
    Paragraph,
}

/// Joins lines to paragraphs.
struct Paragraphs {
    builder: BlockBuilder,
    /// The length of a full line.
    full: usize,
    /// The line before.
    last: String,
    is_indented: bool,
    /// The hyphen at the end of the line before.
    hyphen: Option<char>,
    gap: PageGap,
}

impl Paragraphs {
    /// Reads a line; `title` is that in a table of contents.
    fn line(&mut self, line: &Line<'_>, title: Option<&str>) {
        let written = line.text.trim();
        if written.is_empty() {
            self.gap = self.gap.max(PageGap::Blank);
            return;
        }
        let has_leader = title.is_some();
        let text = title.unwrap_or(written);
        let joint = match has_leader {
            true if self.gap == PageGap::Blank => Joint::Paragraph,
            true => Joint::Line,
            false => self.joint(text, line.text.starts_with("  ")),
        };
        match joint {
            Joint::Sentence => {}
            Joint::Line => self.end_line(),
            Joint::Paragraph => {
                self.end_line();
                self.builder.end_paragraph();
            }
        }
        self.builder.at_line(line.number);
        if let Some(hyphen) = self.hyphen.take() {
            // Otherwise the hyphen only cut the word.
            if !text.starts_with(char::is_lowercase) || begins_with_conjunction(text) {
                self.builder.text(hyphen.encode_utf8(&mut [0; 4]));
                self.builder.space();
            }
        } else {
            self.builder.space();
        }
        let before = text.strip_suffix(HYPHENS);
        match before.filter(|before| before.ends_with(char::is_alphabetic)) {
            Some(before) => {
                self.builder.text(before);
                self.hyphen = text.chars().last();
            }
            None => self.builder.text(text),
        }
        if has_leader {
            self.end_line();
        }
        self.last = text.to_owned();
        self.is_indented = line.text.starts_with("  ");
        self.gap = PageGap::None;
    }

    fn end_line(&mut self) {
        if let Some(hyphen) = self.hyphen.take() {
            self.builder.text(hyphen.encode_utf8(&mut [0; 4]));
        }
        self.builder.line_break();
    }

    fn joint(&self, text: &str, is_indented: bool) -> Joint {
        let length = self.last.chars().count();
        let is_short = length * 100 < self.full * SHORT_PERCENT;
        let is_ended = self
            .last
            .ends_with(['.', '!', '?', ':', '”', '"', '»', ')']);
        let starts_small = text.starts_with(char::is_lowercase);
        if self.last.is_empty() {
            return Joint::Sentence;
        }
        match self.gap {
            PageGap::Blank => Joint::Paragraph,
            PageGap::Page if starts_small || !is_ended && !is_short => Joint::Sentence,
            PageGap::Page => Joint::Paragraph,
            PageGap::None if is_item(text) => Joint::Line,
            PageGap::None if is_indented && !self.is_indented && !starts_small => Joint::Paragraph,
            PageGap::None if is_short && !starts_small && is_ended => Joint::Paragraph,
            // A heading.
            PageGap::None if is_short && !starts_small && length * 2 < self.full => {
                Joint::Paragraph
            }
            PageGap::None => Joint::Sentence,
        }
    }
}

/// Written and typographic; a soft one only shows where a word may be cut.
const HYPHENS: [char; 3] = ['-', '\u{2010}', '\u{AD}'];

/// Returns whether a line begins with a word that follows `short-` in `short- and
/// long-term`.
fn begins_with_conjunction(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    let conjunctions = [
        "and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "e", "o", "en", "of",
    ];
    conjunctions.contains(&word)
}

/// Returns whether a line begins with the mark of a list.
fn is_item(line: &str) -> bool {
    let Some((mark, _)) = line.split_once(' ') else {
        return false;
    };
    let number = mark.strip_suffix(['.', ')']).unwrap_or_default();
    let is_number =
        !number.is_empty() && number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit());
    is_number || ["•", "-", "–", "—", "*", "▪", "◦", "‣", "·", "o"].contains(&mark)
}
