//! Runs a plan: makes the files, joins them if asked, and reports the result.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use piper_rs::sink::file;
use piper_rs::voice::PhonemeType;

use super::Batch;
use super::event::{Event, Subject};
use super::freshness::JournalState;
use super::join::JoinContext;
use super::journal::{Done, History, Journal};
use super::plan::{FailedText, Plan, PlanItem, Task};
use super::progress::{BatchProgress, Totals, Workload};
use super::workers::{OnFailure, Stopped, Workers};
use crate::speech::engine::{Engine, EngineOptions, default_threads};
use crate::speech::stats::Stats;
use crate::system::CpuLaps;
use crate::terminal::quantity::count;
use crate::terminal::report::Outcome;

pub(super) struct BatchRun<'a> {
    pub(super) batch: &'a Batch,
    pub(super) plan: &'a Plan,
    pub(super) journal: &'a Journal,
    pub(super) history: &'a History,
    pub(super) started: Instant,
}

impl BatchRun<'_> {
    /// Makes the files, then the joined file. Reports the result even if it
    /// fails.
    pub(super) fn execute(&self) -> anyhow::Result<Outcome> {
        let batch = self.batch;
        self.remove_unfinished_files();
        let work = self.plan.work();
        let workload = Workload {
            texts: work.len(),
            chars: work.iter().map(|task| task.chars).sum(),
            workers: batch.jobs.min(work.len()).max(1),
        };
        let engine = self.engine(&work, workload.workers)?;
        let reporter = Arc::clone(&batch.reporter);
        let progress = BatchProgress::new(reporter, batch.events, self.started, &workload);
        self.report_planned(&progress)?;
        let workers = Workers {
            engine: &engine,
            parts: &batch.parts,
            pool: &batch.pool,
            cancel: &batch.cancel,
            journal: self.journal,
            progress: &progress,
            on_failure: batch.on_failure,
            has_stopped: AtomicBool::new(false),
            cpu_time: CpuLaps::default(),
        };
        let result = workers
            .run(&work, workload.workers)
            .and_then(|()| self.join(&progress));
        // Also after an error: it lists what is finished.
        let listed = self.write_results();
        let result = result.and(listed);
        self.report(&progress, &engine, result)
    }

    /// Removes the temporary files of runs that were killed.
    fn remove_unfinished_files(&self) {
        let outputs = self.plan.tasks();
        let mut folders: BTreeSet<&Path> =
            outputs.filter_map(|task| task.output.parent()).collect();
        folders.insert(&self.batch.options.folder);
        folders.extend(self.batch.join.as_ref().map(|join| join.folder()));
        for folder in folders {
            // It may not exist yet.
            let removed = file::remove_unfinished(folder).unwrap_or(0);
            if removed > 0 {
                let folder = folder.display();
                let reporter = &self.batch.reporter;
                let files = count(removed as u64, "unfinished file");
                reporter.detail(|| format!("removed {files} from {folder}"));
            }
        }
    }

    /// Returns the engine. Fails if a library is missing, so that this is
    /// reported once and not for every text.
    fn engine(&self, work: &[&Task], workers: usize) -> anyhow::Result<Engine> {
        let batch = self.batch;
        if !work.is_empty() {
            batch.libraries.runtime()?;
        }
        let needs_espeak = |task: &&Task| task.voice.config.phoneme_type == PhonemeType::Espeak;
        if work.iter().any(needs_espeak) {
            batch.libraries.espeak()?;
        }
        let threads = batch.engine.threads;
        let options = EngineOptions {
            threads: threads.or_else(|| threads_per_inference(work, workers)),
            ..batch.engine.clone()
        };
        let folders = batch.voice_folders.clone();
        let (libraries, reporter) = (batch.libraries.clone(), Arc::clone(&batch.reporter));
        Ok(Engine::new(libraries, folders, options, reporter))
    }

    /// Reports the texts that planning has skipped or refused.
    fn report_planned(&self, progress: &BatchProgress) -> anyhow::Result<()> {
        for item in &self.plan.items {
            match item {
                PlanItem::Make(_) => {}
                PlanItem::Skip(task, state) => {
                    if *state == JournalState::Unrecorded {
                        let (key, fingerprint) = (&task.key, task.fingerprint.current);
                        let done = Done::existing(&task.output, key, fingerprint);
                        self.journal.record_done(done)?;
                    }
                    progress.skipped(task)?;
                }
                PlanItem::Fail(FailedText { n, location, error }) => {
                    let subject = Subject::without_task(location, *n);
                    progress.failed(location, subject, error)?;
                    if self.batch.on_failure == OnFailure::Stop {
                        self.batch.cancel.cancel();
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn join(&self, progress: &BatchProgress) -> anyhow::Result<()> {
        let batch = self.batch;
        let Some(join) = &batch.join else {
            return Ok(());
        };
        if batch.reporter.has_failed() {
            let path = join.path.display();
            let message = format!("{path} was not made because some of its parts are missing");
            batch.reporter.note(&message);
            return Ok(());
        }
        let context = JoinContext {
            options: &batch.options,
            history: self.history,
            journal: self.journal,
            pool: &batch.pool,
            cancel: &batch.cancel,
        };
        let joined = join.make(self.plan, &context)?;
        Ok(progress.emit(&Event::Join(joined))?)
    }

    fn write_results(&self) -> anyhow::Result<()> {
        match &self.batch.results {
            Some(results) => results.write(self.plan, &self.journal.history()?),
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
        let is_interrupted = |error: &anyhow::Error| Outcome::of(error) == Outcome::Interrupted;
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
        let is_interrupted = |error: &anyhow::Error| Outcome::of(error) == Outcome::Interrupted;
        if outcome.as_ref().is_err_and(is_interrupted) {
            let (all, counts) = (self.plan.items.len() as u64, &totals.counts);
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

/// Returns how many threads an inference gets if the user does not say: the
/// workers share the cores, because threads of several inferences on one core
/// would only wait for each other.
fn threads_per_inference(work: &[&Task], workers: usize) -> Option<NonZeroUsize> {
    // The number of threads changes the last bits of samples, and with a seed
    // the output must not depend on the number of jobs.
    let is_reproducible = work
        .iter()
        .any(|task| task.settings.overrides.seed.is_some());
    NonZeroUsize::new(match is_reproducible {
        true => 1,
        false => (default_threads() / workers).max(1),
    })
}
