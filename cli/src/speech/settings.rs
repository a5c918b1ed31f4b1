//! How one text is to be spoken: flags, over the voice's own config.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use piper_rs::audio::level::{NearSilence, Normalize};
use piper_rs::chunk::{ChunkOptions, LineBreaks, Splitting};
use piper_rs::phoneme::Terminators;
use piper_rs::synth::{Pauses, SpeakOptions};
use piper_rs::voice::{OptimizeFor, Scales, Speaker, VoiceConfig, VoiceFiles};

use super::overrides::{LayeredOverrides, Silences, SpeechOverrides};
use crate::args::{LineBreaksArg, NormalizeArg, StyleArgs};
use crate::terminal::report::UsageError;

/// Whether Piper's faults are repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PiperMode {
    /// They are.
    Improved,
    /// They are kept: what comes out is what piper-tts would say.
    Strict,
}

impl PiperMode {
    pub(crate) fn of(strict_piper: bool) -> Self {
        if strict_piper {
            Self::Strict
        } else {
            Self::Improved
        }
    }

    pub(crate) fn terminators(self) -> Terminators {
        match self {
            Self::Improved => Terminators::Improved,
            Self::Strict => Terminators::Strict,
        }
    }
}

/// Everything that decides how a text sounds. JSON lines may change most of it
/// from text to text; the normalisation is the run's.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The voice asked for; `None` for the built-in one.
    pub(crate) voice: Option<String>,
    pub(crate) config: Option<PathBuf>,
    /// What the command line or the text asks for.
    pub(crate) manner: SpeechOverrides,
    /// What the config file asks for beside it.
    pub(crate) manners: Arc<LayeredOverrides>,
    pub(crate) seed: Option<u64>,
    pub(crate) fidelity: PiperMode,
    pub(crate) phoneme_silence: Vec<(char, Duration)>,
    pub(crate) chunks: ChunkOptions,
    pub(crate) normalize: Normalize,
    /// How soon sound is wanted: a file can wait, a listener cannot.
    pub(crate) optimize_for: OptimizeFor,
}

impl Settings {
    pub(crate) fn from_args(args: &StyleArgs) -> Result<Self, UsageError> {
        let manner = &args.manner;
        let fidelity = PiperMode::of(manner.strict_piper);
        let settings = Self {
            voice: args.voice.voice.clone(),
            config: args.voice.config.clone(),
            manner: SpeechOverrides {
                speaker: args.voice.speaker.clone(),
                length_scale: manner.length_scale,
                noise_scale: manner.noise_scale,
                noise_w: manner.noise_w,
                volume: args.sound.volume,
                silences: silences(args)?,
                lexicons: args.lexicon.asked(),
            },
            manners: Arc::clone(&args.manners),
            seed: manner.seed,
            fidelity,
            phoneme_silence: phoneme_silence(&args.sound.phoneme_silence)?,
            chunks: chunks(args, fidelity)?,
            normalize: normalize(args, fidelity),
            optimize_for: OptimizeFor::Latency,
        };
        settings.with_speed(manner.speed)?.checked()
    }

    /// Sets the speed in people's terms, where it is given.
    pub(crate) fn with_speed(mut self, speed: Option<f32>) -> Result<Self, UsageError> {
        if let Some(speed) = speed {
            if !(speed > 0.0 && speed.is_finite()) {
                return Err(UsageError(format!("speed {speed} is not above 0")));
            }
            self.manner.length_scale = Some(speed.recip());
        }
        Ok(self)
    }

    /// Refuses numbers that no voice can work with.
    pub(crate) fn checked(self) -> Result<Self, UsageError> {
        self.scales(Scales::default())
            .check()
            .map_err(|error| UsageError(error.to_string()))?;
        match self.manner.volume {
            Some(volume) if !(volume >= 0.0 && volume.is_finite()) => {
                Err(UsageError(format!("volume {volume} is not 0 or more")))
            }
            _ => Ok(self),
        }
    }

    /// Says what is made equally loud.
    pub(crate) fn set_normalize(&mut self, asked: NormalizeArg) {
        self.normalize = normalized(asked, self.fidelity);
    }

    /// Says what a single line break means: what is asked for, else what is
    /// natural for the input. Piper's programs know only their own way.
    pub(crate) fn set_line_breaks(&mut self, asked: Option<LineBreaksArg>, natural: LineBreaks) {
        if self.fidelity == PiperMode::Improved {
            self.chunks.line_breaks = match asked {
                Some(LineBreaksArg::Keep) => LineBreaks::Keep,
                Some(LineBreaksArg::Join) => LineBreaks::Join,
                Some(LineBreaksArg::Auto) => LineBreaks::Auto,
                None => natural,
            };
        }
    }

    /// Returns the same for this speaker, if it is a particular one.
    pub(crate) fn spoken_by(&self, speaker: Option<i64>) -> Self {
        let mut settings = self.clone();
        if let Some(id) = speaker {
            settings.manner.speaker = Some(id.to_string());
        }
        settings
    }

    /// Returns the settings for the voice called `name`: what the config file
    /// says of it stands where nothing was asked for.
    pub(crate) fn for_voice(&self, name: &str) -> Self {
        let manner = self.manner.clone();
        Self {
            manner: self.manners.complete(manner, name, self.fidelity),
            manners: Arc::default(),
            ..self.clone()
        }
    }

    /// Returns the name of the voice asked for.
    pub(crate) fn voice_name(&self) -> String {
        self.voice_files().name()
    }

