//! `--connect`: the models of a running server instead of own ones.
//!
//! The server only turns ids into samples. So everything else, also what a lexicon or an
//! option does, is done here as without a server.

#[cfg(unix)]
mod busy;
#[cfg(unix)]
mod exchange;
#[cfg(unix)]
mod remote_voice;
#[cfg(unix)]
mod server;
#[cfg(not(unix))]
#[path = "no_server.rs"]
mod server;

use std::sync::Arc;

use piper_rs::Result;
use piper_rs::voice::{Voice, VoiceFiles};

#[cfg(unix)]
pub(crate) use self::remote_voice::load_voice;
pub(crate) use self::server::EngineServer;
#[cfg(not(unix))]
pub(crate) use self::server::load_voice;

/// Loads a voice in this process.
pub(crate) type LoadVoice = Arc<dyn Fn(&VoiceFiles) -> Result<Voice> + Send + Sync>;

/// Why there is no server to use.
#[derive(Debug, thiserror::Error)]
#[error(
    "--connect always: {reason}; `piper-rs serve` starts a server, and --connect auto goes on without one"
)]
pub(crate) struct NoServer {
    reason: String,
}
