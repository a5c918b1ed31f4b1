//! The file that `--join` makes, and the files that it puts together: they are read
//! again, block by block.

use std::path::Path;

use piper_rs::audio::BufferPool;
use piper_rs::audio::wav::WavReader;
use piper_rs::encode::SoundFormat;
use piper_rs::{CancelToken, Error, Result};

use super::plan::{Plan, Task};
use crate::speech::output::Output;
use crate::speech::sound_format::{OutputUse, format_of};
use crate::terminal::report::UsageError;

/// Samples copied at a time.
const BLOCK_SAMPLES: usize = 64 * 1024;

/// Returns the format of the joined file at `path`. Fails if it cannot be one.
pub(super) fn format_of_joined(path: &Path) -> Result<SoundFormat, UsageError> {
    if path.as_os_str() == "-" || path.starts_with("/dev") {
        return Err(UsageError(format!(
            "--join {} is not a file: it gets a list of chapters beside it",
            path.display()
        )));
    }
    format_of(path, None, OutputUse::Text)
}

/// Fails if a part could not be read again.
pub(super) fn check_parts(plan: &Plan) -> Result<(), UsageError> {
    let is_other = |task: &&Task| task.encoding.format != SoundFormat::Wav;
    match plan.tasks().find(is_other) {
        None => Ok(()),
        Some(task) => Err(UsageError(format!(
            "--join puts WAV files together, and {} would be {}: leave out --audio-format; the \
             joined file may be .wav, .flac, .opus or .mp3",
            task.output.display(),
            task.encoding.format
        ))),
    }
}

/// Appends the sound of a file to an output.
pub(super) fn copy(
    path: &Path,
    output: &mut Output,
    pool: &BufferPool,
    cancel: &CancelToken,
) -> Result<()> {
    let mut wav = WavReader::open(path)?;
    let mut samples = pool.acquire(BLOCK_SAMPLES);
    loop {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        wav.read(&mut samples)?;
        if samples.is_empty() {
            return Ok(());
        }
        output.write(&samples, wav.rate())?;
    }
}
