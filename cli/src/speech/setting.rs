//! The table of settings: their names, how a value is read and checked, and how
//! it is shown. Options, the config file, JSON lines, manifests and the `:set`
//! command all use it.

use std::ops::RangeInclusive;
use std::time::Duration;

use piper_rs::audio::level::Normalize;
use piper_rs::audio::loudness::Lufs;
use piper_rs::voice::{Scales, Speaker, Speed};
use serde_json::Value;

use super::lexicon::LexiconFile;
use super::overrides::SpeechOverrides;
use crate::args::{NormalizeArg, PunctuationArg, ReadAsArg};
use crate::environment;
use crate::terminal::report::UsageError;

/// A setting of speech, named as its option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    Speaker,
    Speed,
    LengthScale,
    NoiseScale,
    NoiseW,
    Volume,
    Lexicon,
    Punctuation,
    Spell,
    ReadAs,
    Normalize,
    /// In LUFS. It and `Normalize` replace each other.
    Loudness,
    SentenceSilence,
    LineSilence,
    ParagraphSilence,
    SceneSilence,
    Seed,
}

const TABLE: [(&str, Setting); 17] = [
    ("speaker", Setting::Speaker),
    ("speed", Setting::Speed),
    ("length_scale", Setting::LengthScale),
    ("noise_scale", Setting::NoiseScale),
    ("noise_w", Setting::NoiseW),
    ("volume", Setting::Volume),
    ("lexicon", Setting::Lexicon),
    ("punctuation", Setting::Punctuation),
    ("spell", Setting::Spell),
    ("read_as", Setting::ReadAs),
    ("normalize", Setting::Normalize),
    ("loudness", Setting::Loudness),
    ("sentence_silence", Setting::SentenceSilence),
    ("line_silence", Setting::LineSilence),
    ("paragraph_silence", Setting::ParagraphSilence),
    ("scene_silence", Setting::SceneSilence),
    ("seed", Setting::Seed),
];

/// Piper's names for fields of JSON lines and manifests.
pub(crate) const ALIASES: [(&str, Setting); 2] = [
    // The original piper's.
    ("speaker_id", Setting::Speaker),
    // The one of piper-tts.
    ("noise_w_scale", Setting::NoiseW),
];

const VOLUMES: RangeInclusive<f32> = 0.0..=f32::MAX;
/// In LUFS: from hardly audible to no room for peaks.
const LOUDNESSES: RangeInclusive<f32> = -40.0..=-10.0;
const MAX_SILENCE_SECONDS: f64 = 3600.0;

type Result<T> = std::result::Result<T, UsageError>;

