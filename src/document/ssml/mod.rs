//! SSML: marks that say who speaks a text, how fast, and where there are pauses.

mod builder;
mod elements;
mod prosody;
mod say_as;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::block::Block;
use super::source::damaged;
use super::xml::{StartTag, XmlEvent, XmlReader};
use super::{BadDocument, too_large};
use crate::parts::Place;
use crate::parts::ssml::{SsmlSettings, SsmlVoice};
use builder::PartBuilder;
use say_as::SayAs;

/// The longest document. All of its parts are in memory.
const MAX_MIB: u64 = 4;
/// Elements within elements.
const MAX_DEPTH: usize = 100;
/// Each part costs far more memory than its marks.
const MAX_PARTS: usize = 100_000;

/// Returns the paragraphs of a document, with their parts.
///
/// # Errors
/// [`BadDocument::Damaged`] with line and column if it is no SSML, or if an element
/// is not closed; [`BadDocument::TooDeep`], [`BadDocument::TooLarge`] and
/// [`BadDocument::TooMany`].
pub(super) fn read(text: &str) -> Result<VecDeque<Block>, BadDocument> {
    if text.len() as u64 > MAX_MIB * 1024 * 1024 {
        return Err(too_large("the document", MAX_MIB));
    }
    SsmlReader {
        text,
        at: 0,
        place: Place::line(1),
        open: Vec::new(),
        has_ended: false,
        ignored: BTreeSet::new(),
        builder: PartBuilder::new(),
    }
    .read()
}

struct SsmlReader<'t> {
    text: &'t str,
    /// The byte at `place`.
    at: usize,
    place: Place,
    /// The elements around the current place.
    open: Vec<Element>,
    /// Whether `</speak>` was read.
    has_ended: bool,
    ignored: BTreeSet<String>,
    builder: PartBuilder,
}

/// An element whose end is to come.
struct Element {
    name: String,
    place: Place,
    settings: Arc<SsmlSettings>,
    say_as: SayAs,
    content: Content,
}

/// What becomes of the content of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Spoken,
    /// It is no text, or another text stands for it.
    Skipped,
}

impl SsmlReader<'_> {
    fn read(mut self) -> Result<VecDeque<Block>, BadDocument> {
        let mut reader = XmlReader::new(self.text, 0, "the document");
        loop {
            self.move_to(reader.position());
            if self.builder.part_count() > MAX_PARTS {
                return Err(BadDocument::TooMany {
                    parts: "parts",
                    limit: MAX_PARTS,
                });
            }
            match reader.next() {
                Ok(Some(XmlEvent::Start(tag))) => self.start(&tag)?,
                Ok(Some(XmlEvent::End(tag))) => self.end(tag.name())?,
                Ok(Some(XmlEvent::Text(text))) => {
                    if let Some(entity) = reader.take_unknown_entity() {
                        self.ignore(format!("&{};", elements::short(&entity)));
                    }
                    self.text(&text)?;
                }
                Ok(None) => break,
                Err(BadDocument::Damaged { source, .. }) => {
                    return Err(damaged(self.place.to_string(), source));
                }
                Err(error) => return Err(error),
            }
        }
        match self.open.last() {
            Some(open) => {
                let fault = format!("<{}> is not closed", open.name);
                Err(damaged(open.place.to_string(), fault))
            }
            None if !self.has_ended => Err(self.fault("<speak> is missing")),
            None => Ok(self.builder.finish()),
        }
    }

    fn move_to(&mut self, position: u64) {
        let to = usize::try_from(position).unwrap_or(usize::MAX);
        if let Some(passed) = self.text.get(self.at..to) {
            self.place = self.place.after(passed);
            self.at = to;
        }
    }

    fn fault(&self, fault: impl Into<String>) -> BadDocument {
        damaged(self.place.to_string(), fault.into())
    }

    fn text(&mut self, text: &str) -> Result<(), BadDocument> {
        let Some(element) = self.open.last() else {
            return match text.trim_start_matches('\u{FEFF}').trim().is_empty() {
                true => Ok(()),
                false => Err(self.fault("this text is outside of <speak>")),
            };
        };
        if element.content == Content::Skipped {
            return Ok(());
        }
        match element.say_as {
            SayAs::Text => self.builder.text(text, &element.settings, self.place),
            say_as => {
                // Only the text itself is written anew, not the space around it.
                let words = text.trim();
                let start = text.len() - text.trim_start().len();
                let (before, after) = (&text[..start], &text[start + words.len()..]);
                let settings = Arc::clone(&element.settings);
                let written = say_as.written(words, language(&settings));
                if written.is_none() {
                    let kind = format!("{say_as:?}").to_lowercase();
                    self.ignore(format!("{kind} without a known xml:lang"));
                }
                let written = written.as_deref().unwrap_or(words);
                let written = format!("{before}{written}{after}");
                self.builder.text(&written, &settings, self.place);
            }
        }
        Ok(())
    }

    fn start(&mut self, tag: &StartTag<'_>) -> Result<(), BadDocument> {
        let name = tag.name();
        if self.has_ended || self.open.is_empty() != (name == "speak") {
            let fault = format!("<{name}> is not where it may be: a document is one <speak>");
            return Err(self.fault(fault));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(BadDocument::TooDeep {
                place: self.place.to_string(),
                limit: MAX_DEPTH,
            });
        }
        let around = self.open.last();
        let mut element = Element {
            name: name.to_owned(),
            place: self.place,
            settings: around.map_or_else(Arc::default, |around| Arc::clone(&around.settings)),
            say_as: around.map_or(SayAs::Text, |around| around.say_as),
            content: around.map_or(Content::Spoken, |around| around.content),
        };
        if element.content == Content::Spoken {
            self.apply(tag, &mut element);
        }
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), BadDocument> {
        let Some(element) = self.open.pop_if(|element| element.name == name) else {
            let open = self.open.last();
            let open = open.map_or_else(String::new, |open| {
                format!("; <{}> of {} is open", open.name, open.place)
            });
            return Err(self.fault(format!("</{name}> ends nothing{open}")));
        };
        if element.content == Content::Spoken {
            match elements::short_name(name) {
                "p" => self.builder.end_paragraph(),
                "s" => self.builder.end_sentence(),
                _ => {}
            }
        }
        self.has_ended = self.open.is_empty();
        Ok(())
    }
}

/// Returns the language of a text; empty if nothing says it.
fn language(settings: &SsmlSettings) -> &str {
    let languages = settings
        .voices
        .iter()
        .rev()
        .filter_map(|voice| match &**voice {
            SsmlVoice::OfLanguage(language) => Some(language.as_str()),
            SsmlVoice::Named(_) => None,
        });
    languages.into_iter().next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
