//! What is removed from the folder of the prepared voices, and when.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::PreparedVoices;
use super::prepare::UNFINISHED_PREFIX;
use super::record::{RECORD, Record};

/// How the name of a damaged folder begins that was put aside.
const DAMAGED_PREFIX: &str = ".damaged-";

/// Preparing a voice never takes longer than this.
const MAX_PREPARATION_TIME: Duration = Duration::from_secs(3600);

impl PreparedVoices {
    /// Removes the oldest prepared voices until the rest fits, but never
    /// `newest`.
    pub(super) fn shrink(&self, newest: &Path) {
        self.remove_unfinished();
        let mut others: Vec<(SystemTime, PathBuf, u64)> = self
            .records()
            .filter(|(folder, _)| folder != newest)
            .filter_map(|(folder, record)| {
                let prepared_at = fs::metadata(folder.join(RECORD)).ok()?.modified().ok()?;
                Some((prepared_at, folder, record.bytes()))
            })
            .collect();
        others.sort_unstable();
        let own_bytes = Record::read(newest).map_or(0, |record| record.bytes());
        let mut total = own_bytes + others.iter().map(|(_, _, bytes)| bytes).sum::<u64>();
        for (_, folder, bytes) in others {
            if total <= self.max_bytes {
                return;
            }
            // A process that uses it keeps its files mapped.
            _ = fs::remove_dir_all(folder);
            total -= bytes;
        }
    }

    /// Renames a damaged folder, if it is there, to be removed later. Another process may
    /// have its files open, on a network drive also of another machine, and a file that
    /// is removed there is gone for all.
    pub(super) fn put_aside(&self, damaged: &Path) {
        let mut builder = tempfile::Builder::new();
        builder.prefix(DAMAGED_PREFIX);
        let Ok(aside) = builder.tempdir_in(&self.folder) else {
            return;
        };
        // A folder replaces an empty one. If it fails, there is none, or the next
        // rename tells why.
        if fs::rename(damaged, aside.path()).is_ok() {
            let path = aside.keep();
            // It is removed an hour from now.
            _ = fs::File::open(path).and_then(|folder| folder.set_modified(SystemTime::now()));
        }
    }

    /// Removes the unfinished folders of processes that died, and damaged ones that no
    /// process should still be loading.
    fn remove_unfinished(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let unfinished = entries.filter(|entry| {
            let (name, prefixes) = (entry.file_name(), [UNFINISHED_PREFIX, DAMAGED_PREFIX]);
            let name = name.to_string_lossy();
            prefixes.iter().any(|prefix| name.starts_with(prefix))
        });
        for entry in unfinished {
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            let age = modified.ok().and_then(|time| time.elapsed().ok());
            // Another process may still be working in a younger one.
            if age.is_some_and(|age| age > MAX_PREPARATION_TIME) {
                _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}
