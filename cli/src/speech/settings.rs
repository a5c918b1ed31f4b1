//! How a text is spoken: the layers of settings, and what they resolve to.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use piper_rs::PiperMode;
use piper_rs::audio::level::{NearSilence, Normalize};
use piper_rs::chunk::{ChunkOptions, LineBreaks, Splitting};
use piper_rs::synth::{Pauses, SpeakOptions};
use piper_rs::voice::{OptimizeFor, Scales, Speaker, Speed, VoiceConfig};

use super::config_copy::readable_again;
use super::lexicon::{self, LexiconFile};
use super::output_format::OutputFormat;
use super::overrides::{ConfiguredOverrides, SpeechOverrides};
use super::setting::{Setting, check_loudness, seconds};
use crate::args::{LineBreaksArg, NumberList, ReadAsArg, SpeechArgs};
use crate::terminal::report::UsageError;

/// Everything that decides how a text sounds, before its voice is known.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// A name or a path; `None` for the default voice.
    pub(crate) voice: Option<String>,
    /// The voice's config file, if it is not beside the model.
    pub(crate) config: Option<PathBuf>,
    /// The options, overridden by the fields of a text if it has some.
    pub(crate) overrides: SpeechOverrides,
    /// The config file: weaker than `overrides`.
    pub(crate) configured: Arc<ConfiguredOverrides>,
    pub(crate) mode: PiperMode,
    pub(crate) phoneme_silence: Vec<(char, Duration)>,
    pub(crate) chunks: ChunkOptions,
    pub(crate) optimize_for: OptimizeFor,
    pub(crate) format: OutputFormat,
}

/// What the settings amount to for one voice.
#[derive(Debug, Clone)]
pub(crate) struct ResolvedSettings {
    /// All layers in one: nothing is left out that has a default.
    pub(crate) overrides: SpeechOverrides,
    pub(crate) options: SpeakOptions,
}

impl Settings {
    /// Reads the options, and their lexicons, so that a fault in one is
    /// reported before anything is spoken.
    pub(crate) fn from_args(
        args: &SpeechArgs,
        configured: &Arc<ConfiguredOverrides>,
    ) -> Result<Self, UsageError> {
        let mode = piper_mode(args.strict_piper);
        let overrides = SpeechOverrides::from_args(args)?;
        lexicon::read(overrides.lexicons.as_deref().unwrap_or_default())?;
        Ok(Self {
            voice: args.voice.voice.clone(),
            config: args.voice.config.clone().map(readable_again).transpose()?,
            overrides,
            configured: Arc::clone(configured),
            mode,
            phoneme_silence: phoneme_silence(&args.sound.phoneme_silence)?,
            chunks: chunks(args, mode),
            optimize_for: OptimizeFor::Latency,
            format: OutputFormat::default(),
        })
    }

    /// Sets the meaning of a single line break: what an option says, or else
    /// what suits the input. Piper's programs have only one meaning.
    pub(crate) fn set_line_breaks(&mut self, option: Option<LineBreaksArg>, suitable: LineBreaks) {
        if self.mode == PiperMode::Improved {
            self.chunks.line_breaks = match option {
                Some(LineBreaksArg::Keep) => LineBreaks::Keep,
                Some(LineBreaksArg::Join) => LineBreaks::Join,
                Some(LineBreaksArg::Auto) => LineBreaks::Auto,
                None => suitable,
            };
        }
    }

    /// Switches to another voice. A config and a speaker belong to the old one.
    pub(crate) fn set_voice(&mut self, voice: String) {
        self.voice = Some(voice);
        (self.config, self.overrides.speaker) = (None, None);
    }

    /// Returns the same settings with this speaker, if there is one.
    pub(crate) fn with_speaker(&self, id: Option<i64>) -> Self {
        let mut settings = self.clone();
        if let Some(id) = id {
            settings.overrides.speaker = Some(Speaker::Id(id));
        }
        settings
    }

