//! What all connections share: the engine, and who may use it now.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use piper_rs::audio::BufferPool;
use piper_rs::protocol::EngineIdentity;
use piper_rs::synth::Turns;
use piper_rs::voice::{VoiceConfig, VoiceFiles};

use super::metrics::Metrics;
use super::output::HeldBytes;
use super::voices::{FoundVoice, Voices};
use crate::speech::engine::Engine;
use crate::speech::settings::Settings;
use crate::terminal::report::{Reporter, UsageError};

/// How long a cancelled request may take to end.
const MAX_CANCEL: Duration = Duration::from_millis(500);

/// The engine, its voices and their limits.
pub(super) struct Speech {
    engine: Engine,
    identity: EngineIdentity,
    /// The settings of the options, which those of a request override.
    settings: Settings,
    voices: Voices,
    turns: Turns,
    /// Voices are loaded one at a time: preparing one takes much memory.
    loads: Turns,
    pool: BufferPool,
    held: HeldBytes,
    limits: SpeechLimits,
    metrics: Metrics,
    reporter: Arc<Reporter>,
    n_waiting: AtomicUsize,
    n_jobs: Mutex<usize>,
    job_ended: Condvar,
}

/// How much clients may ask for.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpeechLimits {
    /// How many inferences run at once, for all clients.
    pub(super) threads: usize,
    /// The most requests without their first sound, those that are computed included.
    pub(super) max_waiting: usize,
    pub(super) max_chars: usize,
}

/// Why a request is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("too many requests wait")]
    QueueFull,
    #[error("the system has no thread left")]
    NoThread,
}

/// A request among those that wait for their first sound; dropping it, it does not.
pub(super) struct Waiting(Arc<Speech>);

/// A thread that is not over; dropping it, it is.
pub(super) struct RunningJob(Arc<Speech>);

impl Speech {
    pub(super) fn new(
        (engine, identity): (Engine, EngineIdentity),
        settings: Settings,
        voices: Voices,
        pool: BufferPool,
        limits: SpeechLimits,
        reporter: Arc<Reporter>,
    ) -> Self {
        Self {
            engine,
            identity,
            settings,
            voices,
            turns: Turns::new(limits.threads),
            loads: Turns::new(1),
            pool,
            held: HeldBytes::default(),
            limits,
            metrics: Metrics::default(),
            reporter,
            n_waiting: AtomicUsize::new(0),
            n_jobs: Mutex::new(0),
            job_ended: Condvar::new(),
        }
    }

    /// Counts the request among those that wait for their first sound.
    pub(super) fn enter(self: &Arc<Self>) -> Result<Waiting, Refusal> {
        let one_more = |n: usize| (n < self.limits.max_waiting).then_some(n + 1);
        let (set, get) = (Ordering::SeqCst, Ordering::SeqCst);
        let entered = self.n_waiting.fetch_update(set, get, one_more);
        entered.map_err(|_| Refusal::QueueFull)?;
        Ok(Waiting(Arc::clone(self)))
    }

    /// Returns the default voice and the named ones. Fails if one of them is not on offer
    /// or cannot speak, as far as that can be told without loading it.
    pub(super) fn check(&self, names: &[String]) -> anyhow::Result<Vec<VoiceFiles>> {
        let default = self.voices.default();
        let mut voices = vec![default.clone()];
        for name in names {
            let found = self.voices.find(name);
            let found = found.ok_or_else(|| {
                UsageError(format!(
                    "--preload: no voice `{name}` is on offer; `piper-rs voices list` lists the \
                     names, and --voices limits which are offered"
                ))
            })?;
            voices.push(found.files);
        }
        for files in &voices {
            self.engine.check(files)?;
        }
        let config = VoiceConfig::of(default)?;
        let resolved = self.settings.resolve(&default.name(), &config);
        config.speaker_id(resolved.overrides.speaker.as_ref())?;
        Ok(voices)
    }

    /// Loads voices in the background.
    pub(super) fn preload(&self, voices: &[VoiceFiles]) {
        voices.iter().for_each(|files| self.engine.preload(files));
    }

