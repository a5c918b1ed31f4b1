//! Marks within a text: `[[pause 500ms]]`, `{{speed=0.8 voice=joe}}`, `{{/}}`. The
//! backslash of `\{{` makes text of the braces.

use std::borrow::Cow;
use std::time::Duration;

use super::{Place, parse_time};

/// What is next in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item<'t> {
    /// Words, with phonemes in `[[…]]` if there are any.
    Text(Cow<'t, str>),
    /// Silence.
    Pause(Duration),
    /// How the text after it is spoken; empty for `{{}}` and `{{/}}`.
    Settings(Vec<Field<'t>>),
}

/// `NAME=VALUE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'t> {
    /// As written.
    pub name: &'t str,
    /// Without its quotes.
    pub value: &'t str,
    /// Where the name is.
    pub place: Place,
}

/// A mark that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct BadMark {
    /// Where it is.
    pub place: Place,
    fault: String,
}

/// The items of a text, in order. After an error there are no more.
///
/// The cost is linear in the length of the text.
#[derive(Debug, Clone)]
pub struct Items<'t> {
    rest: &'t str,
    place: Place,
}

/// Returns the items of a text that begins at `place`.
pub fn items(text: &str, place: Place) -> Items<'_> {
    Items { rest: text, place }
}

const PAUSE: &str = "[[pause";
const OPEN: &str = "{{";
const ESCAPED: &str = "\\{{";

impl<'t> Items<'t> {
    /// Returns the place of the next item.
    pub fn place(&self) -> Place {
        self.place
    }

    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(length);
        self.place = self.place.after(taken);
        self.rest = rest;
        taken
    }

    /// Takes a mark that begins with `open`; returns what is in it.
    fn take_mark(&mut self, open: &str, close: &str) -> Result<(&'t str, Place), BadMark> {
        let start = self.place;
        let inside = &self.rest[open.len()..];
        let line = &inside[..inside.find('\n').unwrap_or(inside.len())];
        let Some(length) = line.find(close) else {
            let escape = match open {
                OPEN => "; `\\{{` makes text of it",
                _ => "",
            };
            let fault = format!("`{open}` has no `{close}` on its line{escape}");
            return Err(self.fail(start, fault));
        };
        self.take(open.len());
        let place = self.place;
        let content = self.take(length);
        self.take(close.len());
        Ok((content, place))
    }

    fn pause(&mut self) -> Result<Item<'t>, BadMark> {
        let start = self.place;
        let (time, _) = self.take_mark(PAUSE, "]]")?;
        parse_time(time).map(Item::Pause).ok_or_else(|| {
            let fault =
                format!("`[[pause{time}]]` needs a time such as 500ms or 1.5s, of an hour at most");
            self.fail(start, fault)
        })
    }

    fn settings(&mut self) -> Result<Item<'t>, BadMark> {
        let (content, place) = self.take_mark(OPEN, "}}")?;
        if content.trim() == "/" {
            return Ok(Item::Settings(Vec::new()));
        }
        let fields = Fields {
            rest: content,
            place,
        };
        let fields: Result<_, _> = fields.collect();
        fields
            .map(Item::Settings)
            .map_err(|(place, fault)| self.fail(place, fault))
    }

    fn fail(&mut self, place: Place, fault: String) -> BadMark {
        self.rest = "";
        BadMark { place, fault }
    }
}

impl<'t> Iterator for Items<'t> {
    type Item = Result<Item<'t>, BadMark>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match next_mark(self.rest) {
            Some(0) if self.rest.starts_with(OPEN) => Some(self.settings()),
            Some(0) => Some(self.pause()),
            at => {
                let text = self.take(at.unwrap_or(self.rest.len()));
                Some(Ok(Item::Text(match text.contains(ESCAPED) {
                    true => Cow::Owned(text.replace(ESCAPED, OPEN)),
                    false => Cow::Borrowed(text),
                })))
            }
        }
    }
}

/// Returns where the next mark begins.
fn next_mark(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].find(['{', '[', '\\'])?;
        let rest = &text[at..];
        match rest.starts_with(ESCAPED) {
            true => at += ESCAPED.len(),
            false if is_mark(rest) => return Some(at),
            false => at += 1,
        }
    }
}

fn is_mark(text: &str) -> bool {
    let is_pause = |after: &str| after.starts_with("]]") || after.starts_with([' ', '\t']);
    text.starts_with(OPEN) || text.strip_prefix(PAUSE).is_some_and(is_pause)
}

/// The fields between braces; spaces or commas separate them.
struct Fields<'t> {
    rest: &'t str,
    place: Place,
}

impl<'t> Fields<'t> {
    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(length);
        self.place = self.place.after(taken);
        self.rest = rest;
        taken
    }

    /// Takes characters up to the first that ends them.
    fn take_until(&mut self, ends: impl Fn(char) -> bool) -> &'t str {
        let length = self.rest.find(ends).unwrap_or(self.rest.len());
        self.take(length)
    }

    fn value(&mut self) -> Option<&'t str> {
        const QUOTES: [(char, char); 3] = [('"', '"'), ('\'', '\''), ('“', '”')];
        let quotes = QUOTES.iter().find(|(open, _)| self.rest.starts_with(*open));
        let Some((open, close)) = quotes else {
            return Some(self.take_until(is_separator)).filter(|value| !value.is_empty());
        };
        self.take(open.len_utf8());
        let length = self.rest.find(*close)?;
        let value = self.take(length);
        self.take(close.len_utf8());
        (self.rest.is_empty() || self.rest.starts_with(is_separator)).then_some(value)
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || c == ','
}

