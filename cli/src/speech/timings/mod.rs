//! `--timings`: when sentences, words and phonemes are heard, in a file.

mod writer;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use piper_rs::{AudioBlock, Error, Result};

use self::writer::{TimingsFormat, TimingsWriter, is_written};
use super::place::Place;
use super::text_target::{self, TextTarget};
use super::timed_sentences::TimedSentences;
use crate::args::{OutputArgs, TimingsArgs};
use crate::terminal::report::UsageError;

/// The file that the times of an output are written to.
#[derive(Debug, Clone)]
pub(crate) struct Timings {
    path: PathBuf,
    format: TimingsFormat,
}

/// The times of an output, while it is written.
pub(crate) struct TimingsTrack {
    sentences: TimedSentences,
    writer: TimingsWriter<TextTarget>,
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
        if !is_stdout && path.is_file() && !may_replace && !is_replaceable(path, format) {
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

    /// Opens the file, for an output that has these `sentences`.
    pub(crate) fn open(&self, sentences: TimedSentences) -> Result<TimingsTrack> {
        let target = text_target::name(&self.path);
        let open = || {
            let file = TextTarget::open(&self.path)?;
            TimingsWriter::new(file, self.format, sentences.rate())
        };
        match open() {
            Ok(writer) => Ok(TimingsTrack {
                sentences,
                writer,
                target,
            }),
            Err(source) => Err(Error::Output { target, source }),
        }
    }
}

/// Returns whether a file is empty, or times as this program writes them.
fn is_replaceable(path: &Path, format: TimingsFormat) -> bool {
    let text = fs::read_to_string(path);
    text.is_ok_and(|text| text.is_empty() || is_written(&text, format))
}

impl TimingsTrack {
    /// Notes where the next blocks come from.
    pub(crate) fn begin_part(&mut self, place: Option<Arc<Place>>) {
        self.sentences.begin_part(place);
    }

    /// Writes the sentences that a block completes. Call it after the block was written.
    pub(crate) fn after_block(&mut self, block: &AudioBlock) -> Result<()> {
        self.sentences.push(block);
        let written = self.write();
        written.map_err(|source| self.failed(source))
    }

    /// Writes the rest, and gives the file its name. Call it after the output was finished.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.sentences.finish();
        let target = self.target.clone();
        let finish = || {
            self.write()?;
            self.writer.finish(self.sentences.samples())?.finish()
        };
        let finished: io::Result<()> = finish();
        finished.map_err(|source| Error::Output { target, source })
    }

    fn write(&mut self) -> io::Result<()> {
        for (sentence, place) in &mut self.sentences {
            self.writer.write(&sentence, place.as_deref())?;
            self.writer.flush()?;
        }
        Ok(())
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Output {
            target: self.target.clone(),
            source,
        }
    }
}
