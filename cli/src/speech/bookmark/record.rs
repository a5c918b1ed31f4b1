//! What a bookmark file says.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use piper_rs::fs::FileStamp;
use serde::{Deserialize, Serialize};

use crate::speech::events::SpokenSentence;
use crate::speech::place::Place;
use crate::speech::source::TextPlace;
use crate::terminal::report::UsageError;

/// The version of the file's fields.
const VERSION: u32 = 1;

/// A bookmark, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The version; also what tells a bookmark from another file.
    piper_rs_bookmark: u32,
    /// The path of the text, or what messages call it.
    pub(super) source: String,
    /// Of the file, when it was read.
    pub(super) stamp: Option<FileStamp>,
    /// The last sentence that was begun.
    pub(super) sentence: Option<HeardSentence>,
    #[serde(rename = "finished")]
    pub(super) is_finished: bool,
}

/// A sentence that was heard, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeardSentence {
    /// Its first byte in the text of its input, and how many it has.
    pub(super) offset: u64,
    pub(super) bytes: u64,
    /// For people.
    pub(super) line: u64,
    pub(super) text: String,
    /// Whether it was heard to its end.
    #[serde(rename = "complete")]
    pub(super) is_complete: bool,
}

impl Record {
    /// Returns the record of an input that was not begun: a file, or something else of
    /// this name.
    pub(super) fn of(name: &str, file: Option<&Path>) -> Self {
        let (source, stamp) = match file {
            Some(file) => {
                let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
                (real.display().to_string(), FileStamp::of(file).ok())
            }
            None => (name.to_owned(), None),
        };
        Self {
            piper_rs_bookmark: VERSION,
            source,
            stamp,
            sentence: None,
            is_finished: false,
        }
    }

    /// Reads a file, if there is one.
    pub(super) fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        let read = match fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            // Not text, so no bookmark.
            Err(error) if error.kind() == ErrorKind::InvalidData => String::new(),
            read => read.with_context(|| format!("cannot read {}", path.display()))?,
        };
        match serde_json::from_str(&read) {
            Ok(
                record @ Self {
                    piper_rs_bookmark: VERSION,
                    ..
                },
            ) => Ok(Some(record)),
            _ => Err(UsageError(format!(
                "{} exists and is no bookmark of this version: name another file, or delete it",
                path.display()
            ))
            .into()),
        }
    }

    /// Returns whether both are of the same file, changed or not.
    pub(super) fn is_same_text(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl HeardSentence {
    pub(super) fn of(sentence: &SpokenSentence, place: &Place) -> Self {
        let (line, offset) = place.line_and_offset(sentence.source.start);
        Self {
            offset: offset.unwrap_or_else(|| place.passage_offset()),
            // Of a text that was not spoken as it was read, only the passage is known.
            bytes: offset.map_or(0, |_| sentence.source.len() as u64),
            line,
            text: sentence.text.clone(),
            is_complete: false,
        }
    }

    /// Returns where reading goes on in the unchanged input called `origin`.
    pub(super) fn next_place(&self, origin: &str) -> TextPlace {
        let heard = if self.is_complete { self.bytes } else { 0 };
        TextPlace {
            origin: origin.to_owned(),
            offset: self.offset + heard,
        }
    }
}
