//! One text of a batch, as the input lists it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::speech::settings::Settings;
use crate::speech::source::Source;

/// What stands at one place of the input: a text, or something that is wrong.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) item: anyhow::Result<Item>,
}

/// Where something stands in the input, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    /// Counted from 1; `None` for the file as a whole.
    pub(super) line: Option<u64>,
    /// What the input calls it.
    pub(super) id: Option<String>,
}

/// A text to make a file of.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) text: Source,
    pub(super) settings: Arc<Settings>,
    pub(super) label: Label,
}

/// What the input says about the name of the output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Label {
    /// The name of the file that the text is in, without its ending.
    pub(super) stem: String,
    /// The folder to keep below the output folder.
    pub(super) folder: PathBuf,
    pub(super) id: Option<String>,
    /// The whole path that is asked for.
    pub(super) output: Option<PathBuf>,
    pub(super) is_file: IsFile,
}

/// Whether a text has a file of its own, and so a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum IsFile {
    Yes,
    #[default]
    No,
}

impl Place {
    pub(super) fn file(path: &Path) -> Self {
        Self {
            file: path.display().to_string(),
            line: None,
            id: None,
        }
    }

    pub(super) fn line(file: impl Into<String>, line: u64) -> Self {
        Self {
            file: file.into(),
            line: Some(line),
            id: None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line} of {}", self.file),
            None => write!(f, "{}", self.file),
        }
    }
}

impl Label {
    /// Labels the text in the file at `path`, whose folder is kept as far as
    /// `relative` has one.
    pub(super) fn of_file(path: &Path, relative: &Path) -> Self {
        Self {
            stem: stem(path),
            folder: kept_folder(relative),
            is_file: IsFile::Yes,
            ..Self::default()
        }
    }

    /// Labels a text that stands in the list at `path`.
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

/// Returns the folder of `relative`; none where it leads elsewhere.
fn kept_folder(relative: &Path) -> PathBuf {
    use std::path::Component::{CurDir, Normal};
    let folder = relative.parent().unwrap_or(Path::new(""));
    let stays = |part| matches!(part, Normal(_) | CurDir);
    if folder.components().all(stays) {
        folder.components().filter(|part| *part != CurDir).collect()
    } else {
        PathBuf::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_kept_unless_it_leads_elsewhere() {
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
    fn places_are_told_with_their_line() {
        assert_eq!(Place::line("list.csv", 3).to_string(), "line 3 of list.csv");
        assert_eq!(Place::file(Path::new("a.txt")).to_string(), "a.txt");
    }
}
