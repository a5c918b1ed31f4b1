//! The commands: one file or folder per subcommand, and the context that they
//! share.

pub(crate) mod batch;
pub(crate) mod bench;
pub(crate) mod complete;
pub(crate) mod completions;
pub(crate) mod config;
mod context;
mod default_voice;
pub(crate) mod devices;
pub(crate) mod doctor;
pub(crate) mod interactive;
pub(crate) mod man;
pub(crate) mod phonemes;
#[cfg(feature = "serve")]
pub(crate) mod serve;
mod sound_formats;
pub(crate) mod speak;
pub(crate) mod speechd;
pub(crate) mod version;
pub(crate) mod voices;

pub(crate) use context::Context;
