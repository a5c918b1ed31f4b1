//! Where a text beside the audio goes: a file, standard output, a pipe.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use piper_rs::fs::{AtomicFile, is_stream};

use crate::terminal::stdout;

/// An open target.
pub(crate) enum TextTarget {
    /// A pipe or a device. The reader gets everything at once.
    Stream(Box<dyn Write + Send>),
    File(AtomicFile),
}

/// Returns whether a path names standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Returns what messages call a target.
pub(crate) fn name(path: &Path) -> String {
    match is_stdout(path) {
        true => stdout::NAME.to_owned(),
        false => path.display().to_string(),
    }
}

/// Returns whether nothing is lost if `path` is written: it names no file, or one that is
/// empty or whose text `is_own`.
pub(crate) fn is_replaceable(path: &Path, is_own: impl FnOnce(&str) -> bool) -> bool {
    if is_stdout(path) || !path.is_file() {
        return true;
    }
    fs::read_to_string(path).is_ok_and(|text| text.is_empty() || is_own(&text))
}

impl TextTarget {
    /// Opens a file that gets its name when it is finished, standard output or a stream.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        if is_stdout(path) {
            return Ok(Self::Stream(Box::new(io::stdout())));
        }
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // A rename would replace a pipe, or the name of an open file.
        if is_stream(path) || path.starts_with("/dev") && !path.starts_with("/dev/shm") {
            let file: File = OpenOptions::new().append(true).open(path)?;
            return Ok(Self::Stream(Box::new(file)));
        }
        AtomicFile::create(path).map(Self::File)
    }

    /// Gives a file its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Self::Stream(mut stream) => stream.flush(),
            Self::File(file) => file.finish(),
        }
    }
}

impl Write for TextTarget {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(stream) => stream.write(bytes),
            Self::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(stream) => stream.flush(),
            // Its reader waits for its name.
            Self::File(_) => Ok(()),
        }
    }
}
