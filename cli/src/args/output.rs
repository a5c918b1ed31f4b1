//! Options that say where audio goes.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum, ValueHint};

use super::number::sample_rate;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    #[command(flatten)]
    pub(crate) destinations: DestinationArgs,
    /// Write one file per line of input into DIR and print its path
    #[arg(
        short = 'd',
        long,
        value_name = "DIR",
        conflicts_with_all = ["output", "raw", "play"],
        value_hint = ValueHint::DirPath
    )]
    pub(crate) output_dir: Option<PathBuf>,
    /// Names of the files in --output-dir
    #[arg(
        long,
        value_name = "MODE",
        value_enum,
        default_value_t = NamingArg::Timestamp,
        hide_short_help = true
    )]
    pub(crate) output_dir_naming: NamingArg,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    #[command(flatten)]
    pub(crate) tags: TagArgs,
}

/// What files and streams contain.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormatArgs {
    /// Format of files and pipes [default: as FILE ends, else wav]
    #[arg(long, value_name = "FORMAT", value_enum, hide_short_help = true)]
    pub(crate) audio_format: Option<AudioFormatArg>,
    /// Bit rate of Opus and MP3 [default: 40 for Opus; for MP3 what is needed]
    #[arg(
        long,
        value_name = "KBPS",
        value_parser = clap::value_parser!(u32).range(8..=320),
        hide_short_help = true
    )]
    pub(crate) bitrate: Option<u32>,
    /// Sample rate of files and streams [default: the voice's]
    #[arg(
        long,
        value_name = "HZ",
        value_parser = sample_rate,
        hide_short_help = true
    )]
    pub(crate) rate: Option<u32>,
    /// Trim the silence at both ends of each output
    ///
    /// 20 ms of it stay. Pauses inside stay as they are. Silence is what is 30 dB
    /// below the loudness of the voice.
    #[arg(long, hide_short_help = true)]
    pub(crate) trim: bool,
}

/// What FLAC, Opus and MP3 files say about themselves.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct TagArgs {
    /// Title of a FLAC, Opus or MP3 file; WAV has no tags
    #[arg(long, hide_short_help = true)]
    pub(crate) title: Option<String>,
    /// Its author
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) author: Option<String>,
    /// The album or book that it is a part of
    #[arg(long, value_name = "TITLE", hide_short_help = true)]
    pub(crate) album: Option<String>,
    /// Its number in the album
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) track: Option<u32>,
}

/// Destinations of the audio: it goes to all that are given.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct DestinationArgs {
    /// Write a .wav, .flac, .opus or .mp3; `-` for a pipe
    #[arg(
        short,
        short_aliases = ['f', 'w'],
        long,
        visible_alias = "output-file",
        value_name = "FILE",
        action = ArgAction::Append,
        value_hint = ValueHint::FilePath
    )]
    // Several, so that none is dropped without a word.
    pub(crate) output: Vec<PathBuf>,
    /// Also replace an existing file that is neither WAV nor made by this program
    #[arg(long, hide_short_help = true)]
    pub(crate) overwrite: bool,
    /// Write raw samples to standard output
    #[arg(long, visible_alias = "output-raw")]
    pub(crate) raw: bool,
    /// Format of raw samples
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t = RawFormatArg::S16le,
        hide_short_help = true
    )]
    pub(crate) raw_format: RawFormatArg,
    /// Play the audio; this is the default without another output
    #[arg(long)]
    pub(crate) play: bool,
    /// Play on this device; see `piper-rs devices`
    #[arg(long, value_name = "NAME")]
    pub(crate) device: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NamingArg {
    /// The time, in nanoseconds
    Timestamp,
    /// The text
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AudioFormatArg {
    Wav,
    /// Lossless, half the size
    Flac,
    /// Good speech, a tenth of the size
    Opus,
    /// For players that know nothing else
    Mp3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RawFormatArg {
    /// 16-bit integers, little-endian
    S16le,
    /// 32-bit floats, little-endian
    F32le,
}
