//! What `:set` can change: flags of the command line, while the session goes
//! on. A change goes through the same checks as the flag.

use piper_rs::audio::level::Normalize;
use piper_rs::synth::SpeakOptions;
use serde_json::Value;

use crate::args::{EngineArgs, NormalizeArg, StyleArgs};
use crate::environment;
use crate::speech::lexicon::LexiconFile;
use crate::speech::settings::Settings;
use crate::terminal::report::UsageError;
use crate::terminal::suggest::nearest;

/// Something that can be changed, named as its flag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    Speaker,
    Speed,
    LengthScale,
    NoiseScale,
    NoiseW,
    Volume,
    Lexicon,
    Normalize,
    SentenceSilence,
    LineSilence,
    ParagraphSilence,
    Seed,
    CacheVoices,
    CacheMb,
    PoolSize,
}

const ALL: [(&str, Setting); 15] = [
    ("speaker", Setting::Speaker),
    ("speed", Setting::Speed),
    ("length_scale", Setting::LengthScale),
    ("noise_scale", Setting::NoiseScale),
    ("noise_w", Setting::NoiseW),
    ("volume", Setting::Volume),
    ("lexicon", Setting::Lexicon),
    ("normalize", Setting::Normalize),
    ("sentence_silence", Setting::SentenceSilence),
    ("line_silence", Setting::LineSilence),
    ("paragraph_silence", Setting::ParagraphSilence),
    ("seed", Setting::Seed),
    ("cache_voices", Setting::CacheVoices),
    ("cache_mb", Setting::CacheMb),
    ("pool_size", Setting::PoolSize),
];

/// The value that undoes a change.
const DEFAULT: &str = "default";

/// The flags, as typed and as changed since.
#[derive(Debug, Clone)]
pub(super) struct Flags {
    pub(super) style: StyleArgs,
    pub(super) engine: EngineArgs,
}

/// Returns the names of all settings.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

