//! The texts of a run.

use std::path::Path;

use crate::args::SpeakArgs;
use crate::speech::request::Request;
use crate::speech::settings::Settings;
use crate::speech::source::Source;
use crate::terminal::report::{Reporter, UsageError};

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
    /// Returns what the options say is read of `source`.
    pub(super) fn from_args(
        args: &SpeakArgs,
        mut source: Source,
        settings: &Settings,
    ) -> anyhow::Result<Self> {
        if let Some(start) = args.extent.start_at.clone() {
            source = source.starting_at(start, settings.chunks.clone());
        }
        if args.input.json_input {
            return Ok(Self::JsonLines(source));
        }
        if !args.cues.at_cue_times {
            return Ok(Self::Text(source));
        }
        if !source.is_subtitles()? {
            let message = "--at-cue-times needs one file of subtitles, FILE.srt or FILE.vtt; for \
                           standard input add `--format srt`";
            return Err(UsageError(message.to_owned()).into());
        }
        Ok(Self::Cues(source, args.cues.cue_speedup))
    }

    /// Returns whether standard input is read.
    pub(super) fn uses_stdin(&self) -> bool {
        match self {
            Self::Text(source) | Self::JsonLines(source) | Self::Cues(source, _) => {
                source.uses_stdin()
            }
            Self::Requests(_) => false,
        }
    }
}

/// Says how to speak a file, if the text is the name of one.
pub(super) fn note_file_name(text: &[String], reporter: &Reporter) {
    if let [word] = text
        && Path::new(word).is_file()
    {
        reporter.note(&format!(
            "speaking the words `{word}`; to speak what is in that file: `-i {word}`"
        ));
    }
}