    /// Returns the settings for the voice called `name`: what the config file
    /// says about it is among the overrides.
    pub(crate) fn for_voice(&self, name: &str) -> Self {
        let overrides = self.overrides.clone();
        Self {
            overrides: self.configured.complete(overrides, Some(name), self.mode),
            configured: Arc::default(),
            ..self.clone()
        }
    }

    /// Returns the pauses as they are heard. Call
    /// [`for_voice`](Self::for_voice) first.
    pub(crate) fn pauses(&self) -> Pauses {
        let speed = self.overrides.speed.unwrap_or_default();
        self.overrides.pauses(self.mode).at_speed(speed)
    }

    /// Returns the scales. Call [`for_voice`](Self::for_voice) first.
    pub(crate) fn scales(&self, config: &VoiceConfig) -> Scales {
        self.overrides.scales(config)
    }

    /// Returns the loudness normalization. It is the same for every voice.
    pub(crate) fn normalize(&self) -> Normalize {
        let overrides = self.overrides.clone();
        let overrides = self.configured.complete(overrides, None, self.mode);
        normalize(&overrides, self.mode)
    }

    /// Resolves all layers for the voice called `name`.
    pub(crate) fn resolve(&self, name: &str, config: &VoiceConfig) -> ResolvedSettings {
        let layers = self.for_voice(name).overrides;
        let mut overrides = layers.or(&SpeechOverrides::of_voice(config));
        let mut pauses = overrides.pauses(self.mode);
        if self.chunks.paragraphs == Splitting::Off && overrides.scene_silence.is_none() {
            pauses.scene = pauses.scene.map(|_| Duration::ZERO);
        }
        overrides.sentence_silence = Some(pauses.sentence);
        overrides.line_silence = Some(pauses.line);
        overrides.paragraph_silence = Some(pauses.paragraph);
        overrides.scene_silence = pauses.scene;
        overrides.normalize = Some(normalize(&overrides, self.mode));
        overrides.punctuation.get_or_insert_default();
        overrides.spell.get_or_insert_default();
        overrides.read_as.get_or_insert(match self.mode {
            PiperMode::Improved => ReadAsArg::Words,
            PiperMode::Strict => ReadAsArg::Written,
        });
        let speed = *overrides.speed.get_or_insert(Speed::NATURAL);
        let volume = *overrides.volume.get_or_insert(1.0);
        let phoneme_silence = match self.mode {
            PiperMode::Improved if self.phoneme_silence.is_empty() => &config.phoneme_silence,
            PiperMode::Improved | PiperMode::Strict => &self.phoneme_silence,
        };
        let options = SpeakOptions {
            chunks: ChunkOptions {
                language: config.espeak_voice.clone(),
                ..self.chunks.clone()
            },
            scales: overrides.scales(config),
            speed,
            speaker: overrides.speaker.clone(),
            pauses,
            phoneme_silence: phoneme_silence.clone(),
            volume,
            seed: overrides.seed.unwrap_or_else(random_seed),
            optimize_for: self.optimize_for,
        };
        ResolvedSettings { overrides, options }
    }
}

impl ResolvedSettings {
    pub(crate) fn lexicons(&self) -> &[LexiconFile] {
        self.overrides.lexicons.as_deref().unwrap_or_default()
    }
}

