//! One input: a text, a file, a pipe.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use piper_rs::Result;
use piper_rs::document::{Cues, Document, DocumentOptions, Format};
use piper_rs::fs::is_stream;
use piper_rs::text::{GIVEN_TEXT, Input, Passage, Passages, ReadOptions, ResumePoint};

use super::Reading;
use crate::args::FormatArg;

/// How messages call standard input.
const STDIN: &str = "standard input";
/// Names of standard input: opening a path is not the same for a socket.
const STDIN_PATHS: [&str; 4] = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TextInput {
    Text(Arc<str>),
    /// Can be read several times.
    File(PathBuf),
    /// A pipe or a device: opened once and read once.
    Stream(PathBuf),
    /// A file that is still being written.
    Followed(PathBuf),
    Stdin,
    /// The text of a stream with this name.
    Copy(String, CopyFile),
}

/// A file without a name. It is read by one reader at a time.
#[derive(Debug, Clone)]
pub(super) struct CopyFile(pub(super) Arc<File>);

impl PartialEq for CopyFile {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for CopyFile {}

impl TextInput {
    pub(super) fn of(path: &Path) -> Self {
        if STDIN_PATHS.iter().any(|name| path == Path::new(name)) {
            Self::Stdin
        } else if is_stream(path) {
            Self::Stream(path.to_owned())
        } else {
            Self::File(path.to_owned())
        }
    }

    pub(super) fn of_words(words: &[String]) -> Self {
        match words {
            [] => Self::Stdin,
            [word] if word == "-" => Self::Stdin,
            words => Self::Text(words.join(" ").into()),
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Text(_) => GIVEN_TEXT.to_owned(),
            Self::File(path) | Self::Stream(path) | Self::Followed(path) => {
                path.display().to_string()
            }
            Self::Stdin => STDIN.to_owned(),
            Self::Copy(name, _) => name.clone(),
        }
    }

    /// Returns whether its text is spoken when it arrives: its length is unknown, and it
    /// can be read only once.
    pub(super) fn is_live(&self) -> bool {
        match self {
            Self::Stream(_) | Self::Followed(_) | Self::Stdin => true,
            Self::Text(_) | Self::File(_) | Self::Copy(..) => false,
        }
    }

    fn open(&self) -> Input {
        match self {
            Self::Text(text) => Input::Text(Arc::clone(text)),
            Self::File(path) | Self::Stream(path) | Self::Followed(path) => {
                Input::File(path.clone())
            }
            Self::Stdin => Input::reader(std::io::stdin(), STDIN),
            Self::Copy(name, file) => Input::reader(FromStart::new(file.clone()), name),
        }
    }

    /// Returns the format, if the input is a document. Only a file tells its own:
    /// from a pipe nothing can be read twice.
    pub(super) fn format(&self, reading: &Reading) -> Result<Option<Format>> {
        match (reading.format, self) {
            (FormatArg::Auto, Self::File(path)) => Format::of_file(path),
            (format, _) => Ok(format.document()),
        }
    }

    /// Opens the input, if it is a document.
    pub(super) fn document(
        &self,
        reading: &Reading,
        cues: Cues,
    ) -> Result<Option<(Format, Document)>> {
        let Some(format) = self.format(reading)? else {
            return Ok(None);
        };
        let options = DocumentOptions {
            encoding: reading.encoding,
            code: reading.code,
            cues,
        };
        let document = Document::open(self.open(), format, &options)?;
        Ok(Some((format, document)))
    }

    /// Opens the input as plain text. An error becomes its only item.
    pub(super) fn passages(
        &self,
        from: Option<&ResumePoint>,
        options: &ReadOptions,
    ) -> Box<dyn Iterator<Item = Result<Passage>>> {
        let opened = match from {
            Some(point) => Passages::resume(self.open(), point, options),
            None => Passages::open(self.open(), options),
        };
        match opened {
            Ok(passages) => Box::new(passages),
            Err(error) => Box::new(std::iter::once(Err(error))),
        }
    }
}

/// Reads a file from its start.
struct FromStart {
    file: CopyFile,
    has_begun: bool,
}

impl FromStart {
    fn new(file: CopyFile) -> Self {
        Self {
            file,
            has_begun: false,
        }
    }
}

impl Read for FromStart {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut file = &*self.file.0;
        if !self.has_begun {
            file.rewind()?;
            self.has_begun = true;
        }
        file.read(bytes)
    }
}
