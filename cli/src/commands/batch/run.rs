//! Runs plans: makes the files, joins them if asked, and reports the result.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use piper_rs::voice::{PhonemeType, VoiceFiles};

use super::event::{Event, Subject};
use super::freshness::JournalState;
use super::join::JoinContext;
use super::journal::{Done, History, Journal};
use super::plan::{FailedText, Plan, PlanItem, Task};
use super::progress::{BatchProgress, Skipped, Totals, Workload};
use super::results::{Results, ResultsList};
use super::survey::Survey;
use super::tidy_folders::TidyFolders;
use super::workers::{OnFailure, Stopped, Workers};
use super::{Batch, MAX_PLANNED};
use crate::speech::cores::default_threads;
use crate::speech::engine::Engine;
use crate::speech::engine_options::EngineOptions;
use crate::speech::stats::Stats;
use crate::speech::voice_checks::CheckTime;
use crate::system::CpuLaps;
use crate::terminal::quantity::count;
use crate::terminal::report::Outcome;

pub(super) struct BatchRun<'a> {
    batch: &'a Batch,
    journal: &'a Journal,
    history: &'a History,
    started: Instant,
    /// How many files and characters the run has, if it has several plans.
    large: Option<(usize, u64)>,
    has_seeds: bool,
    progress: Option<BatchProgress>,
    /// That of all plans: it keeps the voices.
    engine: Option<Engine>,
    cpu_time: CpuLaps,
    results: Option<ResultsList<'a>>,
    tidy: TidyFolders,
    /// The number of files that were planned.
    planned: usize,
}

impl<'a> BatchRun<'a> {
    pub(super) fn new(
        batch: &'a Batch,
        survey: &Survey,
        journal: &'a Journal,
        history: &'a History,
        started: Instant,
    ) -> Self {
        let is_large = survey.own_files > MAX_PLANNED && batch.join.is_none();
        Self {
            batch,
            journal,
            history,
            started,
            large: is_large.then_some((survey.own_files, survey.own_chars)),
            has_seeds: survey.has_seeds,
            progress: None,
            engine: None,
            cpu_time: CpuLaps::default(),
            results: batch.results.as_ref().map(Results::begin),
            tidy: TidyFolders::default(),
            planned: 0,
        }
    }

    /// Makes the files of a plan, then the joined file.
    pub(super) fn make(&mut self, plan: &Plan) -> anyhow::Result<()> {
        let batch = self.batch;
        self.planned += plan.items.len();
        self.tidy.tidy(batch, plan);
        let work = plan.work();
        self.check_libraries(&work)?;
        let files = self.large.map_or(work.len(), |(files, _)| files);
        let workers = batch.jobs.min(files).max(1);
        if self.engine.is_none() {
            self.engine = Some(self.engine(workers));
        }
        let progress = self.progress.get_or_insert_with(|| {
            let (texts, chars, skipped) = match self.large {
                Some((files, chars)) => (files, chars, Skipped::Count),
                None => {
                    let chars = work.iter().map(|task| task.chars).sum();
                    (work.len(), chars, Skipped::LeaveOut)
                }
            };
            let workload = Workload {
                texts,
                chars,
                workers,
                skipped,
            };
            let reporter = Arc::clone(&batch.reporter);
            BatchProgress::new(reporter, batch.events, self.started, &workload)
        });
        report_planned(batch, self.journal, plan, progress)?;
        // Planning is not a part of what the next file costs.
        self.cpu_time.lap();
        let workers = Workers {
            engine: self.engine.as_ref().expect("it was made above"),
            parts: &batch.parts,
            pool: &batch.pool,
            cancel: &batch.cancel,
            has_begun: &batch.has_begun,
            journal: self.journal,
            progress,
            on_failure: batch.on_failure,
            has_stopped: AtomicBool::new(false),
            cpu_time: &self.cpu_time,
        }
        .run(&work, workers);
        let result = workers.and_then(|()| self.join(plan));
        // Also after an error: it lists what is finished.
        let listed = self.list(plan);
        result.and(listed)
    }

