//! Choosing among voices, installed ones and those that can be had.

use std::ops::RangeInclusive;

use serde::Serialize;

use crate::voice::Language;

/// What a voice is chosen by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Traits {
    /// What it is asked for by.
    pub name: String,
    /// What it was called before.
    pub aliases: Vec<String>,
    /// What it speaks.
    pub language: Language,
    /// `x_low`, `low`, `medium` or `high`.
    pub quality: Option<String>,
    /// How many speakers it has; at least 1.
    pub num_speakers: u32,
    /// The size of its graph.
    pub bytes: Option<u64>,
}

/// Which voices are wanted: those that everything here holds for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Each is in the name, an alias, or the language's code or names.
    pub words: Vec<String>,
    /// Languages by code, family or name; none for any.
    pub languages: Vec<String>,
    /// Qualities; none for any.
    pub qualities: Vec<String>,
    /// How many speakers.
    pub speakers: RangeInclusive<u32>,
    /// The most bytes; a voice of unknown size passes.
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
    /// Returns whether the voice is wanted.
    pub fn accepts(&self, voice: &Traits) -> bool {
        let any = |wanted: &[String], is: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|word| is(word))
        };
        self.words.iter().all(|word| voice.mentions(word))
            && any(&self.languages, &|asked| voice.language.answers_to(asked))
            && any(&self.qualities, &|asked| {
                voice.quality.as_deref() == Some(asked)
            })
            && self.speakers.contains(&voice.num_speakers)
            && voice.bytes.is_none_or(|bytes| bytes <= self.max_bytes)
    }
}

impl Traits {
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

    fn voice() -> Traits {
        let language = serde_json::json!({
            "code": "de_DE", "family": "de", "name_english": "German",
            "name_native": "Deutsch", "country_english": "Germany"});
        Traits {
            name: "de_DE-thorsten-low".into(),
            aliases: vec!["de-thorsten-low".into()],
            language: Language::from_json(Some(&language), "de_DE-thorsten-low"),
            quality: Some("low".into()),
            num_speakers: 8,
            bytes: Some(63_000_000),
        }
    }

    #[test]
    fn everything_asked_for_must_hold() {
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
