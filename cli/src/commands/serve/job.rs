//! The thread of a request: makes its sound.

use std::sync::{Arc, mpsc};
use std::time::Instant;

use piper_rs::audio::BlockKind;
use piper_rs::synth::{SpeechSession, SpeechSessionOptions, TextEnd};
use piper_rs::voice::{Voice, VoiceFiles};
use piper_rs::{CancelToken, Error, SharedLibrary, threads};

use super::metrics::{Route, RouteOutcome};
use super::output::{Output, OutputOptions};
use super::sound::{Failure, FailureKind, Sound, SoundSender, sound};
use super::speech::{Refusal, RunningJob, Speech, Waiting};
use crate::speech::settings::Settings;
use crate::terminal::hint::library_error;
use crate::terminal::report::UsageError;

/// What is to be spoken.
pub(super) struct Job {
    pub(super) route: Route,
    pub(super) voice: VoiceFiles,
    pub(super) settings: Settings,
    pub(super) text: JobText,
    pub(super) output: OutputOptions,
}

/// The text of a request.
pub(super) enum JobText {
    Whole(String),
    /// Sentences that arrive while others are spoken.
    Arriving(mpsc::Receiver<TextPiece>),
}

/// A part of a text.
pub(super) struct TextPiece {
    pub(super) text: String,
    pub(super) end: TextEnd,
}

impl IntoIterator for JobText {
    type Item = TextPiece;
    type IntoIter = Box<dyn Iterator<Item = TextPiece>>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Self::Whole(text) => {
                let end = TextEnd::Line;
                Box::new(std::iter::once(TextPiece { text, end }))
            }
            Self::Arriving(pieces) => Box::new(pieces.into_iter()),
        }
    }
}

/// Starts to speak. Dropping the sound cancels it.
pub(super) fn start(speech: &Arc<Speech>, job: Job) -> Result<Sound, Refusal> {
    let waiting = speech.enter()?;
    let cancel = CancelToken::new();
    let (sender, sound) = sound(cancel.clone());
    let running = RunningJob::new(speech);
    let speech = Arc::clone(speech);
    threads::spawn("request", move || {
        run(&speech, job, waiting, sender, &cancel);
        drop(running);
    })
    .map_err(|_| Refusal::NoThread)?;
    Ok(sound)
}

/// Speaks, and counts how it ended.
fn run(speech: &Speech, job: Job, waiting: Waiting, sender: SoundSender, cancel: &CancelToken) {
    let route = job.route;
    let spoken = Speaking {
        speech,
        started: Instant::now(),
        waiting: Some(waiting),
        sender: &sender,
        cancel,
        n_pieces: 0,
    }
    .speak(job);
    let outcome = match spoken {
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
                FailureKind::Client => RouteOutcome::Refused,
                FailureKind::Server => RouteOutcome::Failed,
            };
            sender.failed(failure);
            outcome
        }
    };
    speech.metrics().count(route, outcome);
}

/// A request on its thread.
struct Speaking<'a> {
    speech: &'a Speech,
    started: Instant,
    /// `None` after the first sound.
    waiting: Option<Waiting>,
    sender: &'a SoundSender,
    cancel: &'a CancelToken,
    n_pieces: u64,
}

impl Speaking<'_> {
    fn speak(&mut self, job: Job) -> anyhow::Result<()> {
        let speech = self.speech;
        let place = speech.turns().place();
        let voice = self.load(&job.voice)?;
        let synthesizer = speech.engine().synthesizer_with(voice, &job.settings)?;
        let mut output = Output::new(&job.output, synthesizer.sample_rate())?;
        let mut session = SpeechSession::new(SpeechSessionOptions {
            pool: speech.pool().clone(),
            cancel: self.cancel.clone(),
            normalize: job.settings.normalize(),
            place: Some(place),
            ..SpeechSessionOptions::default()
        });
        let mut spoken = Ok(());
        'pieces: for piece in job.text {
            for block in synthesizer.blocks_before(&mut session, &piece.text, piece.end) {
                let sent = block.and_then(|block| {
                    let bytes = output.encode(&block.samples)?;
                    if block.kind == BlockKind::Speech {
                        self.note_sound();
                    }
                    self.send(bytes, &output)
                });
                if sent.is_err() {
                    spoken = sent;
                    break 'pieces;
                }
            }
        }
        speech.metrics().add_stream(session.stats());
        spoken?;
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled.into());
        }
        let rate = output.rate();
        let rest = output.finish()?;
        // The first piece tells the rate, also of nothing.
        if !rest.is_empty() || self.n_pieces == 0 {
            self.sender.piece(rest, rate)?;
        }
        Ok(())
    }

    /// Returns the voice. Those that are not in memory are loaded one after the other.
    fn load(&self, files: &VoiceFiles) -> anyhow::Result<Arc<Voice>> {
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

    fn note_sound(&mut self) {
        if self.waiting.take().is_some() {
            let elapsed = self.started.elapsed();
            self.speech.metrics().add_first_sound(elapsed);
        }
    }

    fn send(&mut self, bytes: Vec<u8>, output: &Output) -> piper_rs::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.n_pieces += 1;
        self.sender.piece(bytes, output.rate())
    }
}

fn is_cancelled(error: &anyhow::Error) -> bool {
    matches!(library_error(error), Some(Error::Cancelled))
}

/// What the client is told. The paths in other errors are not for clients.
fn failure(error: &anyhow::Error) -> Failure {
    let is_usage = error.is::<UsageError>();
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
        _ if is_usage => client(error.to_string()),
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
        let told = failure(&espeak.into());
        assert_eq!(told.kind, FailureKind::Server);
        assert!(!told.message.contains('/'), "{told}");
    }
}
