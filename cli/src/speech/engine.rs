//! ONNX Runtime, espeak-ng and the loaded voices: opened when first needed,
//! kept for the whole run.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use piper_rs::Result;
use piper_rs::lexicon::Pronouncer;
use piper_rs::phoneme::{Espeak, EspeakOptions, Phonemizer, Terminators};
use piper_rs::runtime::Runtime;
use piper_rs::synth::{Synthesizer, phonemizer_for};
use piper_rs::voice::cache::Limits;
use piper_rs::voice::prepared::PreparedVoices;
use piper_rs::voice::{self, LoadOptions, Voice, VoiceCache, VoiceConfig, VoiceFiles};

use super::lexicon;
use super::settings::Settings;
use crate::args::{CommonArgs, EngineArgs};
use crate::environment::Environment;
use crate::terminal::report::Reporter;

/// What it takes to speak.
pub(crate) struct Engine {
    libraries: Libraries,
    voice_folders: Vec<PathBuf>,
    cache: VoiceCache,
    reporter: Arc<Reporter>,
}

/// How voices are loaded and kept.
#[derive(Debug, Clone)]
pub(crate) struct EngineOptions {
    pub(crate) threads: Option<NonZeroUsize>,
    pub(crate) prepared: Option<PreparedVoices>,
    pub(crate) limits: Limits,
}

impl EngineOptions {
    pub(crate) fn from_args(args: &EngineArgs, environment: &Environment) -> Self {
        Self {
            threads: args.threads,
            prepared: environment.prepared_voices(args),
            limits: args.cache_limits(),
        }
    }
}

impl EngineArgs {
    /// Returns how much the voice cache may keep.
    pub(crate) fn cache_limits(&self) -> Limits {
        Limits {
            voices: self.cache_voices,
            bytes: self.cache_mb.saturating_mul(1_000_000),
        }
    }
}

/// The foreign libraries, where they are looked for and once they are open.
#[derive(Clone)]
pub(crate) struct Libraries(Arc<LibrariesInner>);

struct LibrariesInner {
    runtime_at: Vec<PathBuf>,
    espeak_at: EspeakOptions,
    runtime: OnceLock<Arc<Runtime>>,
    espeak: OnceLock<Arc<Espeak>>,
}

impl Libraries {
    pub(crate) fn new(environment: &Environment, args: &CommonArgs) -> Self {
        Self(Arc::new(LibrariesInner {
            runtime_at: environment.onnxruntime(args.onnxruntime.as_deref()),
            espeak_at: EspeakOptions {
                libraries: environment.espeak(args.espeak.as_deref()),
                data_dir: environment.espeak_data(args.espeak_data.as_deref()),
            },
            runtime: OnceLock::new(),
            espeak: OnceLock::new(),
        }))
    }

    /// Returns ONNX Runtime, loading it at the first call.
    pub(crate) fn runtime(&self) -> Result<Arc<Runtime>> {
        get_or_open(&self.0.runtime, || Runtime::load(&self.0.runtime_at))
    }

    /// Returns where ONNX Runtime is and its version, without starting it.
    pub(crate) fn find_runtime(&self) -> Result<(PathBuf, String)> {
        Runtime::find(&self.0.runtime_at)
    }

    /// Returns espeak-ng, opening it at the first call.
    pub(crate) fn espeak(&self) -> Result<Arc<Espeak>> {
        get_or_open(&self.0.espeak, || Espeak::open(&self.0.espeak_at))
    }

    /// Makes espeak-ng read what it needs for a voice's language. What goes
    /// wrong here goes wrong again when it is needed, and is told then.
    fn ready_espeak(&self, files: &VoiceFiles) {
        if let Ok(config) = VoiceConfig::of(files) {
            _ = phonemizer(self, &config, Terminators::default());
        }
    }
}

/// Opens a library once; a failure may be tried again.
fn get_or_open<T>(
    once: &OnceLock<Arc<T>>,
    open: impl FnOnce() -> Result<Arc<T>>,
) -> Result<Arc<T>> {
    match once.get() {
        Some(opened) => Ok(Arc::clone(opened)),
        None => open().map(|opened| Arc::clone(once.get_or_init(|| opened))),
    }
}

impl Engine {
    pub(crate) fn new(
        libraries: Libraries,
        voice_folders: Vec<PathBuf>,
        options: EngineOptions,
        reporter: Arc<Reporter>,
    ) -> Self {
        let load = LoadOptions {
            threads: options.threads.map_or_else(default_threads, usize::from),
            prepared: options.prepared,
        };
        let (for_loader, said) = (libraries.clone(), Arc::clone(&reporter));
        let loader = move |files: &VoiceFiles| {
            std::thread::scope(|scope| {
                // It takes a while too, and needs nothing of the model.
                scope.spawn(|| for_loader.ready_espeak(files));
                load_voice(files, &for_loader, &load, &said)
            })
        };
        let cache = VoiceCache::new(options.limits, loader);
        Self {
            libraries,
            voice_folders,
            cache,
            reporter,
        }
    }

