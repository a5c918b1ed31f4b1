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

/// Lists a plan instead of running it.
pub(super) struct DryRun<'a> {
    pub(super) plan: &'a Plan,
    pub(super) estimator: Estimator<'a>,
    /// The joined file and its expected length.
    pub(super) joined: Option<(&'a Path, Duration)>,
    pub(super) jobs: usize,
    pub(super) events: Option<EventsArg>,
    pub(super) reporter: &'a Reporter,
}

impl DryRun<'_> {
    /// Prints the plan on standard output, and a summary on standard error.
    pub(super) fn print(&self) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome::Done;
        for item in &self.plan.items {
            match item {
                PlanItem::Make(task) => self.print_task(task)?,
                PlanItem::Skip(task, _) => {
                    let subject = Subject::of(task);
                    let line = format!("skip  {}", task.output.display());
                    self.print_item(&Event::Skip { subject }, &line)?;
                }
                PlanItem::Fail(FailedText { n, location, error }) => {
                    outcome = Outcome::Failed;
                    let subject = Subject::without_task(location, *n);
                    let error = format!("{error:#}");
                    let line = format!("fail  {location}: {error}");
                    self.print_item(&Event::Fail { subject, error }, &line)?;
                }
            }
        }
        if let Some((output, length)) = self.joined {
            let event = Event::PlanJoin {
                output,
                estimated_audio_seconds: length.as_secs_f64(),
            };
            let (output, length) = (output.display(), clock(length));
            self.print_item(&event, &format!("join  {output}  about {length} of audio"))?;
        }
        self.reporter.note(&self.summary());
        Ok(outcome)
    }

    fn print_task(&self, task: &Task) -> Result<()> {
        let estimate = self.estimator.estimate(task);
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
        let (estimator, work) = (&self.estimator, self.plan.work());
        let estimate: Estimate = work.iter().map(|task| estimator.estimate(task)).sum();
        let chars = work.iter().map(|task| task.chars).sum();
        let jobs = self.jobs.min(work.len()).max(1);
        let wall = Duration::from_secs_f64(estimate.work_seconds / jobs as f64);
        let basis = match work.iter().all(|task| estimator.rate(task).is_some()) {
            true => "estimated from this folder's journal",
            false => "a rough guess, because the journal has too little audio of these voices",
        };
        let (n, of) = (work.len(), self.plan.items.len());
        let mut amount = amount(chars, estimate);
        if let Some((_, length)) = self.joined {
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
