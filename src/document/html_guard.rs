//! Refuses tags that would take a tokenizer of HTML quadratic time: it compares each
//! attribute of a tag with those before.

use super::BadDocument;

/// More than any tag has.
const MAX_ATTRIBUTES: usize = 1000;

/// Counts the attributes of tags in HTML that arrives in pieces. It goes through the
/// states of the tokenizer that decide what is a tag and what an attribute.
#[derive(Debug)]
pub(super) struct HtmlGuard {
    state: State,
    line: u64,
    /// How many attributes the current tag has.
    attributes: usize,
    /// The element whose content has no tags but its own end.
    raw: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// In an element without tags: how much of its end tag was seen.
    Raw(usize),
    /// After a `<`.
    Open,
    /// After `</`.
    OpenEnd,
    /// After `<!` and so many dashes.
    Declaration {
        dashes: usize,
    },
    /// What ends at the next `>`: `<!DOCTYPE …>`, `<?…>`.
    Bogus,
    Comment(Comment),
    TagName,
    /// Between attributes.
    Gap,
    AttributeName,
    /// After the name and a space.
    AfterName,
    /// After the `=`.
    BeforeValue,
    Quoted(char),
    Unquoted,
}

/// The end of what was read of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Comment {
    /// How many dashes it ends with.
    dashes: usize,
    /// Whether it has nothing else.
    is_empty: bool,
    /// Whether it ends with `--!`.
    has_bang: bool,
}

impl Default for HtmlGuard {
    fn default() -> Self {
        Self {
            state: State::Text,
            line: 1,
            attributes: 0,
            raw: None,
        }
    }
}

impl HtmlGuard {
    /// Looks at a piece before the tokenizer gets it. Returns how many bytes there are
    /// to the end of the first tag, or in all: after them,
    /// [`set_raw`](Self::set_raw) must tell what the tokenizer made of the tag.
    pub(super) fn check(&mut self, html: &str) -> Result<usize, BadDocument> {
        for (at, c) in html.char_indices() {
            self.line += u64::from(c == '\n');
            let was_in_tag = self.state.is_in_tag();
            self.state = self.next(c);
            if self.attributes > MAX_ATTRIBUTES {
                return Err(BadDocument::TooManyAttributes {
                    place: format!("line {}", self.line),
                    limit: MAX_ATTRIBUTES,
                });
            }
            if was_in_tag && !self.state.is_in_tag() {
                return Ok(at + c.len_utf8());
            }
        }
        Ok(html.len())
    }

    /// Sets the element that is open and whose content has no tags but its own end.
    pub(super) fn set_raw(&mut self, name: Option<&str>) {
        if self.raw.as_deref() != name {
            self.raw = name.map(Into::into);
        }
        match (self.state, name) {
            (State::Text, Some(_)) => self.state = State::Raw(0),
            (State::Raw(_), None) => self.state = State::Text,
            _ => {}
        }
    }

    fn next(&mut self, c: char) -> State {
        let is_space = c.is_ascii_whitespace();
        match self.state {
            State::Text if c == '<' => State::Open,
            State::Text => State::Text,
            State::Raw(seen) => self.in_raw(seen, c),
            State::Open => match c {
                '<' => State::Open,
                '!' => State::Declaration { dashes: 0 },
                '?' => State::Bogus,
                '/' => State::OpenEnd,
                c if c.is_ascii_alphabetic() => self.start_tag(),
                _ => State::Text,
            },
            State::OpenEnd => match c {
                '>' => State::Text,
                c if c.is_ascii_alphabetic() => self.start_tag(),
                _ => State::Bogus,
            },
            State::Declaration { dashes: 0 } if c == '-' => State::Declaration { dashes: 1 },
            State::Declaration { dashes: 1 } if c == '-' => State::Comment(Comment {
                dashes: 0,
                is_empty: true,
                has_bang: false,
            }),
            State::Declaration { .. } | State::Bogus if c == '>' => State::Text,
            State::Declaration { .. } | State::Bogus => State::Bogus,
            State::Comment(comment) => comment.next(c),
            // A slash is a gap: only directly before a `>` it means more.
            State::TagName | State::Gap | State::AttributeName | State::AfterName
                if c == '/' || is_space =>
            {
                match self.state {
                    State::AttributeName | State::AfterName if is_space => State::AfterName,
                    _ => State::Gap,
                }
            }
            State::BeforeValue if is_space => State::BeforeValue,
            State::BeforeValue if matches!(c, '"' | '\'') => State::Quoted(c),
            State::Quoted(quote) if c == quote => State::Gap,
            State::Quoted(quote) => State::Quoted(quote),
            State::Unquoted if is_space => State::Gap,
            _ if c == '>' => self.end_tag(),
            State::TagName => State::TagName,
            State::AttributeName | State::AfterName if c == '=' => State::BeforeValue,
            State::AttributeName => State::AttributeName,
            State::Gap | State::AfterName => {
                self.attributes += 1;
                State::AttributeName
            }
            State::BeforeValue | State::Unquoted => State::Unquoted,
        }
    }

