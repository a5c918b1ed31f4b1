//! Finds the texts of a batch: the entries of the input, in order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use piper_rs::document::Metadata;
use piper_rs::{CancelToken, Error};
use walkdir::{DirEntry, WalkDir};

use super::book::{self, Book};
use super::document_chapters;
use super::entries::{EachEntry, Entries};
use super::entry::{Entry, InputText, Label, SourceLocation};
use super::manifest::{Manifest, Streams};
use crate::args::{BatchArgs, SplitArg};
use crate::speech::settings::Settings;
use crate::speech::source::{LastDocument, Reading, Source};
use crate::terminal::report::{Reporter, UsageError};

/// What the command line names as input.
pub(super) struct Inputs {
    kind: Kind,
    reading: Reading,
    split: Option<SplitArg>,
    settings: Arc<Settings>,
    /// Shared by the chapters of all documents.
    last: LastDocument,
    streams: Streams,
}

/// How many kinds of files are named if none matches.
const SHOWN_KINDS: usize = 4;

enum Kind {
    Paths(Vec<PathBuf>, GlobSet),
    Lines(PathBuf),
    Manifest(PathBuf),
}

impl Inputs {
    pub(super) fn from_args(args: &BatchArgs, settings: Arc<Settings>) -> anyhow::Result<Self> {
        let kind = match (&args.input.lines, &args.input.manifest) {
            (Some(lines), _) => Kind::Lines(lines.clone()),
            (_, Some(manifest)) => Kind::Manifest(manifest.clone()),
            _ => Kind::Paths(args.paths.clone(), globs(&args.input.glob)?),
        };
        Ok(Self {
            kind,
            reading: Reading::from_args(&args.reading)?.in_mode(settings.mode),
            split: args.input.split,
            settings,
            last: LastDocument::default(),
            streams: Streams::default(),
        })
    }

    /// Returns what is read before everything else: files that have chapters are read to
    /// their end, and a list that can be read only once is copied.
    pub(super) fn entries(
        &self,
        reporter: &Reporter,
        cancel: &CancelToken,
    ) -> anyhow::Result<Entries> {
        let (Kind::Lines(list) | Kind::Manifest(list)) = &self.kind else {
            return self.in_paths(reporter, cancel);
        };
        let source = Source::lines(list, self.reading.encoding());
        if source.uses_stdin() {
            reporter.note_waiting();
        }
        Ok(Entries {
            list: Some(match source.is_live() {
                true => source.copied_lines(cancel)?,
                false => source,
            }),
            ..Entries::default()
        })
    }

    /// Calls `each` with every entry. A list is read while that happens.
    pub(super) fn for_each(
        &self,
        entries: &Entries,
        reporter: &Reporter,
        cancel: &CancelToken,
        each: &mut EachEntry<'_>,
    ) -> anyhow::Result<()> {
        let mut n = 0_u32;
        let mut count = |entry| {
            n = n.checked_add(1).context("the list is too long")?;
            each(n, entry)
        };
        match (&self.kind, &entries.list) {
            (Kind::Lines(path), Some(list)) => self.lines(path, list, cancel, &mut count),
            (Kind::Manifest(path), Some(list)) => {
                let manifest = Manifest {
                    path,
                    list,
                    reading: self.reading,
                    settings: &self.settings,
                    streams: &self.streams,
                    cancel,
                };
                let unused = manifest.read(&mut count)?;
                if let Some(unused) = unused.note() {
                    reporter.note_once(&format!("{}: {unused}", path.display()));
                }
                Ok(())
            }
            _ => entries.kept.iter().cloned().try_for_each(&mut count),
        }
    }

    fn in_paths(&self, reporter: &Reporter, cancel: &CancelToken) -> anyhow::Result<Entries> {
        let mut entries = Entries::default();
        let Kind::Paths(paths, globs) = &self.kind else {
            return Ok(entries);
        };
        for path in paths {
            if !path.is_dir() {
                self.file(path, path, reporter, cancel, &mut entries)?;
                continue;
            }
            let mut has_match = false;
            for found in walk(path, globs) {
                has_match = true;
                if cancel.is_cancelled() {
                    return Err(Error::Cancelled.into());
                }
                match found {
                    Ok(file) => {
                        let relative = file.strip_prefix(path).unwrap_or(&file);
                        self.file(&file, relative, reporter, cancel, &mut entries)?;
                    }
                    Err(error) => entries.kept.push(unreadable(path, error)),
                }
            }
            if !has_match && let Some(error) = no_match(path)? {
                entries.kept.push(Entry {
                    location: SourceLocation::file(path),
                    text: Err(Arc::new(error)),
                });
            }
        }
        Ok(entries)
    }

