//! `--verify`: compares the files of a batch with its plans and all journals.

use std::path::Path;

use piper_rs::audio::wav::is_truncated;
use piper_rs::encode::length_of;
use piper_rs::fs::FileStamp;

use super::event::{Event, Subject};
use super::journal::History;
use super::plan::{FailedText, Plan, PlanItem, Task};
use crate::args::EventsArg;
use crate::terminal::quantity::count;
use crate::terminal::report::{Outcome, Reporter};
use crate::terminal::stdout::{print_json, print_line};

/// Checks the files of plans instead of making them.
pub(super) struct Verification<'a> {
    /// Of all shards.
    pub(super) history: &'a History,
    pub(super) events: Option<EventsArg>,
    pub(super) reporter: &'a Reporter,
    pub(super) found: Found,
}

/// What is found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    files: u64,
    complete: u64,
    invalid: u64,
    /// In the order of [`Fault::ALL`].
    faults: [u64; Fault::ALL.len()],
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Missing,
    /// It is not what was written.
    Damaged,
    /// It was made from another text, voice, setting or version.
    Outdated,
    /// It is there, and no journal knows it.
    Foreign,
    /// It is complete, and two runs at the same time have made it.
    MadeTwice,
}

impl Fault {
    const ALL: [Self; 5] = [
        Self::Missing,
        Self::Damaged,
        Self::Outdated,
        Self::Foreign,
        Self::MadeTwice,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::Outdated => "outdated",
            Self::Foreign => "foreign",
            Self::MadeTwice => "twice",
        }
    }
}

impl Verification<'_> {
    /// Checks the files of a plan, and prints the faults on standard output.
    pub(super) fn check(&mut self, plan: &Plan) -> anyhow::Result<()> {
        for item in &plan.items {
            self.found.files += 1;
            let task = match item {
                PlanItem::Make(task) | PlanItem::Skip(task, _) => task,
                PlanItem::Fail(failed) => {
                    self.found.invalid += 1;
                    self.print_invalid(failed)?;
                    continue;
                }
            };
            match self.fault(task) {
                None => self.found.complete += 1,
                Some(fault) => {
                    self.found.faults[fault as usize] += 1;
                    self.print_fault(task, fault)?;
                }
            }
        }
        Ok(())
    }

    /// Prints a summary on standard error.
    pub(super) fn end(&self) -> Outcome {
        let found = &self.found;
        let (complete, all) = (found.complete, count(found.files, "file"));
        let mut summary = format!("{complete} of {all} are complete");
        let names = Fault::ALL.map(Fault::name).into_iter();
        let counts = names.zip(found.faults);
        for (name, count) in counts.chain([("invalid", found.invalid)]) {
            if count > 0 {
                summary.push_str(&format!(", {count} {name}"));
            }
        }
        self.reporter.note(&summary);
        match found.complete == found.files {
            true => Outcome::Done,
            false => Outcome::Failed,
        }
    }

    fn fault(&self, task: &Task) -> Option<Fault> {
        let mut sidecars = task.sidecars.iter().map(|sidecar| sidecar.path());
        if !task.output.exists() || sidecars.any(|path| !path.exists()) {
            return Some(Fault::Missing);
        }
        let history = self.history.output(&task.key);
        let Some(history) = history else {
            return Some(Fault::Foreign);
        };
        let (recorded, bytes) = match (&history.started, &history.done) {
            // Killed between the file and its record, which is made good by the next run.
            (Some(started), _) => (started.fingerprint, None),
            (None, Some(done)) => (done.fingerprint, Some(done.bytes)),
            (None, None) => return Some(Fault::Foreign),
        };
        if is_damaged(&task.output, bytes) {
            return Some(Fault::Damaged);
        }
        if !task.fingerprint.matches(&recorded) {
            return Some(Fault::Outdated);
        }
        history.is_made_twice.then_some(Fault::MadeTwice)
    }

    fn print_fault(&self, task: &Task, fault: Fault) -> piper_rs::Result<()> {
        match self.events {
            Some(EventsArg::Json | EventsArg::Words) => print_json(&Event::Fault {
                subject: Subject::of(task),
                fault: fault.name(),
            }),
            None => print_line(&format!("{:<9} {}", fault.name(), task.output.display())),
        }
    }

    fn print_invalid(&self, failed: &FailedText) -> piper_rs::Result<()> {
        let FailedText { n, location, error } = failed;
        let error = format!("{error:#}");
        match self.events {
            Some(EventsArg::Json | EventsArg::Words) => print_json(&Event::Fail {
                subject: Subject::without_task(location, *n),
                error,
            }),
            None => print_line(&format!("invalid   {location}: {error}")),
        }
    }
}

/// Returns whether a file is not what was written: it has another size, or no longer the
/// form of its format. Its samples are not compared with anything.
fn is_damaged(path: &Path, bytes: Option<u64>) -> bool {
    let stamp = FileStamp::of(path).ok();
    let is_other = bytes.is_some_and(|bytes| stamp.is_none_or(|stamp| stamp.bytes != bytes));
    is_other || is_truncated(path).unwrap_or(true) || length_of(path).is_err()
}
