//! Templates for the names of outputs: `{n:04}-{slug}`.

use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization as _;

use crate::speech::output::file_name;
use crate::terminal::report::UsageError;

/// How many characters of a text its slug has at most.
const MAX_SLUG_CHARS: usize = 48;
const ENDING: &str = ".wav";

/// A template, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Field(Field),
    /// The number, with zeros up to this width.
    Number(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Stem,
    Slug,
    Voice,
    Speaker,
    Id,
}

/// What a template is filled with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Facts<'a> {
    pub(super) stem: &'a str,
    pub(super) n: usize,
    /// How the text begins.
    pub(super) opening: &'a str,
    pub(super) voice: &'a str,
    pub(super) speaker: &'a str,
    pub(super) id: Option<&'a str>,
}

impl Template {
    pub(super) fn parse(template: &str) -> Result<Self, UsageError> {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            let (literal, after) = rest.split_at(at);
            push_literal(&mut parts, literal);
            if after.starts_with("{{") || after.starts_with("}}") {
                push_literal(&mut parts, &after[..1]);
                rest = &after[2..];
                continue;
            }
            let field = after
                .strip_prefix('{')
                .and_then(|after| after.split_once('}'));
            let Some((field, after)) = field else {
                return Err(bad(template, "a brace without its other half"));
            };
            parts.push(Part::parse(field).map_err(|why| bad(template, &why))?);
            rest = after;
        }
        push_literal(&mut parts, rest);
        if parts.is_empty() || leads_elsewhere(&parts) {
            let why = "it must be a name, or a path below the output folder";
            return Err(bad(template, why));
        }
        Ok(Self(parts))
    }

    /// Fills the template in; returns a path with the ending `.wav`.
    ///
    /// Fails where a field is asked for that the text does not have.
    pub(super) fn fill(&self, facts: &Facts<'_>) -> Result<PathBuf, UsageError> {
        let parts: Result<String, _> = self.0.iter().map(|part| part.fill(facts)).collect();
        let mut name = parts?;
        if !name.to_lowercase().ends_with(ENDING) {
            name.push_str(ENDING);
        }
        Ok(name.into())
    }
}

impl Part {
    fn parse(field: &str) -> Result<Self, String> {
        if let Some(width) = field.strip_prefix("n:0") {
            // Nobody has more than 10^20 texts.
            let width = width.parse().ok().filter(|width| (1..=20).contains(width));
            return width
                .map(Self::Number)
                .ok_or_else(|| format!("`{{{field}}}` is no width: `{{n:04}}` is"));
        }
        Ok(Self::Field(match field {
            "n" => return Ok(Self::Number(1)),
            "stem" => Field::Stem,
            "slug" => Field::Slug,
            "voice" => Field::Voice,
            "speaker" => Field::Speaker,
            "id" => Field::Id,
            _ => {
                let known = "{stem}, {n}, {n:04}, {slug}, {voice}, {speaker} and {id}";
                return Err(format!("no field `{{{field}}}`; there are {known}"));
            }
        }))
    }

    fn fill(&self, facts: &Facts<'_>) -> Result<String, UsageError> {
        Ok(match self {
            Self::Literal(text) => text.clone(),
            Self::Number(width) => format!("{:0width$}", facts.n),
            Self::Field(Field::Stem) => file_name(facts.stem),
            Self::Field(Field::Slug) => slug(facts.opening),
            Self::Field(Field::Voice) => file_name(facts.voice),
            Self::Field(Field::Speaker) => file_name(facts.speaker),
            Self::Field(Field::Id) => {
                let missing = || UsageError("--name asks for {id}, and there is none".to_owned());
                file_name(facts.id.ok_or_else(missing)?)
            }
        })
    }
}

fn push_literal(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Literal(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => parts.push(Part::Literal(text.to_owned())),
    }
}

/// Fields are names without folders, so only what is written out can lead
/// out of the output folder.
fn leads_elsewhere(parts: &[Part]) -> bool {
    let climbs = |part: &Part| match part {
        Part::Literal(text) => text.split(['/', '\\']).any(|name| name == ".."),
        Part::Field(_) | Part::Number(_) => false,
    };
    let is_absolute = matches!(parts, [Part::Literal(text), ..] if text.starts_with(['/', '\\']));
    is_absolute || parts.iter().any(climbs)
}

