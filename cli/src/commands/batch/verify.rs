//! `--verify`: compares the files of a batch with its plans and the journals.

use std::path::Path;

use piper_rs::fs::FileStamp;

use super::event::{Event, Subject};
use super::fingerprint::Fingerprint;
use super::freshness::{ConflictReason, Identity, identify};
use super::journal::{History, OutputHistory};
use super::plan::{FailedText, Plan, PlanItem, Task};
use super::sidecar;
use crate::args::EventsArg;
use crate::terminal::report::{Outcome, Reporter};
use crate::terminal::stdout::{print_json, print_line};

/// Checks the files of plans instead of making them.
pub(super) struct Verification<'a> {
    /// Of all shards, or of the one that is verified.
    pub(super) history: &'a History,
    pub(super) events: Option<EventsArg>,
    pub(super) reporter: &'a Reporter,
    /// Whether there is something to verify: a list that was lost is not complete.
    pub(super) has_texts: bool,
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
            let task = match item {
                PlanItem::Make(task) | PlanItem::Skip(task, _) | PlanItem::Undecided(task) => task,
                PlanItem::Fail(failed) => {
                    self.found.files += 1;
                    self.found.invalid += 1;
                    self.print_invalid(failed)?;
                    continue;
                }
            };
            let made = self.history.output(&task.key)?;
            let fault = fault_of(&task.output, &task.fingerprint, made.as_ref());
            self.add(task, &task.output, fault)?;
            for sidecar in &task.sidecars {
                let fault = fault_of_sidecar(sidecar.state(self.history)?);
                self.add(task, sidecar.path(), fault)?;
            }
        }
        Ok(())
    }

    /// Counts a file, and prints its fault.
    fn add(&mut self, task: &Task, file: &Path, fault: Option<Fault>) -> piper_rs::Result<()> {
        self.found.files += 1;
        let Some(fault) = fault else {
            self.found.complete += 1;
            return Ok(());
        };
        self.found.faults[fault as usize] += 1;
        match self.events {
            Some(EventsArg::Json | EventsArg::Words) => print_json(&Event::Fault {
                subject: Subject::of(task).with_file(file),
                fault: fault.name(),
            }),
            None => print_line(&format!("{:<9} {}", fault.name(), file.display())),
        }
    }

    /// Prints a summary on standard error.
    pub(super) fn end(&self) -> Outcome {
        let found = &self.found;
        let mut summary = format!("{} of {} files are complete", found.complete, found.files);
        let names = Fault::ALL.map(Fault::name).into_iter();
        let counts = names.zip(found.faults);
        for (name, count) in counts.chain([("invalid", found.invalid)]) {
            if count > 0 {
                summary.push_str(&format!(", {count} {name}"));
            }
        }
        self.reporter.note(&summary);
        match found.complete == found.files && self.has_texts {
            true => Outcome::Done,
            false => Outcome::Failed,
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

/// Returns what is wrong with an audio file. Its samples are not compared with anything.
fn fault_of(
    path: &Path,
    fingerprint: &Fingerprint,
    history: Option<&OutputHistory>,
) -> Option<Fault> {
    let Ok(stamp) = FileStamp::of(path) else {
        return Some(Fault::Missing);
    };
    match identify(path, stamp, history) {
        Identity::Foreign => Some(Fault::Foreign),
        Identity::Truncated | Identity::Changed => Some(Fault::Damaged),
        Identity::Made(recorded, _) if !fingerprint.matches(recorded) => Some(Fault::Outdated),
        Identity::Made(..) => {
            let is_made_twice = history.is_some_and(|history| history.is_made_twice);
            is_made_twice.then_some(Fault::MadeTwice)
        }
    }
}

/// Returns what is wrong with a file beside an audio file. It was made with that: if two
/// runs have made both, that is the fault of the audio file.
fn fault_of_sidecar(state: sidecar::State) -> Option<Fault> {
    use sidecar::State;
    match state {
        State::Current => None,
        State::Missing => Some(Fault::Missing),
        State::Conflict(ConflictReason::Foreign) => Some(Fault::Foreign),
        State::Conflict(ConflictReason::Changed) => Some(Fault::Damaged),
        State::Conflict(ConflictReason::Outdated) => Some(Fault::Outdated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::freshness::tests::{done, fingerprint, started, wav};

    #[test]
    fn a_file_is_checked_against_the_run_that_made_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let fault = |history: &_| fault_of(&path, &fingerprint(), Option::as_ref(history));
        assert_eq!(fault(&done("text", 244)), Some(Fault::Missing));
        wav(&path, 100);
        let stamp = FileStamp::of(&path).ok();
        for (name, history, expected) in [
            ("foreign", None, Some(Fault::Foreign)),
            ("done", done("text", 244), None),
            ("outdated", done("old", 244), Some(Fault::Outdated)),
            ("changed", done("text", 300), Some(Fault::Damaged)),
            ("killed after the rename", started("text", None, None), None),
            (
                "killed before the rename over its predecessor",
                started("text", stamp, done("old", 244)),
                Some(Fault::Outdated),
            ),
            (
                "killed before the rename over a foreign file",
                started("text", stamp, None),
                Some(Fault::Foreign),
            ),
        ] {
            assert_eq!(fault(&history), expected, "{name}");
        }
        std::fs::write(&path, "RIFF....").unwrap();
        assert_eq!(fault(&done("text", 244)), Some(Fault::Damaged));
    }
}