impl SpeechOverrides {
    /// Returns the layer of the options.
    pub(crate) fn from_args(args: &SpeechArgs) -> Result<Self, UsageError> {
        let (prosody, sound) = (&args.prosody, &args.sound);
        let mut overrides = Self {
            speaker: args.voice.speaker.as_deref().map(Speaker::from),
            lexicons: LexiconFile::all(&args.lexicon.lexicon),
            punctuation: args.spelling.punctuation,
            spell: args.spelling.spell.then_some(true),
            read_as: args.spelling.read_as,
            normalize: match sound.no_normalize {
                true => Some(Normalize::Off),
                false => sound.normalize.map(Into::into),
            },
            seed: prosody.seed,
            ..Self::default()
        };
        check_loudness(overrides.normalize, sound.loudness.is_some())?;
        let numbers = [
            (Setting::Speed, single(Setting::Speed, &prosody.speed)?),
            (
                Setting::LengthScale,
                single(Setting::LengthScale, &prosody.length_scale)?,
            ),
            (
                Setting::NoiseScale,
                single(Setting::NoiseScale, &prosody.noise_scale)?,
            ),
            (Setting::NoiseW, single(Setting::NoiseW, &prosody.noise_w)?),
            (Setting::Volume, sound.volume),
            (Setting::Loudness, sound.loudness),
            (Setting::SentenceSilence, sound.sentence_silence),
            (Setting::LineSilence, sound.line_silence),
            (Setting::ParagraphSilence, sound.paragraph_silence),
            (Setting::SceneSilence, sound.scene_silence),
        ];
        for (setting, number) in numbers.into_iter().filter(|(_, number)| number.is_some()) {
            setting.set_number(&mut overrides, number)?;
        }
        Ok(overrides)
    }
}

/// Returns the number of an option. `batch` has taken the lists before.
fn single(setting: Setting, option: &Option<NumberList>) -> Result<Option<f64>, UsageError> {
    let number = |list: &NumberList| {
        list.single().ok_or_else(|| {
            let option = setting.name().replace('_', "-");
            UsageError(format!(
                "--{option} takes one number, with a decimal point; only `batch` takes several"
            ))
        })
    };
    option.as_ref().map(number).transpose()
}

fn normalize(overrides: &SpeechOverrides, mode: PiperMode) -> Normalize {
    match (overrides.normalize, mode) {
        (None, PiperMode::Improved) => Normalize::Run,
        (None | Some(Normalize::Sentence(_)), PiperMode::Strict) => {
            Normalize::Sentence(NearSilence::Amplify)
        }
        (Some(normalize), _) => normalize,
    }
}

/// Returns the mode that `--strict-piper` sets.
pub(crate) fn piper_mode(strict_piper: bool) -> PiperMode {
    match strict_piper {
        true => PiperMode::Strict,
        false => PiperMode::Improved,
    }
}

fn chunks(args: &SpeechArgs, mode: PiperMode) -> ChunkOptions {
    let splitting = |off| if off { Splitting::Off } else { Splitting::On };
    let options = ChunkOptions {
        max_chars: args.chunks.chunk_size.get(),
        paragraphs: splitting(args.chunks.no_paragraphs),
        sentences: splitting(args.chunks.no_sentences),
        ..ChunkOptions::default()
    };
    match mode {
        PiperMode::Improved => options,
        // Piper passes the whole text to espeak-ng, which finds the sentences.
        PiperMode::Strict => ChunkOptions {
            max_chars: usize::MAX,
            paragraphs: Splitting::Off,
            sentences: Splitting::Off,
            line_breaks: LineBreaks::Join,
            ..options
        },
    }
}

/// Returns a different number at each call.
pub(crate) fn random_seed() -> u64 {
    // The standard library's source of randomness: each state differs.
    RandomState::new().build_hasher().finish() & MAX_JSON_INTEGER
}

/// The largest integer that every reader of JSON keeps exactly: 2^53 - 1. Some read
/// numbers as 64-bit floats.
pub(crate) const MAX_JSON_INTEGER: u64 = (1 << 53) - 1;

/// Pairs up `PHONEME SECONDS PHONEME SECONDS …`.
fn phoneme_silence(words: &[String]) -> Result<Vec<(char, Duration)>, UsageError> {
    words
        .chunks_exact(2)
        .map(|pair| {
            let mut symbols = pair[0].chars();
            let (Some(symbol), None) = (symbols.next(), symbols.next()) else {
                let message = format!("--phoneme-silence: `{}` is not one phoneme", pair[0]);
                return Err(UsageError(message));
            };
            let value = pair[1].parse().unwrap_or(f64::NAN);
            Ok((symbol, seconds("--phoneme-silence", value)?))
        })
        .collect()
}
