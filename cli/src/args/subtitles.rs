//! Options that write subtitles.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Subtitles of the audio of a run.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct SubtitleArgs {
    /// Write subtitles, `-` for standard output; --vtt FILE for WebVTT
    ///
    /// Cues have at most two lines of 42 characters, and end where people breathe. The
    /// text is shown as it is written. Times are those of the audio, after --speed,
    /// pauses and --trim.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "output_dir",
        hide_short_help = true,
        value_hint = ValueHint::FilePath
    )]
    pub(crate) srt: Option<PathBuf>,
    /// Write subtitles as WebVTT, `-` for standard output
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "output_dir",
        hide_short_help = true,
        value_hint = ValueHint::FilePath
    )]
    pub(crate) vtt: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) karaoke: KaraokeArgs,
}

/// Subtitles beside each file of a batch.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct BatchSubtitleArgs {
    /// Write subtitles beside each audio file, and beside the joined one
    #[arg(long)]
    pub(crate) srt: bool,
    /// Write subtitles as WebVTT beside each audio file, and beside the joined one
    #[arg(long)]
    pub(crate) vtt: bool,
    #[command(flatten)]
    pub(crate) karaoke: KaraokeArgs,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct KaraokeArgs {
    /// Mark in WebVTT when each word is spoken
    #[arg(long, requires = "vtt", hide_short_help = true)]
    pub(crate) karaoke: bool,
}
