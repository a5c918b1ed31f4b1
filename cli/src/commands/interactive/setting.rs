//! What `:set` can change: the settings of speech, and the sizes of the voice
//! cache and the buffer pool.

use serde_json::Value;

use crate::args::EngineArgs;
use crate::speech::engine_options::cache_limits;
use crate::speech::overrides::SpeechOverrides;
use crate::speech::setting::Setting;
use crate::speech::settings::Settings;
use crate::terminal::report::UsageError;
use crate::terminal::suggest::nearest;
use piper_rs::voice::cache::Limits;

/// A setting of the session, named as its option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionSetting {
    Speech(Setting),
    CacheVoices,
    CacheMb,
    PoolSize,
}

use SessionSetting::{CacheMb, CacheVoices, PoolSize, Speech};

/// The value that restores the setting of the command line.
const DEFAULT: &str = "default";

/// The settings that apply to the next text.
#[derive(Debug, Clone)]
pub(super) struct SessionSettings {
    pub(super) speech: Settings,
    cache_voices: u64,
    cache_mb: u64,
    pool_size: u64,
}

impl SessionSettings {
    pub(super) fn new(speech: Settings, engine: &EngineArgs) -> Self {
        Self {
            speech,
            cache_voices: engine.cache_voices as u64,
            cache_mb: engine.cache_mb,
            pool_size: engine.pool_size as u64,
        }
    }

    pub(super) fn cache_limits(&self) -> Limits {
        cache_limits(size(self.cache_voices), self.cache_mb)
    }

    /// Returns how many unused buffers the pool keeps.
    pub(super) fn pool_size(&self) -> usize {
        size(self.pool_size)
    }
}

/// More than memory can hold is the same as all that it can hold.
fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Returns the names of all settings.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SessionSetting::all().map(SessionSetting::name)
}

