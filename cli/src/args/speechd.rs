//! The command line of `piper-rs speechd`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{EngineArgs, SpeechArgs, VoiceNameArgs};

pub(super) const EXAMPLES: &str = "\
Examples:
  piper-rs speechd                             what sd_piper-rs runs
  piper-rs speechd -m de_DE-thorsten-medium --speed 1.2

In ~/.config/speech-dispatcher/speechd.conf, if speech-dispatcher does not find the
module by itself (see the README):
  AddModule \"piper-rs\" \"/usr/local/libexec/speech-dispatcher-modules/sd_piper-rs\"
  DefaultModule piper-rs";

#[derive(Debug, Clone, Args)]
pub(crate) struct SpeechdArgs {
    /// File that speech-dispatcher passes to every module; it is not read
    ///
    /// The options here and the config file of piper-rs hold.
    #[arg(value_name = "CONFIG", value_hint = ValueHint::FilePath)]
    pub(crate) module_config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) names: VoiceNameArgs,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}
