//! `VOICE.onnx.json` → [`VoiceConfig`], checked on load.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

pub use super::config_file::MAX_CONFIG_BYTES;
use super::config_file::{self, piper_name};
use super::scales::{ScaleOutOfRange, Scales};
use super::{Language, VoiceFiles, builtin};
use crate::audio::SampleRate;
use crate::error::MissingPhonemes;
use crate::phoneme_id::{BadIdMap, PhonemeIds};
use crate::text::printable;
use crate::{Error, Result};

/// 1 kHz to 384 kHz; no voice has another rate.
const SAMPLE_RATES: RangeInclusive<u32> = 1_000..=384_000;
/// Longer pauses within a sentence are ignored.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// The maximum number of speakers; the largest public voice has 904.
const MAX_SPEAKERS: u32 = 100_000;
/// The maximum length of a vowel cluster in code points; a diphthong has two.
const MAX_CLUSTER: usize = 16;

/// A voice's config.
///
/// Fields for which Piper's programs have a default are optional, and unknown
/// fields are ignored.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiceConfig {
    /// Sample rate of the model's audio.
    pub sample_rate: SampleRate,
    /// `x_low`, `low`, `medium` or `high`, for display.
    pub quality: Option<String>,
    /// espeak-ng's name of the language: `en-us`.
    pub espeak_voice: String,
    /// How text becomes phonemes.
    pub phoneme_type: PhonemeType,
    /// Ids of each phoneme.
    pub phoneme_id_map: HashMap<String, Vec<i64>>,
    /// Sequences of phonemes that have one id.
    pub vowel_clusters: Vec<Vec<String>>,
    /// The voice's default scales.
    pub scales: Scales,
    /// Pauses after certain phonemes.
    pub phoneme_silence: Vec<(char, Duration)>,
    /// How many speakers the model was trained on; at least 1.
    pub num_speakers: u32,
    /// Ids of the speakers that have names.
    pub speaker_id_map: HashMap<String, i64>,
    /// The speaker if none is chosen.
    pub default_speaker_id: i64,
    /// Rows of the embedding table, according to the config.
    pub num_symbols: Option<usize>,
    /// The voice's language, for display.
    pub language: Language,
}

/// What a voice's phonemes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhonemeType {
    /// espeak-ng's IPA.
    Espeak,
    /// The text's own code points.
    Text,
    /// Syllables of Mandarin Chinese: initial, final, tone.
    Pinyin,
}

