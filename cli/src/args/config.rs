//! The command lines of `piper-rs config`.

use std::num::NonZeroUsize;

use clap::{Args, Subcommand};

use super::{DEFAULT_AHEAD, EngineArgs, SpeechArgs};

pub(super) const EXAMPLES: &str = "\
Examples:
  piper-rs config show                         every setting and its source
  piper-rs config path                         the path of the config file
  piper-rs --no-config -o plain.wav \"The config file is ignored.\"

The file is TOML. Each key is named after an option: data_dir sets the default of
--data-dir. A table sets defaults for one voice:

  voice = \"en_GB-alba-medium\"
  sentence_silence = 0.4
  lexicon = \"words.txt\"                      # relative to this file

  [voices.\"en_US-libritts-high\"]
  speaker = \"p3922\"
  speed = 1.1

Options override the environment, and the environment overrides the file. In the
file, a voice's table overrides the general keys.";

const SHOW_EXAMPLES: &str = "\
Examples:
  piper-rs config show
  piper-rs config show --speed 1.2             include this option
  piper-rs config show --json                  one object for programs";

const PATH_EXAMPLES: &str = "\
Examples:
  piper-rs config path
  piper-rs config path --config-file my.toml";

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every setting and its source
    #[command(after_long_help = SHOW_EXAMPLES)]
    Show(Box<ConfigShowArgs>),
    /// Print the path of the config file
    #[command(after_long_help = PATH_EXAMPLES)]
    Path,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigShowArgs {
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    /// Play on this device; see `piper-rs devices`
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub(crate) device: Option<String>,
    /// Number of texts that `batch` converts at once [default: the cores]
    #[arg(short, long, value_name = "N", help_heading = "Jobs")]
    pub(crate) jobs: Option<usize>,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    /// Maximum number of audio blocks made ahead of the output
    #[arg(
        long,
        value_name = "BLOCKS",
        default_value_t = DEFAULT_AHEAD,
        help_heading = "Performance"
    )]
    pub(crate) ahead: NonZeroUsize,
}
