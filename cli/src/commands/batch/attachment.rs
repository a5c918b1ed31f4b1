//! A file beside a joined file: its list of chapters, its subtitles, its times.

use std::fs;
use std::io;
use std::path::PathBuf;

use piper_rs::Error;
use piper_rs::fs::write_atomic;
use piper_rs::voice::content_hash::ContentHash;

use super::freshness::{Conflict, ConflictReason, Permission};
use super::journal::{Done, History, Journal, output_key};
use super::plan::PlanOptions;

/// A file, rendered.
pub(super) struct Attachment {
    pub(super) path: PathBuf,
    pub(super) content: String,
}

impl Attachment {
    /// Writes the file, unless it is there already. One that this program wrote is
    /// replaced; one that the user has made or changed is not.
    pub(super) fn write(
        &self,
        options: &PlanOptions,
        history: &History,
        journal: &Journal,
    ) -> anyhow::Result<()> {
        let hash = |bytes: &[u8]| ContentHash::of_parts([bytes]);
        let key = output_key(&options.folder, &self.path);
        let current = hash(self.content.as_bytes());
        let existing = match fs::read(&self.path) {
            Ok(bytes) => Some(hash(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => {
                let origin = self.path.display().to_string();
                return Err(Error::Input { origin, source }.into());
            }
        };
        let done = history.output(&key)?.and_then(|output| output.done);
        let recorded = done.map(|done| done.fingerprint);
        let is_foreign = existing.is_some() && existing != recorded;
        if existing != Some(current) {
            if is_foreign && options.permission == Permission::Keep {
                let reason = match recorded {
                    Some(_) => ConflictReason::Changed,
                    None => ConflictReason::Foreign,
                };
                return Err(Conflict::new(&self.path, reason).into());
            }
            write_atomic(&self.path, self.content.as_bytes()).map_err(|source| Error::Output {
                target: self.path.display().to_string(),
                source,
            })?;
        }
        if recorded != Some(current) {
            journal.record_done(Done::existing(&self.path, &key, current))?;
        }
        Ok(())
    }
}