    /// Returns the files of the voice asked for, if it was asked for by path.
    pub(crate) fn voice_files(&self) -> VoiceFiles {
        let files = |voice: &String| VoiceFiles::on_disk(voice.into(), self.config.clone());
        self.voice.as_ref().map_or(VoiceFiles::Builtin, files)
    }

    /// Returns the pauses between what is said.
    pub(crate) fn pauses(&self) -> Pauses {
        self.manner.silences.pauses(self.fidelity)
    }

    /// Completes the settings by what `config` says of its voice.
    pub(crate) fn speak_options(&self, config: &VoiceConfig) -> SpeakOptions {
        let own_silences = match self.fidelity {
            PiperMode::Improved if self.phoneme_silence.is_empty() => &config.phoneme_silence,
            PiperMode::Improved | PiperMode::Strict => &self.phoneme_silence,
        };
        SpeakOptions {
            chunks: ChunkOptions {
                language: config.espeak_voice.clone(),
                ..self.chunks.clone()
            },
            scales: self.scales(config.scales),
            speaker: self.manner.speaker.clone().map(Speaker::from),
            pauses: self.pauses(),
            phoneme_silence: own_silences.clone(),
            volume: self.manner.volume.unwrap_or(1.0),
            seed: self.seed.unwrap_or_else(random_seed),
            optimize_for: self.optimize_for,
        }
    }

    fn scales(&self, voice: Scales) -> Scales {
        Scales {
            noise_scale: self.manner.noise_scale.unwrap_or(voice.noise_scale),
            length_scale: self.manner.length_scale.unwrap_or(voice.length_scale),
            noise_w: self.manner.noise_w.unwrap_or(voice.noise_w),
        }
    }
}

fn silences(args: &StyleArgs) -> Result<Silences, UsageError> {
    let sound = &args.sound;
    let given = |name, value: Option<f64>| value.map(|value| seconds(name, value)).transpose();
    Ok(Silences {
        sentence: given("--sentence-silence", sound.sentence_silence)?,
        line: given("--line-silence", sound.line_silence)?,
        paragraph: given("--paragraph-silence", sound.paragraph_silence)?,
    })
}

fn chunks(args: &StyleArgs, fidelity: PiperMode) -> Result<ChunkOptions, UsageError> {
    let splitting = |off| if off { Splitting::Off } else { Splitting::On };
    if args.chunks.chunk_size == 0 {
        return Err(UsageError(
            "--chunk-size 0 leaves nothing to say".to_owned(),
        ));
    }
    let options = ChunkOptions {
        max_chars: args.chunks.chunk_size,
        paragraphs: splitting(args.chunks.no_paragraphs),
        sentences: splitting(args.chunks.no_sentences),
        ..ChunkOptions::default()
    };
    Ok(match fidelity {
        PiperMode::Improved => options,
        // Sentences are espeak-ng's business then, and the text is passed whole.
        PiperMode::Strict => ChunkOptions {
            max_chars: usize::MAX,
            paragraphs: Splitting::Off,
            sentences: Splitting::Off,
            line_breaks: LineBreaks::Join,
            ..options
        },
    })
}

fn normalize(args: &StyleArgs, fidelity: PiperMode) -> Normalize {
    let unasked = match fidelity {
        PiperMode::Improved => NormalizeArg::Run,
        PiperMode::Strict => NormalizeArg::Sentence,
    };
    match args.sound.normalize.unwrap_or(unasked) {
        _ if args.sound.no_normalize => Normalize::Off,
        asked => normalized(asked, fidelity),
    }
}

fn normalized(asked: NormalizeArg, fidelity: PiperMode) -> Normalize {
    let near_silence = match fidelity {
        PiperMode::Improved => NearSilence::Keep,
        PiperMode::Strict => NearSilence::Amplify,
    };
    match asked {
        NormalizeArg::Run => Normalize::Run,
        NormalizeArg::Sentence => Normalize::Sentence(near_silence),
        NormalizeArg::Off => Normalize::Off,
    }
}

/// Returns another number every time.
pub(crate) fn random_seed() -> u64 {
    // The standard library's own source of randomness: every state differs.
    RandomState::new().build_hasher().finish()
}

/// The longest silence that is taken seriously: an hour.
const MAX_SILENCE_SECONDS: f64 = 3600.0;

/// Reads a silence that is called `name`.
pub(crate) fn seconds(name: &str, value: f64) -> Result<Duration, UsageError> {
    Some(value)
        .filter(|value| *value <= MAX_SILENCE_SECONDS)
        .and_then(|value| Duration::try_from_secs_f64(value).ok())
        .ok_or_else(|| UsageError(format!("{name} {value} is not within 0 to 3600 seconds")))
}

/// Pairs up `PHONEME SECONDS PHONEME SECONDS …`.
fn phoneme_silence(words: &[String]) -> Result<Vec<(char, Duration)>, UsageError> {
    words
        .chunks_exact(2)
        .map(|pair| {
            let mut symbols = pair[0].chars();
            let (Some(symbol), None) = (symbols.next(), symbols.next()) else {
                let message = format!("--phoneme-silence `{}` is not one phoneme", pair[0]);
                return Err(UsageError(message));
            };
            let value = pair[1].parse().unwrap_or(f64::NAN);
            Ok((symbol, seconds("--phoneme-silence", value)?))
        })
        .collect()
}
