//! `--timings`: when sentences, words and phonemes are heard, in a file.

mod reader;
mod record;
mod writer;

pub(crate) use reader::read_timings;
pub(crate) use record::{JoinedAt, SentenceRecord};
pub(crate) use writer::{TimingsFormat, TimingsWriter};

use std::path::{Path, PathBuf};

use piper_rs::audio::SampleRate;
use piper_rs::timing::TimedSentence;
use piper_rs::{Error, Result};

use self::writer::is_written;
use super::place::Place;
use super::text_target::{self, TextTarget};
use crate::args::{OutputArgs, TimingsArgs};
use crate::terminal::report::UsageError;

/// The file that the times of an output are written to.
#[derive(Debug, Clone)]
pub(crate) struct Timings {
    path: PathBuf,
    format: TimingsFormat,
}

/// An open file of times.
pub(crate) struct TimingsFile {
    writer: TimingsWriter<TextTarget>,
    rate: SampleRate,
    /// Its name in messages.
    target: String,
}

impl Timings {
    /// Returns the file that the option names.
    ///
    /// Fails if its format is unknown, or if it is a file with something else than times,
    /// which may not be replaced.
    pub(crate) fn from_args(
        args: &TimingsArgs,
        output: &OutputArgs,
    ) -> Result<Option<Self>, UsageError> {
        let Some(path) = args.timings.as_deref() else {
            return Ok(None);
        };
        let may_replace = output.destinations.overwrite;
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        let is_stdout = text_target::is_stdout(path);
        let format = match is_stdout {
            true => Some(TimingsFormat::Json),
            false => TimingsFormat::of_ending(&ending),
        };
        let name = path.display();
        let format = format.ok_or_else(|| {
            UsageError(format!(
                "--timings {name}: name it FILE.json or FILE.tsv, which says the format"
            ))
        })?;
        let is_own = |text: &str| is_written(text, format);
        if !may_replace && !text_target::is_replaceable(path, is_own) {
            return Err(UsageError(format!(
                "--timings {name}: it exists, and this program did not write it as times; to \
                 replace it, add `--overwrite`"
            )));
        }
        let path = path.to_owned();
        Ok(Some(Self { path, format }))
    }

    /// Returns whether they go to standard output.
    pub(crate) fn is_stdout(&self) -> bool {
        text_target::is_stdout(&self.path)
    }

    /// Opens the file, for an output of this rate.
    pub(crate) fn open(&self, rate: SampleRate) -> Result<TimingsFile> {
        TimingsFile::open(&self.path, self.format, rate)
    }
}

impl TimingsFile {
    /// Opens the file at `path`, for an output of this rate.
    pub(crate) fn open(path: &Path, format: TimingsFormat, rate: SampleRate) -> Result<Self> {
        let target = text_target::name(path);
        let open = || TimingsWriter::new(TextTarget::open(path)?, format, rate);
        match open() {
            Ok(writer) => Ok(Self {
                writer,
                rate,
                target,
            }),
            Err(source) => Err(Error::Output { target, source }),
        }
    }

    /// Writes a sentence of the text at `place`.
    pub(crate) fn push(&mut self, sentence: &TimedSentence, place: Option<&Place>) -> Result<()> {
        let (writer, record) = (
            &mut self.writer,
            SentenceRecord::of(sentence, place, self.rate),
        );
        let written = writer.write(&record).and_then(|()| writer.flush());
        written.map_err(|source| Error::Output {
            target: self.target.clone(),
            source,
        })
    }

    /// Writes the end, after an output of so many samples, and gives the file its name.
    pub(crate) fn finish(self, samples: u64) -> Result<()> {
        let finished = self.writer.finish(samples).and_then(TextTarget::finish);
        finished.map_err(|source| Error::Output {
            target: self.target,
            source,
        })
    }
}