    /// Waits for the threads of requests, which are cancelled, but not for one that loads
    /// a voice: nothing stops that.
    pub(super) fn wait_for_jobs(&self) {
        let n_jobs = self.n_jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let running = |n_jobs: &mut usize| *n_jobs > 0;
        drop(
            self.job_ended
                .wait_timeout_while(n_jobs, MAX_CANCEL, running),
        );
    }

    pub(super) fn n_waiting(&self) -> usize {
        self.n_waiting.load(Ordering::SeqCst)
    }

    pub(super) fn n_jobs(&self) -> usize {
        *self.n_jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns what decides the samples of a model here.
    pub(super) fn identity(&self) -> &EngineIdentity {
        &self.identity
    }

    /// Returns the settings of a request for one of the voices on offer.
    pub(super) fn settings_of(&self, voice: &FoundVoice) -> Settings {
        let mut settings = self.settings.clone();
        if voice.files != *self.voices.default() {
            settings.set_voice(voice.files.name());
        }
        if voice.speaker.is_some() {
            settings.overrides.speaker = voice.speaker.clone();
        }
        settings
    }

    /// Reads the folders of voices without keeping the other connections waiting. `None`
    /// if that panicked.
    pub(super) async fn read_voices<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Voices) -> T + Send + 'static,
    ) -> Option<T> {
        let speech = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || read(&speech.voices));
        read.await.ok()
    }

    /// Returns the voice of requests that name none.
    pub(super) fn default_voice(&self) -> FoundVoice {
        FoundVoice {
            files: self.voices.default().clone(),
            speaker: None,
        }
    }

    pub(super) fn turns(&self) -> &Turns {
        &self.turns
    }

    pub(super) fn loads(&self) -> &Turns {
        &self.loads
    }

    pub(super) fn pool(&self) -> &BufferPool {
        &self.pool
    }

    pub(super) fn held(&self) -> &HeldBytes {
        &self.held
    }

    pub(super) fn limits(&self) -> SpeechLimits {
        self.limits
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    pub(super) fn reporter(&self) -> &Reporter {
        &self.reporter
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.n_waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

impl RunningJob {
    pub(super) fn new(speech: &Arc<Speech>) -> Self {
        let n_jobs = speech.n_jobs.lock();
        *n_jobs.unwrap_or_else(PoisonError::into_inner) += 1;
        Self(Arc::clone(speech))
    }
}

impl Drop for RunningJob {
    fn drop(&mut self) {
        let n_jobs = self.0.n_jobs.lock();
        *n_jobs.unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.job_ended.notify_all();
    }
}

#[cfg(test)]
impl Speech {
    /// A service for tests that load no voice.
    pub(super) fn of_nobody() -> Arc<Self> {
        use crate::args::{Cli, Command};
        use crate::environment::Environment;
        use crate::speech::engine_options::EngineOptions;
        use crate::speech::libraries::Libraries;
        use crate::terminal::report::Verbosity;
        use clap::Parser as _;
        use piper_rs::PiperMode;

        let cli = Cli::parse_from(["piper-rs", "serve"]);
        let Command::Serve(args) = &cli.command else {
            unreachable!("that is the command above");
        };
        let environment = Environment::of_this_machine();
        let reporter = Arc::new(Reporter::new(Verbosity::Quiet));
        let libraries = Libraries::new(&environment, &cli.global);
        let mode = PiperMode::default();
        let options = EngineOptions::from_args(&args.engine, mode, &environment);
        let identity = options.identity(&environment, &libraries);
        let engine = Engine::new(
            libraries,
            environment.voice_folders(&[]),
            options,
            Arc::clone(&reporter),
        );
        let default = VoiceFiles::on_disk("nobody.onnx".into(), None);
        let voices = Voices::new(engine.voice_folders().clone(), default, &[], &[]).unwrap();
        let limits = SpeechLimits {
            threads: 1,
            max_waiting: 1,
            max_chars: 1000,
        };
        let settings = Settings::from_args(&args.speech, &Arc::default()).unwrap();
        let pool = BufferPool::new(0);
        Arc::new(Self::new(
            (engine, identity),
            settings,
            voices,
            pool,
            limits,
            reporter,
        ))
    }
}
