//! Sound files, which appear complete or not at all.

mod complete;
mod replacement;
mod unfinished;

pub use replacement::Replacement;
pub use unfinished::remove_unfinished;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use self::complete::CompleteFile;
use super::Sink;
use super::stream::{StreamOptions, StreamSink};
use crate::audio::SampleRate;
use crate::audio::wav::{is_truncated, is_wav};
use crate::encode::{Encoding, is_encoded_here};
use crate::{CancelToken, Error, Result};

/// What to do if the file exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExistingFile {
    /// Replace it as soon as the new file is complete.
    #[default]
    Replace,
    /// Replace it if it [may be lost](is_replaceable), otherwise fail.
    ReplaceSpeech,
    /// Fail and keep it.
    Refuse,
}

/// How [`create`] writes.
#[derive(Debug, Clone, Default)]
pub struct FileOptions {
    /// The format of the file.
    pub encoding: Encoding,
    /// What to do if the file exists.
    pub existing_file: ExistingFile,
    /// Cancels a wait for the reader of a pipe.
    pub cancel: CancelToken,
}

/// Opens `path` for mono samples of `rate`.
///
/// A regular file is written under a temporary name in the same folder, and
/// renamed when the sink is finished; [`Sink::flush`] keeps the temporary
/// file valid. A symbolic link keeps its target, and a replaced file
/// keeps its mode. Any other file (a pipe, a device, `/dev/stdout`) is written
/// directly, as a stream; opening a named pipe waits for its reader.
///
/// Fails with [`Error::Output`] if the file cannot be written, before any
/// audio is made.
pub fn create(path: &Path, rate: SampleRate, options: &FileOptions) -> Result<Box<dyn Sink>> {
    let target = path.display().to_string();
    let special = open_special(path).map_err(|source| Error::Output {
        target: target.clone(),
        source,
    })?;
    let Some(file) = special else {
        let file = CompleteFile::create(path, rate, options)?;
        return Ok(Box::new(file));
    };
    let stream = StreamOptions {
        encoding: options.encoding.clone(),
        target,
        cancel: options.cancel.clone(),
    };
    Ok(Box::new(StreamSink::new(file, rate, stream)?))
}

/// Returns whether the file at `path` is a WAV file, a sound file that this library
/// made, is empty, or is what a crash left of a WAV file: nothing that cannot be made
/// again. A file that cannot be read is not replaceable.
pub fn is_replaceable(path: &Path) -> bool {
    let tests = [is_wav, is_truncated, is_encoded_here];
    tests.iter().any(|test| test(path).unwrap_or(false))
}

/// Opens `path` for writing in place if a rename must not replace it.
fn open_special(path: &Path) -> io::Result<Option<File>> {
    let is_special = match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) => !found.is_file() || names_an_open_file(path),
        Err(_) => false,
    };
    // Appending: `/dev/stdout` may be a file that already has content.
    is_special
        .then(|| OpenOptions::new().append(true).open(path))
        .transpose()
}

/// Returns whether `path` is another name for an open file of this process,
/// which may be a regular file that another process has open too.
fn names_an_open_file(path: &Path) -> bool {
    ["/dev/fd", "/dev/stdout", "/dev/stderr", "/proc"]
        .iter()
        .any(|open| path.starts_with(open))
}

#[cfg(test)]
mod tests;
