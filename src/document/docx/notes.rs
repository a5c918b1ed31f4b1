//! Footnotes and endnotes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::document::BadDocument;
use crate::document::xml::{XmlEvent, XmlReader};

/// Where a note is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum NoteKind {
    Footnote,
    Endnote,
}

/// The text of each note, by its id.
#[derive(Debug, Default)]
pub(super) struct Notes(HashMap<(NoteKind, String), Arc<str>>);

impl Notes {
    /// Adds the notes of a part.
    pub(super) fn add(
        &mut self,
        text: &str,
        part: &str,
        kind: NoteKind,
    ) -> Result<(), BadDocument> {
        let mut xml = XmlReader::new(text, 0, part);
        let mut note: Option<(String, String)> = None;
        let mut is_text = false;
        while let Some(event) = xml.next()? {
            match event {
                XmlEvent::Start(tag) => match tag.name() {
                    // Those with a type are lines between text and notes.
                    "footnote" | "endnote" if tag.attribute("type").is_none() => {
                        let id = tag.attribute("id").unwrap_or_default();
                        note = Some((id, String::new()));
                    }
                    "t" => is_text = true,
                    "p" | "tab" | "br" => {
                        if let Some((_, words)) = &mut note {
                            words.push(' ');
                        }
                    }
                    _ => {}
                },
                XmlEvent::Text(words) if is_text => {
                    if let Some((_, text)) = &mut note {
                        text.push_str(&words);
                    }
                }
                XmlEvent::Text(_) => {}
                XmlEvent::End(tag) => match tag.name() {
                    "t" => is_text = false,
                    "footnote" | "endnote" => {
                        if let Some((id, words)) = note.take() {
                            self.0.insert((kind, id), words.into());
                        }
                    }
                    _ => {}
                },
            }
        }
        Ok(())
    }

    /// Returns the text of a note. It is shared: a document may refer to it often.
    pub(super) fn text(&self, kind: NoteKind, id: String) -> Option<Arc<str>> {
        self.0.get(&(kind, id)).cloned()
    }
}
