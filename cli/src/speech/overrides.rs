//! The settings of speech that may be overridden, and the layers that do so.
//!
//! From strongest to weakest: a text's own fields, the options, the config
//! file's table for the voice, its general keys, the voice's own config, the
//! built-in defaults.

use std::collections::BTreeMap;
use std::time::Duration;

use piper_rs::PiperMode;
use piper_rs::audio::level::Normalize;
use piper_rs::reading::{Punctuation, ReadAs, ReadingOptions, Spelling};
use piper_rs::synth::Pauses;
use piper_rs::voice::{Scales, Speaker, Speed, VoiceConfig};

use super::lexicon::LexiconFile;
use crate::args::{PunctuationArg, ReadAsArg};

/// One layer of settings. What is `None` is left to the next weaker layer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SpeechOverrides {
    pub(crate) speaker: Option<Speaker>,
    pub(crate) speed: Option<Speed>,
    pub(crate) length_scale: Option<f32>,
    pub(crate) noise_scale: Option<f32>,
    pub(crate) noise_w: Option<f32>,
    pub(crate) volume: Option<f32>,
    pub(crate) sentence_silence: Option<Duration>,
    pub(crate) line_silence: Option<Duration>,
    pub(crate) paragraph_silence: Option<Duration>,
    pub(crate) scene_silence: Option<Duration>,
    /// The last file wins. An empty list turns weaker lexicons off.
    pub(crate) lexicons: Option<Vec<LexiconFile>>,
    pub(crate) punctuation: Option<PunctuationArg>,
    /// Whether text is spelled letter by letter.
    pub(crate) spell: Option<bool>,
    pub(crate) read_as: Option<ReadAsArg>,
    pub(crate) normalize: Option<Normalize>,
    pub(crate) seed: Option<u64>,
}

/// The layers of the config file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ConfiguredOverrides {
    /// For every voice.
    pub(crate) general: SpeechOverrides,
    /// For single voices, by name.
    pub(crate) voices: BTreeMap<String, SpeechOverrides>,
}

impl SpeechOverrides {
    /// Returns the layer that a voice's own config makes.
    pub(crate) fn of_voice(config: &VoiceConfig) -> Self {
        Self {
            length_scale: Some(config.scales.length_scale),
            noise_scale: Some(config.scales.noise_scale),
            noise_w: Some(config.scales.noise_w),
            ..Self::default()
        }
    }

    /// Fills the gaps from a weaker layer.
    pub(crate) fn or(self, weaker: &Self) -> Self {
        Self {
            speaker: self.speaker.or_else(|| weaker.speaker.clone()),
            speed: self.speed.or(weaker.speed),
            length_scale: self.length_scale.or(weaker.length_scale),
            noise_scale: self.noise_scale.or(weaker.noise_scale),
            noise_w: self.noise_w.or(weaker.noise_w),
            volume: self.volume.or(weaker.volume),
            sentence_silence: self.sentence_silence.or(weaker.sentence_silence),
            line_silence: self.line_silence.or(weaker.line_silence),
            paragraph_silence: self.paragraph_silence.or(weaker.paragraph_silence),
            scene_silence: self.scene_silence.or(weaker.scene_silence),
            lexicons: self.lexicons.or_else(|| weaker.lexicons.clone()),
            punctuation: self.punctuation.or(weaker.punctuation),
            spell: self.spell.or(weaker.spell),
            read_as: self.read_as.or(weaker.read_as),
            normalize: self.normalize.or(weaker.normalize),
            seed: self.seed.or(weaker.seed),
        }
    }

    /// Returns what is read besides words.
    pub(crate) fn reading(&self) -> ReadingOptions {
        ReadingOptions {
            punctuation: match self.punctuation {
                None | Some(PunctuationArg::None) => Punctuation::None,
                Some(PunctuationArg::Some) => Punctuation::Some,
                Some(PunctuationArg::Most) => Punctuation::Most,
                Some(PunctuationArg::All) => Punctuation::All,
            },
            spelling: match self.spell {
                None | Some(false) => Spelling::Words,
                Some(true) => Spelling::Letters,
            },
            read_as: match self.read_as {
                None | Some(ReadAsArg::Words) => ReadAs::Words,
                Some(ReadAsArg::Written) => ReadAs::Written,
            },
        }
    }

    /// Returns the scales, with those of the voice where none are set.
    pub(crate) fn scales(&self, config: &VoiceConfig) -> Scales {
        Scales {
            noise_scale: self.noise_scale.unwrap_or(config.scales.noise_scale),
            length_scale: self.length_scale.unwrap_or(config.scales.length_scale),
            noise_w: self.noise_w.unwrap_or(config.scales.noise_w),
        }
    }