impl<'t> Iterator for Fields<'t> {
    type Item = Result<Field<'t>, (Place, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.take_until(|c| !is_separator(c));
        if self.rest.is_empty() {
            return None;
        }
        let place = self.place;
        let name = self.take_until(|c| is_separator(c) || c == '=');
        self.take_until(|c| !c.is_whitespace());
        let value = self.rest.starts_with('=').then(|| {
            self.take(1);
            self.take_until(|c| !c.is_whitespace());
            self.value()
        });
        Some(match value.flatten() {
            Some(value) if !name.is_empty() => Ok(Field { name, value, place }),
            _ => Err((
                place,
                format!(
                    "`{name}` is not NAME=VALUE, such as speed=0.8; `\\{{{{` makes text of braces"
                ),
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Item::{Pause, Settings};
    use super::*;
    use proptest::prelude::*;

    fn place(line: u64, column: u64) -> Place {
        Place { line, column }
    }

    fn read(text: &str) -> Result<Vec<Item<'_>>, BadMark> {
        items(text, Place::line(1)).collect()
    }

    #[expect(non_snake_case, reason = "it stands for the variant")]
    fn Text(text: &str) -> Item<'_> {
        Item::Text(Cow::Borrowed(text))
    }

    #[test]
    fn marks_divide_the_text() {
        let field = |name, value, line, column| Field {
            name,
            value,
            place: place(line, column),
        };
        let half = Pause(Duration::from_millis(500));
        let cases: [(&str, Vec<Item<'_>>); 10] = [
            ("", vec![]),
            ("a \\{{b}} \\c", vec![Text("a {{b}} \\c")]),
            (
                "\\{{{{/}}\\{{",
                vec![Text("{{"), Settings(vec![]), Text("{{")],
            ),
            ("a [b] {c} [[hə]]", vec![Text("a [b] {c} [[hə]]")]),
            (
                "a [[pause 500ms]] b",
                vec![Text("a "), half.clone(), Text(" b")],
            ),
            ("[[pauses]][[pause\t0.5s ]]", vec![Text("[[pauses]]"), half]),
            (
                "é\nö {{speed=2, voice = 'a b'}}x{{/}}",
                vec![
                    Text("é\nö "),
                    Settings(vec![
                        field("speed", "2", 2, 5),
                        field("voice", "a b", 2, 14),
                    ]),
                    Text("x"),
                    Settings(vec![]),
                ],
            ),
            ("{{}}{{ / }}", vec![Settings(vec![]), Settings(vec![])]),
            (
                "{{voice=“x”}}",
                vec![Settings(vec![field("voice", "x", 1, 3)])],
            ),
            (
                "{{voice=/a/b.onnx}}",
                vec![Settings(vec![field("voice", "/a/b.onnx", 1, 3)])],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn errors_name_line_and_column() {
        let cases = [
            (
                "a {{speed=2",
                "line 1, column 3: `{{` has no `}}` on its line; `\\{{` makes text of it",
            ),
            (
                "a\n{{b\n}}",
                "line 2, column 1: `{{` has no `}}` on its line; `\\{{` makes text of it",
            ),
            (
                "a\nab[[pause 5]]",
                "line 2, column 3: `[[pause 5]]` needs a time such as 500ms or 1.5s, of an hour \
                 at most",
            ),
            (
                "[[pause]]",
                "line 1, column 1: `[[pause]]` needs a time such as 500ms or 1.5s, of an hour at \
                 most",
            ),
            (
                "{{fast}}",
                "line 1, column 3: `fast` is not NAME=VALUE, such as speed=0.8; `\\{{` makes text of braces",
            ),
            (
                "{{a=1 speed=}}",
                "line 1, column 7: `speed` is not NAME=VALUE, such as speed=0.8; `\\{{` makes text of braces",
            ),
            (
                "{{voice=\"a}}",
                "line 1, column 3: `voice` is not NAME=VALUE, such as speed=0.8; `\\{{` makes text of braces",
            ),
            (
                "{{=1}}",
                "line 1, column 3: `` is not NAME=VALUE, such as speed=0.8; `\\{{` makes text of braces",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).unwrap_err().to_string(), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_lost(text in "([a{}\\[\\]=ə\n ]|\\[\\[pause |\\{\\{|\\}\\}|1s){0,30}") {
            let mut items = items(&text, Place::line(1));
            let mut length = 0;
            while let Some(item) = items.next() {
                match item {
                    Ok(Item::Text(part)) => {
                        prop_assert!(text[length..].starts_with(&*part));
                        prop_assert!(!part.is_empty());
                    }
                    Ok(_) => {}
                    Err(bad) => prop_assert!(bad.place.line <= 1 + text.matches('\n').count() as u64),
                }
                length = text.len() - items.rest.len();
            }
        }
    }
}
