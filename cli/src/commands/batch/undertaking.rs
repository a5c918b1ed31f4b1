//! One run of a batch whose plan stands: doing it, and saying how it went.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use piper_rs::sink::wav;
use piper_rs::voice::PhonemeType;

use super::Batch;
use super::bars::Bars;
use super::event::{Event, Subject};
use super::journal::{Done, History, Journal};
use super::plan::{Fate, Job, Plan};
use super::tally::Tally;
use super::verdict::Found;
use super::watch::Watch;
use super::work::{OnFailure, Workshop};
use crate::args::StatsArg;
use crate::speech::engine::{Engine, EngineOptions, default_threads};
use crate::speech::stats::Stats;
use crate::terminal::report::Outcome;

pub(super) struct Undertaking<'a> {
    pub(super) batch: &'a Batch,
    pub(super) plan: &'a Plan,
    pub(super) journal: &'a Journal,
    pub(super) history: &'a History,
    pub(super) started: Instant,
}

impl Undertaking<'_> {
    /// Makes what is to be made, then joins it; reports however it ends.
    pub(super) fn carry_out(&self) -> anyhow::Result<Outcome> {
        let batch = self.batch;
        self.remove_unfinished();
        let work = self.plan.work();
        let jobs = batch.jobs.min(work.len()).max(1);
        let engine = self.engine(&work, jobs)?;
        let chars = work.iter().map(|job| job.task.chars).sum();
        let watch = Watch::new(
            Arc::clone(&batch.reporter),
            batch.events,
            self.started,
            Bars::new(work.len(), chars, jobs, &batch.reporter),
        );
        self.tell_known(&watch)?;
        let workshop = Workshop {
            engine: &engine,
            pool: &batch.pool,
            cancel: &batch.cancel,
            journal: self.journal,
            watch: &watch,
            on_failure: batch.on_failure,
        };
        let worked = workshop.run(&work, jobs).and_then(|()| self.join(&watch));
        let tally = watch.end();
        self.report(&tally, &engine, &watch, worked)
    }

    /// Clears away what a killed run left half-written.
    fn remove_unfinished(&self) {
        let outputs = self.plan.items.iter().filter_map(|item| item.fate.task());
        let mut folders: BTreeSet<&Path> =
            outputs.filter_map(|task| task.output.parent()).collect();
        folders.insert(&self.batch.options.folder);
        folders.extend(self.batch.join.as_ref().map(|join| join.folder()));
        for folder in folders {
            // A folder that is not there holds nothing.
            let removed = wav::remove_unfinished(folder).unwrap_or(0);
            if removed > 0 {
                let folder = folder.display();
                let reporter = &self.batch.reporter;
                reporter.detail(|| format!("removed {removed} half-written files from {folder}"));
            }
        }
    }

    /// Gets ready to speak; fails where a library is missing, rather than once
    /// per text.
    fn engine(&self, work: &[Job<'_>], jobs: usize) -> anyhow::Result<Engine> {
        let batch = self.batch;
        if !work.is_empty() {
            batch.libraries.runtime()?;
        }
        let reads_ipa = |job: &Job<'_>| job.task.voice.config.phoneme_type == PhonemeType::Espeak;
        if work.iter().any(reads_ipa) {
            batch.libraries.espeak()?;
        }
        let options = EngineOptions {
            threads: batch.engine.threads.or_else(|| threads(work, jobs)),
            ..batch.engine.clone()
        };
        let folders = batch.voice_folders.clone();
        let (libraries, reporter) = (batch.libraries.clone(), Arc::clone(&batch.reporter));
        Ok(Engine::new(libraries, folders, options, reporter))
    }

    /// Tells what planning found: what is done already, and what is wrong.
    fn tell_known(&self, watch: &Watch) -> anyhow::Result<()> {
        for (n, item) in (1..).zip(&self.plan.items) {
            match &item.fate {
                Fate::Make(..) => {}
                Fate::Skip(task, found) => {
                    if *found == Found::Unrecorded {
                        let (key, fingerprint) = (&task.key, &task.fingerprint.current);
                        self.journal
                            .done(Done::found(&task.output, key, fingerprint))?;
                    }
                    watch.skipped(Subject::new(&item.place, task))?;
                }
                Fate::Fail(error) => {
                    watch.failed(&item.place, Subject::bad(&item.place, n), error)?;
                    if self.batch.on_failure == OnFailure::Stop {
                        self.batch.cancel.cancel();
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn join(&self, watch: &Watch) -> anyhow::Result<()> {
        let batch = self.batch;
        let Some(join) = &batch.join else {
            return Ok(());
        };
        if batch.reporter.has_failed() {
            let path = join.path.display();
            let message = format!("{path} is not made: parts of it are missing");
            batch.reporter.note(&message);
            return Ok(());
        }
        let joined = join.make(self, &batch.pool, &batch.cancel)?;
        Ok(watch.emit(&Event::Join(joined))?)
    }

    fn report(
        &self,
        tally: &Tally,
        engine: &Engine,
        watch: &Watch,
        worked: anyhow::Result<()>,
    ) -> anyhow::Result<Outcome> {
        let batch = self.batch;
        let (pool, cache) = (batch.pool.stats(), engine.cache().stats());
        let stats = Stats::new(pool, cache, tally.stream, self.started.elapsed());
        batch.reporter.left_out(&tally.unknown);
        batch.reporter.replaced(tally.stream.replaced_words);
        let wall_seconds = self.started.elapsed().as_secs_f64();
        batch.reporter.note(&tally.summary(wall_seconds));
        if batch.stats.is_some() || !batch.reporter.is_quiet() {
            let format = batch.stats.unwrap_or(StatsArg::Text);
            batch.reporter.raw_line(&stats.render(format));
        }
        let ended = self.ended(tally, worked);
        let is_interrupted = |error: &anyhow::Error| Outcome::of(error) == Outcome::Interrupted;
        watch.emit(&Event::End {
            tally,
            interrupted: ended.as_ref().is_err_and(is_interrupted),
            stats: &stats,
        })?;
        ended
    }

    fn ended(&self, tally: &Tally, worked: anyhow::Result<()>) -> anyhow::Result<Outcome> {
        let stops = self.batch.on_failure == OnFailure::Stop;
        match worked {
            Err(error) if Outcome::of(&error) != Outcome::Interrupted => Err(error),
            // The failure stopped the rest, and has been reported.
            Err(_) if stops && tally.failed > 0 => Ok(Outcome::Failed),
            Err(error) => Err(error),
            Ok(()) if tally.failed > 0 => Ok(Outcome::Failed),
            Ok(()) => Ok(Outcome::Done),
        }
    }
}

/// Returns how many threads share an inference unless told otherwise: those of
/// several would wait for each other.
fn threads(work: &[Job<'_>], jobs: usize) -> Option<NonZeroUsize> {
    // How ONNX Runtime shares work out shows in the last bits of a sample, and
    // a seed promises the same bytes with any number of jobs.
    let promised = work.iter().any(|job| job.task.settings.seed.is_some());
    NonZeroUsize::new(match promised {
        true => 1,
        false => (default_threads() / jobs).max(1),
    })
}