impl Setting {
    /// Returns the setting of that name, spelled as in a flag or as Piper does.
    pub(super) fn named(name: &str) -> Result<Self, UsageError> {
        let name = name.replace('-', "_");
        let found = ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, setting)| *setting).ok_or_else(|| {
            let meant = match nearest(&name, names()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`:set` lists them".to_owned(),
            };
            UsageError(format!("no setting `{name}`; {meant}"))
        })
    }

    pub(super) fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|(_, setting)| *setting)
    }

    pub(super) fn name(self) -> &'static str {
        let known = ALL.iter().find(|(_, setting)| *setting == self);
        known.map_or("", |(name, _)| name)
    }

    /// Writes `value` where the flag would; `initial` is what `default` means.
    pub(super) fn change(
        self,
        flags: &mut Flags,
        initial: &Flags,
        value: &str,
    ) -> Result<(), UsageError> {
        if value == DEFAULT {
            self.reset(flags, initial);
            return Ok(());
        }
        let Flags { style, engine } = flags;
        let (manner, sound) = (&mut style.manner, &mut style.sound);
        match self {
            Self::Speaker => style.voice.speaker = Some(value.to_owned()),
            Self::Speed => {
                manner.speed = Some(self.number(value)?);
                manner.length_scale = None;
            }
            Self::LengthScale => {
                manner.length_scale = Some(self.number(value)?);
                manner.speed = None;
            }
            Self::NoiseScale => manner.noise_scale = Some(self.number(value)?),
            Self::NoiseW => manner.noise_w = Some(self.number(value)?),
            Self::Volume => sound.volume = Some(self.number(value)?),
            Self::Lexicon => {
                style.lexicon.lexicon = vec![LexiconFile::at(environment::expand_home(value))];
            }
            Self::Normalize => {
                let wrong = || self.wrong(value, "run, sentence or off");
                sound.normalize = Some(NormalizeArg::named(value).ok_or_else(wrong)?);
                sound.no_normalize = false;
            }
            Self::SentenceSilence => sound.sentence_silence = Some(self.number(value)?),
            Self::LineSilence => sound.line_silence = Some(self.number(value)?),
            Self::ParagraphSilence => sound.paragraph_silence = Some(self.number(value)?),
            Self::Seed => manner.seed = Some(self.whole(value)?),
            Self::CacheVoices => engine.cache_voices = self.whole(value)?,
            Self::CacheMb => engine.cache_mb = self.whole(value)?,
            Self::PoolSize => engine.pool_size = self.whole(value)?,
        }
        Ok(())
    }

    fn reset(self, flags: &mut Flags, initial: &Flags) {
        let (manner, sound) = (&mut flags.style.manner, &mut flags.style.sound);
        let (first, first_sound) = (&initial.style.manner, &initial.style.sound);
        match self {
            // Of whichever voice speaks now, not of the first.
            Self::Speaker => flags.style.voice.speaker = None,
            Self::Speed | Self::LengthScale => {
                (manner.speed, manner.length_scale) = (first.speed, first.length_scale);
            }
            Self::NoiseScale => manner.noise_scale = first.noise_scale,
            Self::NoiseW => manner.noise_w = first.noise_w,
            Self::Volume => sound.volume = first_sound.volume,
            Self::Lexicon => flags.style.lexicon = initial.style.lexicon.clone(),
            Self::Normalize => {
                sound.normalize = first_sound.normalize;
                sound.no_normalize = first_sound.no_normalize;
            }
            Self::SentenceSilence => sound.sentence_silence = first_sound.sentence_silence,
            Self::LineSilence => sound.line_silence = first_sound.line_silence,
            Self::ParagraphSilence => sound.paragraph_silence = first_sound.paragraph_silence,
            Self::Seed => manner.seed = first.seed,
            Self::CacheVoices => flags.engine.cache_voices = initial.engine.cache_voices,
            Self::CacheMb => flags.engine.cache_mb = initial.engine.cache_mb,
            Self::PoolSize => flags.engine.pool_size = initial.engine.pool_size,
        }
    }

    /// Returns the value in force, the voice's own included.
    pub(super) fn value(self, flags: &Flags, settings: &Settings, voice: &SpeakOptions) -> Value {
        let pauses = &voice.pauses;
        match self {
            Self::Speaker => voice
                .speaker
                .as_ref()
                .map_or(Value::Null, |id| id.to_string().into()),
            Self::Speed => as_typed(voice.scales.length_scale.recip()),
            Self::LengthScale => as_typed(voice.scales.length_scale),
            Self::NoiseScale => as_typed(voice.scales.noise_scale),
            Self::NoiseW => as_typed(voice.scales.noise_w),
            Self::Volume => as_typed(voice.volume),
            Self::Lexicon => {
                let files = settings.manner.lexicons.iter().flatten();
                let files: Vec<_> = files.map(ToString::to_string).collect();
                Some(files.join(", "))
                    .filter(|files| !files.is_empty())
                    .into()
            }
            Self::Normalize => match settings.normalize {
                Normalize::Run => "run".into(),
                Normalize::Sentence(_) => "sentence".into(),
                Normalize::Off => "off".into(),
            },
            Self::SentenceSilence => pauses.sentence.as_secs_f64().into(),
            Self::LineSilence => pauses.line.as_secs_f64().into(),
            Self::ParagraphSilence => pauses.paragraph.as_secs_f64().into(),
            Self::Seed => settings.seed.into(),
            Self::CacheVoices => flags.engine.cache_voices.into(),
            Self::CacheMb => flags.engine.cache_mb.into(),
            Self::PoolSize => flags.engine.pool_size.into(),
        }
    }

    fn number<T: std::str::FromStr>(self, value: &str) -> Result<T, UsageError> {
        value.parse().map_err(|_| self.wrong(value, "a number"))
    }

    fn whole<T: std::str::FromStr>(self, value: &str) -> Result<T, UsageError> {
        value
            .parse()
            .map_err(|_| self.wrong(value, "a whole number, 0 or more"))
    }

    fn wrong(self, value: &str, expected: &str) -> UsageError {
        UsageError(format!("{} `{value}` is not {expected}", self.name()))
    }
}

