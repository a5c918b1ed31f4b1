//! HTML, by the tokenizer of a browser.

use std::cell::{RefCell, RefMut};
use std::collections::HashMap;
use std::rc::Rc;

use html5ever::TokenizerResult;
use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};

use super::block_builder::BlockBuilder;
use super::end_tags::EndTags;
use super::html_guard::HtmlGuard;
use super::html_tag::Element;
use super::html_text::{Content, HtmlText, MAX_DEPTH, Syntax};
use super::{BadDocument, Code, Progress, ReadError, Reader};

/// How much is read at once.
const STEP_BYTES: usize = 16 * 1024;

/// Reads one page.
pub(super) struct HtmlReader {
    text: String,
    read: usize,
    page: HtmlPage,
}

impl HtmlReader {
    pub(super) fn new(text: String, mut page: HtmlPage) -> Self {
        page.set_end_tags(EndTags::of_page(&text).into());
        Self {
            text,
            read: 0,
            page,
        }
    }

    /// Reads on.
    pub(super) fn step(&mut self) -> Result<Progress, BadDocument> {
        let end = self.text.ceil_char_boundary(self.read + STEP_BYTES);
        let end = end.min(self.text.len());
        self.page.feed(&self.text[self.read..end])?;
        self.read = end;
        if end < self.text.len() {
            return Ok(Progress::More);
        }
        self.page.end()?;
        Ok(Progress::Ended)
    }

    /// What makes the blocks.
    pub(super) fn builder(&mut self) -> RefMut<'_, BlockBuilder> {
        self.page.builder()
    }
}

impl Reader for HtmlReader {
    fn advance(&mut self) -> Result<Progress, ReadError> {
        Ok(self.step()?)
    }

    fn with_builder(&mut self, take: &mut dyn FnMut(&mut BlockBuilder)) {
        take(&mut self.page.builder());
    }
}

/// HTML that arrives in pieces → blocks.
pub(super) struct HtmlPage {
    tokenizer: Tokenizer<HtmlSink>,
    guard: HtmlGuard,
}

struct HtmlSink {
    text: RefCell<HtmlText>,
    /// The element that is open and whose content has no tags but its own end.
    raw: RefCell<Option<Box<str>>>,
}

impl HtmlPage {
    pub(super) fn new(syntax: Syntax, code: Code) -> Self {
        let sink = HtmlSink {
            text: RefCell::new(HtmlText::new(syntax, code)),
            raw: RefCell::default(),
        };
        Self {
            tokenizer: Tokenizer::new(sink, Default::default()),
            guard: HtmlGuard::default(),
        }
    }

    /// Sets the end tags of the HTML that it will read: none, unless this is called.
    pub(super) fn set_end_tags(&mut self, end_tags: Rc<EndTags>) {
        self.tokenizer.sink.text.borrow_mut().end_tags = end_tags;
    }

    /// Chapters begin at the elements with these ids.
    pub(super) fn set_chapters(&mut self, chapters: HashMap<String, String>) {
        self.tokenizer.sink.text.borrow_mut().chapters = chapters;
    }

    /// Reads a piece of HTML.
    pub(super) fn feed(&mut self, html: &str) -> Result<(), BadDocument> {
        let queue = BufferQueue::default();
        let mut rest = StrTendril::from_slice(html);
        // Only the tokenizer knows what is in an element that begins: tag by tag.
        while !rest.is_empty() {
            let length = self.guard.check(&rest)? as u32;
            queue.push_back(rest.subtendril(0, length));
            rest.pop_front(length);
            // It stops after each script, where a browser would run it.
            while let TokenizerResult::Script(()) = self.tokenizer.feed(&queue) {}
            self.guard
                .set_raw(self.tokenizer.sink.raw.borrow().as_deref());
        }
        self.check()
    }

    /// Ends the page, with the elements that are still open.
    pub(super) fn end(&mut self) -> Result<(), BadDocument> {
        self.tokenizer.end();
        self.close_to(0);
        self.builder().end_page();
        self.check()
    }

    /// Notes where in Markdown the next words and tags are, in bytes and lines.
    pub(super) fn at(&mut self, position: usize, line: u64) {
        self.tokenizer.sink.text.borrow_mut().at(position, line);
    }

