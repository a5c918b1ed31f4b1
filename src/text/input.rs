//! Where text comes from.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use crate::{Error, Result};

/// The name of [`Input::Text`] in errors and in passages.
pub const GIVEN_TEXT: &str = "the given text";

/// A source of text.
pub enum Input {
    /// Text in memory. [`ReadOptions::encoding`](super::ReadOptions::encoding)
    /// does not apply to it.
    Text(Arc<str>),
    /// A file. It is opened by [`Passages::open`](super::Passages::open).
    File(PathBuf),
    /// A stream of bytes: a pipe, standard input.
    Reader {
        /// The stream. Nothing is read ahead, and a short read is not taken
        /// for the end.
        reader: Box<dyn Read + Send>,
        /// Its name in errors: `standard input`.
        origin: String,
    },
}

impl Input {
    /// Returns an input that reads from `reader`. Errors call it `origin`.
    pub fn reader(reader: impl Read + Send + 'static, origin: impl Into<String>) -> Self {
        Self::Reader {
            reader: Box::new(reader),
            origin: origin.into(),
        }
    }

    /// Opens the input; returns its bytes from `offset` on, and its name. A
    /// [`Reader`](Self::Reader) must be there already.
    pub(crate) fn open(self, offset: u64) -> Result<(Box<dyn Read + Send>, String)> {
        match self {
            Self::Text(text) => {
                let mut bytes = Cursor::new(Arc::<[u8]>::from(text));
                bytes.set_position(offset);
                Ok((Box::new(bytes), GIVEN_TEXT.to_owned()))
            }
            Self::Reader { reader, origin } => Ok((reader, origin)),
            Self::File(path) => {
                let origin = path.display().to_string();
                let open = || {
                    let mut file = File::open(&path)?;
                    if offset > 0 {
                        file.seek(SeekFrom::Start(offset))?;
                    }
                    Ok(file)
                };
                let file = open().map_err(|error| cannot_read(&origin, error))?;
                Ok((Box::new(file), origin))
            }
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Reader { origin, .. } => f.debug_tuple("Reader").field(origin).finish(),
        }
    }
}

pub(crate) fn cannot_read(origin: &str, source: io::Error) -> Error {
    Error::Input {
        origin: origin.to_owned(),
        source,
    }
}
