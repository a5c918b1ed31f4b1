//! How a file tells its format.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::{Format, archive};
use crate::file_kind::{FileKind, HEAD_BYTES};
use crate::text::cannot_read;
use crate::{BadDocument, Error, Result};

impl Format {
    /// Returns the format of a file, by its content if that is EPUB, DOCX, HTML or
    /// WebVTT without a doubt, or else by its suffix. `None` is plain text.
    ///
    /// # Errors
    /// [`Error::Input`] if the file cannot be read; [`Error::Document`] if it is of a
    /// kind that cannot be read as text, such as a PDF.
    pub fn of_file(path: &Path) -> Result<Option<Self>> {
        let origin = || path.display().to_string();
        let failed = |error| cannot_read(&origin(), error);
        let mut head = Vec::new();
        let file = File::open(path).map_err(failed)?;
        let mut start = file.take(HEAD_BYTES as u64);
        start.read_to_end(&mut head).map_err(failed)?;
        let wrong = |source| Error::Document {
            origin: origin(),
            source,
        };
        match FileKind::of(&head) {
            Some(FileKind::Zip) => {
                let file = File::open(path).map_err(failed)?;
                let format = archive::format(Box::new(file)).map_err(wrong)?;
                Ok(Some(format))
            }
            Some(kind) => Err(wrong(BadDocument::WrongKind(kind))),
            None => Ok(Self::of_suffix(path).or_else(|| Self::of_start(&head))),
        }
    }

    /// Returns the format of a text that begins so.
    fn of_start(head: &[u8]) -> Option<Self> {
        let head = String::from_utf8_lossy(head);
        let head = head.trim_start_matches('\u{FEFF}').trim_start();
        let starts = |with: &str| {
            let start = head.get(..with.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(with))
        };
        if starts("<!doctype html") || starts("<html") {
            return Some(Self::Html);
        }
        if starts("<speak") {
            return Some(Self::Ssml);
        }
        let after = head.strip_prefix("WEBVTT")?;
        after.starts_with(char::is_whitespace).then_some(Self::Vtt)
    }
}
