//! `--join`: when all files of a batch are also made one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use piper_rs::CancelToken;
use piper_rs::audio::BufferPool;

use super::event::Joined;
use super::joint::Joint;
use super::journal::{Begun, Done, History, Stamp};
use super::plan::{Plan, PlanOptions};
use super::undertaking::Undertaking;
use super::verdict::{Found, Permission, Taken, Verdict, Why, judge};
use crate::app::args::ChaptersArg;

/// A file to be made of all the others.
#[derive(Debug, Clone)]
pub(super) struct Join {
    pub(super) path: PathBuf,
    pub(super) chapters: ChaptersArg,
    /// Silence between two parts.
    pub(super) pause: Duration,
}

impl Join {
    /// Returns where the list of parts goes.
    pub(super) fn list_path(&self) -> PathBuf {
        self.chapters.path(&self.path)
    }

    pub(super) fn folder(&self) -> &Path {
        let folder = self.path.parent();
        let named = folder.filter(|folder| !folder.as_os_str().is_empty());
        named.unwrap_or(Path::new("."))
    }

    /// Fails where the file may not be written, before work begins.
    pub(super) fn refuse(
        &self,
        plan: &Plan,
        options: &PlanOptions,
        history: &History,
    ) -> Result<(), Taken> {
        if options.permission != Permission::Keep {
            return Ok(());
        }
        let is_ours = history.past(&options.key(&self.path)).is_some();
        let mut paths = [self.path.clone(), self.list_path()].into_iter();
        match paths.find(|path| path.exists()) {
            Some(path) if !is_ours => Err(Taken::new(&path, Why::Foreign)),
            Some(path) if path == self.path && !plan.work().is_empty() => {
                Err(Taken::new(&path, Why::Outdated))
            }
            _ => Ok(()),
        }
    }

    /// Makes the file of what the plan has made, unless it is there.
    pub(super) fn make(
        &self,
        run: &Undertaking<'_>,
        pool: &BufferPool,
        cancel: &CancelToken,
    ) -> anyhow::Result<Joined<'_>> {
        let items = run.plan.items.iter();
        let tasks: Vec<_> = items.filter_map(|item| item.fate.task()).collect();
        let joint = Joint::measure(self, &tasks)?;
        let options = &run.batch.options;
        let (key, fingerprint) = (options.key(&self.path), joint.fingerprint());
        let past = run.history.past(&key);
        let verdict = judge(&self.path, &fingerprint, past, options.permission);
        match &verdict {
            Verdict::Refuse(taken) => return Err(taken.clone().into()),
            Verdict::Skip(Found::Done) => {}
            Verdict::Skip(Found::Unrecorded) => {
                run.journal
                    .done(Done::found(&self.path, &key, &fingerprint))?;
            }
            Verdict::Make(_) => {
                run.journal.begun(Begun {
                    output: key.clone(),
                    fingerprint,
                    replaces: Stamp::of(&self.path),
                })?;
                joint.write(pool, cancel)?;
                run.journal
                    .done(Done::found(&self.path, &key, &fingerprint))?;
            }
        }
        Ok(Joined {
            output: &self.path,
            parts: tasks.len(),
            audio_seconds: joint.length().as_secs_f64(),
            skipped: matches!(verdict, Verdict::Skip(_)),
        })
    }
}
