//! How a voice speaks, as far as somebody asked for it: what the config file
//! may say of every voice, and of one.

use std::collections::BTreeMap;
use std::time::Duration;

use piper_rs::synth::Pauses;

use super::lexicon::LexiconFile;
use super::settings::PiperMode;

/// What was asked for; the rest is left to whoever comes next.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SpeechOverrides {
    pub(crate) speaker: Option<String>,
    pub(crate) length_scale: Option<f32>,
    pub(crate) noise_scale: Option<f32>,
    pub(crate) noise_w: Option<f32>,
    pub(crate) volume: Option<f32>,
    pub(crate) silences: Silences,
    /// The later win; an empty list is the wish for none.
    pub(crate) lexicons: Option<Vec<LexiconFile>>,
}

/// The pauses asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Silences {
    pub(crate) sentence: Option<Duration>,
    pub(crate) line: Option<Duration>,
    pub(crate) paragraph: Option<Duration>,
}

/// What the config file asks for where the command line does not.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LayeredOverrides {
    /// Of every voice.
    pub(crate) all: SpeechOverrides,
    /// Of one, by its name; wins over what is asked of all.
    pub(crate) voices: BTreeMap<String, SpeechOverrides>,
}

impl SpeechOverrides {
    /// Returns what is asked for here, else in `other`.
    fn or(self, other: &Self) -> Self {
        Self {
            speaker: self.speaker.or_else(|| other.speaker.clone()),
            length_scale: self.length_scale.or(other.length_scale),
            noise_scale: self.noise_scale.or(other.noise_scale),
            noise_w: self.noise_w.or(other.noise_w),
            volume: self.volume.or(other.volume),
            silences: self.silences.or(other.silences),
            lexicons: self.lexicons.or_else(|| other.lexicons.clone()),
        }
    }
}

impl Silences {
    /// Returns what is asked for here, else in `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            sentence: self.sentence.or(other.sentence),
            line: self.line.or(other.line),
            paragraph: self.paragraph.or(other.paragraph),
        }
    }

    /// Returns the pauses, those that nobody asked for included.
    pub(crate) fn pauses(self, fidelity: PiperMode) -> Pauses {
        match fidelity {
            PiperMode::Improved => {
                let usual = Pauses::default();
                let sentence = self.sentence.unwrap_or(usual.sentence);
                let line = self.line.unwrap_or(sentence);
                let paragraph = self.paragraph.unwrap_or(usual.paragraph.max(line));
                Pauses {
                    sentence,
                    line,
                    paragraph,
                }
            }
            // piper-tts pauses between the sentences of a line, and only there.
            PiperMode::Strict => Pauses {
                sentence: self.sentence.unwrap_or_default(),
                line: self.line.unwrap_or_default(),
                paragraph: self.paragraph.unwrap_or_default(),
            },
        }
    }
}

impl LayeredOverrides {
    /// Returns `asked` completed by what the file says of the voice called
    /// `name`, then of all.
    pub(crate) fn complete(
        &self,
        asked: SpeechOverrides,
        name: &str,
        fidelity: PiperMode,
    ) -> SpeechOverrides {
        let layers = self.voices.get(name).into_iter().chain([&self.all]);
        let (silences, lexicons) = (asked.silences, asked.lexicons.clone());
        let mut manner = layers.fold(asked, SpeechOverrides::or);
        if fidelity == PiperMode::Strict {
            // Piper's own pauses and words are what was asked for then.
            (manner.silences, manner.lexicons) = (silences, lexicons);
        }
        manner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manner(
        volume: Option<f32>,
        speaker: Option<&str>,
        sentence_ms: Option<u64>,
    ) -> SpeechOverrides {
        SpeechOverrides {
            volume,
            speaker: speaker.map(str::to_owned),
            silences: Silences {
                sentence: sentence_ms.map(Duration::from_millis),
                ..Silences::default()
            },
            ..SpeechOverrides::default()
        }
    }

    #[test]
    fn what_is_asked_wins_then_what_is_said_of_the_voice_then_of_all() {
        let lexicons = |path: &str| Some(vec![LexiconFile::at(path.into())]);
        let manners = LayeredOverrides {
            all: SpeechOverrides {
                lexicons: lexicons("all"),
                ..manner(Some(0.5), None, Some(10))
            },
            voices: BTreeMap::from([("a".to_owned(), manner(Some(0.7), Some("bob"), None))]),
        };
        let cases = [
            (manner(None, None, None), "a", (0.7, Some("bob"), 10)),
            (manner(None, None, None), "b", (0.5, None, 10)),
            (
                manner(Some(2.0), Some("c"), Some(1)),
                "a",
                (2.0, Some("c"), 1),
            ),
        ];
        for (asked, name, (volume, speaker, sentence_ms)) in cases {
            let expected = SpeechOverrides {
                lexicons: lexicons("all"),
                ..manner(Some(volume), speaker, Some(sentence_ms))
            };
            assert_eq!(manners.complete(asked, name, PiperMode::Improved), expected);
        }
        let strict = manners.complete(SpeechOverrides::default(), "a", PiperMode::Strict);
        assert_eq!(strict.silences, Silences::default());
        assert_eq!(strict.lexicons, None, "nobody asked for one");
        let asked = SpeechOverrides {
            lexicons: lexicons("mine"),
            ..SpeechOverrides::default()
        };
        for fidelity in [PiperMode::Improved, PiperMode::Strict] {
            let mine = manners.complete(asked.clone(), "a", fidelity);
            assert_eq!(mine.lexicons, lexicons("mine"));
        }
        assert_eq!(strict.volume, Some(0.7));
    }

    #[test]
    fn a_pause_nobody_asked_for_follows_the_shorter_one() {
        let seconds = |s| Some(Duration::from_secs(s));
        let silences = Silences {
            sentence: seconds(2),
            ..Silences::default()
        };
        let pauses = silences.pauses(PiperMode::Improved);
        assert_eq!(
            (pauses.line, pauses.paragraph),
            (pauses.sentence, pauses.sentence)
        );
        let strict = silences.pauses(PiperMode::Strict);
        assert_eq!((strict.line, strict.paragraph), Default::default());
    }
}
