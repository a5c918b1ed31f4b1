//! The voices of a run: found, loaded when first needed, kept in a cache.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use piper_rs::PiperMode;
use piper_rs::Result;
use piper_rs::audio::loudness::LoudnessAccuracy;
use piper_rs::reading::ReadingOptions;
#[cfg(feature = "serve")]
use piper_rs::runtime::RuntimeSource as _;
use piper_rs::synth::Synthesizer;
#[cfg(feature = "serve")]
use piper_rs::voice::prepared::PreparedVoices;
use piper_rs::voice::{LoadOptions, PhonemeType, Voice, VoiceCache, VoiceConfig, VoiceFiles};

use super::connect::{self, LoadVoice};
use super::cores::default_threads;
use super::engine_options::EngineOptions;
use super::lexicon;
use super::libraries::Libraries;
use super::settings::Settings;
use super::voice_checks::VoiceChecks;
use super::voice_loader::VoiceLoader;
use crate::environment::VoiceFolders;
use crate::terminal::report::Reporter;
use crate::terminal::{signals, stdout};
use piper_rs::threads;

/// Everything that speaking needs.
pub(crate) struct Engine {
    libraries: Libraries,
    voice_folders: VoiceFolders,
    #[cfg(feature = "serve")]
    prepared: Option<PreparedVoices>,
    cache: VoiceCache,
    checks: Arc<VoiceChecks>,
    loudness_accuracy: LoudnessAccuracy,
    reporter: Arc<Reporter>,
}

impl Engine {
    pub(crate) fn new(
        libraries: Libraries,
        voice_folders: VoiceFolders,
        options: EngineOptions,
        reporter: Arc<Reporter>,
    ) -> Self {
        #[cfg(feature = "serve")]
        let prepared = options.prepared.clone();
        let threads = options.threads.map_or_else(default_threads, usize::from);
        let checks = Arc::new(VoiceChecks {
            time: options.check,
            prepared: options.prepared.clone(),
            libraries: libraries.clone(),
            threads,
            reporter: Arc::clone(&reporter),
            voices: Mutex::default(),
        });
        let own = VoiceLoader {
            options: LoadOptions {
                threads,
                prepared: options.prepared,
                loudness_accuracy: options.loudness_accuracy,
            },
            libraries: libraries.clone(),
            checks: Arc::clone(&checks),
            reporter: Arc::clone(&reporter),
        };
        let load_own: LoadVoice = Arc::new(move |files| own.load(files));
        let (espeak_libraries, server) = (libraries.clone(), options.server);
        let loader = move |files: &VoiceFiles| {
            std::thread::scope(|scope| {
                // It is slow too, and does not need the model.
                threads::spawn_scoped(scope, "espeak", || {
                    warm_up_espeak(files, &espeak_libraries);
                })?;
                match &server {
                    Some(server) => connect::load_voice(server, files, &load_own),
                    None => load_own(files),
                }
            })
        };
        let cache = VoiceCache::new(options.limits, loader);
        Self {
            libraries,
            voice_folders,
            #[cfg(feature = "serve")]
            prepared,
            cache,
            checks,
            loudness_accuracy: options.loudness_accuracy,
            reporter,
        }
    }

    /// Returns how exactly sessions are to know the loudness of voices.
    pub(crate) fn loudness_accuracy(&self) -> LoudnessAccuracy {
        self.loudness_accuracy
    }

    /// Fails if a voice surely cannot be loaded. Reads all of its graph, unless it is
    /// prepared.
    #[cfg(feature = "serve")]
    pub(crate) fn check(&self, files: &VoiceFiles) -> Result<()> {
        VoiceConfig::of(files)?;
        let (runtime, prepared) = (self.libraries.lazy_runtime(), self.prepared.as_ref());
        if prepared.is_none_or(|prepared| prepared.needs_runtime(files)) {
            runtime.get()?;
        }
        if !prepared.is_some_and(|prepared| prepared.has(files, runtime)) {
            piper_rs::voice::validate(files)?;
        }
        Ok(())
    }

    /// Returns a synthesizer for the voice of `settings`.
    pub(crate) fn synthesizer(&self, settings: &Settings) -> anyhow::Result<Synthesizer> {
        self.synthesizer_with(self.voice(settings)?, settings)
    }