    /// Returns how many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.tokenizer.sink.text.borrow().depth()
    }

    /// Closes the elements that were opened since this many were open.
    pub(super) fn close_to(&mut self, depth: usize) {
        self.tokenizer.sink.text.borrow_mut().close_to(depth);
    }

    /// What makes the blocks.
    pub(super) fn builder(&mut self) -> RefMut<'_, BlockBuilder> {
        RefMut::map(self.tokenizer.sink.text.borrow_mut(), |text| {
            &mut text.builder
        })
    }

    /// Replaces what makes the blocks, so that they continue those of another page.
    pub(super) fn set_builder(&mut self, builder: BlockBuilder) {
        *self.builder() = builder;
    }

    /// Returns whether words are hidden by an element that is still open.
    pub(super) fn is_hidden(&self) -> bool {
        self.tokenizer.sink.text.borrow().hidden > 0
    }

    fn check(&self) -> Result<(), BadDocument> {
        let text = self.tokenizer.sink.text.borrow();
        match text.too_deep {
            Some(line) => Err(BadDocument::TooDeep {
                place: format!("line {line}"),
                limit: MAX_DEPTH,
            }),
            None => Ok(()),
        }
    }
}

impl TokenSink for HtmlSink {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut text = self.text.borrow_mut();
        match token {
            Token::CharacterTokens(words) => text.words(&words),
            Token::TagToken(tag) => {
                text.at_line(line);
                self.raw.take();
                match tag.kind {
                    TagKind::StartTag => {
                        let content = text.start(&element(&tag));
                        if content != Content::Markup {
                            self.raw.replace(Some((&*tag.name).into()));
                        }
                        return state_in(content);
                    }
                    TagKind::EndTag => text.end(&tag.name),
                }
            }
            Token::NullCharacterToken
            | Token::CommentToken(_)
            | Token::DoctypeToken(_)
            | Token::ParseError(_)
            | Token::EOFToken => {}
        }
        TokenSinkResult::Continue
    }
}

fn element(tag: &Tag) -> Element<'_> {
    let attributes = tag.attrs.iter();
    Element {
        name: &tag.name,
        attributes: attributes
            .map(|attribute| (&*attribute.name.local, &*attribute.value))
            .collect(),
        is_self_closing: tag.self_closing,
    }
}

/// Tells the tokenizer what is in the element that began: only a parser knows.
fn state_in(content: Content) -> TokenSinkResult<()> {
    match content {
        Content::Markup => TokenSinkResult::Continue,
        Content::Text => TokenSinkResult::RawData(RawKind::Rcdata),
        Content::Raw => TokenSinkResult::RawData(RawKind::Rawtext),
        Content::Script => TokenSinkResult::RawData(RawKind::ScriptData),
        Content::RestIsText => TokenSinkResult::Plaintext,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    /// Counts the attributes of each tag that the tokenizer finds.
    struct Counter {
        sink: HtmlSink,
        most: Cell<usize>,
    }

    impl TokenSink for Counter {
        type Handle = ();

        fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
            if let Token::TagToken(tag) = &token {
                self.most.set(self.most.get().max(tag.attrs.len()));
            }
            self.sink.process_token(token, line)
        }
    }

    fn most_attributes(html: &str) -> usize {
        let sink = HtmlPage::new(Syntax::Html, Code::Skip).tokenizer.sink;
        let counter = Counter {
            sink,
            most: Cell::new(0),
        };
        let tokenizer = Tokenizer::new(counter, Default::default());
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(html));
        while let TokenizerResult::Script(()) = tokenizer.feed(&queue) {}
        tokenizer.sink.most.get()
    }

    proptest! {
        #[test]
        fn the_guard_and_the_tokenizer_agree_what_a_tag_is(
            before in "(<!--|-->|--!>|</?(p|title|script|svg|xmp)[ />]|</?|[-!?>'\"=/ a\n]){0,12}",
            cut in 0usize..40,
        ) {
            let attributes: String = (0..1010).map(|n| format!(" a{n}")).collect();
            let html = format!("{before}<p{attributes}>");
            let mut page = HtmlPage::new(Syntax::Html, Code::Skip);
            let (first, rest) = html.split_at(cut);
            let fed = page.feed(first).and_then(|()| page.feed(rest));
            prop_assert_eq!(fed.is_err(), most_attributes(&html) > 1000, "{}", before);
        }
    }
}
