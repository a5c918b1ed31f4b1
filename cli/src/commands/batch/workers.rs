//! The workers: threads that take tasks from one list and make their files.

mod text_file;

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use piper_rs::PiperMode;
use piper_rs::audio::{BufferPool, duration_of};
use piper_rs::fs::FileStamp;
use piper_rs::synth::{SpeechSession, SpeechSessionOptions, Synthesizer, WordTimes};
use piper_rs::voice::VoiceFiles;
use piper_rs::{CancelToken, Error};

use self::text_file::TextFile;
use super::event::Subject;
use super::journal::{Done, Journal, SpeakingRate, Started, now_ms};
use super::plan::Task;
use super::progress::{BatchProgress, FinishedText};
use crate::speech::engine::Engine;
use crate::speech::parts::{Part, PartSettings, Parts, SpeechPart};
use crate::speech::place::PassagePlace;
use crate::speech::settings::{Settings, random_seed};
use crate::system::CpuLaps;
use crate::terminal::report::Outcome;
use piper_rs::threads;

/// What happens after a text that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnFailure {
    Continue,
    Stop,
}

/// A text failed, and the others would fail too. The error is reported.
#[derive(Debug, thiserror::Error)]
#[error("the batch was stopped")]
pub(super) struct Stopped;

/// What the workers share.
pub(super) struct Workers<'a> {
    pub(super) engine: &'a Engine,
    pub(super) parts: &'a Parts,
    pub(super) pool: &'a BufferPool,
    pub(super) cancel: &'a CancelToken,
    pub(super) has_begun: &'a AtomicBool,
    pub(super) journal: &'a Journal,
    pub(super) progress: &'a BatchProgress,
    pub(super) on_failure: OnFailure,
    /// Whether a text has failed whose fault stops the batch.
    pub(super) has_stopped: AtomicBool,
    /// The texts share the CPU time.
    pub(super) cpu_time: &'a CpuLaps,
}

/// The tasks, and how many of them are taken.
struct Queue<'a> {
    tasks: &'a [&'a Task],
    taken: AtomicUsize,
}

impl<'a> Queue<'a> {
    /// Takes the next task, with the voice that should be loaded meanwhile.
    fn take(&self) -> Option<(&'a Task, Option<&'a VoiceFiles>)> {
        let at = self.taken.fetch_add(1, Ordering::Relaxed);
        Some((self.tasks.get(at)?, next_voice(self.tasks, at)))
    }
}

/// Returns the voice after that of the task at `at`, if the task is the first
/// of its voice.
fn next_voice<'a>(tasks: &[&'a Task], at: usize) -> Option<&'a VoiceFiles> {
    let is_other = |task: &&&Task| task.voice.canonical != tasks[at].voice.canonical;
    let is_first = tasks[..at].last().is_none_or(|before| is_other(&before));
    let next = tasks[at..].iter().find(is_other).filter(|_| is_first)?;
    Some(&next.voice.files)
}

