//! The entries of the input: one text each, and where it was found.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use piper_rs::parts::Place;
use piper_rs::voice::content_hash::ContentHash;
use piper_rs::{CancelToken, Error};

use super::template::Template;
use crate::speech::parts::{Part, PartReader, PartVoice};
use crate::speech::settings::Settings;
use crate::speech::source::Source;

/// One entry of the input: a text, or the reason why it cannot be used.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) location: SourceLocation,
    pub(super) text: Result<InputText, Arc<anyhow::Error>>,
}

/// Where an entry was found; for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceLocation {
    pub(super) file: String,
    /// Counted from 1; `None` for the file as a whole.
    pub(super) line: Option<u64>,
    unit: LocationUnit,
    /// The id that the manifest gives it.
    pub(super) id: Option<String>,
}

/// What a location counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum LocationUnit {
    #[default]
    Line,
    /// Of a document without lines.
    Paragraph,
}

/// A text that becomes one file.
#[derive(Debug, Clone)]
pub(super) struct InputText {
    pub(super) source: Source,
    pub(super) settings: Arc<Settings>,
    pub(super) label: Label,
}

/// What the input says about the name of the output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Label {
    /// The name of the file that contains the text, without its extension.
    pub(super) stem: String,
    /// The folder of the output, relative to the output folder.
    pub(super) folder: PathBuf,
    pub(super) id: Option<String>,
    /// The heading of a chapter.
    pub(super) title: Option<String>,
    /// The path of the output, if the manifest sets it.
    pub(super) output: Option<PathBuf>,
    pub(super) is_file: IsFile,
}

impl Label {
    /// Returns the template of the output's name, if `--name` gives none.
    pub(super) fn default_template(&self, ending: &str) -> Template {
        let template = match (&self.id, self.is_file) {
            (Some(_), _) => "{id}",
            (None, _) if self.title.is_some() => "{n:03}-{slug}",
            (None, IsFile::Yes) => "{stem}",
            (None, IsFile::No) => "{n:04}",
        };
        Template::parse(&format!("{template}{ending}")).expect("these templates are valid")
    }

    /// Returns the title of its chapter in a joined file.
    pub(super) fn chapter_title(&self, digest: &TextDigest) -> String {
        if let Some(title) = &self.title {
            return title.clone();
        }
        match (&self.id, self.is_file) {
            (_, IsFile::Yes) => self.stem.clone(),
            (Some(id), IsFile::No) => id.clone(),
            (None, IsFile::No) => {
                let line = digest.opening.lines().next().unwrap_or_default();
                line.trim().to_owned()
            }
        }
    }
}

/// Whether the text has a file of its own, whose name can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum IsFile {
    Yes,
    #[default]
    No,
}

impl SourceLocation {
    pub(super) fn file(path: &Path) -> Self {
        Self {
            file: path.display().to_string(),
            line: None,
            unit: LocationUnit::Line,
            id: None,
        }
    }

    pub(super) fn counted(file: impl Into<String>, unit: LocationUnit, number: u64) -> Self {
        Self {
            unit,
            ..Self::line(file, number)
        }
    }

    pub(super) fn line(file: impl Into<String>, line: u64) -> Self {
        Self {
            file: file.into(),
            line: Some(line),
            unit: LocationUnit::Line,
            id: None,
        }
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.unit) {
            (Some(line), LocationUnit::Line) => write!(f, "line {line} of {}", self.file),
            (Some(n), LocationUnit::Paragraph) => write!(f, "paragraph {n} of {}", self.file),
            (None, _) => write!(f, "{}", self.file),
        }
    }
}

impl Label {
    /// Returns the label of the text file at `path`. The output keeps the
    /// folder that `relative` has.
    pub(super) fn of_file(path: &Path, relative: &Path) -> Self {
        Self {
            stem: stem(path),
            folder: output_subfolder(relative),
            is_file: IsFile::Yes,
            ..Self::default()
        }
    }

    /// Returns the label of a text that is a line of the file at `path`.
    pub(super) fn of_line(path: &Path) -> Self {
        Self {
            stem: stem(path),
            ..Self::default()
        }
    }
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match &*stem {
        "-" => "stdin".to_owned(),
        stem => stem.to_owned(),
    }
}