/// Why a config is invalid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadConfig {
    /// The file cannot be read.
    #[error("cannot read it")]
    Io(#[from] std::io::Error),
    /// The file is far larger than any config.
    #[error("more than {MAX_CONFIG_BYTES} bytes are too many for a voice config")]
    TooLarge,
    /// It is not JSON, or a required field is missing or has a wrong type.
    #[error("not a Piper config")]
    Json(#[from] serde_json::Error),
    /// The sample rate is out of range.
    #[error("`audio.sample_rate` is {0}, not within {SAMPLE_RATES:?}")]
    SampleRate(u32),
    /// A scale is out of range or not a number.
    #[error("`inference.{}` is {}, not within {:?}", .0.name, .0.value, .0.range)]
    Scale(ScaleOutOfRange),
    /// Something is far more than any voice has, and could fill the memory.
    #[error("{what}, more than any voice has")]
    TooMany {
        /// What, and how many.
        what: String,
    },
    /// The voice needs phonemes that this library cannot make.
    #[error("{0}; phonemes of the types `espeak`, `text` and `pinyin` are supported")]
    PhonemeType(MissingPhonemes),
}

impl VoiceConfig {
    /// Reads the config of a voice.
    pub fn of(files: &VoiceFiles) -> Result<Self> {
        match files {
            VoiceFiles::Builtin => Ok(Self::from_json(builtin::CONFIG).expect("a test checks it")),
            VoiceFiles::OnDisk { model, config } => Self::load(config).map_err(|error| {
                // Another name would have been found if it existed.
                match *config == piper_name(model) && !config.exists() {
                    true => Error::NoVoiceConfig {
                        model: model.clone(),
                        searched: config_file::searched(model),
                    },
                    false => error,
                }
            }),
        }
    }

    /// Reads a config file.
    pub fn load(path: &Path) -> Result<Self> {
        Self::read(path).map_err(|error| match error {
            // The file is valid, so it needs another error and remedy.
            BadConfig::PhonemeType(missing) => Error::UnsupportedPhonemeType {
                config: path.display().to_string(),
                missing,
            },
            error => Error::BadVoiceConfig {
                path: path.to_owned(),
                source: error.into(),
            },
        })
    }

    fn read(path: &Path) -> Result<Self, BadConfig> {
        // A device or a pipe has no size and may have no end.
        let mut json = Vec::new();
        let file = File::open(path)?;
        file.take(MAX_CONFIG_BYTES + 1).read_to_end(&mut json)?;
        match json.len() as u64 > MAX_CONFIG_BYTES {
            true => Err(BadConfig::TooLarge),
            false => Self::from_json(&json),
        }
    }

    /// Returns the table of ids. `rows` is the number of rows of the model's
    /// embedding table, if known.
    pub fn phoneme_ids(&self, rows: Option<usize>) -> Result<PhonemeIds, BadIdMap> {
        match self.phoneme_type {
            PhonemeType::Espeak | PhonemeType::Text => {
                PhonemeIds::new(&self.phoneme_id_map, &self.vowel_clusters, rows)
            }
            PhonemeType::Pinyin => PhonemeIds::of_syllables(&self.phoneme_id_map, rows),
        }
    }

    /// Reads a config from JSON, with or without a byte order mark.
    pub fn from_json(json: &[u8]) -> Result<Self, BadConfig> {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        serde_json::from_slice::<ConfigFile>(json)?.check()
    }
}

/// The file. Defaults are those of Piper's programs.
#[derive(Deserialize)]
struct ConfigFile {
    audio: Audio,
    #[serde(default)]
    espeak: Option<EspeakSection>,
    #[serde(default)]
    phoneme_type: Option<String>,
    phoneme_id_map: HashMap<String, Vec<i64>>,
    #[serde(default)]
    vowel_clusters: Option<Vec<Vec<String>>>,
    #[serde(default)]
    inference: Option<Inference>,
    #[serde(default)]
    num_speakers: Option<u32>,
    #[serde(default)]
    speaker_id_map: Option<HashMap<String, i64>>,
    #[serde(default)]
    default_speaker_id: Option<i64>,
    #[serde(default)]
    num_symbols: Option<usize>,
    #[serde(default)]
    language: serde_json::Value,
}

#[derive(Deserialize)]
struct Audio {
    #[serde(default)]
    sample_rate: Option<u32>,
    #[serde(default)]
    quality: Option<String>,
}

#[derive(Deserialize)]
struct EspeakSection {
    #[serde(default)]
    voice: Option<String>,
}

#[derive(Deserialize, Default)]
struct Inference {
    noise_scale: Option<f32>,
    length_scale: Option<f32>,
    noise_w: Option<f32>,
    phoneme_silence: Option<HashMap<String, f64>>,
}

impl ConfigFile {
    fn check(self) -> Result<VoiceConfig, BadConfig> {
        let rate = self.audio.sample_rate.unwrap_or(22_050);
        let sample_rate = NonZeroU32::new(rate)
            .filter(|rate| SAMPLE_RATES.contains(&rate.get()))
            .ok_or(BadConfig::SampleRate(rate))?;
        let inference = self.inference.unwrap_or_default();
        let speakers = self.speaker_id_map.into_iter().flatten();
        let speaker_id_map: HashMap<_, _> =
            speakers.map(|(name, id)| (printable(&name), id)).collect();
        let espeak_voice = self.espeak.and_then(|espeak| espeak.voice);
        // Some configs have more names than they count.
        let named = speaker_id_map
            .values()
            .max()
            .map_or(0, |id| id.saturating_add(1));
        let named = u32::try_from(named.max(0)).unwrap_or(u32::MAX);
        let num_speakers = self.num_speakers.unwrap_or(0).max(named);
        let vowel_clusters = self.vowel_clusters.unwrap_or_default();
        check_counts(num_speakers, &vowel_clusters)?;
        Ok(VoiceConfig {
            sample_rate,
            quality: self.audio.quality.as_deref().map(printable),
            espeak_voice: espeak_voice.map_or_else(|| "en-us".to_owned(), |name| short(&name)),
            phoneme_type: phoneme_type(self.phoneme_type)?,
            phoneme_id_map: self.phoneme_id_map,
            vowel_clusters,
            scales: inference.scales()?,
            phoneme_silence: inference.pauses(),
            num_speakers: num_speakers.max(1),
            speaker_id_map,
            default_speaker_id: self.default_speaker_id.unwrap_or(0),
            num_symbols: self.num_symbols,
            language: Language::from_json(Some(&self.language), ""),
        })
    }
}

/// Truncates the name of a language to more than the longest one has.
fn short(name: &str) -> String {
    const MAX_CHARS: usize = 64;
    printable(name).chars().take(MAX_CHARS).collect()
}

/// Fails on counts that would make speaking or listing take very long.
fn check_counts(num_speakers: u32, clusters: &[Vec<String>]) -> Result<(), BadConfig> {
    let too_many = |what| Err(BadConfig::TooMany { what });
    if num_speakers > MAX_SPEAKERS {
        return too_many(format!("`num_speakers` is {num_speakers}"));
    }
    let symbols = |part: &String| part.chars().count();
    let length = |parts: &Vec<String>| parts.iter().map(symbols).sum::<usize>();
    match clusters.iter().map(length).max() {
        Some(longest) if longest > MAX_CLUSTER => {
            too_many(format!("one of `vowel_clusters` has {longest} phonemes"))
        }
        _ => Ok(()),
    }
}

fn phoneme_type(name: Option<String>) -> Result<PhonemeType, BadConfig> {
    match name.as_deref() {
        None | Some("espeak" | "PhonemeType.ESPEAK") => Ok(PhonemeType::Espeak),
        Some("text" | "PhonemeType.TEXT") => Ok(PhonemeType::Text),
        Some("pinyin" | "PhonemeType.PINYIN") => Ok(PhonemeType::Pinyin),
        Some(other) => Err(BadConfig::PhonemeType(MissingPhonemes {
            name: printable(other),
        })),
    }
}

impl Inference {
    fn scales(&self) -> Result<Scales, BadConfig> {
        let default = Scales::default();
        let scales = Scales {
            noise_scale: self.noise_scale.unwrap_or(default.noise_scale),
            length_scale: self.length_scale.unwrap_or(default.length_scale),
            noise_w: self.noise_w.unwrap_or(default.noise_w),
        };
        scales.check().map_err(BadConfig::Scale)?;
        Ok(scales)
    }

    /// Pauses after single phonemes. Invalid entries are ignored, because
    /// speech works without them.
    fn pauses(&self) -> Vec<(char, Duration)> {
        let mut pauses: Vec<_> = self
            .phoneme_silence
            .iter()
            .flatten()
            .filter_map(|(phoneme, seconds)| {
                let mut symbols = phoneme.chars();
                let (symbol, None) = (symbols.next()?, symbols.next()) else {
                    return None;
                };
                let pause = Duration::try_from_secs_f64(*seconds).ok()?;
                (pause <= MAX_PAUSE).then_some((symbol, pause))
            })
            .collect();
        pauses.sort_unstable();
        pauses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<VoiceConfig, BadConfig> {
        VoiceConfig::from_json(json.as_bytes())
    }

    #[test]
    fn the_config_of_the_builtin_voice_is_valid() {
        let config = VoiceConfig::of(&VoiceFiles::Builtin).unwrap();
        assert_eq!(config.sample_rate.get(), 24_000);
        assert_eq!(config.espeak_voice, "en-us");
    }

    #[test]
    fn fields_with_a_default_in_piper_are_optional() {
        let config = read(r#"{"audio": {}, "phoneme_id_map": {"_": [0]}}"#).unwrap();
        assert_eq!(config.sample_rate.get(), 22_050);
        assert_eq!(config.espeak_voice, "en-us");
        assert_eq!(config.phoneme_type, PhonemeType::Espeak);
        assert_eq!(config.scales, Scales::default());
        assert_eq!((config.num_speakers, config.default_speaker_id), (1, 0));
    }

    #[test]
    fn every_field_is_read() {
        let config = read(
            "\u{feff}{\"audio\":{\"sample_rate\":16000,\"quality\":\"x_low\"},\"espeak\":{\"voice\":\"de\"},
            \"phoneme_type\":\"text\",\"phoneme_id_map\":{\"a\":[1,2]},\"num_speakers\":2,
            \"speaker_id_map\":{\"ann\":1},\"default_speaker_id\":1,\"num_symbols\":130,
            \"inference\":{\"noise_scale\":0.3,\"length_scale\":2,\"noise_w\":0.1,
            \"phoneme_silence\":{\".\":0.5,\"ab\":1,\",\":-1,\"a\":1e9}},\"unheard_of\":true}",
        )
        .unwrap();
        assert_eq!(config.sample_rate.get(), 16_000);
        assert_eq!(config.phoneme_type, PhonemeType::Text);
        assert_eq!(config.scales.length_scale, 2.0);
        assert_eq!(config.phoneme_silence, [('.', Duration::from_millis(500))]);
        assert_eq!(config.speaker_id_map["ann"], 1);
        assert_eq!(config.num_symbols, Some(130));
    }

    #[test]
    fn an_endless_file_is_refused() {
        let endless = Path::new("/dev/zero");
        if endless.exists() {
            let error = VoiceConfig::load(endless).unwrap_err();
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.contains("too many"), "{cause}");
        }
    }

    #[test]
    fn errors_name_the_field() {
        let cases = [
            ("nonsense", "not a Piper config"),
            (r#"{"audio":{}}"#, "not a Piper config"),
            (
                r#"{"audio":{"sample_rate":0},"phoneme_id_map":{}}"#,
                "`audio.sample_rate` is 0",
            ),
            (
                r#"{"audio":{"sample_rate":4000000},"phoneme_id_map":{}}"#,
                "`audio.sample_rate`",
            ),
            (
                r#"{"audio":{},"phoneme_id_map":{},"phoneme_type":"japanese"}"#,
                "it needs Japanese phonemes, which piper-tts gets from OpenJTalk",
            ),
            (
                r#"{"audio":{},"phoneme_id_map":{},"phoneme_type":"PhonemeType.HEBREW"}"#,
                "Nakdimon",
            ),
            (
                r#"{"audio":{},"phoneme_id_map":{},"phoneme_type":"klingon"}"#,
                "unknown type `klingon`",
            ),
            (
                r#"{"audio":{},"phoneme_id_map":{},"num_speakers":1000000000}"#,
                "`num_speakers` is 1000000000, more than any voice has",
            ),
            (
                r#"{"audio":{},"phoneme_id_map":{},"vowel_clusters":[["abcdefgh","ijklmnopq"]]}"#,
                "one of `vowel_clusters` has 17 phonemes",
            ),
            (
                r#"{"audio":{},"phoneme_id_map":{},"inference":{"length_scale":0}}"#,
                "`inference.length_scale` is 0, not within 0.01..=100.0",
            ),
        ];
        for (json, expected) in cases {
            let message = read(json).unwrap_err().to_string();
            assert!(message.contains(expected), "{json}: {message}");
        }
    }
}
