//! DOCX: the text of a Word document, without what belongs to pages.

mod notes;
mod styles;

use std::collections::VecDeque;
use std::sync::Arc;

use super::archive::Archive;
use super::block_builder::BlockBuilder;
use super::xml::{StartTag, XmlEvent, XmlReader};
use super::{DocumentOptions, Format, Metadata, Progress, ReadError, Reader};
use crate::text::Input;
use notes::{NoteKind, Notes};
use styles::{ParagraphStyle, Styles};

const DOCUMENT: &str = "word/document.xml";
/// How many tags are read at once.
const STEP_TAGS: usize = 2000;

/// Reads a document paragraph by paragraph.
pub(super) struct DocxReader {
    text: String,
    /// How far it was read.
    position: u64,
    state: DocxText,
}

/// The state between two tags.
struct DocxText {
    styles: Styles,
    notes: Notes,
    builder: BlockBuilder,
    /// How many rows of tables are open.
    rows: usize,
    /// The element whose content is not read, and how often it is open.
    skipped: Option<(String, usize)>,
    /// Whether words are read: only `t` has some.
    is_text: bool,
    /// Whether the run is hidden.
    is_hidden: bool,
    style: ParagraphStyle,
    is_item: bool,
    /// Whether the paragraph before was of a list.
    was_item: bool,
    /// The notes of this paragraph, which are read at its end.
    marks: VecDeque<Arc<str>>,
    /// The notes of the paragraph that ended, which are read before what follows.
    notes_to_read: VecDeque<Arc<str>>,
}

impl DocxReader {
    pub(super) fn open(
        input: Input,
        options: &DocumentOptions,
    ) -> Result<(Metadata, Self), ReadError> {
        let mut archive = Archive::open(input, Format::Docx, options.encoding)?;
        let text = archive.needed_part(DOCUMENT)?;
        let styles = archive.part("word/styles.xml")?.unwrap_or_default();
        let mut notes = Notes::default();
        for (part, kind) in [
            ("word/footnotes.xml", NoteKind::Footnote),
            ("word/endnotes.xml", NoteKind::Endnote),
        ] {
            notes.add(&archive.part(part)?.unwrap_or_default(), part, kind)?;
        }
        let properties = archive.part("docProps/core.xml")?.unwrap_or_default();
        let metadata = metadata(&properties)?;
        let state = DocxText {
            styles: Styles::parse(&styles)?,
            notes,
            builder: BlockBuilder::of_blocks(),
            rows: 0,
            skipped: None,
            is_text: false,
            is_hidden: false,
            style: ParagraphStyle::Text,
            is_item: false,
            was_item: false,
            marks: VecDeque::new(),
            notes_to_read: VecDeque::new(),
        };
        let reader = Self {
            text,
            position: 0,
            state,
        };
        Ok((metadata, reader))
    }
}

impl Reader for DocxReader {
    fn advance(&mut self) -> Result<Progress, ReadError> {
        // One at a time: together, many marks of a long note would fill the memory.
        if self.state.read_note() {
            return Ok(Progress::More);
        }
        let mut xml = XmlReader::new(&self.text, self.position, DOCUMENT);
        let mut progress = Progress::More;
        for tags in 1.. {
            let Some(event) = xml.next()? else {
                self.state.end_paragraph();
                if self.state.notes_to_read.is_empty() {
                    progress = Progress::Ended;
                }
                break;
            };
            // After a start tag, the end of an empty element may still come.
            let can_pause = matches!(event, XmlEvent::End(_));
            self.state.event(event);
            if can_pause && (tags >= STEP_TAGS || !self.state.notes_to_read.is_empty()) {
                break;
            }
        }
        self.position = xml.position();
        Ok(progress)
    }

    fn with_builder(&mut self, take: &mut dyn FnMut(&mut BlockBuilder)) {
        take(&mut self.state.builder);
    }
}

impl DocxText {
    fn event(&mut self, event: XmlEvent<'_>) {
        if let Some((name, count)) = &mut self.skipped {
            match event {
                XmlEvent::Start(tag) if tag.name() == name => *count += 1,
                XmlEvent::End(tag) if tag.name() == name => *count -= 1,
                _ => {}
            }
            if *count == 0 {
                self.skipped = None;
            }
            return;
        }
        match event {
            XmlEvent::Start(tag) => self.start(&tag),
            XmlEvent::End(tag) => self.end(tag.name()),
            XmlEvent::Text(words) if self.is_text && !self.is_hidden && self.is_read() => {
                if self.was_item && !self.is_item && self.rows == 0 {
                    // The list ends before this paragraph.
                    self.builder.end_paragraph();
                    self.was_item = false;
                }
                self.builder.text(&words);
            }
            XmlEvent::Text(_) => {}
        }
    }

