//! XML, as a sequence of tags and texts. Prefixes of names are ignored. Entities of
//! a document type are never expanded: each is a space. Those of HTML are known.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesEnd, BytesStart, Event};
use quick_xml::reader::Reader;

use super::BadDocument;
use super::source::damaged;

/// The longest name of HTML has fewer.
const MAX_ENTITY_BYTES: usize = 34;

/// A reader of a part of a document.
pub(super) struct XmlReader<'t> {
    reader: Reader<&'t [u8]>,
    /// The name of the part, and where in it the text begins.
    part: &'t str,
    start: u64,
    unknown_entity: Option<String>,
}

/// A tag, or text between tags. An empty element has a start and an end.
pub(super) enum XmlEvent<'t> {
    Start(StartTag<'t>),
    End(EndTag<'t>),
    Text(Cow<'t, str>),
}

pub(super) struct StartTag<'t>(BytesStart<'t>);
pub(super) struct EndTag<'t>(BytesEnd<'t>);

impl StartTag<'_> {
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// Returns the value of an attribute of this name, with any prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        // Its checks take quadratic time.
        let attribute = attributes
            .with_checks(false)
            .flatten()
            .find(|attribute| attribute.key.local_name().into_inner() == name)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        Some(value.into_owned())
    }
}

impl EndTag<'_> {
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }
}

impl<'t> XmlReader<'t> {
    /// Reads `text` from the byte at `start`, which must be between tags.
    pub(super) fn new(text: &'t str, start: u64, part: &'t str) -> Self {
        let rest = text.get(start as usize..).unwrap_or_default();
        let mut reader = Reader::from_str(rest);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        // Errors that are no danger: the readers keep count themselves.
        (config.check_end_names, config.allow_unmatched_ends) = (false, true);
        config.allow_dangling_amp = true;
        Self {
            reader,
            part,
            start,
            unknown_entity: None,
        }
    }

    /// Returns the next tag or text; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<XmlEvent<'t>>, BadDocument> {
        loop {
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let at = self.start + self.reader.error_position();
                    return Err(damaged(format!("offset {at} of {}", self.part), error));
                }
            };
            return Ok(Some(match event {
                Event::Start(tag) | Event::Empty(tag) => XmlEvent::Start(StartTag(tag)),
                Event::End(tag) => XmlEvent::End(EndTag(tag)),
                Event::Text(text) => XmlEvent::Text(text.into_inner()),
                Event::CData(text) => XmlEvent::Text(text.into_inner()),
                Event::GeneralRef(reference) => {
                    let text = resolved(&reference);
                    self.unknown_entity = text.is_none().then(|| reference.to_string());
                    XmlEvent::Text(text.unwrap_or_else(|| " ".to_owned()).into())
                }
                Event::Eof => return Ok(None),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
            }));
        }
    }

    /// Returns the name of the entity that was the last text, if it is unknown.
    pub(super) fn take_unknown_entity(&mut self) -> Option<String> {
        self.unknown_entity.take()
    }

    /// Returns where the next event begins.
    pub(super) fn position(&self) -> u64 {
        self.start + self.reader.buffer_position()
    }

    /// Returns the text until the next end of an element of this name.
    pub(super) fn text_until(&mut self, end: &str) -> Result<String, BadDocument> {
        let mut text = String::new();
        while let Some(event) = self.next()? {
            match event {
                XmlEvent::Text(more) => text.push_str(&more),
                XmlEvent::End(tag) if tag.name() == end => break,
                XmlEvent::Start(_) | XmlEvent::End(_) => {}
            }
        }
        let words: Vec<_> = text.split_ascii_whitespace().collect();
        Ok(words.join(" "))
    }
}

fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return Some(c.to_string());
    }
    let name: &str = reference;
    if name.len() > MAX_ENTITY_BYTES {
        return None;
    }
    let entity = format!("&{name};");
    let decoded = htmlize::unescape(entity.as_str());
    // Of `&ampx;` only the start is known.
    (decoded != entity && !decoded.ends_with(';')).then(|| decoded.into_owned())
}
