//! `--name`: templates for the file names of outputs, such as `{n:04}-{slug}`.

use std::path::{Path, PathBuf};

use piper_rs::encode::SoundFormat;
use piper_rs::voice::Scales;
use unicode_normalization::UnicodeNormalization as _;

use crate::args::Shard;
use crate::speech::file_name::file_name;
use crate::speech::sound_format::{Ending, OutputUse, format_of};
use crate::terminal::report::UsageError;

/// The most characters of a slug.
const MAX_SLUG_CHARS: usize = 48;

/// A valid template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Field(Field),
    /// The number of the text, padded with zeros to this width.
    Number(usize),
    /// So many digits of the hash of the rest of the name.
    Hash(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Stem,
    Slug,
    Title,
    Shard,
    Voice,
    Speaker,
    Id,
    Seed,
    Take,
    Speed,
    LengthScale,
    NoiseScale,
    NoiseW,
}

/// The fields by their names, for errors in the order of the help.
const FIELDS: [(&str, Field); 13] = [
    ("stem", Field::Stem),
    ("slug", Field::Slug),
    ("title", Field::Title),
    ("shard", Field::Shard),
    ("voice", Field::Voice),
    ("speaker", Field::Speaker),
    ("id", Field::Id),
    ("seed", Field::Seed),
    ("take", Field::Take),
    ("speed", Field::Speed),
    ("length_scale", Field::LengthScale),
    ("noise_scale", Field::NoiseScale),
    ("noise_w", Field::NoiseW),
];

/// The values of a template's fields for one text.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldValues<'a> {
    pub(super) stem: &'a str,
    pub(super) n: usize,
    /// The start of the text.
    pub(super) opening: &'a str,
    pub(super) title: &'a str,
    pub(super) voice: &'a str,
    pub(super) speaker: &'a str,
    pub(super) id: Option<&'a str>,
    pub(super) seed: Option<u64>,
    /// Counted from 1.
    pub(super) take: u32,
    pub(super) speed: f32,
    pub(super) scales: Scales,
    pub(super) place: Place,
}

/// Among many files, where one goes.
#[derive(Debug, Clone, Default)]
pub(super) enum Place {
    /// The fields are empty.
    #[default]
    Unknown,
    Known {
        shard: Option<Shard>,
        /// Four digits.
        hash: String,
    },
}

impl Template {
    /// Returns whether it has fields of [`Place`].
    pub(super) fn has_place(&self) -> bool {
        let is_place =
            |segment: &Segment| matches!(segment, Segment::Hash(_) | Segment::Field(Field::Shard));
        self.0.iter().any(is_place)
    }

    pub(super) fn parse(template: &str) -> Result<Self, UsageError> {
        let mut segments = Vec::new();
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            let (literal, after) = rest.split_at(at);
            push_literal(&mut segments, literal);
            if after.starts_with("{{") || after.starts_with("}}") {
                push_literal(&mut segments, &after[..1]);
                rest = &after[2..];
                continue;
            }
            let field = after
                .strip_prefix('{')
                .and_then(|after| after.split_once('}'));
            let Some((field, after)) = field else {
                return Err(bad(template, "unmatched brace"));
            };
            segments.push(Segment::parse(field).map_err(|why| bad(template, &why))?);
            rest = after;
        }
        push_literal(&mut segments, rest);
        if segments.is_empty() || leaves_folder(&segments) {
            let why = "must be a file name or a path inside the output folder";
            return Err(bad(template, why));
        }
        format_of(Path::new(template), None, OutputUse::Text)?;
        Ok(Self(segments))
    }

    /// Returns the path for a text, with the ending of the template, or else that of
    /// `format`.
    ///
    /// Fails if the template uses a field that the text does not have.
    pub(super) fn fill(
        &self,
        values: &FieldValues<'_>,
        format: SoundFormat,
    ) -> Result<PathBuf, UsageError> {
        let segments = self.0.iter().map(|segment| segment.fill(values));
        let mut name = segments.collect::<Result<String, _>>()?;
        let ending = format!(".{}", self.format().unwrap_or(format).ending());
        if !name.to_lowercase().ends_with(&ending) {
            name.push_str(&ending);
        }
        Ok(name.into())
    }

    /// Returns the format of the ending that is a part of the template.
    fn format(&self) -> Option<SoundFormat> {
        let Some(Segment::Literal(last)) = self.0.last() else {
            return None;
        };
        match Ending::of(&Path::new("name").join(format!("name{last}"))) {
            Some(Ending::Format(format)) => Some(format),
            _ => None,
        }
    }
}