    /// Returns whether the paragraph is read: not if it is of a table of contents.
    fn is_read(&self) -> bool {
        self.style != ParagraphStyle::Contents
    }

    fn start(&mut self, tag: &StartTag<'_>) {
        match tag.name() {
            // Alternatives for old programs; what was deleted; drawings.
            "Fallback" | "del" | "moveFrom" | "instrText" => {
                self.skipped = Some((tag.name().to_owned(), 1));
            }
            "p" => {
                self.style = ParagraphStyle::Text;
                self.is_item = false;
                if self.rows > 0 {
                    self.builder.comma();
                }
            }
            "pStyle" => {
                let id = tag.attribute("val").unwrap_or_default();
                self.set_style(self.styles.of(&id));
            }
            "outlineLvl" => {
                if let Some(style) = styles::of_outline(tag) {
                    self.set_style(style);
                }
            }
            "numPr" => self.is_item = true,
            "r" => self.is_hidden = false,
            "vanish" => self.is_hidden = styles::is_on(tag),
            "t" => self.is_text = true,
            "tab" | "noBreakHyphen" | "br" | "cr" if self.is_hidden => {}
            "tab" => self.builder.space(),
            "noBreakHyphen" => self.builder.text("-"),
            "br" | "cr" => {
                let is_page = tag
                    .attribute("type")
                    .is_some_and(|kind| kind != "textWrapping");
                match is_page || self.rows > 0 {
                    true => self.builder.space(),
                    false => self.builder.line_break(),
                }
            }
            "tbl" if self.rows == 0 => self.builder.end_paragraph(),
            "tr" => {
                if self.rows == 0 {
                    self.builder.line_break();
                }
                self.rows += 1;
            }
            "tc" => self.builder.comma(),
            "footnoteReference" => self.mark(tag, NoteKind::Footnote),
            "endnoteReference" => self.mark(tag, NoteKind::Endnote),
            _ => {}
        }
    }

    fn set_style(&mut self, style: ParagraphStyle) {
        self.style = style;
        self.is_item |= style == ParagraphStyle::Item;
        if let ParagraphStyle::Heading(level) = style
            && self.rows == 0
        {
            self.builder.start_heading(level);
        }
    }

    fn mark(&mut self, tag: &StartTag<'_>, kind: NoteKind) {
        let id = tag.attribute("id").unwrap_or_default();
        self.marks.extend(self.notes.text(kind, id));
    }

    fn end(&mut self, name: &str) {
        match name {
            "t" => self.is_text = false,
            "p" => self.end_paragraph(),
            "tr" => {
                self.rows = self.rows.saturating_sub(1);
                match self.rows {
                    0 => self.builder.line_break(),
                    _ => self.builder.comma(),
                }
            }
            "tbl" if self.rows == 0 => self.builder.end_paragraph(),
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        self.was_item = self.is_item;
        match self.style {
            _ if self.rows > 0 => self.builder.comma(),
            ParagraphStyle::Heading(_) => self.builder.end_heading(),
            _ if self.is_item || !self.marks.is_empty() => self.builder.line_break(),
            _ => self.builder.end_paragraph(),
        }
        if self.rows == 0 {
            self.notes_to_read.append(&mut self.marks);
        }
    }

    /// Reads the next note of the paragraph that ended. Returns whether there was one.
    fn read_note(&mut self) -> bool {
        let Some(note) = self.notes_to_read.pop_front() else {
            return false;
        };
        self.builder.text(&note);
        self.builder.line_break();
        if self.notes_to_read.is_empty() && !self.is_item {
            self.builder.end_paragraph();
        }
        true
    }
}

fn metadata(properties: &str) -> Result<Metadata, ReadError> {
    let mut metadata = Metadata::default();
    let mut xml = XmlReader::new(properties, 0, "docProps/core.xml");
    while let Some(event) = xml.next()? {
        if let XmlEvent::Start(tag) = event {
            match tag.name() {
                "title" => metadata.title = Some(xml.text_until("title")?),
                "creator" => metadata.author = Some(xml.text_until("creator")?),
                _ => {}
            }
        }
    }
    let filled = |value: Option<String>| value.filter(|value| !value.is_empty());
    Ok(Metadata {
        title: filled(metadata.title),
        author: filled(metadata.author),
    })
}
