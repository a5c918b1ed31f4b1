//! What a voice speaks, as configs and catalogues write it.

use serde::Serialize;
use serde_json::Value;

use crate::text::printable;

/// A language and where it is spoken so. What is not known is empty.
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
    /// Reads the `language` of a config or catalogue; what is missing there is
    /// taken from the voice's name, `en_GB-alba-medium`, where it has it.
    pub fn from_json(json: Option<&Value>, voice_name: &str) -> Self {
        let text = |field: &str| {
            let text = json
                .and_then(|json| json.get(field))
                .and_then(Value::as_str);
            let text = text.unwrap_or_default();
            printable(text)
        };
        let or = |text: String, other: &str| {
            if text.is_empty() {
                other.to_owned()
            } else {
                text
            }
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

    /// Completes what is missing by a voice's name.
    pub fn or_of(self, voice_name: &str) -> Self {
        match self.code.is_empty() {
            true => Self::from_json(None, voice_name),
            false => self,
        }
    }

    /// Returns whether `asked` is its code, its family or one of its names.
    pub fn answers_to(&self, asked: &str) -> bool {
        let asked = asked.to_lowercase().replace('-', "_");
        let names = [&self.code, &self.family, &self.english, &self.native];
        names.into_iter().any(|name| name.to_lowercase() == asked)
    }
}

/// Returns the language's code at the front of a voice's name, if it has one.
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
    fn what_is_missing_comes_from_the_name() {
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