impl SessionSetting {
    /// Returns the setting of that name, spelled with `_` or `-`.
    pub(super) fn named(name: &str) -> Result<Self, UsageError> {
        let name = name.replace('-', "_");
        Self::all()
            .find(|setting| setting.name() == name)
            .ok_or_else(|| {
                let help = match nearest(&name, names()) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => "`:set` lists all settings".to_owned(),
                };
                UsageError(format!("unknown setting `{name}`; {help}"))
            })
    }

    pub(super) fn all() -> impl Iterator<Item = Self> {
        Setting::all()
            .map(Speech)
            .chain([CacheVoices, CacheMb, PoolSize])
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Speech(setting) => setting.name(),
            CacheVoices => "cache_voices",
            CacheMb => "cache_mb",
            PoolSize => "pool_size",
        }
    }

    /// Sets a typed value; `default` restores the one of `initial`.
    pub(super) fn set(
        self,
        settings: &mut SessionSettings,
        initial: &SessionSettings,
        typed: &str,
    ) -> Result<(), UsageError> {
        match (self, typed) {
            // The initial speaker may belong to another voice.
            (Speech(Setting::Speaker), DEFAULT) => settings.speech.overrides.speaker = None,
            (Speech(setting), DEFAULT) => {
                setting.restore(&mut settings.speech.overrides, &initial.speech.overrides);
            }
            (Speech(setting), typed) => {
                setting.set_typed(&mut settings.speech.overrides, typed)?;
            }
            (CacheVoices, typed) => {
                settings.cache_voices = self.number(typed, initial.cache_voices)?;
            }
            (CacheMb, typed) => settings.cache_mb = self.number(typed, initial.cache_mb)?,
            (PoolSize, typed) => settings.pool_size = self.number(typed, initial.pool_size)?,
        }
        Ok(())
    }

    /// Returns the value to show. `resolved` are the settings of speech for the
    /// current voice.
    pub(super) fn get(self, settings: &SessionSettings, resolved: &SpeechOverrides) -> Value {
        match self {
            Speech(setting) => setting.get(resolved),
            CacheVoices => settings.cache_voices.into(),
            CacheMb => settings.cache_mb.into(),
            PoolSize => settings.pool_size.into(),
        }
    }

    fn number(self, typed: &str, initial: u64) -> Result<u64, UsageError> {
        let name = self.name();
        match typed {
            DEFAULT => Ok(initial),
            typed => typed.parse().map_err(|_| {
                UsageError(format!("{name} \"{typed}\" is not an integer of 0 or more"))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use clap::Parser as _;
    use std::sync::Arc;

    fn settings(typed: &str) -> SessionSettings {
        let words = ["piper-rs", "interactive"].into_iter();
        let cli = Cli::parse_from(words.chain(typed.split_whitespace()));
        match cli.command {
            Command::Interactive(args) => {
                let speech = Settings::from_args(&args.speech, &Arc::default()).unwrap();
                SessionSettings::new(speech, &args.engine)
            }
            other => panic!("{other:?}"),
        }
    }

    fn get(setting: SessionSetting, settings: &SessionSettings) -> Value {
        let config = br#"{"audio":{"sample_rate":16000},"num_speakers":1,"phoneme_id_map":{}}"#;
        let config = piper_rs::voice::VoiceConfig::from_json(config).unwrap();
        let resolved = settings.speech.resolve("", &config);
        setting.get(settings, &resolved.overrides)
    }

    #[test]
    fn a_setting_applies_until_default_restores_it() {
        let cases: [(&str, &str, Value); 20] = [
            ("speaker", "bob", "bob".into()),
            ("speed", "2", 2.0.into()),
            ("length_scale", "1.25", 1.25.into()),
            ("noise_scale", "0.1", 0.1.into()),
            ("noise-w", "0.333", 0.333.into()),
            ("volume", "0.5", 0.5.into()),
            ("lexicon", "my words.txt", "my words.txt".into()),
            ("punctuation", "some", "some".into()),
            ("spell", "true", true.into()),
            ("read_as", "written", "written".into()),
            ("normalize", "off", "off".into()),
            ("loudness", "-23.5", (-23.5).into()),
            ("sentence_silence", "1.5", 1.5.into()),
            ("line_silence", "0.25", 0.25.into()),
            ("paragraph_silence", "2", 2.0.into()),
            ("scene_silence", "3", 3.0.into()),
            ("seed", "18446744073709551615", u64::MAX.into()),
            ("cache_voices", "7", 7.into()),
            ("cache_mb", "100", 100.into()),
            ("pool_size", "3", 3.into()),
        ];
        assert_eq!(cases.len(), SessionSetting::all().count());
        let initial = settings("--volume 0.8 --cache-mb 500 --seed 7 --line-silence 1");
        for (name, typed, expected) in cases {
            let mut settings = initial.clone();
            let setting = SessionSetting::named(name).unwrap();
            let before = get(setting, &settings);
            setting.set(&mut settings, &initial, typed).unwrap();
            assert_eq!(get(setting, &settings), expected, "{name}");
            setting.set(&mut settings, &initial, "default").unwrap();
            assert_eq!(get(setting, &settings), before, "{name}");
        }
    }

    #[test]
    fn speed_and_length_scale_are_two_settings() {
        let initial = settings("--speed 2");
        let mut settings = initial.clone();
        let (speed, scale) = (Speech(Setting::Speed), Speech(Setting::LengthScale));
        scale.set(&mut settings, &initial, "3").unwrap();
        assert_eq!(get(speed, &settings), 2.0);
        speed.set(&mut settings, &initial, "4").unwrap();
        assert_eq!(get(scale, &settings), 3.0);
    }

    #[test]
    fn the_line_pause_follows_the_sentence_pause_until_it_is_set() {
        let initial = settings("");
        let mut settings = initial.clone();
        let sentence = Speech(Setting::SentenceSilence);
        let line = Speech(Setting::LineSilence);
        sentence.set(&mut settings, &initial, "1").unwrap();
        assert_eq!(get(line, &settings), 1.0);
        line.set(&mut settings, &initial, "0").unwrap();
        assert_eq!(get(line, &settings), 0.0);
    }

    #[test]
    fn wrong_values_are_refused() {
        let initial = settings("");
        let cases = [
            ("volume", "loud", "volume \"loud\" is not a number"),
            ("seed", "-1", "seed \"-1\" is not an integer of 0 or more"),
            (
                "cache_mb",
                "x",
                "cache_mb \"x\" is not an integer of 0 or more",
            ),
            (
                "normalize",
                "all",
                "normalize \"all\" is not run, sentence or off",
            ),
            (
                "speed",
                "0",
                "speed 0 is out of range: it must be 0.25 to 4",
            ),
            ("speed", "nan", "speed NaN is out of range"),
        ];
        for (name, typed, message) in cases {
            let setting = SessionSetting::named(name).unwrap();
            let error = setting.set(&mut initial.clone(), &initial, typed);
            let error = error.unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
        for (name, message) in [
            ("sed", "unknown setting `sed`; did you mean `seed`?"),
            (
                "colour",
                "unknown setting `colour`; `:set` lists all settings",
            ),
        ] {
            let error = SessionSetting::named(name).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
