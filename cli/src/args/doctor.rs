//! The command line of `piper-rs doctor`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

pub(super) const EXAMPLES: &str = "\
Examples:
  piper-rs doctor                              check everything
  piper-rs doctor --json                       one object for programs
  piper-rs doctor --data-dir voices            check the voices in that folder too

Each line is ok, a warning or a problem, followed by a suggested fix. The command
changes nothing and downloads nothing. Exit code 1 means that there is a problem.";

#[derive(Debug, Clone, Args)]
pub(crate) struct DoctorArgs {
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Search DIR for voices before the standard folders; may be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Vec<PathBuf>,
}