impl Workers<'_> {
    /// Makes the files of all tasks with this many workers.
    ///
    /// A text that fails is reported. Returns an error if the run cannot
    /// continue; the other workers stop too then.
    pub(super) fn run(&self, tasks: &[&Task], workers: usize) -> anyhow::Result<()> {
        let queue = Queue {
            tasks,
            taken: AtomicUsize::new(0),
        };
        std::thread::scope(|scope| {
            let queue = &queue;
            let mut started = Vec::new();
            for worker in 0..workers.min(tasks.len()) {
                let work = move || self.work(worker, queue);
                match threads::spawn_scoped(scope, "worker", work) {
                    Ok(worker) => started.push(worker),
                    Err(error) if started.is_empty() => return Err(error.into()),
                    // With fewer workers it is only slower.
                    Err(_) => break,
                }
            }
            let results = started.into_iter().map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            results.fold(Ok(()), worse)
        })
    }

    /// Makes files until the queue is empty.
    fn work(&self, worker: usize, queue: &Queue<'_>) -> anyhow::Result<()> {
        loop {
            if self.cancel.is_cancelled() {
                return Err(Error::Cancelled.into());
            }
            let Some((task, next_voice)) = queue.take() else {
                return Ok(());
            };
            let result = self.make_and_report(worker, task, next_voice);
            if result.is_err() {
                self.cancel.cancel();
                return result;
            }
        }
    }

    fn make_and_report(
        &self,
        worker: usize,
        task: &Task,
        next_voice: Option<&VoiceFiles>,
    ) -> anyhow::Result<()> {
        self.progress.started(worker, task)?;
        match self.make(worker, task, next_voice) {
            Ok(finished) => Ok(self.progress.finished(task, &finished)?),
            Err(error) if Outcome::of(&error) == Outcome::Interrupted => Err(error),
            // Another worker has met the same obstacle, and reported it.
            Err(error) if is_lasting(&error) && self.has_stopped.swap(true, Ordering::Relaxed) => {
                Err(Stopped.into())
            }
            Err(error) => {
                let subject = Subject::of(task);
                self.progress.failed(&task.location, subject, &error)?;
                match self.on_failure {
                    _ if is_lasting(&error) => Err(Stopped.into()),
                    OnFailure::Continue => Ok(()),
                    OnFailure::Stop => Err(Error::Cancelled.into()),
                }
            }
        }
    }

    fn make(
        &self,
        worker: usize,
        task: &Task,
        next_voice: Option<&VoiceFiles>,
    ) -> anyhow::Result<FinishedText> {
        let started = Instant::now();
        if let Some(folder) = task.output.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let seed =
            (task.settings.overrides.seed.or(task.existing_seed)).unwrap_or_else(random_seed);
        self.journal.record_started(Started {
            output: task.key.clone(),
            fingerprint: task.fingerprint.current,
            replaces: FileStamp::of(&task.output).ok(),
            seed: Some(seed),
        })?;
        for sidecar in &task.sidecars {
            sidecar.record_started(self.journal)?;
        }
        let session = self.speak(worker, task, seed, next_voice)?;
        let wall_seconds = started.elapsed().as_secs_f64();
        let stamp = FileStamp::of(&task.output)
            .with_context(|| format!("cannot read {}", task.output.display()))?;
        // Before the audio: a text whose audio is done has all of its files.
        for sidecar in &task.sidecars {
            sidecar.record_done(self.journal)?;
        }
        self.journal.record_done(Done {
            output: task.key.clone(),
            fingerprint: task.fingerprint.current,
            bytes: stamp.bytes,
            speaking_rate: Some(SpeakingRate {
                voice: task.voice.files.name(),
                chars: task.chars,
                audio_seconds: session.stats().audio_seconds,
                wall_seconds,
                cpu_seconds: self.cpu_time.lap().map(|time| time.as_secs_f64()),
            }),
            seed: Some(seed),
            at_ms: Some(now_ms()),
        })?;
        Ok(FinishedText {
            session,
            bytes: stamp.bytes,
            wall_seconds,
        })
    }

    /// Speaks a text into its file, one passage at a time. Blocks are written as
    /// they are made, so only a few are in memory.
    fn speak(
        &self,
        worker: usize,
        task: &Task,
        seed: u64,
        next_voice: Option<&VoiceFiles>,
    ) -> anyhow::Result<SpeechSession> {
        let mut settings = Settings::clone(&task.settings);
        settings.overrides.seed = Some(seed);
        let synthesizer = self.engine.synthesizer(&settings)?;
        self.has_begun.store(true, Ordering::SeqCst);
        // After this voice is loaded, so that the next cannot evict it.
        if let Some(files) = next_voice {
            self.engine.preload(files);
        }
        let event_times = self.progress.word_times();
        let times = match task.sidecars.is_empty() {
            true => event_times,
            false => WordTimes::On,
        };
        let mut session = SpeechSession::new(SpeechSessionOptions {
            pool: self.pool.clone(),
            cancel: self.cancel.clone(),
            normalize: settings.normalize(),
            times,
            ..SpeechSessionOptions::default()
        });
        let mut file = None;
        let open = |session: &SpeechSession, first: &Synthesizer| {
            let conversion = settings.format.conversion(session, first)?;
            TextFile::create(task, &conversion, event_times, self.cancel)
        };
        let source = match settings.mode {
            PiperMode::Improved => task.source.clone(),
            // Piper's programs read line by line.
            PiperMode::Strict => task.source.clone().by_line(),
        };
        let (spoken, mut reported) = (session.progress(), 0);
        let mut report = |audio| {
            let chars = spoken.processed_chars();
            self.progress.spoke(worker, chars - reported, audio);
            reported = chars;
        };
        let mut reader = self.parts.reader();
        for passage in source.read() {
            let passage = passage?;
            self.progress.read(&passage.text);
            let mut place = (times == WordTimes::On).then(|| PassagePlace::of(&passage));
            for part in reader.parts(&passage)? {
                let part = match part {
                    Part::Speech(part) => part,
                    Part::Pause(pause) => {
                        session.request_pause(pause);
                        continue;
                    }
                };
                let other = self.synthesizer(&part, task, seed)?;
                let synthesizer = other.as_ref().unwrap_or(&synthesizer);
                let file = match &mut file {
                    Some(file) => file,
                    none => none.insert(open(&session, synthesizer)?),
                };
                file.begin_part(place.as_mut().map(|place| place.part(&part.text)))?;
                for block in synthesizer.blocks_before(&mut session, &part.text, part.end) {
                    let block = block?;
                    self.progress.made_audio();
                    file.write(&block)?;
                    report(duration_of(block.samples.len() as u64, block.rate));
                }
                report(Duration::ZERO); // the last chunk ends after its last block
            }
        }
        let mut file = match file {
            Some(file) => file,
            None => open(&session, &synthesizer)?,
        };
        while let Some(pause) = session.final_pause() {
            file.write(&pause)?;
        }
        file.finish()?;
        Ok(session)
    }

    /// Returns a synthesizer for a part of a text, if it is not spoken as the text.
    fn synthesizer(
        &self,
        part: &SpeechPart,
        task: &Task,
        seed: u64,
    ) -> anyhow::Result<Option<Synthesizer>> {
        if *part.settings == PartSettings::default() {
            return Ok(None);
        }
        let mut settings = Settings::clone(&task.part_settings);
        settings.overrides.seed = Some(seed);
        let settings = self.parts.settings(&part.settings, &settings)?;
        self.engine.synthesizer(&settings).map(Some)
    }
}

