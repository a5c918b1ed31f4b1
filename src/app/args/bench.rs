//! Flags of `piper-rs bench`.

use std::num::NonZeroUsize;

use clap::Args;

use super::VoiceArgs;

pub(in crate::app) const EXAMPLES: &str = "\
Examples:
  piper-rs bench                               the built-in voice
  piper-rs bench -m en_GB-alba-medium
  piper-rs bench -m en_GB-alba-medium --json --rounds 9 > alba.json";

#[derive(Debug, Clone, Args)]
pub(in crate::app) struct BenchArgs {
    #[command(flatten)]
    pub(in crate::app) voice: VoiceArgs,
    /// Measure everything N times; the one in the middle counts
    #[arg(long, value_name = "N", default_value = "3")]
    pub(in crate::app) rounds: NonZeroUsize,
    /// One JSON object on standard output instead of a table
    #[arg(long)]
    pub(in crate::app) json: bool,
    /// Room for prepared voices on disk, in megabytes
    #[arg(
        long,
        value_name = "MB",
        default_value_t = 2000,
        env = "PIPER_PREPARED_MB"
    )]
    pub(in crate::app) prepared_mb: u64,
}