impl Segment {
    fn parse(field: &str) -> Result<Self, String> {
        if let Some(width) = field.strip_prefix("n:0") {
            // Numbers have at most 20 digits.
            let width = width.parse().ok().filter(|width| (1..=20).contains(width));
            return width
                .map(Self::Number)
                .ok_or_else(|| format!("`{{{field}}}` is not a valid width; try `{{n:04}}`"));
        }
        if let Some(digits) = field.strip_prefix("hash:") {
            let digits = digits
                .parse()
                .ok()
                .filter(|digits| (1..=4).contains(digits));
            return digits.map(Self::Hash).ok_or_else(|| {
                format!("`{{{field}}}` has no number of digits from 1 to 4; try `{{hash:2}}`")
            });
        }
        if field == "n" {
            return Ok(Self::Number(1));
        }
        let known = FIELDS.iter().find(|(name, _)| *name == field);
        known.map(|(_, known)| Self::Field(*known)).ok_or_else(|| {
            let names = FIELDS.map(|(name, _)| format!("{{{name}}}")).join(", ");
            format!(
                "unknown field `{{{field}}}`; the fields are {{n}}, {{n:04}}, {{hash:2}}, {names}"
            )
        })
    }

    fn fill(&self, values: &FieldValues<'_>) -> Result<String, UsageError> {
        Ok(match self {
            Self::Literal(text) => text.clone(),
            Self::Number(width) => format!("{:0width$}", values.n),
            Self::Hash(digits) => match &values.place {
                Place::Known { hash, .. } => hash.chars().take(*digits).collect(),
                Place::Unknown => String::new(),
            },
            Self::Field(Field::Shard) => match &values.place {
                Place::Known { shard, .. } => {
                    let missing = "--name uses {shard}, so --shard is needed: it says how many \
                                   parts there are";
                    let missing = || UsageError(missing.to_owned());
                    let Shard { index, count } = shard.ok_or_else(missing)?;
                    format!("{index:0width$}", width = count.to_string().len())
                }
                Place::Unknown => String::new(),
            },
            Self::Field(Field::Stem) => file_name(values.stem),
            Self::Field(Field::Slug) => slug(values.opening),
            Self::Field(Field::Title) => file_name(values.title),
            Self::Field(Field::Voice) => file_name(values.voice),
            Self::Field(Field::Speaker) => file_name(values.speaker),
            Self::Field(Field::Id) => {
                let missing = || UsageError("--name uses {id}, but this text has no id".to_owned());
                file_name(values.id.ok_or_else(missing)?)
            }
            Self::Field(Field::Seed) => {
                let missing = "--name uses {seed}, but there is neither --seed nor --takes";
                let missing = || UsageError(missing.to_owned());
                values.seed.ok_or_else(missing)?.to_string()
            }
            Self::Field(Field::Take) => values.take.to_string(),
            Self::Field(Field::Speed) => values.speed.to_string(),
            Self::Field(Field::LengthScale) => values.scales.length_scale.to_string(),
            Self::Field(Field::NoiseScale) => values.scales.noise_scale.to_string(),
            Self::Field(Field::NoiseW) => values.scales.noise_w.to_string(),
        })
    }
}

