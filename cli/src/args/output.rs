//! Flags that say where sound goes.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Write a WAV file per line of input into DIR, and print its path
    #[arg(
        short = 'd',
        long,
        value_name = "DIR",
        conflicts_with_all = ["output", "raw", "play"],
        value_hint = ValueHint::DirPath
    )]
    pub(crate) output_dir: Option<PathBuf>,
    /// How files in --output-dir are named
    #[arg(long, value_name = "HOW", value_enum, default_value_t = NamingArg::Timestamp)]
    pub(crate) output_dir_naming: NamingArg,
}

/// Where sound goes: to all the places that are named.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct PlaceArgs {
    /// Write a WAV file, `-` for standard output
    #[arg(
        short,
        short_alias = 'f',
        long,
        visible_alias = "output-file",
        value_name = "FILE",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) output: Option<PathBuf>,
    /// Write raw samples to standard output
    #[arg(long, visible_alias = "output-raw")]
    pub(crate) raw: bool,
    /// What raw samples are
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = RawFormatArg::S16le)]
    pub(crate) raw_format: RawFormatArg,
    /// Play it: the default where no other output is asked for
    #[arg(long)]
    pub(crate) play: bool,
    /// Play on this device; see `piper-rs devices`
    #[arg(long, value_name = "NAME")]
    pub(crate) device: Option<String>,
    /// Where what is played goes unless --device says: unlike that flag, it
    /// asks for nothing to be played.
    #[arg(skip)]
    pub(crate) usual_device: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NamingArg {
    /// By the time, in nanoseconds
    Timestamp,
    /// By the text
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RawFormatArg {
    /// 16-bit integers, little-endian
    S16le,
    /// 32-bit floats, little-endian
    F32le,
}
