//! `--join`: joins the files of a batch into one, with a list of chapters.

mod attachments;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use piper_rs::audio::wav::{MAX_SAMPLES, WavReader};
use piper_rs::audio::{BufferPool, PooledBuffer, SampleRate, duration_of, samples_in};
use piper_rs::encode::{Bitrate, ChapterMark, Encoding, SoundFormat};
use piper_rs::fs::FileStamp;
use piper_rs::{CancelToken, Error, Result};

use super::album::Album;
use super::estimate::Estimator;
use super::event::Joined;
use super::fingerprint::Fingerprint;
use super::freshness::{Conflict, ConflictReason, Decision, JournalState, Permission, decide};
use super::joined_file::{check_parts, copy, create};
use super::joined_format::{JoinedEncoding, JoinedFormat};
use super::journal::{Done, History, Journal, Started, output_key};
use super::plan::{Plan, PlanItem, PlanOptions, Task};
use crate::args::ChaptersArg;
use crate::speech::timed_format::TimedFormat;
use crate::terminal::quantity::clock;

/// The only format with a limit.
const WAV: JoinedFormat = JoinedFormat::Sound(SoundFormat::Wav);

/// What `--join` asks for.
#[derive(Debug, Clone)]
pub(super) struct Join {
    pub(super) path: PathBuf,
    pub(super) chapters: ChaptersArg,
    /// The subtitles and times that it gets: those of its parts, joined.
    pub(super) timed: Vec<TimedFormat>,
    /// Silence between two parts.
    pub(super) pause: Duration,
    pub(super) format: JoinedFormat,
    pub(super) bitrate: Option<Bitrate>,
}

/// What it takes to make the file.
pub(super) struct JoinContext<'a> {
    pub(super) options: &'a PlanOptions,
    pub(super) history: &'a History,
    pub(super) journal: &'a Journal,
    pub(super) pool: &'a BufferPool,
    pub(super) cancel: &'a CancelToken,
}

impl Join {
    /// Returns the path of the list of chapters.
    pub(super) fn chapters_path(&self) -> PathBuf {
        self.chapters.path(&self.path)
    }

    /// Checks before work begins whether the file can be made: whether it may
    /// be written, and whether its parts fit into a WAV file.
    pub(super) fn check(
        &self,
        plan: &Plan,
        options: &PlanOptions,
        history: &History,
    ) -> anyhow::Result<()> {
        self.check_conflicts(plan, options, history)?;
        check_parts(plan)?;
        let (expected, longest) = (self.expected_length(plan, history), self.longest(plan));
        if expected > longest {
            let (path, expected) = (self.path.display(), clock(expected));
            bail!(
                "{path} would be over 4 GiB, more than a WAV file can hold: it would last about \
                 {expected} (h:mm:ss), and {} is the most; `--join FILE.flac` has no such \
                 limit; or run without `--join` first, and with it when the parts exist and \
                 their lengths are known",
                clock(longest)
            );
        }
        Ok(())
    }

    fn check_conflicts(
        &self,
        plan: &Plan,
        options: &PlanOptions,
        history: &History,
    ) -> anyhow::Result<()> {
        if options.permission != Permission::Keep {
            return Ok(());
        }
        let key = output_key(&options.folder, &self.path);
        let is_known = history.output(&key)?.is_some();
        match self.files().find(|path| path.exists()) {
            Some(path) if !is_known => bail!(Conflict::new(&path, ConflictReason::Foreign)),
            Some(_) if changes_audio(plan) && self.path.exists() => {
                bail!(Conflict::new(&self.path, ConflictReason::Outdated))
            }
            _ => Ok(()),
        }
    }

    /// Returns the length of the joined file: existing parts are measured, the
    /// others are estimated.
    pub(super) fn expected_length(&self, plan: &Plan, history: &History) -> Duration {
        let estimator = Estimator::new(history.speaking_rates());
        let length = |item: &PlanItem| {
            let task = item.task()?;
            let existing = match item {
                PlanItem::Skip(..) => WavReader::open(&task.output).ok(),
                PlanItem::Make(_) | PlanItem::Fail(_) | PlanItem::Undecided(_) => None,
            };
            Some(match existing {
                Some(wav) => duration_of(wav.samples(), wav.rate()),
                None => Duration::from_secs_f64(estimator.estimate(task).audio_seconds),
            })
        };
        let lengths = plan.items.iter().filter_map(length);
        let total: Duration = lengths.map(|length| length + self.pause).sum();
        total.saturating_sub(self.pause) // only between parts
    }

