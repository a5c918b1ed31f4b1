//! Formats of the files that say when the sentences of an output are heard.

use std::path::{Path, PathBuf};

use piper_rs::subtitles::SubtitleFormat;

use super::subtitles;
use super::timings::TimingsFormat;
use crate::args::BatchTimedArgs;

/// A format of subtitles or times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimedFormat {
    Subtitles(SubtitleFormat),
    Timings(TimingsFormat),
}

impl TimedFormat {
    /// Returns the formats that the options of `batch` name.
    pub(crate) fn all(args: &BatchTimedArgs) -> Vec<Self> {
        let subtitles = subtitles::formats(&args.subtitles).into_iter();
        let timings = args.timings.map(TimingsFormat::from);
        subtitles
            .map(Self::Subtitles)
            .chain(timings.map(Self::Timings))
            .collect()
    }

    /// Returns the path of the file beside an audio file.
    pub(crate) fn beside(self, audio: &Path) -> PathBuf {
        audio.with_extension(match self {
            Self::Subtitles(format) => format.ending(),
            Self::Timings(format) => format.ending(),
        })
    }

    /// Returns what messages call its files.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Subtitles(_) => "subtitles",
            Self::Timings(_) => "times",
        }
    }
}
