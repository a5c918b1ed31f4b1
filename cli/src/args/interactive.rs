//! The command line of `piper-rs interactive`.

use clap::Args;

use super::{AheadArgs, DestinationArgs, EngineArgs, SpeechArgs};

pub(super) const EXAMPLES: &str = "\
Examples:
  piper-rs interactive                         type text to hear it, `:help` for help
  piper-rs i -m en_GB-alba-medium --preload de_DE-thorsten-low
  printf 'Hello.\\n:save hello.wav\\n' | piper-rs interactive -o all.wav
  piper-rs interactive --json                  for programs: one object per reply";

#[derive(Debug, Clone, Args)]
pub(crate) struct InteractiveArgs {
    /// Load VOICE in the background, for a fast `:voice` command; may be
    /// repeated
    #[arg(long, value_name = "VOICE", help_heading = "Session")]
    pub(crate) preload: Vec<String>,
    /// Neither read nor write the history file
    #[arg(long, help_heading = "Session")]
    pub(crate) no_history: bool,
    /// Encoding of piped input [default: UTF-8, or UTF-16 after a byte order mark]
    #[arg(long, value_name = "NAME", help_heading = "Session")]
    pub(crate) encoding: Option<String>,
    /// Read lines without a prompt and print replies as JSON
    #[arg(long, conflicts_with = "raw", help_heading = "Session")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) destinations: DestinationArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    #[command(flatten)]
    pub(crate) ahead: AheadArgs,
}
