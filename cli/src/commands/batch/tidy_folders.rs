//! The folders of a batch, and the temporary files that killed runs left in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use piper_rs::fs::folder_of;
use piper_rs::sink::file;

use super::Batch;
use super::plan::Plan;
use crate::terminal::quantity::count;

/// The folders without unfinished files of earlier runs.
#[derive(Debug, Default)]
pub(super) struct TidyFolders(BTreeSet<PathBuf>);

impl TidyFolders {
    /// Removes the temporary files in the folders that a plan writes into.
    pub(super) fn tidy(&mut self, batch: &Batch, plan: &Plan) {
        let outputs = plan.tasks().filter_map(|task| task.output.parent());
        let own = [batch.options.folder.as_path()];
        let joined = batch.join.as_ref().map(|join| folder_of(&join.path));
        let listed = batch.results.as_ref();
        let listed = listed.map(|results| folder_of(&results.path));
        let others = joined.into_iter().chain(listed);
        let folders: BTreeSet<&Path> = outputs.chain(own).chain(others).collect();
        for folder in folders {
            if !self.0.insert(folder.to_owned()) {
                continue;
            }
            // It may not exist yet.
            let removed = file::remove_unfinished(folder).unwrap_or(0);
            if removed > 0 {
                let folder = folder.display();
                let files = count(removed as u64, "unfinished file");
                batch
                    .reporter
                    .detail(|| format!("removed {files} from {folder}"));
            }
        }
    }
}