fn push_literal(segments: &mut Vec<Segment>, text: &str) {
    match segments.last_mut() {
        Some(Segment::Literal(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => segments.push(Segment::Literal(text.to_owned())),
    }
}

/// Returns whether a path could be outside the output folder. Values have no
/// separators, so only literals decide.
fn leaves_folder(segments: &[Segment]) -> bool {
    let goes_up = |segment: &Segment| match segment {
        Segment::Literal(text) => text.split(['/', '\\']).any(|name| name == ".."),
        Segment::Field(_) | Segment::Number(_) | Segment::Hash(_) => false,
    };
    let is_absolute =
        matches!(segments, [Segment::Literal(text), ..] if text.starts_with(['/', '\\']));
    is_absolute || segments.iter().any(goes_up)
}

fn bad(template: &str, why: &str) -> UsageError {
    UsageError(format!("--name `{template}`: {why}"))
}

/// Returns the first words of a text as a link would have them: `hello-you`.
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

/// Returns the path that a manifest gives a text. With a grid, each reading
/// gets its own: `a.wav` becomes `a-take1.wav`, `a-take2.wav`.
pub(super) fn named_by_manifest(
    output: &Path,
    ending: &str,
    values: &FieldValues<'_>,
    format: SoundFormat,
) -> Result<PathBuf, UsageError> {
    if ending.is_empty() {
        return Ok(output.to_owned());
    }
    // Other names can have a dot too: `chapter.1`.
    let (name, format) = match Ending::of(output) {
        Some(Ending::Format(format)) => (output.file_stem(), format),
        _ => (output.file_name(), format),
    };
    let ending = Template::parse(ending)?.fill(values, format)?;
    let mut name = name.unwrap_or_default().to_owned();
    name.push(ending);
    Ok(output.with_file_name(name))
}

/// Returns a key that is equal for two paths if any system takes them for the
/// same file: macOS and Windows ignore case and the encoding of accents.
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

    const VALUES: FieldValues<'_> = FieldValues {
        stem: "chapter 1",
        n: 7,
        opening: "“Don't panic!”, it said — in large, friendly letters on the cover of it.",
        title: "Chapter 1: Panic?",
        voice: "en_GB-alba",
        speaker: "a/b",
        id: Some("x:9"),
        seed: Some(42),
        take: 2,
        speed: 1.25,
        scales: Scales {
            noise_scale: 0.667,
            length_scale: 0.8,
            noise_w: 1.0,
        },
        place: Place::Unknown,
    };

    #[test]
    fn values_become_safe_file_names() {
        let cases = [
            ("{stem}", "chapter 1.wav"),
            (
                "{n:04}-{slug}",
                "0007-dont-panic-it-said-in-large-friendly-letters-on.wav",
            ),
            ("{voice}/{speaker}/{n}", "en_GB-alba/ab/7.wav"),
            ("{id}.wav", "x9.wav"),
            ("{title}", "Chapter 1 Panic.wav"),
            ("{seed}-{take}-{speed}", "42-2-1.25.wav"),
            ("{length_scale} {noise_scale} {noise_w}", "0.8 0.667 1.wav"),
            ("{{{n}}}", "{7}.wav"),
        ];
        for (template, expected) in cases {
            let name = Template::parse(template)
                .unwrap()
                .fill(&VALUES, SoundFormat::Wav)
                .unwrap();
            assert_eq!(name, Path::new(expected), "{template}");
        }
    }

    #[test]
    fn a_place_is_in_the_name_when_it_is_known() {
        let shard = Some(Shard {
            index: 3,
            count: 20,
        });
        let hash = "0a1b".to_owned();
        let values = FieldValues {
            place: Place::Known { shard, hash },
            ..VALUES
        };
        let template = Template::parse("{shard}/{hash:2}/{hash:4}/{n}").unwrap();
        let name = |values| template.fill(values, SoundFormat::Wav).unwrap();
        assert_eq!(name(&values), Path::new("03/0a/0a1b/7.wav"));
        assert!(template.has_place());
        assert!(name(&VALUES).ends_with("7.wav"));
    }

    #[test]
    fn a_name_gets_the_ending_of_its_format_once() {
        let cases = [
            ("{stem}", "chapter 1.opus"),
            ("{stem}.opus", "chapter 1.opus"),
            ("{stem}.Flac", "chapter 1.Flac"),
            ("{n}/{stem}.mp3", "7/chapter 1.mp3"),
        ];
        for (template, expected) in cases {
            let template = Template::parse(template).unwrap();
            let name = template.fill(&VALUES, SoundFormat::Opus).unwrap();
            assert_eq!(name, Path::new(expected));
        }
    }

    #[test]
    fn a_bad_template_names_the_field() {
        let cases = [
            ("{sten}", "unknown field `{sten}`"),
            ("{n:4}", "unknown field `{n:4}`"),
            ("{n:0x}", "`{n:0x}` is not a valid width"),
            ("{hash:9}", "`{hash:9}` has no number of digits"),
            ("{stem", "unmatched brace"),
            ("stem}", "unmatched brace"),
            ("../{n}", "must be a file name"),
            ("/tmp/{n}", "must be a file name"),
            ("", "must be a file name"),
        ];
        for (template, expected) in cases {
            let message = Template::parse(template).unwrap_err().to_string();
            let expected = format!("--name `{template}`: {expected}");
            assert!(message.starts_with(&expected), "{message}");
        }
    }

    #[test]
    fn a_missing_id_or_seed_is_an_error() {
        let values = FieldValues {
            id: None,
            seed: None,
            ..VALUES
        };
        for field in ["{id}", "{seed}"] {
            let filled = Template::parse(field)
                .unwrap()
                .fill(&values, SoundFormat::Wav);
            assert!(filled.unwrap_err().to_string().contains(field));
        }
    }

    #[test]
    fn a_grid_keeps_the_whole_name_of_a_manifest_except_its_wav() {
        let values = FieldValues {
            take: 2,
            ..FieldValues::default()
        };
        let cases = [
            ("x/a.wav", "x/a-take2.wav"),
            ("a.WAVE", "a-take2.wav"),
            ("chapter.1", "chapter.1-take2.wav"),
            ("chapter.2.wav", "chapter.2-take2.wav"),
            ("a.opus", "a-take2.opus"),
        ];
        for (output, expected) in cases {
            let named =
                named_by_manifest(Path::new(output), "-take{take}", &values, SoundFormat::Wav)
                    .unwrap();
            assert_eq!(named, Path::new(expected));
        }
        let same =
            named_by_manifest(Path::new("chapter.1"), "", &values, SoundFormat::Wav).unwrap();
        assert_eq!(same, Path::new("chapter.1"));
    }

    #[test]
    fn paths_that_some_system_takes_for_one_have_one_key() {
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
        fn no_value_leaves_the_folder(text in "\\PC{0,80}", id in "\\PC{0,20}") {
            let values = FieldValues { opening: &text, id: Some(&id), stem: &id, ..VALUES };
            for template in ["{slug}", "{id}", "{stem}"] {
                let name = Template::parse(template).unwrap().fill(&values, SoundFormat::Wav).unwrap();
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
