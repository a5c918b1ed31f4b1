//! HTML, by the tokenizer of a browser.

use std::cell::{RefCell, RefMut};
use std::collections::HashMap;

use html5ever::TokenizerResult;
use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};

use super::block::BlockBuilder;
use super::html_guard::HtmlGuard;
use super::html_tag::Element;
use super::html_text::{Content, HtmlText, MAX_DEPTH, Syntax};
use super::{BadDocument, Code, DocumentOptions, Progress, ReadError, Reader};

/// How much is read at once.
const STEP_BYTES: usize = 16 * 1024;

/// Reads one page.
pub(super) struct HtmlReader {
    text: String,
    read: usize,
    page: HtmlPage,
}

impl HtmlReader {
    pub(super) fn new(text: String, options: &DocumentOptions) -> Self {
        Self {
            text,
            read: 0,
            page: HtmlPage::new(Syntax::Html, options.code),
        }
    }
}

impl Reader for HtmlReader {
    fn advance(&mut self) -> Result<Progress, ReadError> {
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

    fn with_builder(&mut self, take: &mut dyn FnMut(&mut BlockBuilder)) {
        take(&mut self.page.builder());
    }
}

/// HTML that arrives in pieces → blocks.
pub(super) struct HtmlPage {
    tokenizer: Tokenizer<HtmlSink>,
    guard: HtmlGuard,
}

struct HtmlSink(RefCell<HtmlText>);

impl HtmlPage {
    pub(super) fn new(syntax: Syntax, code: Code) -> Self {
        let sink = HtmlSink(RefCell::new(HtmlText::new(syntax, code)));
        Self {
            tokenizer: Tokenizer::new(sink, Default::default()),
            guard: HtmlGuard::default(),
        }
    }

    /// Chapters begin at the elements with these ids.
    pub(super) fn set_chapters(&mut self, chapters: HashMap<String, String>) {
        self.tokenizer.sink.0.borrow_mut().chapters = chapters;
    }

    /// Reads a piece of HTML.
    pub(super) fn feed(&mut self, html: &str) -> Result<(), BadDocument> {
        self.guard.check(html)?;
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(html));
        // It stops after each script, where a browser would run it.
        while let TokenizerResult::Script(()) = self.tokenizer.feed(&queue) {}
        self.check()
    }

    /// Ends the page.
    pub(super) fn end(&mut self) -> Result<(), BadDocument> {
        self.tokenizer.end();
        self.builder().end_paragraph();
        self.check()
    }

    /// What makes the blocks.
    pub(super) fn builder(&mut self) -> RefMut<'_, BlockBuilder> {
        RefMut::map(self.tokenizer.sink.0.borrow_mut(), |text| &mut text.builder)
    }

    /// Replaces what makes the blocks, so that they continue those of another page.
    pub(super) fn set_builder(&mut self, builder: BlockBuilder) {
        *self.builder() = builder;
    }

    /// Returns whether words are hidden by an element that is still open.
    pub(super) fn is_hidden(&self) -> bool {
        self.tokenizer.sink.0.borrow().hidden > 0
    }

    fn check(&self) -> Result<(), BadDocument> {
        let text = self.tokenizer.sink.0.borrow();
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
        let mut text = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(words) => text.words(&words),
            Token::TagToken(tag) => {
                text.at_line(line);
                match tag.kind {
                    TagKind::StartTag => return state_in(text.start(&element(&tag))),
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