    /// Returns a synthesizer for a voice that is loaded.
    pub(crate) fn synthesizer_with(
        &self,
        voice: Arc<Voice>,
        settings: &Settings,
    ) -> anyhow::Result<Synthesizer> {
        let config = voice.config();
        let pronouncer = self.libraries.pronouncer(config, settings.mode)?;
        let resolved = settings.resolve(voice.name(), config);
        let lexicons = resolved.lexicons();
        let replacements = lexicon::replacements(lexicons, voice.name(), config)?;
        if !lexicons.is_empty() {
            self.reporter.detail(|| {
                let (n, voice) = (replacements.len(), voice.name());
                format!("{n} entries of the lexicon apply to {voice}")
            });
        }
        let reading = resolved.overrides.reading();
        note_ignored_reading(voice.name(), config, reading, &self.reporter);
        let pronouncer = pronouncer
            .with_reading_options(reading)
            .with_replacements(replacements);
        Ok(Synthesizer::new(voice, pronouncer, resolved.options)?)
    }

    /// Returns the voice of `settings`, from the cache if it is there.
    pub(crate) fn voice(&self, settings: &Settings) -> anyhow::Result<Arc<Voice>> {
        let files = self.files(settings.voice.as_deref(), settings.config.clone())?;
        self.reporter
            .detail(|| format!("voice {}", files.model_path().display()));
        self.load(&files)
    }

    /// Returns the voice of these files, from the cache if it is there.
    pub(crate) fn load(&self, files: &VoiceFiles) -> anyhow::Result<Arc<Voice>> {
        for failed in self.checks.take_failed() {
            self.cache.evict(&failed);
        }
        let voice = self.cache.get_or_load(files)?;
        for large in self.cache.take_too_large() {
            let (path, megabytes) = (large.path.display(), large.bytes / 1_000_000);
            self.reporter.note(&format!(
                "{path} needs {megabytes} MB, more than the cache may hold: it is loaded again \
                 for each use; see --cache-mb"
            ));
        }
        Ok(voice)
    }

    /// Loads a voice in the background, if the cache has room for it.
    pub(crate) fn preload(&self, files: &VoiceFiles) {
        self.cache.preload([files.clone()]);
    }

    /// Notes that there is sound. Voices may be compared from now on.
    pub(crate) fn note_sound(&self) {
        self.checks.note_sound();
    }

    /// Lets the end of the program not wait for the voices that are being compared.
    pub(crate) fn abandon_checks(&self) {
        if self.checks.abandon() {
            signals::abandon_threads();
        }
    }

    /// Compares the voices for which that is due at the end. What they have spoken is
    /// heard; neither readers of pipes nor users have to wait for the rest.
    pub(crate) fn check_voices(&self) {
        if self.checks.are_due() {
            signals::run_is_over();
            stdout::close();
            self.checks.run();
        }
    }

    /// Finds a voice by name or path; the default voice if there is none.
    pub(crate) fn files(&self, name: Option<&str>, config: Option<PathBuf>) -> Result<VoiceFiles> {
        self.voice_folders.find(name, config)
    }

    /// Returns where voices are searched for.
    pub(crate) fn voice_folders(&self) -> &VoiceFolders {
        &self.voice_folders
    }

    pub(crate) fn cache(&self) -> &VoiceCache {
        &self.cache
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.checks.wait();
    }
}

/// Says, once for each voice, that it cannot spell or name marks.
pub(crate) fn note_ignored_reading(
    voice: &str,
    config: &VoiceConfig,
    reading: ReadingOptions,
    reporter: &Reporter,
) {
    let reads = match config.phoneme_type {
        PhonemeType::Espeak => return,
        PhonemeType::Text => "letters",
        PhonemeType::Pinyin => "pinyin",
    };
    let (spelling, punctuation) = (reading.spelling, reading.punctuation);
    let default = ReadingOptions::default();
    if spelling != default.spelling || punctuation != default.punctuation {
        reporter.note_once(&format!(
            "{voice} reads {reads}: --spell and --punctuation have no effect on it"
        ));
    }
}

/// Lets espeak-ng read its data for a voice's language. An error is reported
/// when the phonemizer is needed.
fn warm_up_espeak(files: &VoiceFiles, libraries: &Libraries) {
    if let Ok(config) = VoiceConfig::of(files) {
        _ = libraries.pronouncer(&config, PiperMode::default());
    }
}