    fn in_raw(&mut self, seen: usize, c: char) -> State {
        let name = self.raw.as_deref().unwrap_or_default();
        let is_seen = match seen {
            0 => c == '<',
            1 => c == '/',
            n => match name.as_bytes().get(n - 2) {
                Some(expected) => c.eq_ignore_ascii_case(&char::from(*expected)),
                None if c == '>' => return self.end_tag(),
                None if c == '/' || c.is_ascii_whitespace() => {
                    self.attributes = 0;
                    return State::Gap;
                }
                None => false,
            },
        };
        match is_seen {
            true => State::Raw(seen + 1),
            false => State::Raw(usize::from(c == '<')),
        }
    }

    fn start_tag(&mut self) -> State {
        self.attributes = 0;
        State::TagName
    }

    fn end_tag(&mut self) -> State {
        self.attributes = 0;
        State::Text
    }
}

impl State {
    fn is_in_tag(self) -> bool {
        matches!(
            self,
            Self::Raw(_)
                | Self::TagName
                | Self::Gap
                | Self::AttributeName
                | Self::AfterName
                | Self::BeforeValue
                | Self::Quoted(_)
                | Self::Unquoted
        )
    }
}

impl Comment {
    fn next(self, c: char) -> State {
        let may_end = self.dashes >= 2;
        match c {
            '>' if may_end || self.is_empty || self.has_bang => State::Text,
            '-' => State::Comment(Self {
                dashes: self.dashes + 1,
                has_bang: false,
                is_empty: self.is_empty,
            }),
            c => State::Comment(Self {
                dashes: 0,
                is_empty: false,
                has_bang: c == '!' && may_end,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Code;
    use super::super::end_tags::EndTags;
    use super::super::html::HtmlPage;
    use super::super::html_text::Syntax;

    #[test]
    fn only_tags_with_very_many_attributes_are_refused() {
        let check = |html: &str| {
            let mut page = HtmlPage::new(Syntax::Html, Code::Skip);
            page.set_end_tags(EndTags::of_page(html).into());
            page.feed(html).is_ok()
        };
        let words = "word ".repeat(2000);
        let allowed = [
            format!("a < b {words}"),
            format!("<p title=\"{words}\">"),
            format!("<script>if (a<b) {words}</script>"),
            format!("<STYLE>a<b {words}</STYLE ><p>"),
            format!("<p a b c>{words}"),
            format!("<!-- if a <b {words} --><p>"),
            format!("<!DOCTYPE <b {words}><p>"),
            format!("<title>a <b {words}</title>"),
        ];
        for html in allowed {
            assert!(check(&html), "{}", &html[..20]);
        }
        let refused = [
            format!("\n<p {words}>"),
            format!("<p {}>", "a=''".repeat(2000)),
            format!("<p {}>", "/a".repeat(2000)),
            format!("<script></script><p {words}>"),
            format!("<p a'><p {words}>"),
            format!("<p =\"><p {words}>"),
            format!("<!-- <script> --><p {words}>"),
            format!("<!--><p {words}>"),
            format!("<!-- --!><p {words}>"),
            format!("<!-><p {words}>"),
            format!("<svg><script/><p {words}>"),
            format!("<p>x</p {words}>"),
            format!("<script></script {words}>"),
        ];
        for html in refused {
            assert!(!check(&html), "{}", &html[..20]);
        }
    }
}
