//! The file that `--join` makes, and the files that it puts together: they are read
//! again, block by block.

use std::path::Path;

use piper_rs::audio::wav::WavReader;
use piper_rs::audio::{BufferPool, SampleRate};
use piper_rs::encode::SoundFormat;
use piper_rs::sink::file::ExistingFile;
use piper_rs::{CancelToken, Error, Result};

use super::joined_format::JoinedEncoding;
use super::m4b::{M4bOptions, M4bSink};
use super::plan::{Plan, Task};
use crate::speech::destination::Destination;
use crate::speech::output::Output;
use crate::speech::output_format::Conversion;
use crate::terminal::report::UsageError;

/// Samples copied at a time.
const BLOCK_SAMPLES: usize = 64 * 1024;

/// Fails if a part could not be read again.
pub(super) fn check_parts(plan: &Plan) -> Result<(), UsageError> {
    let is_other = |task: &&Task| task.encoding.format != SoundFormat::Wav;
    match plan.tasks().find(is_other) {
        None => Ok(()),
        Some(task) => Err(UsageError(format!(
            "--join puts WAV files together, and {} would be {}: leave out --audio-format; the \
             joined file may be .wav, .flac, .opus, .mp3 or .m4b",
            task.output.display(),
            task.encoding.format
        ))),
    }
}

/// Opens the joined file, with its chapters in `list`. An existing file is replaced:
/// whether it may be was found before.
pub(super) fn create(
    path: &Path,
    list: &Path,
    encoding: JoinedEncoding,
    rate: SampleRate,
    cancel: &CancelToken,
) -> Result<Output> {
    let conversion = Conversion::none(rate);
    match encoding {
        JoinedEncoding::Sound(encoding) => {
            let file = Destination::File(path.to_owned(), encoding, ExistingFile::Replace);
            Output::open(&[file], &conversion, cancel)
        }
        JoinedEncoding::M4b { bitrate, tags: _ } => {
            let book = M4bSink::create(&M4bOptions {
                path,
                list,
                rate,
                bitrate,
                cancel,
            })?;
            Ok(Output::to(Box::new(book), &conversion))
        }
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