impl Setting {
    /// Returns the setting of that name, spelled with `_` or `-`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.replace('-', "_");
        let mut table = TABLE.iter();
        table
            .find(|(known, _)| *known == name)
            .map(|(_, setting)| *setting)
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(_, setting)| *setting)
    }

    /// Returns those that texts may set for themselves. The others apply to a whole
    /// file.
    pub(crate) fn of_texts() -> impl Iterator<Item = Self> {
        let of_files = [Self::Lexicon, Self::Normalize, Self::Loudness];
        Self::all().filter(move |setting| !of_files.contains(setting))
    }

    pub(crate) fn name(self) -> &'static str {
        let row = TABLE.iter().find(|(_, setting)| *setting == self);
        row.map_or("", |(name, _)| name)
    }

    /// Reads and checks a value. `null` unsets.
    pub(crate) fn set(self, overrides: &mut SpeechOverrides, value: &Value) -> Result<()> {
        match self {
            Self::Speaker => overrides.speaker = self.speaker(value)?,
            Self::Lexicon => {
                let file = |path: &str| vec![LexiconFile::at(environment::expand_home(path))];
                overrides.lexicons = self.read(value, "a path", |v| v.as_str().map(file))?;
            }
            Self::Normalize => {
                let mode = |value: &Value| NormalizeArg::named(value.as_str()?).map(Into::into);
                overrides.normalize = self.read(value, "run, sentence or off", mode)?;
            }
            Self::Punctuation => {
                let level = |value: &Value| PunctuationArg::named(value.as_str()?);
                overrides.punctuation = self.read(value, "none, some, most or all", level)?;
            }
            Self::ReadAs => {
                let how = |value: &Value| ReadAsArg::named(value.as_str()?);
                overrides.read_as = self.read(value, "words or written", how)?;
            }
            Self::Spell => overrides.spell = self.read(value, "true or false", Value::as_bool)?,
            Self::Seed => {
                overrides.seed = self.read(value, "an integer of 0 or more", Value::as_u64)?;
            }
            _ => {
                let number = self.read(value, "a number", Value::as_f64)?;
                self.set_number(overrides, number)?;
            }
        }
        Ok(())
    }

    /// Reads and checks a value as typed.
    pub(crate) fn set_typed(self, overrides: &mut SpeechOverrides, typed: &str) -> Result<()> {
        let text = || Value::from(typed);
        let value = match self {
            Self::Speaker | Self::Lexicon | Self::Normalize | Self::Punctuation | Self::ReadAs => {
                text()
            }
            Self::Spell => typed.parse::<bool>().map_or_else(|_| text(), Value::from),
            Self::Seed => typed.parse::<u64>().map_or_else(|_| text(), Value::from),
            _ => match typed.parse() {
                Ok(number) => return self.set_number(overrides, Some(number)),
                Err(_) => text(),
            },
        };
        self.set(overrides, &value)
    }

    /// Checks and sets the value of a setting that is a number.
    pub(crate) fn set_number(
        self,
        overrides: &mut SpeechOverrides,
        number: Option<f64>,
    ) -> Result<()> {
        let scale = |range| {
            number
                .map(|number| self.in_range(number, range))
                .transpose()
        };
        match self {
            Self::Speed => {
                let speed = scale(Speed::RANGE)?.map(Speed::new).transpose();
                overrides.speed = speed.map_err(|error| UsageError(error.to_string()))?;
            }
            Self::LengthScale => overrides.length_scale = scale(Scales::LENGTH_RANGE)?,
            Self::NoiseScale => overrides.noise_scale = scale(Scales::NOISE_RANGE)?,
            Self::NoiseW => overrides.noise_w = scale(Scales::NOISE_RANGE)?,
            Self::Volume => overrides.volume = scale(VOLUMES)?,
            Self::Loudness => {
                let target = scale(LOUDNESSES)?;
                overrides.normalize = target.map(|lufs| Normalize::Loudness(Lufs(lufs)));
            }
            Self::SentenceSilence
            | Self::LineSilence
            | Self::ParagraphSilence
            | Self::SceneSilence => {
                let pause = number.map(|number| seconds(self.name(), number));
                *self.pause(overrides) = pause.transpose()?;
            }
            Self::Speaker
            | Self::Lexicon
            | Self::Punctuation
            | Self::Spell
            | Self::ReadAs
            | Self::Normalize
            | Self::Seed => {}
        }
        Ok(())
    }

    /// Copies the value of another layer.
    pub(crate) fn restore(self, overrides: &mut SpeechOverrides, from: &SpeechOverrides) {
        let from = from.clone();
        match self {
            Self::Speaker => overrides.speaker = from.speaker,
            Self::Speed => overrides.speed = from.speed,
            Self::LengthScale => overrides.length_scale = from.length_scale,
            Self::NoiseScale => overrides.noise_scale = from.noise_scale,
            Self::NoiseW => overrides.noise_w = from.noise_w,
            Self::Volume => overrides.volume = from.volume,
            Self::Lexicon => overrides.lexicons = from.lexicons,
            Self::Punctuation => overrides.punctuation = from.punctuation,
            Self::Spell => overrides.spell = from.spell,
            Self::ReadAs => overrides.read_as = from.read_as,
            Self::Normalize | Self::Loudness => overrides.normalize = from.normalize,
            Self::SentenceSilence => overrides.sentence_silence = from.sentence_silence,
            Self::LineSilence => overrides.line_silence = from.line_silence,
            Self::ParagraphSilence => overrides.paragraph_silence = from.paragraph_silence,
            Self::SceneSilence => overrides.scene_silence = from.scene_silence,
            Self::Seed => overrides.seed = from.seed,
        }
    }

    /// Returns the value to show, `null` if it is not set.
    pub(crate) fn get(self, overrides: &SpeechOverrides) -> Value {
        let number = |number: Option<f32>| number.map_or(Value::Null, shortest);
        match self {
            Self::Speaker => overrides.speaker.as_ref().map(ToString::to_string).into(),
            Self::Speed => number(overrides.speed.map(Speed::get)),
            Self::LengthScale => number(overrides.length_scale),
            Self::NoiseScale => number(overrides.noise_scale),
            Self::NoiseW => number(overrides.noise_w),
            Self::Volume => number(overrides.volume),
            Self::Lexicon => {
                let files = overrides.lexicons.iter().flatten();
                let files: Vec<_> = files.map(ToString::to_string).collect();
                (!files.is_empty()).then(|| files.join(", ")).into()
            }
            Self::Punctuation => overrides.punctuation.map(PunctuationArg::name).into(),
            Self::Spell => overrides.spell.into(),
            Self::ReadAs => overrides.read_as.map(ReadAsArg::name).into(),
            Self::Normalize => overrides.normalize.map(normalize_name).into(),
            Self::Loudness => match overrides.normalize {
                Some(Normalize::Loudness(Lufs(lufs))) => shortest(lufs),
                _ => Value::Null,
            },
            Self::Seed => overrides.seed.into(),
            Self::SentenceSilence
            | Self::LineSilence
            | Self::ParagraphSilence
            | Self::SceneSilence => {
                let pause = *self.pause(&mut overrides.clone());
                pause.map(|pause| pause.as_secs_f64()).into()
            }
        }
    }

    fn pause(self, overrides: &mut SpeechOverrides) -> &mut Option<Duration> {
        match self {
            Self::LineSilence => &mut overrides.line_silence,
            Self::ParagraphSilence => &mut overrides.paragraph_silence,
            Self::SceneSilence => &mut overrides.scene_silence,
            _ => &mut overrides.sentence_silence,
        }
    }

    /// A speaker that is a number in JSON is an id, even if another speaker has
    /// the number as its name.
    fn speaker(self, value: &Value) -> Result<Option<Speaker>> {
        let speaker = |value: &Value| match value {
            Value::String(name) => Some(Speaker::from(name.as_str())),
            value => value.as_i64().map(Speaker::Id),
        };
        self.read(value, "a string or a number", speaker)
    }

    fn read<T>(
        self,
        value: &Value,
        expected: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>> {
        let wrong = || UsageError(format!("{} {value} is not {expected}", self.name()));
        match value {
            Value::Null => Ok(None),
            value => read(value).map(Some).ok_or_else(wrong),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a scale needs no more")]
    fn in_range(self, number: f64, range: RangeInclusive<f32>) -> Result<f32> {
        let scale = number as f32;
        match range.contains(&scale) {
            true => Ok(scale),
            false => Err(out_of_range(self.name(), number, &describe(&range))),
        }
    }
}

fn normalize_name(normalize: Normalize) -> &'static str {
    match normalize {
        Normalize::Run | Normalize::Loudness(_) => "run",
        Normalize::Sentence(_) => "sentence",
        Normalize::Off => "off",
    }
}

/// Fails if one layer sets both a loudness and a normalization that has none.
pub(crate) fn check_loudness(normalize: Option<Normalize>, has_loudness: bool) -> Result<()> {
    match normalize {
        Some(normalize @ (Normalize::Sentence(_) | Normalize::Off)) if has_loudness => {
            let name = normalize_name(normalize);
            Err(UsageError(format!(
                "loudness and normalize {name} exclude each other: keep one of them"
            )))
        }
        _ => Ok(()),
    }
}

/// Reads a pause that is called `name`.
pub(crate) fn seconds(name: &str, value: f64) -> Result<Duration> {
    Some(value)
        .filter(|value| *value <= MAX_SILENCE_SECONDS)
        .and_then(|value| Duration::try_from_secs_f64(value).ok())
        .ok_or_else(|| out_of_range(name, value, &format!("0 to {MAX_SILENCE_SECONDS} seconds")))
}

fn out_of_range(name: &str, value: f64, range: &str) -> UsageError {
    UsageError(format!(
        "{name} {value} is out of range: it must be {range}"
    ))
}

fn describe(range: &RangeInclusive<f32>) -> String {
    match (range.start(), range.end()) {
        (min, &f32::MAX) => format!("{min} or more"),
        (min, max) => format!("{min} to {max}"),
    }
}

/// Returns the shortest number that reads back the same: 0.667, not
/// 0.6669999957084656.
pub(crate) fn shortest(number: f32) -> Value {
    let shortest = number.to_string().parse::<f64>();
    shortest.map_or(Value::Null, Value::from)
}