    /// Returns the voice that `settings` ask for with a way to speak.
    pub(crate) fn synthesizer(&self, settings: &Settings) -> anyhow::Result<Synthesizer> {
        self.synthesizer_with(self.voice(settings)?, settings)
    }

    /// [`synthesizer`](Self::synthesizer) for who has the voice already.
    pub(crate) fn synthesizer_with(
        &self,
        voice: Arc<Voice>,
        settings: &Settings,
    ) -> anyhow::Result<Synthesizer> {
        let config = voice.config();
        let phonemizer = phonemizer(&self.libraries, config, settings.fidelity.terminators())?;
        let settings = settings.for_voice(voice.name());
        let lexicons = settings.manner.lexicons.as_deref().unwrap_or_default();
        let replacements = lexicon::replacements(lexicons, voice.name(), config)?;
        if !lexicons.is_empty() {
            self.reporter.detail(|| {
                let (n, voice) = (replacements.len(), voice.name());
                format!("{n} entries of the lexicon hold for {voice}")
            });
        }
        let options = settings.speak_options(config);
        let pronouncer = Pronouncer::new(phonemizer).with_replacements(replacements);
        Ok(Synthesizer::new(voice, pronouncer, options)?)
    }

    /// Returns the voice that `settings` ask for, loaded.
    pub(crate) fn voice(&self, settings: &Settings) -> anyhow::Result<Arc<Voice>> {
        let files = self.files(settings.voice.as_deref(), settings.config.clone())?;
        self.reporter
            .detail(|| format!("voice {}", files.model_path().display()));
        let voice = self.cache.get_or_load(&files)?;
        for large in self.cache.take_too_large() {
            let (path, megabytes) = (large.path.display(), large.bytes / 1_000_000);
            self.reporter.note(&format!(
                "{path} takes {megabytes} MB, more than voices may: it is loaded anew each time; \
                 see --cache-mb"
            ));
        }
        Ok(voice)
    }

    /// Loads a voice in the background, where there is room for one more.
    pub(crate) fn preload(&self, files: &VoiceFiles) {
        self.cache.preload([files.clone()]);
    }

    /// Returns where the voice asked for is, the built-in one if none is.
    pub(crate) fn files(&self, asked: Option<&str>, config: Option<PathBuf>) -> Result<VoiceFiles> {
        find_voice(asked, config, &self.voice_folders)
    }

    /// Returns where voices are looked for by name.
    pub(crate) fn voice_folders(&self) -> &[PathBuf] {
        &self.voice_folders
    }

    /// Returns the voices that are loaded.
    pub(crate) fn cache(&self) -> &VoiceCache {
        &self.cache
    }
}

/// Loads a voice, and says how.
fn load_voice(
    files: &VoiceFiles,
    libraries: &Libraries,
    options: &LoadOptions,
    reporter: &Reporter,
) -> Result<Voice> {
    let runtime = libraries.runtime()?;
    let name = files.name();
    reporter.detail(|| {
        let (version, path) = (runtime.version(), runtime.path().display());
        format!("loading {name} with ONNX Runtime {version} ({path})")
    });
    let prepared = options.prepared.as_ref();
    if prepared.is_some_and(|prepared| !prepared.has(files, &runtime)) {
        reporter.note(&format!("preparing {name} for a fast start, once"));
    }
    let voice = Voice::load(files, &runtime, options)?;
    if let Some(reason) = voice.split_failure() {
        reporter.detail(|| format!("{name} is run whole: {reason}"));
    } else if let Some(layout) = voice.model_info().channel_layout {
        reporter.detail(|| format!("{name} is run in parts, its decoder in {layout}"));
    }
    Ok(voice)
}

/// Returns how many cores this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Returns how many threads make speech unless told otherwise: one for each
/// core. Two on one core would share what it reckons with.
pub(crate) fn default_threads() -> usize {
    cores().min(num_cpus::get_physical())
}

/// Finds the voice asked for, the built-in one if none is.
pub(crate) fn find_voice(
    asked: Option<&str>,
    config: Option<PathBuf>,
    folders: &[PathBuf],
) -> Result<VoiceFiles> {
    match asked {
        Some(name) => voice::find(name, config, folders),
        None => Ok(VoiceFiles::Builtin),
    }
}

/// Returns the phonemizer that a voice was trained with.
pub(crate) fn phonemizer(
    libraries: &Libraries,
    config: &VoiceConfig,
    terminators: Terminators,
) -> Result<Arc<dyn Phonemizer>> {
    phonemizer_for(config, terminators, || libraries.espeak())
}
