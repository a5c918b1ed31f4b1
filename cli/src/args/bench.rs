//! The command line of `piper-rs bench`.

use std::num::NonZeroUsize;

use clap::Args;

use super::{PreparedArgs, VoiceArgs};

pub(super) const EXAMPLES: &str = "\
Examples:
  piper-rs bench                               the default voice
  piper-rs bench -m en_GB-alba-medium
  piper-rs bench -m en_GB-alba-medium --json --rounds 9 > alba.json";

#[derive(Debug, Clone, Args)]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(crate) voice: VoiceArgs,
    /// Number of rounds; the median is shown
    #[arg(long, value_name = "N", default_value = "3")]
    pub(crate) rounds: NonZeroUsize,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) prepared: PreparedArgs,
}
