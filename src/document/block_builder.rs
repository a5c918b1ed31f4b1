//! Makes blocks of words.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use super::block::{Block, BlockKind};
use super::{BadDocument, too_large};
use crate::text::plain;

/// The longest line of a block; a longer one is divided.
const MAX_LINE_BYTES: usize = 64 * 1024;
/// What a rule between paragraphs becomes; it has a pause of its own.
const RULE: &str = "* * *";
/// More text than any book has.
const MAX_TEXT_MIB: u64 = 256;
/// The most memory that blocks take before they are read.
const MAX_WAITING_MIB: u64 = 128;

/// What separates the next word from the text before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    /// Between the cells of a table.
    Comma,
}

/// A place in the current line, to which it can be [cut](BlockBuilder::cut).
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    block: u64,
    length: usize,
    gap: Gap,
}

/// How the places of blocks are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Places {
    Lines,
    /// The file has no lines.
    Blocks,
}

/// Makes blocks of words. White space is collapsed.
#[derive(Debug)]
pub(super) struct BlockBuilder {
    text: String,
    gap: Gap,
    places: Places,
    /// The line of the file at which the reader is.
    line: u64,
    /// Where the current block began.
    first_line: u64,
    heading: Option<u8>,
    chapter: Option<String>,
    /// For the next block.
    notes: Vec<String>,
    finished: VecDeque<Block>,
    /// How many blocks were finished so far.
    count: u64,
    /// How much text they had.
    text_bytes: u64,
    /// What those take that were not read yet.
    waiting_bytes: usize,
}

impl Default for BlockBuilder {
    fn default() -> Self {
        Self {
            text: String::new(),
            gap: Gap::None,
            places: Places::Lines,
            line: 1,
            first_line: 1,
            heading: None,
            chapter: None,
            notes: Vec::new(),
            finished: VecDeque::new(),
            count: 0,
            text_bytes: 0,
            waiting_bytes: 0,
        }
    }
}

impl BlockBuilder {
    /// Makes blocks that are counted, for files without lines.
    pub(super) fn of_blocks() -> Self {
        Self {
            places: Places::Blocks,
            ..Self::default()
        }
    }

    /// Sets the line of the file from which the next words are.
    pub(super) fn at_line(&mut self, line: u64) {
        self.line = line;
    }

    /// Appends words. White space of ASCII separates them; no-break spaces stay.
    pub(super) fn text(&mut self, text: &str) {
        let is_space = |c: char| c.is_ascii_whitespace();
        if text.starts_with(is_space) {
            self.space();
        }
        for word in text.split_ascii_whitespace() {
            self.word(word);
            self.gap = Gap::Space;
        }
        if !text.is_empty() && !text.ends_with(is_space) {
            self.gap = Gap::None;
        }
    }

    fn word(&mut self, word: &str) {
        if self.text.is_empty() {
            self.first_line = self.line;
        } else {
            match std::mem::replace(&mut self.gap, Gap::None) {
                Gap::None => {}
                Gap::Comma if word.starts_with(['.', ',', ';', ':', '!', '?', ')']) => {}
                Gap::Comma if self.text.ends_with(char::is_alphanumeric) => {
                    self.text.push_str(", ")
                }
                Gap::Comma | Gap::Space => self.text.push(' '),
            }
        }
        let mut word = word;
        while self.text.len() + word.len() > MAX_LINE_BYTES {
            let room = MAX_LINE_BYTES.saturating_sub(self.text.len());
            // Between words, if the word itself fits into a line.
            let room = if word.len() <= MAX_LINE_BYTES {
                0
            } else {
                room
            };
            let (now, later) = word.split_at(word.floor_char_boundary(room));
            self.text.push_str(now);
            self.line_break();
            word = later;
        }
        self.text.push_str(word);
    }

    /// Separates the next word from the one before.
    pub(super) fn space(&mut self) {
        self.gap = self.gap.max(Gap::Space);
    }

    /// Separates the next word from the one before by a comma.
    pub(super) fn comma(&mut self) {
        self.gap = Gap::Comma;
    }

    /// Ends the line. The next one is of the same paragraph.
    pub(super) fn line_break(&mut self) {
        self.finish(BlockKind::Line);
    }

    /// Ends the paragraph.
    pub(super) fn end_paragraph(&mut self) {
        let kind = self
            .heading
            .map_or(BlockKind::Paragraph, BlockKind::Heading);
        if !self.finish(kind)
            && let Some(last) = self.finished.back_mut()
            && last.kind == BlockKind::Line
        {
            last.kind = BlockKind::Paragraph;
        }
    }

    /// Ends the paragraph, and separates scenes: as a row of asterisks does in text.
    pub(super) fn rule(&mut self) {
        self.end_paragraph();
        self.text(RULE);
        self.end_paragraph();
    }

    /// Begins a heading of this level; the end of the paragraph ends it.
    pub(super) fn start_heading(&mut self, level: u8) {
        self.end_paragraph();
        self.heading = Some(level);
    }

    pub(super) fn end_heading(&mut self) {
        self.end_paragraph();
        self.heading = None;
    }

    /// Notes what is wrong at this place: with the block before, or else the next one.
    pub(super) fn note(&mut self, note: String) {
        match self.finished.back_mut() {
            Some(last) => last.notes.push(note),
            None => self.notes.push(note),
        }
    }

    /// Ends a page: a chapter without words has no block that could have its title.
    pub(super) fn end_page(&mut self) {
        self.end_heading();
        self.chapter = None;
    }

    /// Begins a chapter: the next block has its title.
    pub(super) fn start_chapter(&mut self, title: &str) {
        self.end_paragraph();
        self.chapter = Some(title.to_owned());
    }