    /// Adds the entry of a file, or one for each of its chapters. Fails only if the run
    /// is cancelled.
    fn file(
        &self,
        path: &Path,
        relative: &Path,
        reporter: &Reporter,
        cancel: &CancelToken,
        entries: &mut Entries,
    ) -> anyhow::Result<()> {
        let read = Source::file(path, self.reading, cancel).and_then(|source| {
            let book = self.divide(&source, cancel)?;
            Ok((source, book))
        });
        if cancel.is_cancelled() {
            return Err(Error::Cancelled.into());
        }
        let whole = |text| Entry {
            location: SourceLocation::file(path),
            text,
        };
        let (source, book) = match read {
            Ok(read) => read,
            Err(error) => {
                entries.kept.push(whole(Err(Arc::new(error.into()))));
                return Ok(());
            }
        };
        let label = Label::of_file(path, relative);
        let text = |source, label| InputText {
            source,
            settings: Arc::clone(&self.settings),
            label,
        };
        if book.metadata != Metadata::default() {
            entries.documents.push(book.metadata);
        }
        if book.chapters.is_empty() {
            entries.kept.push(whole(Ok(text(source, label))));
            return Ok(());
        }
        for lines in &book.contents {
            let (path, start, end) = (path.display(), lines.start, lines.end - 1);
            reporter.note(&format!(
                "{path}: lines {start} to {end} are a table of contents and are not spoken"
            ));
        }
        let chapters = book.chapters.into_iter().map(|chapter| Entry {
            location: SourceLocation::counted(path.display().to_string(), book.unit, chapter.line),
            text: Ok(text(
                chapter.source,
                Label {
                    title: Some(chapter.title),
                    ..label.clone()
                },
            )),
        });
        entries.kept.extend(chapters);
        Ok(())
    }

    fn divide(&self, source: &Source, cancel: &CancelToken) -> Result<Book, Error> {
        match (source.document()?, self.split) {
            (Some((format, document)), split) => {
                document_chapters::divide(source, format, document, split, &self.last, cancel)
            }
            (None, Some(SplitArg::Chapters)) => book::divide(source, cancel),
            (None, None) => Ok(Book::default()),
        }
    }

    fn lines(
        &self,
        path: &Path,
        list: &Source,
        cancel: &CancelToken,
        each: &mut dyn FnMut(Entry) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for line in list.read_in_background(cancel.clone()) {
            let line = line?;
            if line.text.trim().is_empty() {
                continue;
            }
            each(Entry {
                location: SourceLocation::line(line.origin, line.line),
                text: Ok(InputText {
                    source: Source::text(line.text),
                    settings: Arc::clone(&self.settings),
                    label: Label::of_line(path),
                }),
            })?;
        }
        match cancel.is_cancelled() {
            true => Err(Error::Cancelled.into()),
            false => Ok(()),
        }
    }
}

fn globs(patterns: &[String]) -> anyhow::Result<GlobSet> {
    let mut globs = GlobSetBuilder::new();
    for pattern in patterns {
        let bad = |e: globset::Error| UsageError(format!("--glob: {e}"));
        // `*` does not match a separator; `**/` does.
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        globs.add(glob.map_err(bad)?);
    }
    globs.build().context("--glob")
}

/// Returns the matching files of a folder and its subfolders, sorted by name,
/// numbers by their value: `ch2` before `ch10`. Hidden files and folders are skipped.
fn walk(folder: &Path, globs: &GlobSet) -> impl Iterator<Item = walkdir::Result<PathBuf>> {
    let is_visible = |entry: &DirEntry| {
        entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
    };
    let walk = WalkDir::new(folder)
        .follow_links(true)
        .sort_by(|a, b| alphanumeric_sort::compare_os_str(a.file_name(), b.file_name()));
    let found = walk.into_iter().filter_entry(is_visible);
    found
        .filter(move |found| match found {
            Ok(entry) => entry.file_type().is_file() && matches(entry, folder, globs),
            Err(_) => true,
        })
        .map(|found| found.map(DirEntry::into_path))
}

