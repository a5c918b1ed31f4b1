//! The text that `pdftotext` and the like make of a PDF: without what belongs to
//! pages, and with paragraphs instead of lines.

use std::collections::VecDeque;

use super::block::{Block, BlockBuilder};
use super::pdf_pages::{self, Line};
use super::source::PAGE_END;

/// A shorter line, compared with the others, ends a paragraph after a full stop.
const SHORT_PERCENT: usize = 75;

/// Reads a whole text, in which a line with [`PAGE_END`] ends a page.
pub(super) fn read(text: &str) -> VecDeque<Block> {
    let mut pages: Vec<Vec<Line<'_>>> = vec![Vec::new()];
    let mut number = 1;
    for line in text.split('\n') {
        // The newlines around the mark are not the file's.
        if line.trim() == PAGE_END.to_string() {
            number -= 1;
            pages.push(Vec::new());
            continue;
        }
        if let Some(page) = pages.last_mut() {
            page.push(Line {
                number,
                text: line.trim_end(),
                is_dropped: false,
            });
        }
        number += 1;
    }
    pdf_pages::drop_heads(&mut pages);
    paragraphs(&pages)
}

fn paragraphs(pages: &[Vec<Line<'_>>]) -> VecDeque<Block> {
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
        for line in page {
            match line.is_dropped {
                true => text.gap = PageGap::Page,
                false => text.line(line),
            }
        }
        text.gap = PageGap::Page;
    }
    let mut builder = text.builder;
    std::iter::from_fn(|| builder.next_at_end()).collect()
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
    fn line(&mut self, line: &Line<'_>) {
        let written = line.text.trim();
        if written.is_empty() {
            self.gap = self.gap.max(PageGap::Blank);
            return;
        }
        let (text, has_leader) = match without_leader(written) {
            Some(text) => (text, true),
            None => (written, false),
        };
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

/// Returns a line of a table of contents without its dots and page number.
fn without_leader(line: &str) -> Option<&str> {
    let number =
        line.trim_end_matches(|c: char| c.is_ascii_digit() || b"ivxl".contains(&(c as u8)));
    let is_dot = |c: char| matches!(c, '.' | '…' | '·' | '_' | ' ');
    // Without a number the dots are at the end.
    let dotted = [number, line].into_iter().find(|rest| {
        let dots = rest[rest.trim_end_matches(is_dot).len()..].chars();
        dots.filter(|c| *c != ' ')
            .map(|c| if c == '…' { 3 } else { 1 })
            .sum::<usize>()
            >= 4
    })?;
    let title = dotted.trim_end_matches(is_dot);
    (!title.is_empty()).then_some(title)
}
