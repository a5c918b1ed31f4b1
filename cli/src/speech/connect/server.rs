//! A server whose models are used.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use piper_rs::protocol::{EngineIdentity, SentenceRequest, VoiceIdentity, VoiceRequest};
use piper_rs::voice::{Inference, ModelInfo, VoiceFiles};
use piper_rs::{CancelToken, Error, Result};

use super::NoServer;
use super::busy::until_taken;
use super::exchange::{Body, ExchangeError, connect, post};
use crate::args::{ConnectArg, ConnectArgs};
use crate::environment::Environment;
use crate::terminal::report::Reporter;

/// How long a server may take to say what it is. It does so even while it speaks.
const MAX_GREETING: Duration = Duration::from_secs(2);

/// A server whose models this program uses.
pub(crate) struct EngineServer {
    socket: PathBuf,
    identity: EngineIdentity,
    fallback: Fallback,
    reporter: Arc<Reporter>,
    /// Cancelled with the run.
    cancel: CancelToken,
    started: Instant,
    /// How long the sound lasts that it has made, in nanoseconds.
    sound_ns: AtomicU64,
}

/// What to do if the server cannot do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fallback {
    /// Go on in this process.
    OwnModels,
    Fail,
}

impl EngineServer {
    /// Returns the server that the options ask for; `None` if own models are used.
    pub(crate) fn find(
        args: &ConnectArgs,
        environment: &Environment,
        identity: impl FnOnce() -> EngineIdentity,
        reporter: &Arc<Reporter>,
        cancel: &CancelToken,
    ) -> Result<Option<Arc<Self>>, NoServer> {
        let fallback = match args.connect {
            ConnectArg::Never => return Ok(None),
            ConnectArg::Auto => Fallback::OwnModels,
            ConnectArg::Always => Fallback::Fail,
        };
        let found = socket(args, environment).and_then(|socket| {
            let identity = identity();
            let greeted = connect(&socket)
                .map_err(ExchangeError::from)
                .and_then(|stream| post(stream, "/engine", &identity, Some(MAX_GREETING)));
            match greeted {
                Ok(_) => Ok((socket, identity)),
                Err(error) => Err(reason(&socket, &error)),
            }
        });
        match (found, fallback) {
            (Ok((socket, identity)), _) => {
                reporter.detail(|| format!("the server at {} speaks", socket.display()));
                Ok(Some(Arc::new(Self {
                    socket,
                    identity,
                    fallback,
                    reporter: Arc::clone(reporter),
                    cancel: cancel.clone(),
                    started: Instant::now(),
                    sound_ns: AtomicU64::new(0),
                })))
            }
            (Err(reason), Fallback::Fail) => Err(NoServer { reason }),
            (Err(reason), Fallback::OwnModels) => {
                reporter.detail(|| format!("{reason}: its models are not used"));
                Ok(None)
            }
        }
    }

    /// Lets the server load a voice. `None` if this process has to, and may. Fails if the
    /// run is cancelled while the server is busy.
    pub(super) fn load(
        &self,
        files: &VoiceFiles,
        voice: &VoiceIdentity,
    ) -> Result<Option<ModelInfo>> {
        let request = VoiceRequest {
            engine: self.identity.clone(),
            voice: voice.clone(),
        };
        let error = match until_taken(&self.cancel, || self.request_info(&request)) {
            Ok(info) => return Ok(Some(info)),
            Err(_) if self.cancel.is_cancelled() => return Err(Error::Cancelled),
            Err(error) => error,
        };
        let damaged = |reason: String| Error::BadVoiceModel {
            path: files.model_path().to_owned(),
            source: reason.into(),
        };
        self.give_up(&error, damaged).map(|()| None)
    }

    /// Asks for a sentence. The body has its parts.
    pub(super) fn sentence(
        &self,
        voice: &VoiceIdentity,
        inference: &Inference,
        stream: std::os::unix::net::UnixStream,
    ) -> std::result::Result<Body, ExchangeError> {
        let sound = Duration::from_nanos(self.sound_ns.load(Ordering::Relaxed));
        let request = SentenceRequest {
            engine: self.identity.clone(),
            voice: voice.clone(),
            inference: inference.clone(),
            lead: sound.saturating_sub(self.started.elapsed()),
        };
        post(stream, "/engine/sentence", &request, None)
    }

    /// Connects once more.
    pub(super) fn connect(&self) -> std::io::Result<std::os::unix::net::UnixStream> {
        connect(&self.socket)
    }

    /// Notes that there is more sound.
    pub(super) fn add_sound(&self, sound: Duration) {
        let ns = u64::try_from(sound.as_nanos()).unwrap_or(u64::MAX);
        self.sound_ns.fetch_add(ns, Ordering::Relaxed);
    }

    /// Returns an error, unless this process may go on without the server. `fault` makes
    /// it of what is wrong with the voice.
    pub(super) fn give_up(
        &self,
        error: &ExchangeError,
        fault: impl FnOnce(String) -> Error,
    ) -> Result<()> {
        match (self.fallback, error) {
            (Fallback::OwnModels, _) => {
                let reason = reason(&self.socket, error);
                let note = || format!("{reason}: this program goes on with own models");
                self.reporter.detail(note);
                Ok(())
            }
            // This process would find the same.
            (Fallback::Fail, ExchangeError::Refused(400, reason)) => Err(fault(reason.clone())),
            (Fallback::Fail, _) => Err(Error::Server {
                address: self.socket.display().to_string(),
                source: error.to_string().into(),
            }),
        }
    }

    fn request_info(
        &self,
        request: &VoiceRequest,
    ) -> std::result::Result<ModelInfo, ExchangeError> {
        let body = post(self.connect()?, "/engine/voice", request, None)?;
        let info = serde_json::from_reader(body);
        info.map_err(|error| ExchangeError::Io(error.into()))
    }
}

impl std::fmt::Debug for EngineServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = f.debug_struct("EngineServer");
        fields.field("socket", &self.socket).finish_non_exhaustive()
    }
}

fn socket(args: &ConnectArgs, environment: &Environment) -> std::result::Result<PathBuf, String> {
    let socket = args.socket.clone().or_else(|| environment.serve_socket());
    socket.ok_or_else(|| "XDG_RUNTIME_DIR is not set, and there is no --socket".to_owned())
}

fn reason(socket: &Path, error: &ExchangeError) -> String {
    let socket = socket.display();
    match error {
        ExchangeError::Refused(..) => format!("{socket}: {error}"),
        ExchangeError::Io(error) => format!("no server answers at {socket}: {error}"),
    }
}
