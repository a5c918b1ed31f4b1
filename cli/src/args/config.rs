//! The command lines of `piper-rs config`, `doctor` and the hidden `complete`.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::{EngineArgs, StyleArgs};

pub(crate) const CONFIG_EXAMPLES: &str = "\
Examples:
  piper-rs config show                         every default, and where it comes from
  piper-rs config path                         where the file is or would be
  piper-rs --no-config -o plain.wav \"As if there were no file.\"

The file is TOML. Its keys are the flags of the same names, --data-dir as
data_dir; a table sets them for one voice:

  voice = \"en_GB-alba-medium\"
  sentence_silence = 0.4
  lexicon = \"words.txt\"                      # beside this file

  [voices.\"en_US-libritts-high\"]
  speaker = \"p3922\"
  speed = 1.1

Flags win over the environment, the environment over the file. What is said of
a voice wins over what is said of all.";

pub(crate) const SHOW_EXAMPLES: &str = "\
Examples:
  piper-rs config show
  piper-rs config show --speed 1.2             with this flag, what would be in force?
  piper-rs config show --json                  one object for programs";

pub(crate) const PATH_EXAMPLES: &str = "\
Examples:
  piper-rs config path
  piper-rs config path --config-file my.toml";

pub(crate) const DOCTOR_EXAMPLES: &str = "\
Examples:
  piper-rs doctor                              is all in place? what is to be done?
  piper-rs doctor --json                       one object for programs
  piper-rs doctor --data-dir voices            look at the voices in that folder too

Each line is ok, a warning or a problem, with the remedy below it. Nothing is
written, nothing is downloaded. Exit code 1 means a problem.";

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every default, and where it comes from
    #[command(after_long_help = SHOW_EXAMPLES)]
    Show(Box<ConfigShowArgs>),
    /// Print where the config file is or would be
    #[command(after_long_help = PATH_EXAMPLES)]
    Path,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigShowArgs {
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) style: StyleArgs,
    /// Play on this device; see `piper-rs devices`
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub(crate) device: Option<String>,
    /// Texts that `batch` works on at once [default: the cores]
    #[arg(short, long, value_name = "N", help_heading = "Work")]
    pub(crate) jobs: Option<usize>,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    /// Blocks of audio made ahead of the output
    #[arg(
        long,
        value_name = "BLOCKS",
        default_value = "4",
        help_heading = "Engine"
    )]
    pub(crate) ahead: NonZeroUsize,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DoctorArgs {
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Look for voices in DIR, before the usual folders; may be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Vec<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CompleteArgs {
    /// Which word is being typed, counted from 0
    pub(crate) index: usize,
    /// The words of the line, the program's name the first
    #[arg(last = true)]
    pub(crate) words: Vec<OsString>,
}
