//! The thread of a request: does its work, and counts how it ended.

use std::sync::Arc;
use std::time::Instant;

use piper_rs::voice::{Voice, VoiceFiles};
use piper_rs::{CancelToken, Error, SharedLibrary, threads};

use super::metrics::{Route, RouteOutcome};
use super::sound::{Failure, FailureKind, Sound, SoundSender, sound};
use super::speech::{Refusal, RunningJob, Speech, Waiting};
use crate::terminal::hint::library_error;

/// What a request asks for.
pub(super) trait Work: Send + 'static {
    /// Sends all pieces of the sound.
    fn run(self, request: &mut Request<'_>) -> anyhow::Result<()>;
}

/// A fault of the request that is found on its thread. The client is told all of it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct BadWork(pub(super) String);

/// The voice has other files here than the client sees.
#[derive(Debug, thiserror::Error)]
#[error("the server sees other files of this voice")]
pub(super) struct OtherVoice;

/// A request on its thread.
pub(super) struct Request<'a> {
    pub(super) speech: &'a Speech,
    pub(super) sender: &'a SoundSender,
    pub(super) cancel: &'a CancelToken,
    /// When there was something to speak; `None` after the first sound.
    started: Option<Instant>,
    /// `None` after the first sound, and after the request has waited for its client.
    waiting: Option<Waiting>,
}

/// Counts the request when its thread is over, also by a panic.
struct Counted {
    speech: Arc<Speech>,
    route: Route,
    outcome: RouteOutcome,
    _running: RunningJob,
}

/// Starts a request. Dropping the sound cancels it.
pub(super) fn start(speech: &Arc<Speech>, route: Route, work: impl Work) -> Result<Sound, Refusal> {
    let waiting = speech.enter()?;
    let cancel = CancelToken::new();
    let (sender, sound) = sound(cancel.clone());
    let running = RunningJob::new(speech);
    let speech = Arc::clone(speech);
    threads::spawn("request", move || {
        let mut counted = Counted {
            speech,
            route,
            outcome: RouteOutcome::Failed,
            _running: running,
        };
        let mut request = Request {
            speech: &counted.speech,
            sender: &sender,
            cancel: &cancel,
            started: Some(Instant::now()),
            waiting: Some(waiting),
        };
        let done = work.run(&mut request);
        drop(request);
        counted.outcome = end(&counted.speech, done, sender);
    })
    .map_err(|_| Refusal::NoThread)?;
    Ok(sound)
}

/// Tells the client how it ended.
fn end(speech: &Speech, done: anyhow::Result<()>, sender: SoundSender) -> RouteOutcome {
    match done {
        Ok(()) => match sender.end() {
            Ok(()) => RouteOutcome::Done,
            Err(_) => RouteOutcome::Cancelled,
        },
        Err(error) if is_cancelled(&error) => RouteOutcome::Cancelled,
        Err(error) => {
            let failure = failure(&error);
            if failure.kind == FailureKind::Server {
                speech.reporter().error(&error);
            }
            let outcome = match failure.kind {
                FailureKind::Client | FailureKind::Conflict => RouteOutcome::Refused,
                FailureKind::Server => RouteOutcome::Failed,
            };
            sender.failed(failure);
            outcome
        }
    }
}

impl Request<'_> {
    /// Returns the voice. Those that are not in memory are loaded one after the other.
    pub(super) fn load(&self, files: &VoiceFiles) -> anyhow::Result<Arc<Voice>> {
        let engine = self.speech.engine();
        let _turn = match engine.cache().is_cached(files) {
            true => None,
            false => Some(self.speech.loads().place().turn(self.cancel)?),
        };
        let voice = engine.load(files)?;
        match self.cancel.is_cancelled() {
            true => Err(Error::Cancelled.into()),
            false => Ok(voice),
        }
    }

    /// Notes that there is sound: the request waits no longer.
    pub(super) fn note_sound(&mut self) {
        self.waiting = None;
        if let Some(started) = self.started.take() {
            let elapsed = started.elapsed();
            self.speech.metrics().add_first_sound(elapsed);
        }
    }

    /// Runs what waits for the client. The request does not count as waiting for others
    /// then.
    pub(super) fn wait_for_client<T>(&mut self, wait: impl FnOnce() -> T) -> T {
        self.waiting = None;
        let waited = wait();
        if let Some(started) = &mut self.started {
            *started = Instant::now();
        }
        waited
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.speech.metrics().count(self.route, self.outcome);
    }
}

fn is_cancelled(error: &anyhow::Error) -> bool {
    matches!(library_error(error), Some(Error::Cancelled))
}

/// What the client is told. The paths in other errors are not for clients.
fn failure(error: &anyhow::Error) -> Failure {
    if let Some(BadWork(message)) = error.downcast_ref() {
        return client(message.clone());
    }
    if error.is::<OtherVoice>() {
        return Failure {
            kind: FailureKind::Conflict,
            message: error.to_string(),
        };
    }
    match library_error(error) {
        Some(Error::UnknownSpeaker { .. } | Error::NoFormat { .. }) => client(error.to_string()),
        Some(
            Error::LibraryNotFound {
                library: SharedLibrary::Lame,
                ..
            }
            | Error::LibraryUnusable {
                library: SharedLibrary::Lame,
                ..
            },
        ) => {
            client("MP3 needs LAME, which is not installed here: use opus, flac or wav".to_owned())
        }
        _ => Failure {
            kind: FailureKind::Server,
            message: "the voice cannot speak; the server's messages tell why".to_owned(),
        },
    }
}

fn client(message: String) -> Failure {
    Failure {
        kind: FailureKind::Client,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::report::UsageError;
    use std::path::PathBuf;

    #[test]
    fn a_client_is_told_its_own_faults_and_no_paths() {
        let path = || PathBuf::from("/home/u/v.onnx");
        let lame = Error::LibraryNotFound {
            library: SharedLibrary::Lame,
            searched: vec![path()],
        };
        let told = failure(&lame.into());
        assert_eq!(told.kind, FailureKind::Client);
        assert!(told.message.contains("opus") && !told.message.contains('/'));
        let espeak = Error::LibraryNotFound {
            library: SharedLibrary::EspeakNg,
            searched: vec![path()],
        };
        let lexicon = UsageError("cannot read the lexicon /home/u/x.txt".to_owned());
        for error in [espeak.into(), lexicon.into()] {
            let told = failure(&error);
            assert_eq!(told.kind, FailureKind::Server);
            assert!(!told.message.contains('/'), "{told}");
        }
        let told = failure(&OtherVoice.into());
        assert_eq!(told.kind, FailureKind::Conflict);
        assert!(told.message.contains("other files"), "{told}");
    }
}