fn bad(template: &str, why: &str) -> UsageError {
    UsageError(format!("--name `{template}`: {why}"))
}

/// Returns the first words of a text, such as a link might have: `hello-you`.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
    let words = words.map(|word| word.replace('\'', "").to_lowercase());
    let mut slug = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        if !slug.is_empty() && slug.chars().count() + word.chars().count() >= MAX_SLUG_CHARS {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.extend(word.chars().take(MAX_SLUG_CHARS));
    }
    file_name(&slug)
}

/// Returns what two paths have in common that some system takes for one: case
/// and the spelling of accents count for nothing on macOS and Windows.
pub(super) fn collision_key(path: &Path) -> String {
    use std::path::Component::{CurDir, ParentDir};
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .components()
    {
        match part {
            CurDir => {}
            ParentDir => _ = plain.pop(),
            part => plain.push(part),
        }
    }
    plain
        .to_string_lossy()
        .nfc()
        .collect::<String>()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FACTS: Facts<'_> = Facts {
        stem: "chapter 1",
        n: 7,
        opening: "“Don't panic!”, it said — in large, friendly letters on the cover of it.",
        voice: "en_GB-alba",
        speaker: "a/b",
        id: Some("x:9"),
    };

    #[test]
    fn templates_are_filled_with_safe_names() {
        let cases = [
            ("{stem}", "chapter 1.wav"),
            (
                "{n:04}-{slug}",
                "0007-dont-panic-it-said-in-large-friendly-letters-on.wav",
            ),
            ("{voice}/{speaker}/{n}", "en_GB-alba/ab/7.wav"),
            ("{id}.wav", "x9.wav"),
            ("{{{n}}}", "{7}.wav"),
        ];
        for (template, expected) in cases {
            let name = Template::parse(template).unwrap().fill(&FACTS).unwrap();
            assert_eq!(name, Path::new(expected), "{template}");
        }
    }

    #[test]
    fn a_bad_template_names_the_field() {
        let cases = [
            ("{sten}", "no field `{sten}`"),
            ("{n:4}", "no field `{n:4}`"),
            ("{n:0x}", "`{n:0x}` is no width"),
            ("{stem", "a brace without its other half"),
            ("stem}", "a brace without its other half"),
            ("../{n}", "it must be a name"),
            ("/tmp/{n}", "it must be a name"),
            ("", "it must be a name"),
        ];
        for (template, expected) in cases {
            let message = Template::parse(template).unwrap_err().to_string();
            let expected = format!("--name `{template}`: {expected}");
            assert!(message.starts_with(&expected), "{message}");
        }
    }

    #[test]
    fn an_id_that_is_not_there_is_missed() {
        let facts = Facts { id: None, ..FACTS };
        let filled = Template::parse("{id}").unwrap().fill(&facts);
        assert!(filled.unwrap_err().to_string().contains("{id}"));
    }

    #[test]
    fn names_that_some_system_takes_for_one_have_one_key() {
        let same = [
            ("a/B.wav", "A/b.WAV"),
            ("a/./x/../b", "a/b"),
            ("caf\u{e9}", "cafe\u{301}"),
        ];
        for (one, other) in same {
            assert_eq!(
                collision_key(Path::new(one)),
                collision_key(Path::new(other))
            );
        }
        assert_ne!(
            collision_key(Path::new("a/b")),
            collision_key(Path::new("a-b"))
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_a_name_that_leads_elsewhere(text in "\\PC{0,80}", id in "\\PC{0,20}") {
            let facts = Facts { opening: &text, id: Some(&id), stem: &id, ..FACTS };
            for template in ["{slug}", "{id}", "{stem}"] {
                let name = Template::parse(template).unwrap().fill(&facts).unwrap();
                prop_assert_eq!(name.components().count(), 1);
                prop_assert!(name.file_name().is_some_and(|name| name.len() <= 255));
            }
        }

        #[test]
        fn parsing_never_panics(template in "[{}n:0-9a-z/.é]{0,20}") {
            _ = Template::parse(&template);
        }
    }
}
