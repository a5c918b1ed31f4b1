//! Filters for lists of voices, installed or in a catalogue.

use std::ops::RangeInclusive;

use serde::Serialize;

use crate::voice::Language;

/// The properties of a voice that users choose it by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VoiceMeta {
    /// Its name: `en_US-lessac-medium`.
    pub name: String,
    /// Its former names.
    pub aliases: Vec<String>,
    /// Its language.
    pub language: Language,
    /// `x_low`, `low`, `medium` or `high`.
    pub quality: Option<String>,
    /// The number of its speakers, at least 1.
    pub num_speakers: u32,
    /// The size of its model.
    pub bytes: Option<u64>,
}

/// Conditions for voices. A voice must meet all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Each occurs in the name, an alias, the quality, or the language's code
    /// or names.
    pub words: Vec<String>,
    /// Languages by code, family or name; empty for any.
    pub languages: Vec<String>,
    /// Qualities; empty for any.
    pub qualities: Vec<String>,
    /// The number of speakers.
    pub speakers: RangeInclusive<u32>,
    /// The largest size in bytes; a voice of unknown size passes.
    pub max_bytes: u64,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            words: Vec::new(),
            languages: Vec::new(),
            qualities: Vec::new(),
            speakers: 1..=u32::MAX,
            max_bytes: u64::MAX,
        }
    }
}

impl Filter {
    /// Returns whether the voice meets all conditions.
    pub fn accepts(&self, voice: &VoiceMeta) -> bool {
        let any = |wanted: &[String], is: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|word| is(word))
        };
        self.words.iter().all(|word| voice.mentions(word))
            && any(&self.languages, &|language| {
                voice.language.has_name(language)
            })
            && any(&self.qualities, &|quality| {
                voice.quality.as_deref() == Some(quality)
            })
            && self.speakers.contains(&voice.num_speakers)
            && voice.bytes.is_none_or(|bytes| bytes <= self.max_bytes)
    }
}

impl VoiceMeta {
    fn mentions(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        let language = &self.language;
        let texts = [
            &self.name,
            &language.code,
            &language.english,
            &language.native,
        ];
        let texts = texts
            .into_iter()
            .chain([&language.country])
            .chain(&self.aliases);
        let mut texts = texts.chain(&self.quality);
        texts.any(|text| text.to_lowercase().contains(&word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice() -> VoiceMeta {
        let language = serde_json::json!({
            "code": "de_DE", "family": "de", "name_english": "German",
            "name_native": "Deutsch", "country_english": "Germany"});
        VoiceMeta {
            name: "de_DE-thorsten-low".into(),
            aliases: vec!["de-thorsten-low".into()],
            language: Language::from_json(Some(&language), "de_DE-thorsten-low"),
            quality: Some("low".into()),
            num_speakers: 8,
            bytes: Some(63_000_000),
        }
    }

    #[test]
    fn a_voice_must_meet_all_conditions() {
        let strings = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let any = Filter::default;
        let cases: [(Filter, bool); 14] = [
            (any(), true),
            (
                Filter {
                    words: strings(&["THORSTEN", "german"]),
                    ..any()
                },
                true,
            ),
            (
                Filter {
                    words: strings(&["thorsten", "french"]),
                    ..any()
                },
                false,
            ),
            (
                Filter {
                    languages: strings(&["de"]),
                    ..any()
                },
                true,
            ),
            (
                Filter {
                    languages: strings(&["fr", "de-de"]),
                    ..any()
                },
                true,
            ),
            (
                Filter {
                    languages: strings(&["deutsch"]),
                    ..any()
                },
                true,
            ),
            (
                Filter {
                    languages: strings(&["de_AT"]),
                    ..any()
                },
                false,
            ),
            (
                Filter {
                    languages: strings(&["d"]),
                    ..any()
                },
                false,
            ),
            (
                Filter {
                    qualities: strings(&["low", "high"]),
                    ..any()
                },
                true,
            ),
            (
                Filter {
                    qualities: strings(&["x_low"]),
                    ..any()
                },
                false,
            ),
            (
                Filter {
                    speakers: 2..=u32::MAX,
                    ..any()
                },
                true,
            ),
            (
                Filter {
                    speakers: 1..=1,
                    ..any()
                },
                false,
            ),
            (
                Filter {
                    max_bytes: 63_000_000,
                    ..any()
                },
                true,
            ),
            (
                Filter {
                    max_bytes: 62_999_999,
                    ..any()
                },
                false,
            ),
        ];
        for (filter, expected) in cases {
            assert_eq!(filter.accepts(&voice()), expected, "{filter:?}");
        }
    }
}
