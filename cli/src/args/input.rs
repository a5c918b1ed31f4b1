//! Options that say where text comes from and how it is read.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArgs {
    /// Read FILE, `-` for standard input; may be repeated
    #[arg(
        short,
        long = "input-file",
        visible_alias = "input",
        value_name = "FILE",
        conflicts_with = "text",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) input: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// Read JSON lines, each with its own text and settings
    ///
    /// Each line is an object with the field `text`, and optionally
    /// output_file, voice, config, speaker, speaker_id, speed, length_scale,
    /// noise_scale, noise_w, volume, seed, sentence_silence, line_silence,
    /// paragraph_silence, scene_silence, punctuation and spell.
    #[arg(long, conflicts_with = "text")]
    pub(crate) json_input: bool,
}

/// How text is read, wherever it comes from.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct ReadingArgs {
    /// Text encoding [default: UTF-8, or UTF-16 after a byte order mark]
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
    /// Meaning of a single line break
    #[arg(long, value_name = "MODE", value_enum, hide_short_help = true)]
    pub(crate) line_breaks: Option<LineBreaksArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LineBreaksArg {
    /// A line break is the end of a sentence; the default for standard input
    Keep,
    /// A line break is white space
    Join,
    /// A line break is white space in wrapped prose, otherwise the end of a
    /// sentence; the default for files
    Auto,
}