    /// Returns the most that the joined file can hold at the rate of the first part,
    /// which is its rate.
    fn longest(&self, plan: &Plan) -> Duration {
        match plan.tasks().next() {
            Some(task) if self.format == WAV => {
                let rate = task.settings.format.rate;
                duration_of(MAX_SAMPLES, rate.unwrap_or(task.voice.config.sample_rate))
            }
            _ => Duration::MAX,
        }
    }

    /// Makes the file from the finished files of the plan, unless it exists
    /// and is current.
    pub(super) fn make(
        &self,
        plan: &Plan,
        context: &JoinContext<'_>,
    ) -> anyhow::Result<Joined<'_>> {
        let JoinContext {
            options,
            history,
            journal,
            ..
        } = context;
        let tasks: Vec<_> = plan.tasks().collect();
        let parts = Parts::measure(self, &options.album, &tasks)?;
        let fingerprint = parts.fingerprint();
        let key = output_key(&options.folder, &self.path);
        let output = history.output(&key)?;
        let decision = decide(
            &self.path,
            &fingerprint,
            output.as_ref(),
            options.permission,
        );
        let attachments = parts.attachments()?;
        let attach = || {
            let mut all = attachments.iter();
            all.try_for_each(|one| one.write(options, history, journal))
        };
        let record_done =
            || journal.record_done(Done::existing(&self.path, &key, fingerprint.current));
        match &decision {
            Decision::Refuse(conflict) => return Err(conflict.clone().into()),
            Decision::Skip(state) => {
                attach()?;
                if *state == JournalState::Unrecorded {
                    record_done()?;
                }
            }
            Decision::Make(_) => {
                // Before the audio: if that exists, all are complete.
                attach()?;
                journal.record_started(Started {
                    output: key.clone(),
                    fingerprint: fingerprint.current,
                    replaces: FileStamp::of(&self.path).ok(),
                    seed: None,
                })?;
                parts.write(context.pool, context.cancel)?;
                record_done()?;
            }
        }
        Ok(Joined {
            output: &self.path,
            parts: tasks.len(),
            audio_seconds: parts.length().as_secs_f64(),
            skipped: matches!(decision, Decision::Skip(_)),
        })
    }
}

/// Returns whether a text gets other audio than it has, and not only the sidecars that are
/// missing.
fn changes_audio(plan: &Plan) -> bool {
    let work = plan.work();
    work.iter().any(|task| task.existing_seed.is_none())
}

/// The files to join, with their lengths.
struct Parts<'a> {
    join: &'a Join,
    album: &'a Album,
    parts: Vec<Part<'a>>,
    rate: SampleRate,
}

struct Part<'a> {
    task: &'a Task,
    samples: u64,
    rate: SampleRate,
    length: Duration,
}

