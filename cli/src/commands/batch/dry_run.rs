//! `--dry-run`: lists what a batch would make, and how long that takes.

use std::path::Path;
use std::time::Duration;

use piper_rs::Result;

use super::estimate::{Estimate, Estimator};
use super::event::{Event, Subject};
use super::plan::{FailedText, Plan, PlanItem, Task};
use crate::args::EventsArg;
use crate::terminal::quantity::{clock, count};
use crate::terminal::report::{Outcome, Reporter};
use crate::terminal::stdout::{print_json, print_line};

/// Lists plans instead of running them.
pub(super) struct DryRun<'a> {
    pub(super) estimator: Estimator<'a>,
    pub(super) jobs: usize,
    pub(super) events: Option<EventsArg>,
    pub(super) reporter: &'a Reporter,
    pub(super) totals: Totals,
}

/// What the plans have so far.
#[derive(Debug, Default)]
pub(super) struct Totals {
    files: usize,
    to_make: usize,
    failed: usize,
    chars: u64,
    estimate: Estimate,
    /// How many are estimated without the journal.
    guessed: usize,
    joined: Option<Duration>,
}

impl DryRun<'_> {
    /// Prints a plan on standard output.
    pub(super) fn print(&mut self, plan: &Plan) -> anyhow::Result<()> {
        for item in &plan.items {
            self.totals.files += 1;
            match item {
                PlanItem::Make(task) | PlanItem::Undecided(task) => self.print_task(task)?,
                PlanItem::Skip(task, _) => {
                    let subject = Subject::of(task);
                    let line = format!("skip  {}", task.output.display());
                    self.print_item(&Event::Skip { subject }, &line)?;
                }
                PlanItem::Fail(FailedText { n, location, error }) => {
                    self.totals.failed += 1;
                    let subject = Subject::without_task(location, *n);
                    let error = format!("{error:#}");
                    let line = format!("fail  {location}: {error}");
                    self.print_item(&Event::Fail { subject, error }, &line)?;
                }
            }
        }
        Ok(())
    }

    /// Prints the joined file and its expected length.
    pub(super) fn print_joined(&mut self, output: &Path, length: Duration) -> anyhow::Result<()> {
        let event = Event::PlanJoin {
            output,
            estimated_audio_seconds: length.as_secs_f64(),
        };
        self.totals.joined = Some(length);
        let (output, length) = (output.display(), clock(length));
        self.print_item(&event, &format!("join  {output}  about {length} of audio"))?;
        Ok(())
    }

    /// Prints a summary on standard error.
    pub(super) fn end(&self) -> Outcome {
        self.reporter.note(&self.summary());
        match self.totals.failed {
            0 => Outcome::Done,
            _ => Outcome::Failed,
        }
    }

    fn print_task(&mut self, task: &Task) -> Result<()> {
        let estimate = self.estimator.estimate(task);
        let totals = &mut self.totals;
        totals.to_make += 1;
        totals.chars += task.chars;
        totals.estimate = [totals.estimate, estimate].into_iter().sum();
        totals.guessed += usize::from(self.estimator.rate(task).is_none());
        let event = Event::Plan {
            subject: Subject::of(task),
            chars: task.chars,
            estimated_audio_seconds: estimate.audio_seconds,
            estimated_work_seconds: estimate.work_seconds,
        };
        let (output, amount) = (task.output.display(), amount(task.chars, estimate));
        self.print_item(&event, &format!("make  {output}  {amount}"))
    }

    fn print_item(&self, event: &Event<'_>, line: &str) -> Result<()> {
        match self.events {
            Some(EventsArg::Json | EventsArg::Words) => print_json(event),
            None => print_line(line),
        }
    }

    fn summary(&self) -> String {
        let totals = &self.totals;
        let jobs = self.jobs.min(totals.to_make).max(1);
        let wall = Duration::from_secs_f64(totals.estimate.work_seconds / jobs as f64);
        let basis = match totals.guessed {
            0 => "estimated from this folder's journal",
            _ => "a rough guess, because the journal has too little audio of these voices",
        };
        let (n, of) = (totals.to_make, totals.files);
        let mut amount = amount(totals.chars, totals.estimate);
        if let Some(length) = totals.joined {
            amount.push_str(&format!(", {} joined with its pauses", clock(length)));
        }
        let wall = clock(wall);
        format!(
            "would make {n} of {of}: {amount}, in about {wall} with {} ({basis})",
            count(jobs as u64, "job")
        )
    }
}

fn amount(chars: u64, estimate: Estimate) -> String {
    let audio = clock(Duration::from_secs_f64(estimate.audio_seconds));
    format!("{}, about {audio} of audio", count(chars, "character"))
}
