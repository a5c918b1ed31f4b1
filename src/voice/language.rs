//! The language of a voice, as configs and catalogues describe it.

use serde::Serialize;
use serde_json::Value;

use crate::text::printable;

/// A language and its country. Unknown fields are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Language {
    /// `en_GB`.
    pub code: String,
    /// `en`.
    pub family: String,
    /// `English`.
    pub english: String,
    /// `English`, in the language itself.
    pub native: String,
    /// `Great Britain`.
    pub country: String,
}

impl Language {
    /// Reads the `language` of a config or catalogue. A missing code is taken
    /// from the voice's name, if it has one: `en_GB-alba-medium`.
    pub fn from_json(json: Option<&Value>, voice_name: &str) -> Self {
        let text = |field: &str| {
            let text = json
                .and_then(|json| json.get(field))
                .and_then(Value::as_str);
            let text = text.unwrap_or_default();
            printable(text)
        };
        let or = |text: String, other: &str| match text.is_empty() {
            true => other.to_owned(),
            false => text,
        };
        let code = or(text("code"), code_in(voice_name));
        let family = code.split(['_', '-']).next().unwrap_or_default();
        Self {
            family: or(text("family"), family),
            english: text("name_english"),
            native: text("name_native"),
            country: text("country_english"),
            code,
        }
    }

    /// Returns itself, or the language in a voice's name if it has no code.
    pub fn or_from_name(self, voice_name: &str) -> Self {
        match self.code.is_empty() {
            true => Self::from_json(None, voice_name),
            false => self,
        }
    }

    /// Returns whether `name` is its code, its family or one of its names,
    /// ignoring case.
    pub fn has_name(&self, name: &str) -> bool {
        let name = name.to_lowercase().replace('-', "_");
        let names = [&self.code, &self.family, &self.english, &self.native];
        names.into_iter().any(|own| own.to_lowercase() == name)
    }
}

/// Returns the language code at the start of a voice's name, or an empty one.
fn code_in(name: &str) -> &str {
    let code = name.split('-').next().unwrap_or_default();
    let is_code = |(family, region): (&str, &str)| {
        (2..=3).contains(&family.len())
            && (2..=3).contains(&region.len())
            && family.bytes().all(|b| b.is_ascii_lowercase())
            && region.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    match code.split_once('_').is_some_and(is_code) {
        true => code,
        false => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_code_is_taken_from_the_voices_name() {
        for (name, code, family) in [
            ("en_GB-alba-medium", "en_GB", "en"),
            ("es_419-x-low", "es_419", "es"),
            ("tiny_multi", "", ""),
            ("my voice", "", ""),
        ] {
            let language = Language::from_json(None, name);
            assert_eq!(
                (&*language.code, &*language.family),
                (code, family),
                "{name}"
            );
        }
        let odd = serde_json::json!({"code": 7, "name_english": "Eng\u{1b}[2Jlish"});
        let language = Language::from_json(Some(&odd), "en_GB-x-low");
        assert_eq!(
            (&*language.code, &*language.english),
            ("en_GB", "Eng[2Jlish")
        );
    }
}