/// Returns the folder of `relative`; empty if it would leave the output folder.
fn output_subfolder(relative: &Path) -> PathBuf {
    use std::path::Component::{CurDir, Normal};
    let folder = relative.parent().unwrap_or(Path::new(""));
    let is_inside = |part| matches!(part, Normal(_) | CurDir);
    if folder.components().all(is_inside) {
        folder.components().filter(|part| *part != CurDir).collect()
    } else {
        PathBuf::new()
    }
}

/// How many characters from the start of a text are kept for its file name.
const OPENING_CHARS: usize = 120;

/// What one pass over a text yields.
#[derive(Debug, Clone)]
pub(super) struct TextDigest {
    pub(super) chars: u64,
    /// The start of the first passage.
    pub(super) opening: String,
    pub(super) hash: ContentHash,
    /// Of the lines and the bytes of its file where it stands.
    pub(super) places: ContentHash,
    /// The voices of its parts, each with the place where it is first needed.
    pub(super) voices: BTreeMap<Vec<PartVoice>, Option<Place>>,
}

impl TextDigest {
    /// Reads a text to its end, one passage at a time, and its parts if it has some.
    pub(super) fn of(
        text: &Source,
        mut reader: PartReader<'_>,
        cancel: &CancelToken,
    ) -> anyhow::Result<Self> {
        let mut hash = ContentHash::of_parts([]);
        let mut places = hash;
        let (mut chars, mut opening) = (0, String::new());
        let mut voices = BTreeMap::new();
        for passage in text.read() {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled.into());
            }
            let passage = passage?;
            hash = ContentHash::of_parts([hash.as_bytes(), passage.text.as_bytes()]);
            let place = [passage.line, passage.offset].map(u64::to_le_bytes);
            places = ContentHash::of_parts([places.as_bytes(), place.as_flattened()]);
            // One by one: all of them may be large.
            for part in &passage.parts {
                let part = serde_json::to_vec(part).unwrap_or_default();
                hash = ContentHash::of_parts([hash.as_bytes(), &part]);
            }
            let parts = reader.parts(&passage)?;
            for settings in parts.iter().filter_map(Part::settings) {
                if !settings.voices.is_empty() && !voices.contains_key(&settings.voices) {
                    voices.insert(settings.voices.clone(), settings.place);
                }
            }
            let passage = Part::words(&parts);
            if opening.trim().is_empty() {
                opening = passage.trim().chars().take(OPENING_CHARS).collect();
            }
            chars += passage.chars().count() as u64;
        }
        Ok(Self {
            chars,
            opening,
            hash,
            places,
            voices,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::tests::no_parts;

    #[test]
    fn an_output_keeps_its_folder_unless_that_is_outside() {
        let cases = [
            ("b.txt", ""),
            ("a/b.txt", "a"),
            ("./a/c/b.txt", "a/c"),
            ("../a/b.txt", ""),
            ("/a/b.txt", ""),
        ];
        for (path, folder) in cases {
            let label = Label::of_file(Path::new(path), Path::new(path));
            assert_eq!(label.folder, Path::new(folder), "{path}");
            assert_eq!(label.stem, "b", "{path}");
        }
    }

    #[test]
    fn a_location_names_its_line() {
        assert_eq!(
            SourceLocation::line("list.csv", 3).to_string(),
            "line 3 of list.csv"
        );
        assert_eq!(
            SourceLocation::file(Path::new("a.txt")).to_string(),
            "a.txt"
        );
    }

    #[test]
    fn a_digest_counts_characters_and_keeps_the_opening() {
        let source = Source::text("\n\nÄh,\nja.\n\nDas ist es.\n".to_owned());
        let digest = TextDigest::of(&source, no_parts().reader(), &CancelToken::new()).unwrap();
        assert_eq!(digest.chars, 23);
        assert!(digest.opening.starts_with("Äh,"), "{:?}", digest.opening);
    }

    #[test]
    fn cancelling_ends_the_reading_of_a_text() {
        let cancel = CancelToken::new();
        cancel.cancel();
        let text = Source::text("Hi.".to_owned());
        let error = TextDigest::of(&text, no_parts().reader(), &cancel).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Error::Cancelled)));
    }
}
