//! The tags of HTML and what they mean for a reader.

use std::collections::HashMap;
use std::rc::Rc;

use super::Code;
use super::block_builder::{BlockBuilder, Mark};
use super::end_tags::EndTags;
use super::html_elements::{
    Role, ended_by, is_badge, is_file_name, is_of_head, is_void, may_be_left_open, role,
};
use super::html_tag::{Element, LinkKind};

/// As deep as browsers go.
pub(super) const MAX_DEPTH: usize = 512;
/// The longest mark of a note: `[123]`.
const MAX_MARK_CHARS: usize = 6;

/// How tags are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Html,
    /// `<script/>` is a whole element.
    Xhtml,
    /// Elements within Markdown, which counts the lines.
    Inline,
}

/// What the tokenizer finds in an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Markup,
    /// Text with entities, but without tags.
    Text,
    Raw,
    Script,
    /// No more tags at all.
    RestIsText,
}

/// An element that is open.
#[derive(Debug)]
struct Open {
    name: Box<str>,
    role: Role,
    link: Option<Link>,
}

/// A link that is open.
#[derive(Debug)]
struct Link {
    start: Mark,
    kind: LinkKind,
}

/// Turns tags and words into blocks.
pub(super) struct HtmlText {
    syntax: Syntax,
    code: Code,
    pub(super) builder: BlockBuilder,
    open: Vec<Open>,
    /// How many of the open elements are hidden, preformatted, rows of tables.
    pub(super) hidden: usize,
    preformatted: usize,
    rows: usize,
    /// The next number of each open list; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// The end tags of the whole text.
    pub(super) end_tags: Rc<EndTags>,
    /// How much of the text was read before, in bytes; 0 if that is not known.
    position: usize,
    /// The titles of the chapters that begin at the elements with these ids.
    pub(super) chapters: HashMap<String, String>,
    /// The line at which elements are nested too deeply.
    pub(super) too_deep: Option<u64>,
    line: u64,
}

impl HtmlText {
    pub(super) fn new(syntax: Syntax, code: Code) -> Self {
        Self {
            syntax,
            code,
            end_tags: Rc::default(),
            position: 0,
            builder: BlockBuilder::default(),
            open: Vec::new(),
            hidden: 0,
            preformatted: 0,
            rows: 0,
            lists: Vec::new(),
            chapters: HashMap::new(),
            too_deep: None,
            line: 1,
        }
    }

    /// Sets the line of the next tag, as the tokenizer counts it.
    pub(super) fn at_line(&mut self, line: u64) {
        // Of Markdown it gets only pieces.
        if self.syntax != Syntax::Inline {
            self.line = line;
            self.builder.at_line(line);
        }
    }

    /// Sets where in the text of Markdown the next words and tags are.
    pub(super) fn at(&mut self, position: usize, line: u64) {
        self.position = position;
        self.line = line;
        self.builder.at_line(line);
    }

    pub(super) fn words(&mut self, words: &str) {
        if self.hidden > 0 {
            return;
        }
        if self.preformatted == 0 {
            return self.builder.text(words);
        }
        for (n, line) in words.split('\n').enumerate() {
            if n > 0 {
                self.builder.line_break();
            }
            self.builder.text(line);
        }
    }

    /// Opens an element. Returns what is in it.
    pub(super) fn start(&mut self, element: &Element<'_>) -> Content {
        let name = element.name;
        self.end_implied(name);
        if let Some(id) = element.attribute("id")
            && let Some(title) = self.chapters.remove(id)
        {
            self.builder.start_chapter(&title);
        }
        let is_whole = is_void(name)
            || element.is_self_closing && (self.syntax == Syntax::Xhtml || self.is_foreign());
        if is_whole {
            self.void(element);
            return Content::Markup;
        }
        if self.open.len() >= MAX_DEPTH {
            self.too_deep.get_or_insert(self.line);
            return Content::Markup;
        }
        let has_end = self.end_tags.has(name, self.position..usize::MAX);
        let role = self.role(element, has_end);
        if self.hidden == 0 {
            self.begin(role, element);
        }
        match role {
            Role::Hidden => self.hidden += 1,
            Role::Preformatted => self.preformatted += 1,
            Role::Row => self.rows += 1,
            Role::List => self.lists.push(element.first_number()),
            _ => {}
        }
        self.open.push(Open {
            name: name.into(),
            role,
            link: (name == "a" && self.hidden == 0).then(|| Link {
                start: self.builder.mark(),
                kind: element.link_kind(),
            }),
        });
        match name {
            "title" | "textarea" if has_end && !self.is_foreign() => Content::Text,
            "iframe" | "noembed" | "noframes" if has_end => Content::Raw,
            "style" | "xmp" => Content::Raw,
            "script" => Content::Script,
            "plaintext" => Content::RestIsText,
            _ => Content::Markup,
        }
    }

