//! How the voices of a run are loaded and cached.

use std::num::NonZeroUsize;
use std::sync::Arc;

use piper_rs::PiperMode;
use piper_rs::audio::loudness::LoudnessAccuracy;
use piper_rs::fs::FileIdentity;
use piper_rs::protocol::EngineIdentity;
use piper_rs::voice::cache::Limits;
use piper_rs::voice::prepared::PreparedVoices;
use piper_rs::voice::{self, EngineChoice};

use super::connect::EngineServer;
use super::cores::default_threads;
use super::libraries::Libraries;
use super::voice_checks::CheckTime;
use crate::args::EngineArgs;
use crate::environment::Environment;
use crate::system::THREADS_HAVE_PRIORITIES;

/// How voices are loaded and cached.
#[derive(Debug, Clone)]
pub(crate) struct EngineOptions {
    /// The number of inference threads; `None` for the default.
    pub(crate) threads: Option<NonZeroUsize>,
    /// The folder of prepared voices; `None` to prepare none.
    pub(crate) prepared: Option<PreparedVoices>,
    /// When voices are compared with their stock models, if not before.
    pub(crate) check: CheckTime,
    /// How exactly sessions know the loudness of voices.
    pub(crate) loudness_accuracy: LoudnessAccuracy,
    pub(crate) limits: Limits,
    /// The server whose models are used; `None` for own models.
    pub(crate) server: Option<Arc<EngineServer>>,
}

impl EngineOptions {
    /// Strict mode promises the samples of piper-tts, which runs ONNX Runtime.
    pub(crate) fn from_args(args: &EngineArgs, mode: PiperMode, environment: &Environment) -> Self {
        let mut choice = EngineChoice::from(args.choice);
        if mode == PiperMode::Strict {
            choice.engine = voice::Engine::OnnxRuntime;
        }
        let prepared = environment.prepared_voices(args.prepared.prepared_mb);
        let prepared = prepared.map(|prepared| prepared.with_engine(choice));
        Self {
            threads: args.threads,
            prepared: prepared.filter(|_| !args.no_prepare),
            check: CheckTime::Last,
            loudness_accuracy: LoudnessAccuracy::Measured,
            limits: cache_limits(args.cache_voices, args.cache_mb),
            server: None,
        }
    }

    /// Returns what decides the samples of the models.
    pub(crate) fn identity(
        &self,
        environment: &Environment,
        libraries: &Libraries,
    ) -> EngineIdentity {
        let prepared = self.prepared.as_ref();
        EngineIdentity {
            program: FileIdentity::of(environment.program().unwrap_or("".as_ref())),
            runtime: libraries.runtime_files(),
            threads: self.threads.map_or_else(default_threads, usize::from),
            prepared: prepared.map(|prepared| prepared.folder().to_owned()),
            choice: prepared.map(PreparedVoices::engine).unwrap_or_default(),
        }
    }

    /// Changes when voices are compared.
    pub(crate) fn with_check(self, check: CheckTime) -> Self {
        Self { check, ..self }
    }

    /// For speech that is only heard, perhaps without end: voices are compared and measured
    /// after the first sound, if that cannot disturb it.
    pub(crate) fn for_listener(self, is_endless: bool) -> Self {
        Self {
            check: match THREADS_HAVE_PRIORITIES {
                true => CheckTime::AfterSound,
                false => CheckTime::of_run(is_endless),
            },
            loudness_accuracy: LoudnessAccuracy::Estimated,
            ..self
        }
    }

    /// Lets the cache hold all voices that its memory has room for, if there may be many,
    /// unless an option says how many.
    pub(crate) fn with_room_for_voices(mut self, may_be_many: bool) -> Self {
        if may_be_many && self.limits.voices == Limits::default().voices {
            self.limits.voices = usize::MAX;
        }
        self
    }
}

/// Returns the limits of the voice cache.
pub(crate) fn cache_limits(voices: usize, megabytes: u64) -> Limits {
    Limits {
        voices,
        bytes: megabytes.saturating_mul(1_000_000),
    }
}
