//! Flags of `piper-rs bench`.

use std::num::NonZeroUsize;

use clap::Args;

use super::VoiceArgs;

pub(crate) const EXAMPLES: &str = "\
Examples:
  piper-rs bench                               the built-in voice
  piper-rs bench -m en_GB-alba-medium
  piper-rs bench -m en_GB-alba-medium --json --rounds 9 > alba.json";

#[derive(Debug, Clone, Args)]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(crate) voice: VoiceArgs,
    /// Measure everything N times; the one in the middle counts
    #[arg(long, value_name = "N", default_value = "3")]
    pub(crate) rounds: NonZeroUsize,
    /// One JSON object on standard output instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    /// Room for prepared voices on disk, in megabytes
    #[arg(
        long,
        value_name = "MB",
        default_value_t = 2000,
        env = "PIPER_PREPARED_MB"
    )]
    pub(crate) prepared_mb: u64,
}