/// Returns the number as people write it: 0.667, not 0.6669999957084656.
fn as_typed(number: f32) -> Value {
    number
        .to_string()
        .parse::<f64>()
        .map_or(Value::Null, Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use clap::Parser as _;

    fn flags(typed: &str) -> Flags {
        let words = ["piper-rs", "interactive"].into_iter();
        let cli = Cli::parse_from(words.chain(typed.split_whitespace()));
        match cli.command {
            Command::Interactive(args) => Flags {
                style: args.style,
                engine: args.engine,
            },
            other => panic!("{other:?}"),
        }
    }

    fn settings(flags: &Flags) -> Result<Settings, UsageError> {
        Settings::from_args(&flags.style)
    }

    fn value(setting: Setting, flags: &Flags) -> Value {
        let config = br#"{"audio":{"sample_rate":16000},"num_speakers":1,"phoneme_id_map":{}}"#;
        let config = piper_rs::voice::VoiceConfig::from_json(config).unwrap();
        let settings = settings(flags).unwrap();
        setting.value(flags, &settings, &settings.speak_options(&config))
    }

    #[test]
    fn what_is_set_is_in_force_and_default_undoes_it() {
        let cases: [(&str, &str, Value); 15] = [
            ("speaker", "bob", "bob".into()),
            ("speed", "2", 2.0.into()),
            ("length_scale", "1.25", 1.25.into()),
            ("noise_scale", "0.1", 0.1.into()),
            ("noise-w", "0.333", 0.333.into()),
            ("volume", "0.5", 0.5.into()),
            ("lexicon", "my words.txt", "my words.txt".into()),
            ("normalize", "off", "off".into()),
            ("sentence_silence", "1.5", 1.5.into()),
            ("line_silence", "0.25", 0.25.into()),
            ("paragraph_silence", "2", 2.0.into()),
            ("seed", "18446744073709551615", u64::MAX.into()),
            ("cache_voices", "7", 7.into()),
            ("cache_mb", "100", 100.into()),
            ("pool_size", "3", 3.into()),
        ];
        assert_eq!(cases.len(), ALL.len());
        for (name, typed, expected) in cases {
            let initial = flags("--volume 0.8 --cache-mb 500");
            let mut flags = initial.clone();
            let setting = Setting::named(name).unwrap();
            let before = value(setting, &flags);
            setting.change(&mut flags, &initial, typed).unwrap();
            assert_eq!(value(setting, &flags), expected, "{name}");
            setting.change(&mut flags, &initial, "default").unwrap();
            assert_eq!(value(setting, &flags), before, "{name}");
        }
    }

    #[test]
    fn speed_and_length_scale_replace_each_other() {
        let initial = flags("--speed 2");
        let mut flags = initial.clone();
        Setting::LengthScale
            .change(&mut flags, &initial, "3")
            .unwrap();
        assert_eq!(value(Setting::LengthScale, &flags), 3.0);
        Setting::Speed.change(&mut flags, &initial, "4").unwrap();
        assert_eq!(value(Setting::LengthScale, &flags), 0.25);
    }

    #[test]
    fn the_line_pause_follows_the_sentence_pause_until_it_is_set() {
        let initial = flags("");
        let mut flags = initial.clone();
        Setting::SentenceSilence
            .change(&mut flags, &initial, "1")
            .unwrap();
        assert_eq!(value(Setting::LineSilence, &flags), 1.0);
        Setting::LineSilence
            .change(&mut flags, &initial, "0")
            .unwrap();
        assert_eq!(value(Setting::LineSilence, &flags), 0.0);
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        let initial = flags("");
        let cases = [
            ("volume", "loud", "volume `loud` is not a number"),
            ("seed", "-1", "seed `-1` is not a whole number, 0 or more"),
            (
                "normalize",
                "all",
                "normalize `all` is not run, sentence or off",
            ),
        ];
        for (name, typed, message) in cases {
            let setting = Setting::named(name).unwrap();
            let error = setting.change(&mut initial.clone(), &initial, typed);
            assert_eq!(error.unwrap_err().to_string(), message);
        }
        for (name, message) in [
            ("sed", "no setting `sed`; did you mean `seed`?"),
            ("colour", "no setting `colour`; `:set` lists them"),
        ] {
            assert_eq!(Setting::named(name).unwrap_err().to_string(), message);
        }
        for (setting, typed) in [(Setting::Speed, "0"), (Setting::Volume, "-1")] {
            let mut flags = initial.clone();
            setting.change(&mut flags, &initial, typed).unwrap();
            assert!(settings(&flags).is_err(), "{typed}");
        }
    }
}
