//! What is known of a source before it is read.

use std::path::{Path, PathBuf};

use piper_rs::Result;
use piper_rs::document::{Cues, Document, Format};
use piper_rs::text::PassageUnit;

use super::Source;
use super::text_input::TextInput;

impl Source {
    /// Returns the files among the inputs.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.inputs.iter().filter_map(|input| match input {
            TextInput::File(path) | TextInput::Followed(path) => Some(path.as_path()),
            TextInput::Text(_) | TextInput::Stream(_) | TextInput::Stdin | TextInput::Copy(..) => {
                None
            }
        })
    }

    /// Returns the name of each input, as its passages have it, and what its
    /// passages are.
    pub(crate) fn names(&self) -> Vec<(String, PassageUnit)> {
        let name = |input: &TextInput| (input.name(), self.options(input).unit);
        self.inputs.iter().map(name).collect()
    }

    /// Returns the name of each input, as its passages have it, and its path if it is a
    /// file.
    pub(crate) fn origins(&self) -> Vec<(String, Option<PathBuf>)> {
        let path = |input: &TextInput| match input {
            TextInput::File(path) => Some(path.clone()),
            _ => None,
        };
        self.inputs
            .iter()
            .map(|input| (input.name(), path(input)))
            .collect()
    }

    /// Returns whether some text is left out at the start.
    pub(crate) fn has_start(&self) -> bool {
        self.start.is_some()
    }

    /// Returns whether text is read from a stream: its length is unknown, it can
    /// be read only once, and lines are spoken when they arrive.
    pub(crate) fn is_live(&self) -> bool {
        self.inputs.iter().any(TextInput::is_live)
    }

    /// Returns whether the only input is the copy of a stream.
    pub(crate) fn is_copy(&self) -> bool {
        matches!(self.inputs.as_slice(), [TextInput::Copy(..)])
    }

    /// Returns whether text is read from standard input.
    pub(crate) fn uses_stdin(&self) -> bool {
        let is_stdin = |input: &TextInput| matches!(input, TextInput::Stdin);
        self.inputs.iter().any(is_stdin)
    }

    /// Opens the only input, if that is a document.
    pub(crate) fn document(&self) -> Result<Option<(Format, Document)>> {
        match self.inputs.as_slice() {
            [input] => input.document(&self.reading, Cues::Join),
            _ => Ok(None),
        }
    }

    /// Returns whether the only input is a file of subtitles.
    pub(crate) fn is_subtitles(&self) -> Result<bool> {
        Ok(match self.inputs.as_slice() {
            [input] => matches!(
                input.format(&self.reading)?,
                Some(Format::Srt | Format::Vtt)
            ),
            _ => false,
        })
    }

    /// Returns whether an input is SSML. One that cannot be read is none.
    pub(crate) fn has_ssml(&self) -> bool {
        let format = |input: &TextInput| input.format(&self.reading);
        let mut formats = self.inputs.iter().map(format);
        formats.any(|format| matches!(format, Ok(Some(Format::Ssml))))
    }
}