    /// Reports the result of all plans, also if it is a failure.
    pub(super) fn end(mut self, result: anyhow::Result<()>) -> anyhow::Result<Outcome> {
        let result = match self.results.take() {
            // What was not planned would be missing in the list.
            Some(list) if self.progress.is_some() && (self.large.is_none() || result.is_ok()) => {
                let listed = list.finish();
                result.and(listed)
            }
            _ => result,
        };
        match (&self.progress, &self.engine) {
            (Some(progress), Some(engine)) => self.report(progress, engine, result),
            // The first plan could not be made.
            _ => result.map(|()| Outcome::Done),
        }
    }

    /// Fails if a library is missing, so that this is reported once and not for every
    /// text.
    fn check_libraries(&self, work: &[&Task]) -> anyhow::Result<()> {
        let batch = self.batch;
        let mut seen = HashSet::new();
        let mut voices = work.iter().map(|task| &task.voice);
        let needs_runtime = |files: &VoiceFiles| {
            let prepared = batch.engine.prepared.as_ref();
            prepared.is_none_or(|prepared| prepared.needs_runtime(files))
        };
        if voices.any(|voice| seen.insert(Arc::as_ptr(voice)) && needs_runtime(&voice.files)) {
            batch.libraries.runtime()?;
        }
        let needs_espeak = |task: &&Task| task.voice.config.phoneme_type == PhonemeType::Espeak;
        if work.iter().any(needs_espeak) {
            batch.libraries.espeak()?;
        }
        Ok(())
    }

    fn engine(&self, workers: usize) -> Engine {
        let batch = self.batch;
        let threads = || self.threads_per_inference(workers);
        let options = EngineOptions {
            threads: batch.engine.threads.or_else(threads),
            // All files are made by one engine, also if a voice turns out to need the other.
            check: CheckTime::First,
            ..batch.engine.clone()
        };
        let (libraries, folders) = (batch.libraries.clone(), batch.voice_folders.clone());
        Engine::new(libraries, folders, options, Arc::clone(&batch.reporter))
    }

    /// Returns how many threads an inference gets if the user does not say: the
    /// workers share the cores, because threads of several inferences on one core
    /// would only wait for each other.
    fn threads_per_inference(&self, workers: usize) -> Option<NonZeroUsize> {
        // The number of threads changes the last bits of samples, and with a seed
        // the output must not depend on the number of jobs.
        NonZeroUsize::new(match self.has_seeds {
            true => 1,
            false => (default_threads() / workers).max(1),
        })
    }

    fn join(&self, plan: &Plan) -> anyhow::Result<()> {
        let batch = self.batch;
        let (Some(join), Some(progress)) = (&batch.join, &self.progress) else {
            return Ok(());
        };
        if batch.reporter.has_failed() {
            let path = join.path.display();
            let message = format!("{path} was not made because some of its parts are missing");
            batch.reporter.note(&message);
            return Ok(());
        }
        batch.has_begun.store(true, Ordering::SeqCst);
        let context = JoinContext {
            options: &batch.options,
            history: self.history,
            journal: self.journal,
            pool: &batch.pool,
            cancel: &batch.cancel,
        };
        let joined = join.make(plan, &context)?;
        Ok(progress.emit(&Event::Join(joined))?)
    }

    /// Adds the finished files of a plan to the list of `--results`.
    fn list(&mut self, plan: &Plan) -> anyhow::Result<()> {
        let recorded = self.journal.take_recorded();
        match &mut self.results {
            Some(list) => list.add(plan, &[&recorded, self.history]),
            None => Ok(()),
        }
    }

