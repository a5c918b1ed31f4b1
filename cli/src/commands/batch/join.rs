//! `--join`: when all files of a batch are also made one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::bail;
use piper_rs::CancelToken;
use piper_rs::audio::wav::{MAX_SAMPLES, WavReader};
use piper_rs::audio::{BufferPool, duration_of};

use super::estimate::Estimator;
use super::event::Joined;
use super::joint::Joint;
use super::journal::{Begun, Done, History, Stamp};
use super::plan::{Fate, Plan, PlanOptions, Planned};
use super::undertaking::Undertaking;
use super::verdict::{Found, Permission, Taken, Verdict, Why, judge};
use crate::args::ChaptersArg;
use crate::terminal::progress::minutes;

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

    /// Fails where the file may not be written, or could not hold its parts,
    /// before work begins.
    pub(super) fn refuse(
        &self,
        plan: &Plan,
        options: &PlanOptions,
        history: &History,
    ) -> anyhow::Result<()> {
        self.refuse_taken(plan, options, history)?;
        let (expected, longest) = (self.expected_length(plan, history), longest(plan));
        if expected > longest {
            let (path, expected) = (self.path.display(), minutes(expected));
            bail!(
                "{path} would be over 4 GiB, more than a WAV file can hold: about {expected} \
                 minutes, and {} is the most; make the parts without `--join`, and with it when \
                 they are there and their true length is known",
                minutes(longest)
            );
        }
        Ok(())
    }

    /// Returns how long the whole is going to be: parts that are there are
    /// measured, the others estimated.
    pub(super) fn expected_length(&self, plan: &Plan, history: &History) -> Duration {
        let estimator = Estimator::new(history.paces());
        let part = |item: &Planned| {
            let task = item.fate.task()?;
            let made = match item.fate {
                Fate::Skip(..) => WavReader::open(&task.output).ok(),
                Fate::Make(..) | Fate::Fail(_) => None,
            };
            Some(match made {
                Some(wav) => duration_of(wav.samples(), wav.rate()),
                None => Duration::from_secs_f64(estimator.estimate(task).audio_seconds),
            })
        };
        let parts = plan.items.iter().filter_map(part);
        let whole: Duration = parts.map(|part| part + self.pause).sum();
        whole.saturating_sub(self.pause) // between parts only
    }

    fn refuse_taken(
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
                    .done(Done::found(&self.path, &key, &fingerprint.current))?;
            }
            Verdict::Make(_) => {
                run.journal.begun(Begun {
                    output: key.clone(),
                    fingerprint: fingerprint.current,
                    replaces: Stamp::of(&self.path),
                })?;
                joint.write(pool, cancel)?;
                run.journal
                    .done(Done::found(&self.path, &key, &fingerprint.current))?;
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

/// Returns how much a WAV file can hold at the rate of the first part, which
/// is that of the whole.
fn longest(plan: &Plan) -> Duration {
    let first = plan.items.iter().find_map(|item| item.fate.task());
    first.map_or(Duration::MAX, |task| {
        duration_of(MAX_SAMPLES, task.voice.config.sample_rate)
    })
}
