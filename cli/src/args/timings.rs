//! The options that write times.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::BatchSubtitleArgs;

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

/// What says, beside each file of a batch, when its sentences are heard.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct BatchTimedArgs {
    #[command(flatten)]
    pub(crate) subtitles: BatchSubtitleArgs,
    /// Write the times of sentences, words and phonemes beside each file, and the joined one
    ///
    /// Times are seconds and samples of the audio, those of the joined file too. Each word
    /// has its line and its bytes in the text.
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) timings: Option<TimingsFormatArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimingsFormatArg {
    /// One document
    Json,
    /// A table with a line for each sentence, word and phoneme
    Tsv,
}
