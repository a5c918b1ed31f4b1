//! Markdown: CommonMark with the extensions of GitHub.

use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::block::Block;
use super::block_builder::Mark;
use super::end_tags::EndTags;
use super::front_matter::front_matter;
use super::html::HtmlPage;
use super::html_elements::{is_badge, is_file_name};
use super::html_text::Syntax;
use super::text_tag::{self, is_doubtful};
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
    let events = || {
        let events = Parser::new_ext(&text[start..], extensions).into_offset_iter();
        events.map(|(event, range)| (event, start + range.start..start + range.end))
    };
    let mut reader = MarkdownReader::new(text, end_tags(text, events), options);
    for (event, range) in events() {
        reader.at(range.start);
        reader.event(event, range)?;
    }
    reader.finish()
}

/// Returns the end tags of the HTML in a text, but not those in its code.
fn end_tags<'t, I>(text: &str, events: impl Fn() -> I) -> EndTags
where
    I: Iterator<Item = (Event<'t>, Range<usize>)>,
{
    let mut tags = EndTags::default();
    if text.contains("</") {
        for (event, range) in events() {
            if let Event::Html(html) | Event::InlineHtml(html) = event {
                tags.add(&html, range.start);
            }
        }
    }
    tags
}

struct MarkdownReader<'t> {
    text: &'t str,
    code: Code,
    /// It reads the HTML, and has the builder.
    page: HtmlPage,
    end_tags: Rc<EndTags>,
    /// The blocks that are open, from the outside to the inside.
    blocks: Vec<OpenBlock>,
    /// Whether the next line is the first one of a block of HTML.
    at_html_start: bool,
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

/// A paragraph, heading, item or cell that is open.
struct OpenBlock {
    /// Where it ends.
    end: usize,
    /// How many elements of HTML were open before it.
    depth: usize,
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
    fn new(text: &'t str, end_tags: EndTags, options: &DocumentOptions) -> Self {
        let end_tags = Rc::new(end_tags);
        let mut page = HtmlPage::new(Syntax::Inline, options.code);
        page.set_end_tags(Rc::clone(&end_tags));
        Self {
            text,
            code: options.code,
            page,
            end_tags,
            blocks: Vec::new(),
            at_html_start: false,
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
        self.page.at(position, self.line);
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) -> Result<(), ReadError> {
        let starts_html = std::mem::replace(&mut self.at_html_start, false);
        match event {
            Event::Start(tag) => {
                if is_block(&tag.to_end()) {
                    let (end, depth) = (range.end, self.page.depth());
                    self.blocks.push(OpenBlock { end, depth });
                }
                self.at_html_start = tag == Tag::HtmlBlock;
                self.start(tag);
            }
            Event::End(tag) => {
                // Nothing in a block has a meaning for the text after it.
                if is_block(&tag)
                    && let Some(block) = self.blocks.pop()
                {
                    self.page.close_to(block.depth);
                }
                self.end(tag);
            }
            Event::Html(html)
                if starts_html && is_doubtful(&html) && self.is_text(html.trim(), range.end) =>
            {
                self.words(&html);
            }
            Event::InlineHtml(html) if self.is_text(&html, range.end) => self.words(&html),
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

    /// Returns whether a tag that ends here is meant as text.
    fn is_text(&self, tag: &str, end: usize) -> bool {
        let block_end = self.blocks.last().map_or(usize::MAX, |block| block.end);
        text_tag::is_text(tag, end..block_end, &self.end_tags)
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

/// Returns whether this is the end of a block that has text.
fn is_block(end: &TagEnd) -> bool {
    matches!(
        end,
        TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::Item
            | TagEnd::TableCell
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
    )
}
