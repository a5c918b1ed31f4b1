//! Markdown: CommonMark with the extensions of GitHub.

use std::collections::VecDeque;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::block::{Block, Mark};
use super::html::HtmlPage;
use super::html_elements::{is_badge, is_file_name};
use super::html_text::Syntax;
use super::{Code, DocumentOptions, ReadError, too_large};

/// The parser's tree takes up to 50 bytes for each byte of the text.
const MAX_MARKDOWN_MIB: u64 = 16;

/// Reads a whole text.
pub(super) fn read(text: &str, options: &DocumentOptions) -> Result<VecDeque<Block>, ReadError> {
    if text.len() as u64 > MAX_MARKDOWN_MIB << 20 {
        return Err(too_large("the document", MAX_MARKDOWN_MIB).into());
    }
    let extensions = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
        | Options::ENABLE_DEFINITION_LIST;
    let start = front_matter(text);
    let mut reader = MarkdownReader::new(text, options);
    for (event, range) in Parser::new_ext(&text[start..], extensions).into_offset_iter() {
        reader.at(start + range.start);
        reader.event(event)?;
    }
    reader.finish()
}

/// Returns where the text begins after a block of settings, as static sites have it:
/// between lines of `---`, or `+++`.
fn front_matter(text: &str) -> usize {
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next() else { return 0 };
    let ends: &[&str] = match first.trim_end() {
        "---" => &["---", "..."],
        "+++" => &["+++"],
        _ => return 0,
    };
    let mut end = first.len();
    let mut has_key = false;
    for line in lines {
        end += line.len();
        if ends.contains(&line.trim_end()) {
            return if has_key { end } else { 0 };
        }
        has_key |= line.contains([':', '=']);
        // A rule before a paragraph.
        if !has_key && line.trim().is_empty() {
            return 0;
        }
    }
    0
}

struct MarkdownReader<'t> {
    text: &'t str,
    code: Code,
    /// It reads the HTML, and has the builder.
    page: HtmlPage,
    /// How far lines were counted, and the number of the line there.
    counted: usize,
    line: u64,
    /// The next number of each open list; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// The block of code that is open.
    code_block: Option<Code>,
    links: Vec<Link>,
    images: Vec<Image>,
    /// Whether nothing but a number was read of a list's item.
    at_item_start: bool,
}

/// A picture whose alternative text is being read.
struct Image {
    start: Mark,
    is_badge: bool,
}

/// A link that is open.
struct Link {
    start: Mark,
    has_words: bool,
    has_badge: bool,
}

impl<'t> MarkdownReader<'t> {
    fn new(text: &'t str, options: &DocumentOptions) -> Self {
        Self {
            text,
            code: options.code,
            page: HtmlPage::new(Syntax::Inline, options.code),
            counted: 0,
            line: 1,
            lists: Vec::new(),
            code_block: None,
            links: Vec::new(),
            images: Vec::new(),
            at_item_start: false,
        }
    }

    /// Notes that the next event is at this byte.
    fn at(&mut self, position: usize) {
        // The end of a block is at its start: not counted again.
        if position > self.counted {
            let passed = &self.text.as_bytes()[self.counted..position];
            self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.counted = position;
        }
        self.page.builder().at_line(self.line);
    }

    fn event(&mut self, event: Event<'_>) -> Result<(), ReadError> {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(words) | Event::Code(words) => self.words(&words),
            Event::InlineMath(words) | Event::DisplayMath(words) => self.words(&words),
            Event::Html(html) | Event::InlineHtml(html) => self.page.feed(&html)?,
            Event::SoftBreak => self.page.builder().space(),
            Event::HardBreak => self.page.builder().line_break(),
            Event::Rule => self.page.builder().rule(),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
        Ok(self.page.builder().check_limits()?)
    }

    fn words(&mut self, words: &str) {
        if self.page.is_hidden() {
            return;
        }
        match self.code_block {
            Some(Code::Skip) => return,
            Some(Code::Read) => {
                for line in words.split_inclusive('\n') {
                    self.page.builder().text(line);
                    self.page.builder().line_break();
                }
                return;
            }
            None => {}
        }
        if self.images.is_empty()
            && let Some(link) = self.links.last_mut()
        {
            link.has_words |= !words.trim().is_empty();
        }
        self.at_item_start = false;
        self.page.builder().text(words);
    }

    fn start(&mut self, tag: Tag<'_>) {
        let mut builder = self.page.builder();
        match tag {
            Tag::Heading { level, .. } => builder.start_heading(level as u8),
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::HtmlBlock | Tag::Table(_) => {
                // The first paragraph of an item continues after its number.
                if !self.at_item_start {
                    builder.end_paragraph();
                }
            }
            Tag::CodeBlock(_) => {
                builder.end_paragraph();
                self.code_block = Some(self.code);
            }
            Tag::List(first) => {
                match self.lists.is_empty() {
                    true => builder.end_paragraph(),
                    false => builder.line_break(),
                }
                self.lists.push(first);
            }
            Tag::Item => {
                builder.line_break();
                if let Some(Some(number)) = self.lists.last_mut() {
                    builder.text(&format!("{number}. "));
                    *number = number.saturating_add(1);
                }
                self.at_item_start = true;
                return;
            }
            Tag::FootnoteDefinition(_) | Tag::DefinitionList => builder.end_paragraph(),
            Tag::DefinitionListTitle | Tag::DefinitionListDefinition => builder.line_break(),
            Tag::TableHead | Tag::TableRow => builder.line_break(),
            Tag::TableCell => builder.comma(),
            Tag::Link { .. } => {
                let start = builder.mark();
                self.links.push(Link {
                    start,
                    has_words: false,
                    has_badge: false,
                });
            }
            Tag::Image { dest_url, .. } => {
                let (start, is_badge) = (builder.mark(), is_badge(&dest_url));
                builder.comma();
                if let Some(link) = self.links.last_mut() {
                    link.has_badge |= is_badge || dest_url.ends_with(".svg");
                }
                self.images.push(Image { start, is_badge });
            }
            Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
        drop(builder);
        self.at_item_start = false;
    }

    fn end(&mut self, tag: TagEnd) {
        let mut builder = self.page.builder();
        match tag {
            TagEnd::Heading(_) => builder.end_heading(),
            TagEnd::CodeBlock => {
                self.code_block = None;
                builder.end_paragraph();
            }
            TagEnd::Paragraph
            | TagEnd::BlockQuote(_)
            | TagEnd::HtmlBlock
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::Table => builder.end_paragraph(),
            TagEnd::List(_) => {
                _ = self.lists.pop();
                match self.lists.is_empty() {
                    true => builder.end_paragraph(),
                    false => builder.line_break(),
                }
            }
            TagEnd::Item
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::TableHead
            | TagEnd::TableRow => builder.line_break(),
            TagEnd::TableCell => builder.comma(),
            TagEnd::Link => {
                if let Some(link) = self.links.pop()
                    && link.has_badge
                    && !link.has_words
                {
                    builder.cut(link.start);
                }
            }
            TagEnd::Image => {
                if let Some(image) = self.images.pop() {
                    match image.is_badge || is_file_name(builder.since(image.start).trim()) {
                        true => builder.cut(image.start),
                        false => builder.comma(),
                    }
                }
            }
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn finish(mut self) -> Result<VecDeque<Block>, ReadError> {
        self.page.end()?;
        let builder = std::mem::take(&mut *self.page.builder());
        Ok(builder.into_blocks())
    }
}
