//! Refuses tags that would take a tokenizer of HTML quadratic time: it compares each
//! attribute of a tag with those before.

use super::BadDocument;

/// More than any tag has.
const MAX_ATTRIBUTES: usize = 1000;
/// Elements in which a `<` begins no tag.
const RAW: [&str; 6] = ["script", "style", "textarea", "title", "xmp", "iframe"];

/// Counts the attributes of tags in HTML that arrives in pieces. Its idea of a tag is
/// rough: it only has to find the huge ones.
#[derive(Debug)]
pub(super) struct HtmlGuard {
    state: State,
    line: u64,
}

#[derive(Debug)]
enum State {
    Text,
    /// After a `<`.
    Open,
    Tag(OpenTag),
    /// In an element of [`RAW`]: how much of its end tag was seen.
    Raw {
        name: &'static str,
        seen: usize,
    },
}

#[derive(Debug, Default)]
struct OpenTag {
    name: String,
    attributes: usize,
    quote: Option<char>,
    after_space: bool,
}

impl Default for HtmlGuard {
    fn default() -> Self {
        Self {
            state: State::Text,
            line: 1,
        }
    }
}

impl HtmlGuard {
    /// Looks at a piece before the tokenizer gets it.
    pub(super) fn check(&mut self, html: &str) -> Result<(), BadDocument> {
        for c in html.chars() {
            self.line += u64::from(c == '\n');
            match &mut self.state {
                State::Text if c == '<' => self.state = State::Open,
                State::Text => {}
                State::Open => {
                    self.state = match c {
                        '<' => State::Open,
                        c if c.is_ascii_alphabetic() => State::Tag(OpenTag {
                            name: c.to_ascii_lowercase().to_string(),
                            ..OpenTag::default()
                        }),
                        _ => State::Text,
                    };
                }
                State::Tag(tag) => {
                    if tag.attributes > MAX_ATTRIBUTES {
                        return Err(BadDocument::TooManyAttributes {
                            place: format!("line {}", self.line),
                            limit: MAX_ATTRIBUTES,
                        });
                    }
                    if tag.ends_at(c) {
                        let raw = RAW.iter().find(|name| **name == tag.name);
                        self.state = raw.map_or(State::Text, |name| State::Raw { name, seen: 0 });
                    }
                }
                State::Raw { name, seen } => {
                    let expected = match *seen {
                        0 => Some('<'),
                        1 => Some('/'),
                        n => name.chars().nth(n - 2),
                    };
                    match expected {
                        None => self.state = State::Text,
                        Some(expected) if c.to_ascii_lowercase() == expected => *seen += 1,
                        Some(_) => *seen = usize::from(c == '<'),
                    }
                }
            }
        }
        Ok(())
    }
}

impl OpenTag {
    /// Notes a character. Returns whether it ends the tag.
    fn ends_at(&mut self, c: char) -> bool {
        if let Some(quote) = self.quote {
            if c == quote {
                // The next attribute needs no space before it.
                (self.quote, self.after_space) = (None, true);
            }
            return false;
        }
        match c {
            '>' => return true,
            '"' | '\'' => self.quote = Some(c),
            c if c.is_ascii_whitespace() || c == '/' => self.after_space = true,
            _ if self.after_space => {
                self.attributes += 1;
                self.after_space = false;
            }
            c if self.attributes == 0 && self.name.len() < 16 => {
                self.name.push(c.to_ascii_lowercase());
            }
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tags_with_very_many_attributes_are_refused() {
        let check = |html: &str| HtmlGuard::default().check(html).is_ok();
        let words = "word ".repeat(2000);
        let allowed = [
            format!("a < b {words}"),
            format!("<p title=\"{words}\">"),
            format!("<script>if (a<b) {words}</script>"),
            format!("<STYLE>a<b {words}</STYLE ><p>"),
            format!("<p a b c>{words}"),
        ];
        for html in allowed {
            assert!(check(&html), "{}", &html[..20]);
        }
        let refused = [
            format!("\n<p {words}>"),
            format!("<p {}>", "a=''".repeat(2000)),
            format!("<p {}>", "/a".repeat(2000)),
            format!("<script></script><p {words}>"),
        ];
        for html in refused {
            assert!(!check(&html), "{}", &html[..20]);
        }
    }
}
