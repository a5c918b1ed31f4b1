//! The files that say when the sentences of an output are heard.

use std::sync::Arc;

use piper_rs::{AudioBlock, Result};

use super::place::Place;
use super::subtitles::SubtitleFile;
use super::timed_sentences::TimedSentences;
use super::timings::TimingsFile;

/// Subtitles and times of an output, while it is written.
pub(crate) struct TimedFiles {
    sentences: TimedSentences,
    files: Vec<TimedFile>,
}

/// One of them.
pub(crate) enum TimedFile {
    Subtitles(SubtitleFile),
    Timings(TimingsFile),
}

impl TimedFiles {
    /// Writes to open files, for an output that has these `sentences`.
    pub(crate) fn new(sentences: TimedSentences, files: Vec<TimedFile>) -> Self {
        Self { sentences, files }
    }

    /// Notes where the next blocks come from.
    pub(crate) fn begin_part(&mut self, place: Option<Arc<Place>>) {
        self.sentences.begin_part(place);
    }

    /// Writes what a block completes. Call it after the block was written. If one file
    /// fails, the others are written.
    pub(crate) fn after_block(&mut self, block: &AudioBlock) -> Result<()> {
        self.sentences.push(block);
        self.write()
    }

    /// Writes the rest, and gives the files their names. Call it after the output was
    /// finished. If one file fails, the others are finished.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.sentences.finish();
        let written = self.write();
        let samples = self.sentences.samples();
        let finished = self.files.into_iter().map(|file| match file {
            TimedFile::Subtitles(file) => file.finish(),
            TimedFile::Timings(file) => file.finish(samples),
        });
        finished.fold(written, Result::and)
    }

    fn write(&mut self) -> Result<()> {
        let mut written = Ok(());
        for (sentence, place) in &mut self.sentences {
            for file in &mut self.files {
                written = written.and(match file {
                    TimedFile::Subtitles(file) => file.push(&sentence),
                    TimedFile::Timings(file) => file.push(&sentence, place.as_deref()),
                });
            }
        }
        written
    }
}
