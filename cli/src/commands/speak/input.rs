//! The texts of a run.

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
