//! Options for text that is still being written.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};

use super::number::play_time;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct LiveArgs {
    /// Speak what is written to FILE from now on, as `tail -F` prints it
    ///
    /// With --start-at, what is there is spoken from that place on. FILE need not exist
    /// yet. It may be truncated, or renamed and made anew; then the new file is spoken
    /// from its start, after what is left of the old one. It is plain text; single bytes
    /// that are not valid in its encoding are left out. Ctrl-C ends it.
    #[arg(
        long,
        value_name = "FILE",
        hide_short_help = true,
        conflicts_with_all = ["text", "input", "format", "code", "at_cue_times"],
        value_hint = ValueHint::FilePath
    )]
    pub(crate) follow: Option<PathBuf>,
    /// Speak a line that is not complete after TIME without more of it
    ///
    /// For --follow, standard input and pipes. The default is 2s with --follow; otherwise
    /// a line is spoken when it is complete. JSON lines must be complete.
    #[arg(
        long,
        value_name = "TIME",
        value_parser = play_time,
        hide_short_help = true,
        conflicts_with = "json_input"
    )]
    pub(crate) idle: Option<Duration>,
    /// What becomes of lines that arrive faster than they are spoken
    ///
    /// For --follow, standard input and pipes.
    #[arg(long, value_name = "MODE", value_enum, hide_short_help = true)]
    pub(crate) behind: Option<BehindArg>,
}

/// What becomes of lines that arrive faster than they are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum BehindArg {
    /// All are spoken: they wait in the file or the pipe, whose writer may have to wait;
    /// the default
    #[default]
    Queue,
    /// The newest 20 wait, or 256 KiB; the others are left out and counted
    Skip,
    /// Only the newest waits, or 2 KiB of a longer one
    Latest,
}

impl LiveArgs {
    /// Returns an option that was given for text that is still being written.
    pub(crate) fn option(&self) -> Option<&'static str> {
        match (self.idle, self.behind) {
            (Some(_), _) => Some("--idle"),
            (None, Some(_)) => Some("--behind"),
            (None, None) => None,
        }
    }
}