impl<'a> Parts<'a> {
    /// Measures the files. The rate of the first one is that of the joined
    /// file.
    ///
    /// Fails with [`Error::WavTooLong`] if a WAV file cannot hold all of them.
    fn measure(join: &'a Join, album: &'a Album, tasks: &[&'a Task]) -> Result<Self> {
        let mut rate = None;
        let mut parts = Vec::with_capacity(tasks.len());
        for task in tasks {
            let wav = WavReader::open(&task.output)?;
            rate.get_or_insert(wav.rate());
            parts.push(Part {
                task,
                samples: wav.samples(),
                rate: wav.rate(),
                length: duration_of(wav.samples(), wav.rate()),
            });
        }
        let parts = Self {
            join,
            album,
            parts,
            // Without parts, an empty file at the most common rate.
            rate: rate.unwrap_or(SampleRate::new(22_050).expect("is not zero")),
        };
        // One sample more for each part, because lengths are rounded.
        let samples = samples_in(parts.length(), parts.rate) + tasks.len();
        if join.format == WAV && samples as u64 > MAX_SAMPLES {
            return Err(Error::WavTooLong {
                target: join.path.display().to_string(),
            });
        }
        Ok(parts)
    }

    fn fingerprint(&self) -> Fingerprint {
        let Join {
            path,
            chapters,
            pause,
            ..
        } = self.join;
        let parts = self.parts.iter();
        let parts: Vec<_> = parts
            .map(|part| (part.task.fingerprint, part.length))
            .collect();
        Fingerprint::of_join(
            path,
            *chapters,
            *pause,
            self.album,
            &self.encoding(),
            &parts,
        )
    }

    /// Returns the length of the joined file.
    fn length(&self) -> Duration {
        self.chapters()
            .last()
            .map_or(Duration::ZERO, |last| last.end)
    }

    /// Returns how the joined file is encoded.
    fn encoding(&self) -> JoinedEncoding {
        let bitrate = self.join.bitrate;
        let tags = self.album.tags_of_all(self.chapters());
        match self.join.format {
            JoinedFormat::Sound(format) => JoinedEncoding::Sound(Encoding {
                format,
                bitrate,
                tags,
            }),
            JoinedFormat::M4b => JoinedEncoding::M4b { bitrate, tags },
        }
    }

    /// Writes the audio.
    fn write(&self, pool: &BufferPool, cancel: &CancelToken) -> Result<()> {
        let (path, list) = (&self.join.path, self.join.chapters_path());
        let mut output = create(path, &list, self.encoding(), self.rate, cancel)?;
        for (n, part) in self.parts.iter().enumerate() {
            if n > 0 {
                output.write(&self.pause(pool), self.rate)?;
            }
            copy(&part.task.output, &mut output, pool, cancel)?;
        }
        output.finish()
    }

    fn pause(&self, pool: &BufferPool) -> PooledBuffer {
        let length = samples_in(self.join.pause, self.rate);
        let mut samples = pool.acquire(length);
        samples.resize(length, 0.0);
        samples
    }

    /// Each chapter ends where the next one begins: a pause belongs to the
    /// chapter before it.
    fn chapters(&self) -> Vec<ChapterMark> {
        let mut start = Duration::ZERO;
        let last = self.parts.len().saturating_sub(1);
        let chapter = |(n, part): (usize, &Part<'_>)| {
            let pause = match n == last {
                true => Duration::ZERO,
                false => self.join.pause,
            };
            let end = start + part.length + pause;
            ChapterMark {
                title: part.task.title.clone(),
                start: std::mem::replace(&mut start, end),
                end,
            }
        };
        self.parts.iter().enumerate().map(chapter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::{Seek as _, SeekFrom, Write as _};

    use piper_rs::sink::file;

    use crate::commands::batch::tests::task;

    /// A sparse file of `samples` zeros, which takes no space on the disk.
    fn sparse(path: PathBuf, samples: u32) -> Task {
        let rate = SampleRate::new(16_000).unwrap();
        let sink = file::create(&path, rate, &file::FileOptions::default()).unwrap();
        sink.finish().unwrap();
        let mut file = File::options().write(true).open(&path).unwrap();
        for (at, bytes) in [(4, 36 + samples * 2), (40, samples * 2)] {
            file.seek(SeekFrom::Start(at)).unwrap();
            file.write_all(&bytes.to_le_bytes()).unwrap();
        }
        file.set_len(44 + u64::from(samples) * 2).unwrap();
        task(&path)
    }

    #[test]
    fn parts_that_exceed_a_wav_file_are_refused_before_writing() {
        let folder = tempfile::tempdir().unwrap();
        let half = (MAX_SAMPLES / 2) as u32;
        let task = |name: &str, samples| sparse(folder.path().join(name), samples);
        let (one, other, little) = (task("a", half), task("b", half), task("c", 1000));
        let join = Join {
            path: folder.path().join("all.wav"),
            chapters: ChaptersArg::Cue,
            timed: Vec::new(),
            pause: Duration::ZERO,
            format: WAV,
            bitrate: None,
        };
        let album = Album::default();
        let measure = |tasks: &[&Task]| {
            let parts = Parts::measure(&join, &album, tasks);
            parts.map(|parts| parts.length())
        };
        let hours = measure(&[&one, &little]).unwrap().as_secs() / 3600;
        assert_eq!(hours, 18);
        for too_long in [&[&one, &other, &little][..], &[&other, &one, &one]] {
            let message = measure(too_long).unwrap_err().to_string();
            assert!(message.contains("all.wav would be over 4 GiB"), "{message}");
        }
    }

    #[test]
    fn joining_nothing_makes_an_empty_file() {
        let folder = tempfile::tempdir().unwrap();
        let join = Join {
            path: folder.path().join("all.wav"),
            chapters: ChaptersArg::Ffmetadata,
            timed: Vec::new(),
            pause: Duration::from_secs(1),
            format: WAV,
            bitrate: None,
        };
        let album = Album::default();
        let parts = Parts::measure(&join, &album, &[]).unwrap();
        parts
            .write(&BufferPool::default(), &CancelToken::new())
            .unwrap();
        assert_eq!(WavReader::open(&join.path).unwrap().samples(), 0);
    }
}