    /// Sets when the blocks are shown that were finished since `mark`.
    pub(super) fn set_cue(&mut self, mark: Mark, cue: &Range<Duration>) {
        let count = (self.count - mark.block) as usize;
        for block in self.finished.iter_mut().rev().take(count) {
            block.cue = Some(cue.clone());
        }
    }

    /// Ends the block, unless it is empty. Returns whether there was one.
    fn finish(&mut self, kind: BlockKind) -> bool {
        self.gap = Gap::None;
        if self.text.trim().is_empty() {
            self.text.clear();
            return false;
        }
        // Copied, for the room that it grew is used again.
        let text = plain(&self.text).into_owned();
        self.text.clear();
        self.text_bytes += text.len() as u64;
        self.waiting_bytes += waiting_bytes(&text);
        self.count += 1;
        self.finished.push_back(Block {
            text,
            kind,
            line: match self.places {
                Places::Lines => self.first_line,
                Places::Blocks => self.count,
            },
            // `Document` counts it.
            offset: 0,
            chapter: self.chapter.take(),
            cue: None,
            parts: Vec::new(),
            notes: std::mem::take(&mut self.notes),
        });
        true
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            block: self.count,
            length: self.text.len(),
            gap: self.gap,
        }
    }

    /// Returns the words since `mark`; nothing if a block ended since.
    pub(super) fn since(&self, mark: Mark) -> &str {
        match mark.block == self.count {
            true => self.text.get(mark.length..).unwrap_or_default(),
            false => "",
        }
    }

    /// Removes the words since `mark`, unless a block ended since.
    pub(super) fn cut(&mut self, mark: Mark) {
        if mark.block == self.count {
            self.text.truncate(mark.length);
            self.gap = mark.gap;
        }
    }

    /// Returns the next finished block. The last one is kept: what follows
    /// may make it the end of a paragraph.
    pub(super) fn next(&mut self) -> Option<Block> {
        let has_next = self.finished.len() > 1;
        let next = has_next.then(|| self.finished.pop_front()).flatten()?;
        self.waiting_bytes -= waiting_bytes(&next.text);
        Some(next)
    }

    /// Returns all blocks after the end of a document that was read whole.
    pub(super) fn into_blocks(mut self) -> VecDeque<Block> {
        self.end_paragraph();
        self.finished
    }

    /// Fails if there is more text, or if there are more blocks, than documents may have.
    pub(super) fn check_limits(&self) -> Result<(), BadDocument> {
        if self.text_bytes > MAX_TEXT_MIB << 20 {
            return Err(too_large("its text", MAX_TEXT_MIB));
        }
        match self.waiting_bytes as u64 > MAX_WAITING_MIB << 20 {
            true => Err(too_large("the list of its paragraphs", MAX_WAITING_MIB)),
            false => Ok(()),
        }
    }
}

/// Returns what a block with this text takes. Without the block itself, many short ones
/// would fill the memory.
fn waiting_bytes(text: &str) -> usize {
    text.len() + size_of::<Block>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(build: impl FnOnce(&mut BlockBuilder)) -> Vec<(String, BlockKind)> {
        let mut builder = BlockBuilder::default();
        build(&mut builder);
        let blocks = builder.into_blocks().into_iter();
        blocks.map(|block| (block.text, block.kind)).collect()
    }

    #[test]
    fn white_space_is_collapsed_but_for_no_break_spaces() {
        let blocks = built(|builder| {
            builder.text("  A");
            builder.text("b \n c");
            builder.text(" ");
            builder.text("10\u{A0}000\n");
        });
        let expected = ("Ab c 10\u{A0}000".to_owned(), BlockKind::Paragraph);
        assert_eq!(blocks, [expected]);
    }

    #[test]
    fn cells_get_a_comma_unless_there_is_a_mark() {
        let blocks = built(|builder| {
            for cell in ["", "One", "", "Two.", "Three"] {
                builder.comma();
                builder.text(cell);
            }
        });
        assert_eq!(blocks[0].0, "One, Two. Three");
    }

    #[test]
    fn a_line_becomes_the_end_of_its_paragraph() {
        let blocks = built(|builder| {
            for line in ["a", "b"] {
                builder.text(line);
                builder.line_break();
            }
            builder.end_paragraph();
            builder.start_heading(2);
            builder.text("c");
            builder.end_heading();
        });
        let kinds: Vec<_> = blocks.iter().map(|(_, kind)| *kind).collect();
        let expected = [BlockKind::Line, BlockKind::Paragraph, BlockKind::Heading(2)];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn long_lines_are_divided_and_lose_nothing() {
        for unit in ["世界 ", "世界"] {
            let text = unit.repeat(50_000);
            let blocks = built(|builder| builder.text(&text));
            assert!(blocks.len() > 3);
            assert!(blocks.iter().all(|(line, _)| line.len() <= MAX_LINE_BYTES));
            let joined: String = blocks.iter().map(|(line, _)| line.as_str()).collect();
            assert_eq!(joined.replace(' ', ""), text.replace(' ', ""));
        }
    }

    #[test]
    fn blocks_that_wait_are_limited_but_not_those_that_were_read() {
        let count = 1_200_000;
        let mut read = BlockBuilder::default();
        let mut kept = BlockBuilder::default();
        for _ in 0..count {
            read.text("a");
            read.line_break();
            read.next();
            kept.text("a");
            kept.line_break();
        }
        assert!(read.check_limits().is_ok());
        assert!(kept.check_limits().is_err());
    }

    #[test]
    fn words_are_cut_back_to_a_mark() {
        let blocks = built(|builder| {
            builder.text("One");
            let mark = builder.mark();
            builder.text(" two");
            assert_eq!(builder.since(mark), " two");
            builder.cut(mark);
            builder.text(".");
        });
        assert_eq!(blocks[0].0, "One.");
    }
}
