//! Files that a manifest puts outside of the batch's folder, as it may: `output_file` can
//! be any path, as in Piper's JSON lines.

use std::path::{Component, Path, PathBuf};

use crate::terminal::quantity::count;
use crate::terminal::report::Reporter;

/// Counts the files that are not in a folder.
pub(super) struct Outside<'a> {
    folder: &'a Path,
    first: Option<PathBuf>,
    files: u64,
}

impl<'a> Outside<'a> {
    pub(super) fn new(folder: &'a Path) -> Self {
        Self {
            folder,
            first: None,
            files: 0,
        }
    }

    pub(super) fn add(&mut self, path: &Path) {
        let rest = path.strip_prefix(self.folder).map(Path::components);
        let is_inside = rest.is_ok_and(|mut parts| parts.all(|part| part != Component::ParentDir));
        if !is_inside {
            self.files += 1;
            self.first.get_or_insert_with(|| path.to_owned());
        }
    }

    /// Says how many files there are.
    pub(super) fn note(&self, reporter: &Reporter) {
        if let Some(first) = &self.first {
            let files = count(self.files, "file");
            let (folder, first) = (self.folder.display(), first.display());
            reporter.note(&format!(
                "`output_file` puts {files} outside of {folder}, such as {first}"
            ));
        }
    }
}
