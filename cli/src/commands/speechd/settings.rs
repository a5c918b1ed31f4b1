//! The settings that the server sends before each message.

use std::sync::Arc;

use piper_rs::parts::ssml::SsmlVoice;

use super::voice_list::VoiceList;
use crate::args::PunctuationArg;
use crate::speech::overrides::SpeechOverrides;
use crate::speech::parts::{Factors, PartSettings, PartVoice};

/// Rates, pitches and volumes.
const RANGE: std::ops::RangeInclusive<i16> = -100..=100;
/// The speed of rate 100; that of rate -100 is its inverse.
const MAX_SPEED: f32 = 3.0;
/// What the server sends if a setting has no value.
const NONE: &str = "NULL";
/// The language of a server without a locale.
const NO_LANGUAGE: [&str; 2] = ["c", "posix"];

/// How messages are spoken.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ServerSettings {
    rate: i16,
    volume: i16,
    punctuation: PunctuationArg,
    spelling: Spelling,
    pub(super) capitals: Capitals,
    language: Option<String>,
    /// A name of `LIST VOICES`.
    voice: Option<String>,
    /// A type, such as `female1`.
    voice_type: Option<String>,
}

/// Whether texts are read letter by letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    Words,
    Letters,
}

/// Whether it is said that a letter is a capital.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Capitals {
    Silent,
    Said,
}

/// A value that a setting does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadValue;

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            rate: 0,
            volume: 100,
            punctuation: PunctuationArg::None,
            spelling: Spelling::Words,
            capitals: Capitals::Silent,
            language: None,
            voice: None,
            voice_type: None,
        }
    }
}

impl ServerSettings {
    /// Sets a value. What this program has no setting for is accepted: Piper's voices
    /// have no pitch.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), BadValue> {
        let text = || (value != NONE).then(|| value.to_owned());
        match name {
            "rate" => self.rate = number(value)?,
            "volume" => self.volume = number(value)?,
            "pitch" | "pitch_range" => drop(number(value)?),
            "punctuation_mode" => {
                self.punctuation = PunctuationArg::named(value).ok_or(BadValue)?;
            }
            "spelling_mode" => {
                self.spelling = match value {
                    "on" => Spelling::Letters,
                    "off" => Spelling::Words,
                    _ => return Err(BadValue),
                }
            }
            "cap_let_recogn" => {
                self.capitals = match value {
                    "none" => Capitals::Silent,
                    // There are no sounds for capitals.
                    "spell" | "icon" => Capitals::Said,
                    _ => return Err(BadValue),
                }
            }
            "language" => {
                let is_known = |name: &String| !NO_LANGUAGE.contains(&&*name.to_lowercase());
                self.language = text().filter(is_known);
            }
            "synthesis_voice" => self.voice = text(),
            "voice" => self.voice_type = text(),
            _ => {}
        }
        Ok(())
    }

    /// Returns what they change in the settings of this program.
    pub(super) fn part_settings(&self, voices: &VoiceList) -> PartSettings {
        let language = self.language.as_deref();
        let voices = match (&self.voice, &self.voice_type) {
            // A voice is a choice of its language, too.
            (Some(name), _) => voices.named(name),
            (None, voice_type) => {
                let of_type = voice_type
                    .as_deref()
                    .and_then(|name| voices.of_type(name, language));
                of_type.unwrap_or_else(|| {
                    let language = language.map(|name| SsmlVoice::OfLanguage(name.to_owned()));
                    let language = language.map(|voice| PartVoice::OfDocument(Arc::new(voice)));
                    language.into_iter().collect()
                })
            }
        };
        PartSettings {
            voices,
            overrides: SpeechOverrides {
                punctuation: Some(self.punctuation),
                spell: Some(self.spelling == Spelling::Letters),
                ..SpeechOverrides::default()
            },
            factors: Factors {
                speed: MAX_SPEED.powf(f32::from(self.rate) / 100.0),
                volume: f32::from(self.volume + 100) / 200.0,
            },
            ..PartSettings::default()
        }
    }
}

fn number(value: &str) -> Result<i16, BadValue> {
    let number = value.parse().ok().filter(|number| RANGE.contains(number));
    number.ok_or(BadValue)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[(&str, &str)]) -> ServerSettings {
        let mut settings = ServerSettings::default();
        for (name, value) in pairs {
            settings.set(name, value).unwrap();
        }
        settings
    }

    #[test]
    fn rates_are_powers_of_three_and_volumes_a_part_of_the_whole() {
        let cases = [
            ("100", "100", 3.0, 1.0),
            ("0", "0", 1.0, 0.5),
            ("-100", "-100", 1.0 / 3.0, 0.0),
            ("50", "-50", 1.732, 0.25),
        ];
        for (rate, volume, speed, factor) in cases {
            let factors = set(&[("rate", rate), ("volume", volume)])
                .part_settings(&VoiceList::empty())
                .factors;
            assert!((factors.speed - speed).abs() < 1e-3, "{rate}");
            assert!((factors.volume - factor).abs() < 1e-6, "{volume}");
        }
    }

    #[test]
    fn a_voice_comes_before_a_language() {
        let of = |pairs: &[(&str, &str)]| set(pairs).part_settings(&VoiceList::empty()).voices;
        let german = || PartVoice::OfDocument(Arc::new(SsmlVoice::OfLanguage("de".to_owned())));
        let named = PartVoice::OfDocument(Arc::new(SsmlVoice::Named(vec!["x".to_owned()])));
        let none = ("synthesis_voice", "NULL");
        assert_eq!(of(&[("language", "de"), none]), [german()]);
        assert_eq!(of(&[("language", "de"), ("synthesis_voice", "x")]), [named]);
        assert_eq!(of(&[("language", "c"), none]), []);
    }

    #[test]
    fn wrong_values_are_refused_and_unknown_names_accepted() {
        let mut settings = ServerSettings::default();
        for (name, value) in [
            ("rate", "101"),
            ("volume", "loud"),
            ("pitch", "NULL"),
            ("punctuation_mode", "few"),
            ("spelling_mode", "1"),
            ("cap_let_recogn", "yes"),
        ] {
            assert_eq!(settings.set(name, value), Err(BadValue), "{name}");
        }
        settings.set("punctuation_some", "NULL").unwrap();
        assert_eq!(settings, ServerSettings::default());
    }
}
