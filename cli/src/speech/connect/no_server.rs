//! A server whose models are used: not on this system, which has no Unix sockets.

use std::convert::Infallible;
use std::sync::Arc;

use piper_rs::protocol::EngineIdentity;
use piper_rs::voice::{Voice, VoiceFiles};
use piper_rs::{CancelToken, Result};

use super::{LoadVoice, NoServer};
use crate::args::{ConnectArg, ConnectArgs};
use crate::environment::Environment;
use crate::terminal::report::Reporter;

/// There is none.
#[derive(Debug)]
pub(crate) struct EngineServer(Infallible);

impl EngineServer {
    /// Returns `None`, or the error of `--connect always`.
    pub(crate) fn find(
        args: &ConnectArgs,
        _: &Environment,
        _: impl FnOnce() -> EngineIdentity,
        reporter: &Arc<Reporter>,
        _: &CancelToken,
    ) -> Result<Option<Arc<Self>>, NoServer> {
        let reason = "this system has no Unix sockets";
        match args.connect {
            ConnectArg::Never => Ok(None),
            ConnectArg::Auto => {
                reporter.detail(|| reason.to_owned());
                Ok(None)
            }
            ConnectArg::Always => Err(NoServer {
                reason: reason.to_owned(),
            }),
        }
    }
}

/// Is never called.
pub(crate) fn load_voice(
    server: &Arc<EngineServer>,
    _: &VoiceFiles,
    _: &LoadVoice,
) -> Result<Voice> {
    match server.0 {}
}
