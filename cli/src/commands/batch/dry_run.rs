//! `--dry-run`: what would be done, and how long it would take.

use std::time::Duration;

use piper_rs::Result;

use super::estimate::{Estimate, Estimator};
use super::event::{Event, Subject};
use super::join::Join;
use super::journal::History;
use super::plan::{Fate, Plan};
use crate::args::EventsArg;
use crate::terminal::progress::minutes;
use crate::terminal::report::{Outcome, Reporter};
use crate::terminal::stdout::print_line;

/// Somebody who asks what would be done.
pub(super) struct DryRun<'a> {
    pub(super) history: &'a History,
    pub(super) join: Option<&'a Join>,
    pub(super) jobs: usize,
    pub(super) events: Option<EventsArg>,
    pub(super) reporter: &'a Reporter,
}

impl DryRun<'_> {
    /// Lists the plan on standard output, its sum on standard error.
    pub(super) fn show(&self, plan: &Plan) -> anyhow::Result<Outcome> {
        let estimator = Estimator::new(self.history.paces());
        let mut outcome = Outcome::Done;
        for (n, item) in (1..).zip(&plan.items) {
            let (event, line) = match &item.fate {
                Fate::Make(task, _) => {
                    let subject = Subject::new(&item.place, task);
                    let estimate = estimator.estimate(task);
                    let output = task.output.display();
                    let line = format!("make  {output}  {}", amount(task.chars, estimate));
                    (plan_event(subject, task.chars, estimate), line)
                }
                Fate::Skip(task, _) => {
                    let subject = Subject::new(&item.place, task);
                    (
                        Event::Skip { subject },
                        format!("skip  {}", task.output.display()),
                    )
                }
                Fate::Fail(error) => {
                    outcome = Outcome::Failed;
                    let (subject, error) = (Subject::bad(&item.place, n), format!("{error:#}"));
                    let line = format!("fail  {}: {error}", item.place);
                    (Event::Fail { subject, error }, line)
                }
            };
            self.tell(&event, &line)?;
        }
        if let Some(join) = self.join {
            let length = join.expected_length(plan, self.history);
            let (path, audio) = (join.path.display(), minutes(length));
            let event = Event::PlanJoin {
                output: &join.path,
                estimated_audio_seconds: length.as_secs_f64(),
            };
            self.tell(&event, &format!("join  {path}  about {audio} of audio"))?;
        }
        self.reporter.note(&sum(plan, &estimator, self.jobs));
        Ok(outcome)
    }

    fn tell(&self, event: &Event<'_>, line: &str) -> Result<()> {
        match self.events {
            Some(EventsArg::Json) => event.print(),
            None => print_line(line),
        }
    }
}

fn plan_event(subject: Subject<'_>, chars: u64, estimate: Estimate) -> Event<'_> {
    Event::Plan {
        subject,
        chars,
        estimated_audio_seconds: estimate.audio_seconds,
        estimated_work_seconds: estimate.work_seconds,
    }
}

fn sum(plan: &Plan, estimator: &Estimator, jobs: usize) -> String {
    let work = plan.work();
    let estimate: Estimate = work.iter().map(|job| estimator.estimate(job.task)).sum();
    let chars = work.iter().map(|job| job.task.chars).sum();
    let jobs = jobs.min(work.len()).max(1);
    let wall = Duration::from_secs_f64(estimate.work_seconds / jobs as f64);
    let basis = match work.iter().all(|job| estimator.knows(job.task)) {
        true => "going by this folder's journal",
        false => "a rough guess: these voices have made little here yet",
    };
    let (n, of, amount) = (work.len(), plan.items.len(), amount(chars, estimate));
    let wall = minutes(wall);
    format!("would make {n} of {of}: {amount}, made in about {wall} by {jobs} jobs ({basis})")
}

fn amount(chars: u64, estimate: Estimate) -> String {
    let audio = minutes(Duration::from_secs_f64(estimate.audio_seconds));
    format!("{chars} characters, about {audio} of audio")
}
