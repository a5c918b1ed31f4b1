//! The jobs: threads that take texts from one list and make files of them.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use piper_rs::audio::BufferPool;
use piper_rs::sink::wav::{self, WavOptions};
use piper_rs::synth::{SpeechSession, SpeechSessionOptions};
use piper_rs::{CancelToken, Error, Result};

use super::event::Subject;
use super::journal::{Begun, Done, Journal, Pace, Stamp};
use super::plan::{Job, Task};
use super::watch::{Made, Watch};
use crate::speech::engine::Engine;
use crate::speech::settings::PiperMode;
use crate::terminal::report::Outcome;

/// What happens after a text that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnFailure {
    GoOn,
    Stop,
}

/// What every job works with.
pub(super) struct Workshop<'a> {
    pub(super) engine: &'a Engine,
    pub(super) pool: &'a BufferPool,
    pub(super) cancel: &'a CancelToken,
    pub(super) journal: &'a Journal,
    pub(super) watch: &'a Watch,
    pub(super) on_failure: OnFailure,
}

impl Workshop<'_> {
    /// Makes everything on the list, `jobs` texts at a time.
    ///
    /// Texts that fail are told to the watch. Fails itself where going on is
    /// of no use; the other jobs stop then too.
    pub(super) fn run(&self, work: &[Job<'_>], jobs: usize) -> anyhow::Result<()> {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let lines = 0..jobs.min(work.len());
            let lines: Vec<_> = lines
                .map(|line| {
                    scope.spawn({
                        let next = &next;
                        move || self.work(line, work, next)
                    })
                })
                .collect();
            let mut outcome = Ok(());
            for line in lines {
                let worked = line
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                outcome = worse(outcome, worked);
            }
            outcome
        })
    }

    /// One job: works until the list is empty.
    fn work(&self, line: usize, work: &[Job<'_>], next: &AtomicUsize) -> anyhow::Result<()> {
        loop {
            if self.cancel.is_cancelled() {
                return Err(Error::Cancelled.into());
            }
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = work.get(at) else {
                return Ok(());
            };
            let worked = self.one(line, *job);
            if worked.is_err() {
                self.cancel.cancel();
                return worked;
            }
        }
    }

    /// Makes one text, and tells how that went.
    fn one(&self, line: usize, job: Job<'_>) -> anyhow::Result<()> {
        self.watch.began(line, job)?;
        match self.make(line, job) {
            Ok(made) => Ok(self.watch.finished(job, &made)?),
            Err(error) if Outcome::of(&error) == Outcome::Interrupted => Err(error),
            Err(error) => {
                let subject = Subject::new(job.place, job.task);
                self.watch.failed(job.place, subject, &error)?;
                match self.on_failure {
                    OnFailure::GoOn => Ok(()),
                    OnFailure::Stop => Err(Error::Cancelled.into()),
                }
            }
        }
    }

    fn make(&self, line: usize, job: Job<'_>) -> anyhow::Result<Made> {
        let (task, began) = (job.task, Instant::now());
        if let Some(folder) = task.output.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        self.journal.begun(Begun {
            output: task.key.clone(),
            fingerprint: task.fingerprint.current,
            replaces: Stamp::of(&task.output),
        })?;
        let session = self.speak(line, job)?;
        let wall_seconds = began.elapsed().as_secs_f64();
        let bytes = bytes_of(&task.output)?;
        self.journal.done(Done {
            output: task.key.clone(),
            fingerprint: task.fingerprint.current,
            bytes,
            pace: Some(Pace {
                voice: task.voice.files.name(),
                chars: task.chars,
                audio_seconds: session.stats().audio_seconds,
                wall_seconds,
            }),
        })?;
        Ok(Made {
            session,
            bytes,
            wall_seconds,
        })
    }

    /// Speaks a text into its file, passage by passage: nothing but a block
    /// is held at a time.
    fn speak(&self, line: usize, job: Job<'_>) -> anyhow::Result<SpeechSession> {
        let Task {
            text,
            settings,
            output,
            ..
        } = job.task;
        let synthesizer = self.engine.synthesizer(settings)?;
        // Not before: it could push out this one.
        if let Some(files) = job.next_voice {
            self.engine.preload(files);
        }
        let mut session = SpeechSession::new(SpeechSessionOptions {
            pool: self.pool.clone(),
            cancel: self.cancel.clone(),
            normalize: settings.normalize,
        });
        let options = WavOptions {
            existing_file: job.existing_file,
            cancel: self.cancel.clone(),
        };
        let rate = synthesizer.voice().config().sample_rate;
        let mut sink = wav::create(output, rate, &options)?;
        let text = match settings.fidelity {
            PiperMode::Improved => text.clone(),
            // Piper's programs know nothing but lines.
            PiperMode::Strict => text.clone().by_line(),
        };
        for passage in text.read() {
            let passage = passage?;
            for block in synthesizer.blocks(&mut session, &passage.text) {
                sink.write(&block?.samples)?;
            }
            self.watch.spoke(line, passage.text.chars().count() as u64);
        }
        sink.finish()?;
        Ok(session)
    }
}

fn bytes_of(path: &Path) -> Result<u64> {
    let metadata = fs::metadata(path).map_err(|source| Error::Input {
        origin: path.display().to_string(),
        source,
    })?;
    Ok(metadata.len())
}

/// Returns the outcome that says more: a job that was stopped knows nothing.
fn worse(one: anyhow::Result<()>, other: anyhow::Result<()>) -> anyhow::Result<()> {
    match (&one, &other) {
        (Err(error), Err(_)) if Outcome::of(error) == Outcome::Interrupted => other,
        (Ok(()), _) => other,
        _ => one,
    }
}
