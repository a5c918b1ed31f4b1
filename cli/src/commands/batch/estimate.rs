//! How long the audio of a batch will be and how long it takes to make it; and
//! `--dry-run`, which lists both.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use piper_rs::Result;

use super::event::{Event, Subject};
use super::journal::SpeakingRate;
use super::plan::{FailedText, Plan, PlanItem, Task};
use crate::args::EventsArg;
use crate::terminal::quantity::clock;
use crate::terminal::report::{Outcome, Reporter};
use crate::terminal::stdout::{print_json, print_line};

/// Characters per second of speech at a length scale of 1: 2 500 characters of
/// English prose lasted 146 s with the built-in voice, pauses included. Other
/// voices and languages differ by a third and more.
const CHARS_PER_SECOND: f64 = 17.0;
/// Seconds of work on one core per second of audio: medium voices took 0.075 to
/// 0.1 on the servers where this was measured, the built-in one a sixth of
/// that. Machines differ by as much.
const REAL_TIME_FACTOR: f64 = 0.1;
/// The journal must have at least this much audio of a voice.
const MIN_AUDIO_SECONDS: f64 = 5.0;

/// What a text is expected to take.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Estimate {
    pub(super) audio_seconds: f64,
    /// With one worker.
    work_seconds: f64,
}

/// Estimates from the speaking rates in the journal.
#[derive(Debug, Default)]
pub(super) struct Estimator {
    /// Sums, by the name of the voice.
    voices: HashMap<String, SpeakingRate>,
}

impl Estimator {
    pub(super) fn new(rates: &[SpeakingRate]) -> Self {
        let mut voices: HashMap<String, SpeakingRate> = HashMap::new();
        for rate in rates {
            match voices.get_mut(&rate.voice) {
                Some(sum) => {
                    sum.chars += rate.chars;
                    sum.audio_seconds += rate.audio_seconds;
                    sum.wall_seconds += rate.wall_seconds;
                }
                None => _ = voices.insert(rate.voice.clone(), rate.clone()),
            }
        }
        Self { voices }
    }

    pub(super) fn estimate(&self, task: &Task) -> Estimate {
        let chars = task.chars as f64;
        match self.rate(task) {
            // Assumes the same speed and length scale as before.
            Some(rate) => {
                let audio_seconds = chars * rate.audio_seconds / rate.chars as f64;
                Estimate {
                    audio_seconds,
                    work_seconds: audio_seconds * rate.wall_seconds / rate.audio_seconds,
                }
            }
            None => {
                let overrides = &task.settings.overrides;
                let scale = overrides.length_scale;
                let scale = scale.unwrap_or(task.voice.config.scales.length_scale);
                let speed = overrides.speed.unwrap_or_default().get();
                let audio_seconds = chars / CHARS_PER_SECOND * f64::from(scale / speed);
                Estimate {
                    audio_seconds,
                    work_seconds: audio_seconds * REAL_TIME_FACTOR,
                }
            }
        }
    }

    /// Returns the measured rate of the task's voice, if there is enough data.
    fn rate(&self, task: &Task) -> Option<&SpeakingRate> {
        let rate = self.voices.get(&task.voice.files.name())?;
        (rate.audio_seconds >= MIN_AUDIO_SECONDS && rate.chars > 0).then_some(rate)
    }
}

impl std::iter::Sum for Estimate {
    fn sum<I: Iterator<Item = Self>>(estimates: I) -> Self {
        estimates.fold(Self::default(), |sum, one| Self {
            audio_seconds: sum.audio_seconds + one.audio_seconds,
            work_seconds: sum.work_seconds + one.work_seconds,
        })
    }
}

/// Lists a plan instead of running it.
pub(super) struct DryRun<'a> {
    pub(super) plan: &'a Plan,
    pub(super) estimator: Estimator,
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
            Some(EventsArg::Json) => print_json(event),
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
        let (n, of, amount) = (work.len(), self.plan.items.len(), amount(chars, estimate));
        let wall = clock(wall);
        format!("would make {n} of {of}: {amount}, in about {wall} with {jobs} jobs ({basis})")
    }
}

fn amount(chars: u64, estimate: Estimate) -> String {
    let audio = clock(Duration::from_secs_f64(estimate.audio_seconds));
    format!("{chars} characters, about {audio} of audio")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::commands::batch::tests::task;

    fn rate(voice: &str, chars: u64, audio_seconds: f64) -> SpeakingRate {
        SpeakingRate {
            voice: voice.to_owned(),
            chars,
            audio_seconds,
            wall_seconds: audio_seconds / 4.0,
        }
    }

    #[test]
    fn without_data_the_length_scale_decides() {
        let mut task = task(Path::new("a.wav"));
        task.chars = 1400;
        let estimator = Estimator::new(&[rate("another", 10, 100.0)]);
        assert_eq!(estimator.rate(&task), None);
        let audio = estimator.estimate(&task).audio_seconds;
        Arc::make_mut(&mut task.settings).overrides.length_scale = Some(2.0);
        let slow = estimator.estimate(&task);
        assert!((slow.audio_seconds - 2.0 * audio).abs() < 1e-9);
        assert!((slow.work_seconds - slow.audio_seconds * REAL_TIME_FACTOR).abs() < 1e-9);
    }

    #[test]
    fn a_voice_with_enough_data_is_estimated_from_it() {
        let mut task = task(Path::new("a.wav"));
        task.chars = 100;
        let voice = task.voice.files.name();
        let little = Estimator::new(&[rate(&voice, 10, 1.0)]);
        assert_eq!(little.rate(&task), None);
        let enough = Estimator::new(&[rate(&voice, 30, 4.0), rate(&voice, 30, 8.0)]);
        let expected = Estimate {
            audio_seconds: 20.0,
            work_seconds: 5.0,
        };
        assert_eq!(enough.estimate(&task), expected);
    }
}
