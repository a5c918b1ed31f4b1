//! A model that a server runs.

use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use piper_rs::audio::{SampleRate, duration_of};
use piper_rs::protocol::{SentencePart, VoiceIdentity};
use piper_rs::voice::{
    Inference, Model, ModelInfo, Remaining, Utterance, Voice, VoiceConfig, VoiceFiles,
};
use piper_rs::{CancelToken, Error, Result};

use super::LoadVoice;
use super::busy::until_taken;
use super::exchange::{Body, ExchangeError};
use super::server::EngineServer;

/// Returns a voice whose model the server runs, or what `load` returns if the server
/// cannot and need not.
pub(crate) fn load_voice(
    server: &Arc<EngineServer>,
    files: &VoiceFiles,
    load: &LoadVoice,
) -> Result<Voice> {
    let config = VoiceConfig::of(files)?;
    let voice = VoiceIdentity::of(files);
    let Some(info) = server.load(files, &voice)? else {
        return load(files);
    };
    let model = Arc::new(RemoteModel {
        server: Arc::clone(server),
        voice,
        info,
        rate: config.sample_rate,
        files: files.clone(),
        load: Arc::clone(load),
        own: Mutex::new(None),
    });
    Voice::new(files.name(), files.config_path(), config, model)
}

/// The model of a voice that a server has loaded.
struct RemoteModel {
    server: Arc<EngineServer>,
    voice: VoiceIdentity,
    info: ModelInfo,
    rate: SampleRate,
    files: VoiceFiles,
    load: LoadVoice,
    /// The same voice in this process, once the server could not go on.
    own: Mutex<Option<Arc<Voice>>>,
}

impl RemoteModel {
    /// Returns the same voice in this process. The first call loads it.
    fn own(&self) -> Result<Arc<Voice>> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        match &*own {
            Some(voice) => Ok(Arc::clone(voice)),
            None => Ok(Arc::clone(own.insert(Arc::new((self.load)(&self.files)?)))),
        }
    }
}

impl Model for RemoteModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn begin(self: Arc<Self>, inference: Inference) -> Box<dyn Utterance> {
        Box::new(RemoteUtterance {
            model: self,
            inference,
            state: State::New,
            id_ends: None,
            n_samples: 0,
        })
    }
}

impl std::fmt::Debug for RemoteModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = f.debug_struct("RemoteModel");
        fields.field("voice", &self.voice).finish_non_exhaustive()
    }
}

/// A sentence that a server computes: each step is a part of it, and there are no
/// windows, unless this process has to go on.
struct RemoteUtterance {
    model: Arc<RemoteModel>,
    inference: Inference,
    state: State,
    id_ends: Option<Vec<u64>>,
    /// How many samples the server has sent.
    n_samples: usize,
}

enum State {
    /// Nothing has been requested.
    New,
    Remote(Body),
    Own(OwnUtterance),
}

/// The sentence in this process.
struct OwnUtterance {
    utterance: Box<dyn Utterance>,
    /// How many of the next samples the server has sent before.
    n_known: AtomicUsize,
}

impl RemoteUtterance {
    /// Waits for the next samples; `None` at the end.
    fn next_samples(&mut self, cancel: &CancelToken) -> Result<Option<Vec<f32>>, ExchangeError> {
        let Self {
            model, inference, ..
        } = self;
        loop {
            match &mut self.state {
                State::Remote(body) => {
                    let waiting = body.get_ref().try_clone()?;
                    let _guard = cancel.on_cancel(move || _ = waiting.shutdown(Shutdown::Both));
                    match SentencePart::read(body)? {
                        SentencePart::IdEnds(ends) => self.id_ends = Some(ends),
                        SentencePart::Samples(samples) => return Ok(Some(samples)),
                        SentencePart::End => return Ok(None),
                    }
                }
                State::New => {
                    let server = &model.server;
                    let body = until_taken(cancel, || {
                        let stream = server.connect()?;
                        let waiting = stream.try_clone()?;
                        let shut_down = move || _ = waiting.shutdown(Shutdown::Both);
                        let _guard = cancel.on_cancel(shut_down);
                        server.sentence(&model.voice, inference, stream)
                    })?;
                    self.state = State::Remote(body);
                }
                State::Own(_) => return Err(io::Error::other("the server is not used").into()),
            }
        }
    }
}

impl Utterance for RemoteUtterance {
    fn step(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Remaining> {
        if let State::Own(own) = &mut self.state {
            let start = samples.len();
            let remaining = own.utterance.step(cancel, samples)?;
            own.skip_known(samples, start);
            return Ok(remaining);
        }
        match self.next_samples(cancel) {
            Ok(None) => Ok(Remaining::Windows(0)),
            Ok(Some(part)) => {
                self.n_samples += part.len();
                let sound = duration_of(part.len() as u64, self.model.rate);
                self.model.server.add_sound(sound);
                samples.extend(part);
                Ok(Remaining::Steps)
            }
            Err(_) if cancel.is_cancelled() => Err(Error::Cancelled),
            Err(error) => {
                let failed = |reason: String| Error::Inference {
                    source: reason.into(),
                };
                self.model.server.give_up(&error, failed)?;
                self.state = State::Own(OwnUtterance {
                    utterance: self.model.own()?.begin(self.inference.clone()),
                    n_known: AtomicUsize::new(self.n_samples),
                });
                Ok(Remaining::Steps)
            }
        }
    }

    fn take_id_ends(&mut self) -> Option<Vec<u64>> {
        match &mut self.state {
            State::Own(own) => own.utterance.take_id_ends(),
            State::New | State::Remote(_) => self.id_ends.take(),
        }
    }

    fn window(&self, n: usize, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<()> {
        match &self.state {
            State::Own(own) => own.utterance.window(n, cancel, samples),
            State::New | State::Remote(_) => Ok(()),
        }
    }

    fn pass_on(&self, n: usize, samples: &mut Vec<f32>) -> Option<Vec<u64>> {
        let State::Own(own) = &self.state else {
            return None;
        };
        let ends = own.utterance.pass_on(n, samples);
        own.skip_known(samples, 0);
        ends
    }
}

impl OwnUtterance {
    /// Removes those of the samples from `start` on that have been heard.
    fn skip_known(&self, samples: &mut Vec<f32>, start: usize) {
        let n_known = self.n_known.load(Ordering::Relaxed);
        let n_skipped = n_known.min(samples.len() - start);
        samples.drain(start..start + n_skipped);
        self.n_known.store(n_known - n_skipped, Ordering::Relaxed);
    }
}