    fn report(
        &self,
        progress: &BatchProgress,
        engine: &Engine,
        result: anyhow::Result<()>,
    ) -> anyhow::Result<Outcome> {
        let batch = self.batch;
        let totals = progress.end();
        let (pool, cache) = (batch.pool.stats(), engine.cache());
        let stats = Stats::new(pool, cache, totals.stream, self.started.elapsed());
        batch.reporter.unknown_phonemes(&totals.unknown);
        batch.reporter.replaced_words(totals.stream.replaced_words);
        batch
            .reporter
            .clipped_samples(totals.stream.clipped_samples);
        batch.parts.report_unknown_names();
        let wall_seconds = self.started.elapsed().as_secs_f64();
        batch.reporter.note(&totals.summary(wall_seconds));
        let outcome = self.outcome(&totals, result);
        batch.reporter.note(&self.next_step(&totals, &outcome));
        if let Some(format) = batch.stats {
            batch.reporter.raw_line(&stats.render(format));
        }
        progress.emit(&Event::End {
            counts: &totals.counts,
            interrupted: outcome.as_ref().is_err_and(is_interrupted),
            stats: &stats,
        })?;
        outcome
    }

    /// Says where the files are, or how to go on after Ctrl-C.
    fn next_step(&self, totals: &Totals, outcome: &anyhow::Result<Outcome>) -> String {
        let batch = self.batch;
        let folder = batch.options.folder.display();
        if outcome.as_ref().is_err_and(is_interrupted) {
            let (all, counts) = (self.all_files() as u64, &totals.counts);
            let ready = counts.done + counts.skipped;
            return format!(
                "stopped: {ready} of {} are in {folder}; run the same command again to \
                 make the others",
                count(all, "file")
            );
        }
        let mut place = format!("the files are in {folder}");
        if let (Some(join), Ok(Outcome::Done)) = (&batch.join, outcome) {
            let (audio, list) = (join.path.display(), join.chapters_path());
            place.push_str(&format!(
                ", joined in {audio}, chapters in {}",
                list.display()
            ));
            for format in &join.timed {
                let (noun, path) = (format.noun(), format.beside(&join.path));
                place.push_str(&format!(", {noun} in {}", path.display()));
            }
        }
        if let Some(results) = &batch.results {
            place.push_str(&format!(", listed in {}", results.path.display()));
        }
        place
    }

    fn all_files(&self) -> usize {
        self.large.map_or(self.planned, |(files, _)| files)
    }

    fn outcome(&self, totals: &Totals, result: anyhow::Result<()>) -> anyhow::Result<Outcome> {
        let has_failures = totals.counts.failed > 0;
        let stops = self.batch.on_failure == OnFailure::Stop;
        match result {
            Err(error) if error.is::<Stopped>() => {
                let message = "the texts that are left were not tried; when the fault is removed, \
                               run the same command again";
                self.batch.reporter.note(message);
                Ok(Outcome::Failed)
            }
            Err(error) if Outcome::of(&error) != Outcome::Interrupted => Err(error),
            // A failed text cancelled the others. Its error is reported.
            Err(_) if stops && has_failures => Ok(Outcome::Failed),
            Err(error) => Err(error),
            Ok(()) if has_failures => Ok(Outcome::Failed),
            Ok(()) => Ok(Outcome::Done),
        }
    }
}

/// Reports the texts that planning has skipped or refused.
fn report_planned(
    batch: &Batch,
    journal: &Journal,
    plan: &Plan,
    progress: &BatchProgress,
) -> anyhow::Result<()> {
    for item in &plan.items {
        match item {
            PlanItem::Make(_) | PlanItem::Undecided(_) => {}
            PlanItem::Skip(task, state) => {
                if *state == JournalState::Unrecorded {
                    let (key, fingerprint) = (&task.key, task.fingerprint.current);
                    journal.record_done(Done {
                        seed: task.existing_seed,
                        ..Done::existing(&task.output, key, fingerprint)
                    })?;
                }
                progress.skipped(task)?;
            }
            PlanItem::Fail(FailedText { n, location, error }) => {
                let subject = Subject::without_task(location, *n);
                progress.failed(location, subject, error)?;
                if batch.on_failure == OnFailure::Stop {
                    batch.cancel.cancel();
                    break;
                }
            }
        }
    }
    Ok(())
}

fn is_interrupted(error: &anyhow::Error) -> bool {
    Outcome::of(error) == Outcome::Interrupted
}
