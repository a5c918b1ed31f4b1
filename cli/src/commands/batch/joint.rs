//! All files of a batch, measured, and made one.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use piper_rs::audio::wav::{MAX_SAMPLES, WavReader};
use piper_rs::audio::{BufferPool, PooledBuffer, SampleRate, duration_of, samples_in};
use piper_rs::{CancelToken, Error, Result};

use super::chapters::Chapter;
use super::fingerprint::Fingerprint;
use super::join::Join;
use super::plan::Task;
use crate::speech::output::{Output, Place};

/// Samples copied at a time.
const BLOCK_SAMPLES: usize = 64 * 1024;

/// What is to be joined, measured.
pub(super) struct Joint<'a> {
    join: &'a Join,
    parts: Vec<Part<'a>>,
    rate: SampleRate,
}

struct Part<'a> {
    task: &'a Task,
    length: Duration,
}

impl<'a> Joint<'a> {
    /// Measures the parts; the first one's rate is that of the whole.
    ///
    /// Fails with [`Error::WavTooLong`] where the whole would be more than a
    /// WAV file can hold.
    pub(super) fn measure(join: &'a Join, tasks: &[&'a Task]) -> Result<Self> {
        let mut rate = None;
        let mut parts = Vec::with_capacity(tasks.len());
        for task in tasks {
            let wav = WavReader::open(&task.output)?;
            rate.get_or_insert(wav.rate());
            let length = duration_of(wav.samples(), wav.rate());
            parts.push(Part { task, length });
        }
        // Of nothing, a file at the most common rate.
        let rate = rate.unwrap_or(SampleRate::new(22_050).expect("is not zero"));
        let joint = Self { join, parts, rate };
        // A sample more for each part: lengths are rounded.
        let samples = samples_in(joint.length(), rate) + joint.parts.len();
        if samples as u64 > MAX_SAMPLES {
            return Err(Error::WavTooLong {
                target: join.path.display().to_string(),
            });
        }
        Ok(joint)
    }

    /// Returns a hash of what the whole is made of.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let Join {
            path,
            chapters,
            pause,
        } = self.join;
        let parts = self.parts.iter();
        let parts: Vec<_> = parts
            .map(|part| (part.task.fingerprint, part.length))
            .collect();
        Fingerprint::of_concat(path, *chapters, *pause, &parts)
    }

    /// Returns how long the whole is.
    pub(super) fn length(&self) -> Duration {
        self.chapters()
            .last()
            .map_or(Duration::ZERO, |last| last.end)
    }

    /// Writes the list of parts, then the audio, each whole or not at all. The
    /// audio comes last: where it is, all is.
    pub(super) fn write(&self, pool: &BufferPool, cancel: &CancelToken) -> Result<()> {
        let (audio, list) = (&self.join.path, self.join.list_path());
        write_whole(&list, &self.join.chapters.render(audio, &self.chapters()))?;
        let place = [Place::File(audio.clone())];
        let mut output = Output::open(&place, self.rate, cancel)?;
        for (n, part) in self.parts.iter().enumerate() {
            if n > 0 {
                output.write(&self.pause(pool), self.rate)?;
            }
            self.copy(&part.task.output, &mut output, pool, cancel)?;
        }
        output.finish()
    }

    fn copy(
        &self,
        path: &Path,
        output: &mut Output,
        pool: &BufferPool,
        cancel: &CancelToken,
    ) -> Result<()> {
        let mut wav = WavReader::open(path)?;
        let mut samples = pool.acquire(BLOCK_SAMPLES);
        loop {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            wav.read(&mut samples)?;
            if samples.is_empty() {
                return Ok(());
            }
            output.write(&samples, wav.rate())?;
        }
    }

    fn pause(&self, pool: &BufferPool) -> PooledBuffer {
        let length = samples_in(self.join.pause, self.rate);
        let mut samples = pool.acquire(length);
        samples.resize(length, 0.0);
        samples
    }

    fn chapters(&self) -> Vec<Chapter> {
        let mut at = Duration::ZERO;
        let chapter = |part: &Part<'_>| {
            let start = at;
            at = start + part.length;
            let end = at;
            at += self.join.pause;
            Chapter {
                title: part.task.title.clone(),
                start,
                end,
            }
        };
        self.parts.iter().map(chapter).collect()
    }
}

/// Writes a small file under a temporary name, and renames it.
fn write_whole(path: &Path, content: &str) -> Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let written = tempfile::Builder::new()
        .prefix(".piper-rs-")
        .suffix(".wav") // so that it is found when it is left behind
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .and_then(|mut file| {
            file.write_all(content.as_bytes())?;
            file.persist(path).map_err(|failed| failed.error)
        });
    written.map(drop).map_err(|source| Error::Output {
        target: path.display().to_string(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use piper_rs::sink::wav;
    use std::fs::File;
    use std::io::{Seek as _, SeekFrom};
    use std::path::PathBuf;

    use crate::args::ChaptersArg;
    use crate::commands::batch::tests::task;

    /// A file of `samples` zeros that takes no room on the disk.
    fn vast(path: PathBuf, samples: u32) -> Task {
        let rate = SampleRate::new(16_000).unwrap();
        let sink = wav::create(&path, rate, &wav::WavOptions::default()).unwrap();
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
    fn what_is_too_long_for_a_wav_file_is_refused_before_it_is_begun() {
        let folder = tempfile::tempdir().unwrap();
        let half = (MAX_SAMPLES / 2) as u32;
        let task = |name: &str, samples| vast(folder.path().join(name), samples);
        let (one, other, little) = (task("a", half), task("b", half), task("c", 1000));
        let join = Join {
            path: folder.path().join("all.wav"),
            chapters: ChaptersArg::Cue,
            pause: Duration::ZERO,
        };
        let measure = |tasks: &[&Task]| Joint::measure(&join, tasks).map(|joint| joint.length());
        let hours = measure(&[&one, &little]).unwrap().as_secs() / 3600;
        assert_eq!(hours, 18);
        for too_long in [&[&one, &other, &little][..], &[&other, &one, &one]] {
            let message = measure(too_long).unwrap_err().to_string();
            assert!(message.contains("all.wav would be over 4 GiB"), "{message}");
        }
    }

    #[test]
    fn nothing_joined_is_an_empty_file() {
        let folder = tempfile::tempdir().unwrap();
        let join = Join {
            path: folder.path().join("all.wav"),
            chapters: ChaptersArg::Ffmetadata,
            pause: Duration::from_secs(1),
        };
        let joint = Joint::measure(&join, &[]).unwrap();
        joint
            .write(&BufferPool::default(), &CancelToken::new())
            .unwrap();
        assert_eq!(WavReader::open(&join.path).unwrap().samples(), 0);
    }
}