    /// Returns the pauses at the natural speed, with defaults for those that are
    /// not set.
    pub(crate) fn pauses(&self, mode: PiperMode) -> Pauses {
        match mode {
            PiperMode::Improved => {
                let default = Pauses::default();
                let sentence = self.sentence_silence.unwrap_or(default.sentence);
                let line = self.line_silence.unwrap_or(sentence);
                let paragraph = self
                    .paragraph_silence
                    .unwrap_or(default.paragraph.max(line));
                Pauses {
                    sentence,
                    line,
                    paragraph,
                    scene: self.scene_silence.or(match paragraph.is_zero() {
                        // Who turns the pauses of paragraphs off wants none at scenes.
                        true => Some(Duration::ZERO),
                        false => default.scene.map(|scene| scene.max(paragraph)),
                    }),
                }
            }
            // piper-tts pauses only between the sentences of a line.
            PiperMode::Strict => Pauses {
                sentence: self.sentence_silence.unwrap_or_default(),
                line: self.line_silence.unwrap_or_default(),
                paragraph: self.paragraph_silence.unwrap_or_default(),
                scene: None,
            },
        }
    }
}

impl ConfiguredOverrides {
    /// Fills the gaps of `stronger` for the voice called `name`, or for a voice
    /// that is not known yet.
    pub(crate) fn complete(
        &self,
        stronger: SpeechOverrides,
        name: Option<&str>,
        mode: PiperMode,
    ) -> SpeechOverrides {
        let of_voice = name.and_then(|name| self.voices.get(name));
        let layers = of_voice.into_iter().chain([&self.general]);
        layers.fold(stronger, |stronger, weaker| match mode {
            PiperMode::Improved => stronger.or(weaker),
            // Only an option may change these of Piper's settings.
            PiperMode::Strict => stronger.or(&SpeechOverrides {
                sentence_silence: None,
                line_silence: None,
                paragraph_silence: None,
                scene_silence: None,
                lexicons: None,
                punctuation: None,
                read_as: None,
                normalize: None,
                ..weaker.clone()
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides(
        volume: Option<f32>,
        speaker: Option<&str>,
        pause: Option<u64>,
    ) -> SpeechOverrides {
        SpeechOverrides {
            volume,
            speaker: speaker.map(Speaker::from),
            sentence_silence: pause.map(Duration::from_millis),
            ..SpeechOverrides::default()
        }
    }

    fn lexicons(path: &str) -> Option<Vec<LexiconFile>> {
        Some(vec![LexiconFile::at(path.into())])
    }

    fn configured() -> ConfiguredOverrides {
        ConfiguredOverrides {
            general: SpeechOverrides {
                lexicons: lexicons("general"),
                normalize: Some(Normalize::Off),
                ..overrides(Some(0.5), None, Some(10))
            },
            voices: BTreeMap::from([("a".to_owned(), overrides(Some(0.7), Some("bob"), None))]),
        }
    }

    #[test]
    fn options_win_over_the_voices_table_and_that_over_general_keys() {
        let cases = [
            (overrides(None, None, None), "a", (0.7, Some("bob"), 10)),
            (overrides(None, None, None), "b", (0.5, None, 10)),
            (
                overrides(Some(2.0), Some("c"), Some(1)),
                "a",
                (2.0, Some("c"), 1),
            ),
        ];
        for (options, name, (volume, speaker, pause)) in cases {
            let expected = SpeechOverrides {
                lexicons: lexicons("general"),
                normalize: Some(Normalize::Off),
                ..overrides(Some(volume), speaker, Some(pause))
            };
            let completed = configured().complete(options, Some(name), PiperMode::Improved);
            assert_eq!(completed, expected);
        }
    }

    #[test]
    fn strict_mode_ignores_configured_pauses_lexicons_and_normalization() {
        let none = SpeechOverrides::default();
        let strict = configured().complete(none, Some("a"), PiperMode::Strict);
        assert_eq!(strict, overrides(Some(0.7), Some("bob"), None));
        let options = SpeechOverrides {
            lexicons: lexicons("mine"),
            ..SpeechOverrides::default()
        };
        for mode in [PiperMode::Improved, PiperMode::Strict] {
            let completed = configured().complete(options.clone(), Some("a"), mode);
            assert_eq!(completed.lexicons, lexicons("mine"));
        }
    }

    #[test]
    fn a_pause_that_is_not_set_follows_the_shorter_one() {
        let overrides = overrides(None, None, Some(2000));
        let pauses = overrides.pauses(PiperMode::Improved);
        assert_eq!(
            (pauses.line, pauses.paragraph),
            (pauses.sentence, pauses.sentence)
        );
        let scene = |paragraph_silence: Option<u64>| {
            let overrides = SpeechOverrides {
                paragraph_silence: paragraph_silence.map(Duration::from_millis),
                ..SpeechOverrides::default()
            };
            overrides.pauses(PiperMode::Improved).scene.unwrap()
        };
        assert_eq!(scene(None), scene(Some(1)));
        assert_eq!(scene(Some(0)), Duration::ZERO);
        assert_eq!(scene(Some(9000)), Duration::from_millis(9000));
        let of_its_own = SpeechOverrides {
            paragraph_silence: Some(Duration::ZERO),
            scene_silence: Some(Duration::from_millis(300)),
            ..SpeechOverrides::default()
        };
        let scene = of_its_own.pauses(PiperMode::Improved).scene;
        assert_eq!(scene, Some(Duration::from_millis(300)));
        let strict = overrides.pauses(PiperMode::Strict);
        assert_eq!((strict.line, strict.paragraph), Default::default());
    }
}
