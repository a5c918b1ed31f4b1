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
    subtitles: Vec<SubtitleFile>,
    timings: Option<TimingsFile>,
}

impl TimedFiles {
    /// Writes to open files, for an output that has these `sentences`.
    pub(crate) fn new(
        sentences: TimedSentences,
        subtitles: Vec<SubtitleFile>,
        timings: Option<TimingsFile>,
    ) -> Self {
        Self {
            sentences,
            subtitles,
            timings,
        }
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
        let files = self.subtitles.into_iter();
        let subtitled = files.map(SubtitleFile::finish).fold(Ok(()), Result::and);
        let samples = self.sentences.samples();
        let timed = self.timings.map_or(Ok(()), |file| file.finish(samples));
        written.and(subtitled).and(timed)
    }

    fn write(&mut self) -> Result<()> {
        let mut written = Ok(());
        for (sentence, place) in &mut self.sentences {
            for file in &mut self.subtitles {
                written = written.and(file.push(&sentence));
            }
            if let Some(file) = &mut self.timings {
                written = written.and(file.push(&sentence, place.as_deref()));
            }
        }
        written
    }
}
