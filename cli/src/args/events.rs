//! Options for programs that follow a run.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

/// The events of `speak`.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct SpeakEventArgs {
    /// Report each sentence and word on standard output when it is heard
    ///
    /// If the audio is not played, when it is written. The objects are `start`, `sentence`,
    /// `word`, `sentence_end`, `finish` and `end`; the README describes them. With
    /// --output-dir, `finish` replaces the paths on standard output.
    #[arg(long, value_name = "FORMAT", value_enum, hide_short_help = true)]
    pub(crate) events: Option<SpeakEventsArg>,
    /// Report events to FILE, such as a named pipe, instead
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        hide_short_help = true
    )]
    pub(crate) events_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SpeakEventsArg {
    /// One JSON object per event
    Json,
}

/// The events of `batch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EventsArg {
    /// One JSON object per event
    Json,
    /// The same, and one per sentence and word when it is written
    Words,
}
