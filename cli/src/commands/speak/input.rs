//! The texts of a run.

use std::path::Path;

use crate::speech::request::Request;
use crate::speech::source::Source;

/// The texts to speak.
pub(super) enum SpeakInput {
    Text(Source),
    /// Each cue of subtitles begins at its time; at most so many times as fast.
    Cues(Source, f32),
    /// Each line is an object with a text and its settings.
    JsonLines(Source),
    Requests(Vec<Request>),
}

impl SpeakInput {
    /// Returns the files that are read.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        let source = match self {
            Self::Text(source) | Self::Cues(source, _) | Self::JsonLines(source) => Some(source),
            Self::Requests(_) => None,
        };
        source.into_iter().flat_map(Source::files)
    }
}
