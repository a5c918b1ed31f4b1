//! The option that writes times.

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct TimingsArgs {
    /// Write when sentences, words and phonemes are heard: FILE.json or FILE.tsv
    ///
    /// Times are seconds and samples of the audio, after --speed, pauses, --rate and
    /// --trim. Each word has its line and its bytes in the text. `-` is JSON on standard
    /// output. Where a voice does not tell the times of its words, they are estimated, and
    /// marked so.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "output_dir",
        hide_short_help = true,
        value_hint = ValueHint::FilePath
    )]
    pub(crate) timings: Option<PathBuf>,
}