    fn begin(&mut self, role: Role, element: &Element<'_>) {
        match role {
            Role::Heading(level) => self.builder.start_heading(level),
            // Within the row of a table, blocks are parts of a cell.
            Role::Block | Role::List if self.rows > 0 && element.name != "table" => {
                self.builder.comma();
            }
            Role::Block | Role::Preformatted => self.builder.end_paragraph(),
            Role::List if self.lists.is_empty() => self.builder.end_paragraph(),
            Role::List => self.builder.line_break(),
            Role::Item if self.rows > 0 => self.builder.comma(),
            Role::Item => {
                self.builder.line_break();
                if element.name == "li"
                    && let Some(Some(number)) = self.lists.last_mut()
                {
                    self.builder.text(&format!("{number}. "));
                    *number = number.saturating_add(1);
                }
            }
            Role::Row => self.builder.line_break(),
            Role::Cell => self.builder.comma(),
            Role::Hidden | Role::Inline => {
                if let Some(words) = element.attribute("alttext") {
                    self.builder.text(words);
                }
            }
        }
    }

    /// Reads an element without content.
    fn void(&mut self, element: &Element<'_>) {
        if self.hidden > 0 || self.role(element, false) == Role::Hidden {
            return;
        }
        match element.name {
            "br" if self.rows > 0 => self.builder.space(),
            "br" => self.builder.line_break(),
            "hr" if self.rows > 0 => self.builder.comma(),
            "hr" => self.builder.rule(),
            "img" => {
                let source = element.attribute("src").unwrap_or_default();
                let words = element.attribute("alt").unwrap_or_default();
                if !is_badge(source) && !is_file_name(words) && !words.trim().is_empty() {
                    self.builder.comma();
                    self.builder.text(words);
                    self.builder.comma();
                }
            }
            _ => {}
        }
    }

    /// Closes an element, and those in it.
    pub(super) fn end(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|open| &*open.name == name) {
            self.close_to(at);
        } else if matches!(name, "p" | "br") {
            self.builder.line_break();
        }
    }

    /// Returns how many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Closes the elements that were opened since this many were open.
    pub(super) fn close_to(&mut self, length: usize) {
        while self.open.len() > length {
            let Some(open) = self.open.pop() else { return };
            match open.role {
                Role::Hidden => self.hidden -= 1,
                Role::Preformatted => self.preformatted -= 1,
                Role::Row => self.rows -= 1,
                Role::List => _ = self.lists.pop(),
                _ => {}
            }
            if self.hidden > 0 {
                continue;
            }
            match open.role {
                Role::Heading(_) => self.builder.end_heading(),
                Role::Block | Role::List if self.rows > 0 => self.builder.comma(),
                Role::List if !self.lists.is_empty() => self.builder.line_break(),
                Role::Block | Role::List | Role::Preformatted => self.builder.end_paragraph(),
                Role::Item | Role::Cell if self.rows > 0 => self.builder.comma(),
                Role::Item | Role::Row => self.builder.line_break(),
                Role::Cell | Role::Hidden | Role::Inline => {}
            }
            if let Some(link) = open.link {
                self.end_link(&link);
            }
        }
    }

    /// Removes the words of a link that is only the mark of a note.
    fn end_link(&mut self, link: &Link) {
        let words = self.builder.since(link.start).trim();
        let is_short = words.chars().count() <= MAX_MARK_CHARS;
        let is_raised = self.open.iter().any(|open| &*open.name == "sup");
        let is_mark = match link.kind {
            LinkKind::Note => is_short,
            LinkKind::Place => {
                let has_words = words.contains(char::is_alphabetic);
                let is_bracketed = words.starts_with(['[', '(']);
                let has_digits = words.contains(char::is_numeric);
                is_short && (is_raised || is_bracketed && !has_words || !has_words && !has_digits)
            }
            LinkKind::Other => false,
        };
        if is_mark {
            self.builder.cut(link.start);
        }
    }

    /// Closes the elements that end where this one begins.
    fn end_implied(&mut self, name: &str) {
        if self.open.last().is_some_and(|open| &*open.name == "head") && !is_of_head(name) {
            self.close_to(self.open.len() - 1);
        }
        let (ended, boundaries) = ended_by(name);
        if ended.is_empty() {
            return;
        }
        let inside = |open: &&Open| !boundaries.contains(&&*open.name);
        let near = self.open.iter().rev().take_while(inside).count();
        let start = self.open.len() - near;
        let first = self.open[start..]
            .iter()
            .position(|open| ended.contains(&&*open.name));
        if let Some(first) = first {
            self.close_to(start + first);
        }
    }

    /// Returns whether the current element is in a picture or a formula, where `/>`
    /// ends an element.
    fn is_foreign(&self) -> bool {
        let mut open = self.open.iter();
        open.any(|open| matches!(&*open.name, "svg" | "math"))
    }

    fn role(&self, element: &Element<'_>, has_end: bool) -> Role {
        let is_in_block = self.open.iter().any(|open| &*open.name == "pre");
        let is_skipped = self.code == Code::Skip && element.is_code(is_in_block);
        if element.is_hidden() || is_skipped {
            return Role::Hidden;
        }
        match (role(element.name), element.name) {
            // Programs would be read if they were not hidden.
            (role, "script" | "style") => role,
            // It would hide the rest of the document.
            (Role::Hidden, name) if !has_end && !may_be_left_open(name) => Role::Inline,
            (role, _) => role,
        }
    }
}