/// Returns whether every other text would fail for the same reason: there is no
/// room on the disk, or nothing may be written to it.
fn is_lasting(error: &anyhow::Error) -> bool {
    use std::io::{Error, ErrorKind};
    let kinds = error.chain().filter_map(|cause| cause.downcast_ref());
    kinds.map(Error::kind).any(|kind| {
        matches!(
            kind,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem
        )
    })
}

/// Returns the result that explains more: a worker that was cancelled does not
/// know why.
fn worse(one: anyhow::Result<()>, other: anyhow::Result<()>) -> anyhow::Result<()> {
    match (&one, &other) {
        (Err(error), Err(_)) if Outcome::of(error) == Outcome::Interrupted => other,
        (Ok(()), _) => other,
        _ => one,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::Arc;

    use crate::commands::batch::tests::{task, voice};
    use crate::commands::batch::voices::PlannedVoice;

    #[test]
    fn the_first_text_of_a_voice_gets_the_next_voice() {
        let of_voice = |name: &&str| {
            let files = VoiceFiles::on_disk(format!("{name}.onnx").into(), None);
            let mut task = task(Path::new("a.wav"));
            task.voice = Arc::new(PlannedVoice {
                canonical: files.clone(),
                files,
                ..voice(task.voice.config.clone())
            });
            task
        };
        let tasks: Vec<_> = ["b", "b", "a", "a", "a", "c"]
            .iter()
            .map(of_voice)
            .collect();
        let tasks: Vec<_> = tasks.iter().collect();
        let next = (0..tasks.len()).map(|at| next_voice(&tasks, at).map(VoiceFiles::name));
        let expected = [Some("a"), None, Some("c"), None, None, None];
        let expected = expected.map(|name| name.map(str::to_owned));
        assert_eq!(next.collect::<Vec<_>>(), expected);
    }
}