/// Returns what files are in a folder in which none matches; `None` if it is empty.
fn no_match(folder: &Path) -> anyhow::Result<Option<anyhow::Error>> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in walk(folder, &globs(&["*".to_owned()])?).flatten() {
        let extension = file.extension().unwrap_or_default().to_string_lossy();
        *counts.entry(extension.into_owned()).or_default() += 1;
    }
    let kind = |extension: &str| match extension {
        "" => "without an extension".to_owned(),
        extension => format!(".{extension}"),
    };
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let found: Vec<_> = counts.iter().take(SHOWN_KINDS).collect();
    let Some((most, _)) = found.first() else {
        return Ok(None);
    };
    let pattern = match most.as_str() {
        "" => "*".to_owned(),
        extension => format!("*.{extension}"),
    };
    let found: Vec<_> = found
        .iter()
        .map(|(name, n)| format!("{n} {}", kind(name)))
        .collect();
    Ok(Some(anyhow::anyhow!(
        "no file matches; it has {}: add `--glob '{pattern}'`",
        found.join(", ")
    )))
}

/// A pattern without a folder matches the file name in every folder.
fn matches(entry: &DirEntry, folder: &Path, globs: &GlobSet) -> bool {
    let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
    globs.is_match(entry.file_name()) || globs.is_match(relative)
}

fn unreadable(folder: &Path, error: walkdir::Error) -> Entry {
    Entry {
        location: SourceLocation::file(error.path().unwrap_or(folder)),
        text: Err(Arc::new(anyhow::Error::new(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "Hi.").unwrap();
        }
        folder
    }

    fn walked(folder: &Path, patterns: &[&str]) -> Vec<String> {
        let patterns: Vec<_> = patterns.iter().map(|&p| p.to_owned()).collect();
        let globs = globs(&patterns).unwrap();
        let relative = |path: PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
        walk(folder, &globs)
            .map(|found| relative(found.unwrap()))
            .collect()
    }

    #[test]
    fn files_are_sorted_and_hidden_ones_skipped() {
        let files = [
            "b.txt",
            "a/2.txt",
            "a/1.txt",
            "a/b/x.md",
            ".git/c.txt",
            ".d.txt",
        ];
        let folder = tree(&files);
        let cases: [(&[&str], &[&str]); 4] = [
            (&["*.txt"], &["a/1.txt", "a/2.txt", "b.txt"]),
            (&["*.md", "b.*"], &["a/b/x.md", "b.txt"]),
            (&["a/*.txt"], &["a/1.txt", "a/2.txt"]),
            (&["a/**"], &["a/1.txt", "a/2.txt", "a/b/x.md"]),
        ];
        for (patterns, expected) in cases {
            assert_eq!(walked(folder.path(), patterns), expected, "{patterns:?}");
        }
    }

    #[test]
    fn numbers_in_names_are_sorted_by_their_value() {
        let folder = tree(&["ch10.txt", "ch2.txt", "ch1.txt", "02 b.txt", "1 a.txt"]);
        let expected = ["1 a.txt", "02 b.txt", "ch1.txt", "ch2.txt", "ch10.txt"];
        assert_eq!(walked(folder.path(), &["*.txt"]), expected);
    }

    #[test]
    fn an_invalid_pattern_is_a_usage_error() {
        let error = globs(&["a[".to_owned()]).unwrap_err();
        assert!(error.is::<UsageError>(), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_cycle_of_links_is_reported_and_other_files_are_found() {
        let folder = tree(&["a/1.txt"]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).unwrap();
        let globs = globs(&["*.txt".to_owned()]).unwrap();
        let found: Vec<_> = walk(folder.path(), &globs).collect();
        assert_eq!(found.iter().filter(|f| f.is_ok()).count(), 1);
        assert_eq!(found.iter().filter(|f| f.is_err()).count(), 1);
    }
}
