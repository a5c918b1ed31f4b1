//! The journals in the output folder: which outputs were started and which are
//! done, so that a run can continue after an earlier one was killed.
//!
//! JSON lines, append-only. An output is *started* before its file is opened,
//! and *done* after the file has its final name, which it gets in one step
//! when it is complete. So at any moment of a kill, the journal and the file
//! together show how far the output came: see [`super::freshness`].
//!
//! A started line is flushed to the disk before the file is opened. The other
//! lines are left to the system, because a file itself shows whether it is
//! complete. A line that was cut off is ignored and counted, as one that was
//! damaged, and what is appended later begins a new one.
//!
//! A shard has a journal of its own, so that its run needs nothing of the others.

mod history;
mod lines;
mod name;
mod record;

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, bail};

#[cfg(test)]
pub(super) use self::history::{Begun, Made};
pub(super) use self::history::{History, OutputHistory};
use self::name::cannot_read;
pub(super) use self::name::{only_division, path, paths};
pub(super) use self::record::{Done, SpeakingRate, Started, now_ms, output_key};
use self::record::{Record, Run};
use crate::args::Shard;

/// The open journal. It is locked: only one run can do the same work in a folder.
#[derive(Debug)]
pub(super) struct Journal {
    lines: Mutex<Lines>,
    path: PathBuf,
}

#[derive(Debug)]
struct Lines {
    file: File,
    /// Whether the last line has no end.
    is_cut: bool,
    /// What this run writes before its first line; `None` if it has done so.
    run: Option<Run>,
    /// What this run has recorded lately.
    recorded: History,
}

impl Journal {
    /// Opens the journal of `shard`, or of the whole batch, in `folder`, creates it if
    /// necessary, and reads those of earlier runs.
    pub(super) fn open(folder: &Path, shard: Option<Shard>) -> anyhow::Result<(Self, History)> {
        let path = name::path(folder, shard);
        let opened = File::options()
            .create(true)
            .append(true)
            .read(true)
            .open(&path);
        let file = opened.with_context(|| format!("cannot write {}", path.display()))?;
        // File systems without locks are used at the user's own risk.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            match shard {
                Some(shard) => bail!("another piper-rs makes {shard} in {}", folder.display()),
                None => bail!("another piper-rs is running in {}", folder.display()),
            }
        }
        // After the lock: of two runs that start together, one sees the other.
        let journals = name::all(folder)?;
        refuse_other_divisions(folder, &journals, shard)?;
        let is_cut = has_cut_line(&file).with_context(|| cannot_read(&path))?;
        let own = file.try_clone().with_context(|| cannot_read(&path))?;
        let history = History::of(journals, shard, Some((path.clone(), own)))?;
        let journal = Self {
            lines: Mutex::new(Lines {
                file,
                is_cut,
                run: Some(Run::on_this_machine()),
                recorded: History::default(),
            }),
            path,
        };
        Ok((journal, history))
    }

    /// Records that an output is about to be written.
    pub(super) fn record_started(&self, started: Started) -> anyhow::Result<()> {
        self.append(Record::Started(started), Durability::Disk)
    }

    /// Records that an output is complete.
    pub(super) fn record_done(&self, done: Done) -> anyhow::Result<()> {
        self.append(Record::Done(done), Durability::System)
    }

    /// Returns what this run has recorded since the last call.
    pub(super) fn take_recorded(&self) -> History {
        self.lines().recorded.take_outputs()
    }

    fn append(&self, record: Record, durability: Durability) -> anyhow::Result<()> {
        // Held to the end: the line of another worker must not come before the run's.
        let mut lines = self.lines();
        let run = lines.run.clone().map(Record::Run);
        let mut bytes = Vec::new();
        if lines.is_cut {
            bytes.push(b'\n');
        }
        for line in run.iter().chain([&record]) {
            serde_json::to_writer(&mut bytes, line)?;
            bytes.push(b'\n');
        }
        self.write(&mut lines, &bytes, durability)?;
        lines.run = None;
        let records = run.into_iter().chain([record]);
        records
            .into_iter()
            .try_for_each(|record| lines.recorded.add(record, None))
    }

    fn write(&self, lines: &mut Lines, line: &[u8], durability: Durability) -> anyhow::Result<()> {
        let written = lines.file.write_all(line);
        // On a full disk half of it may be written.
        lines.is_cut = written.is_err();
        let written = written.and_then(|()| match durability {
            Durability::Disk => lines.file.sync_data(),
            Durability::System => Ok(()),
        });
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fails if a run works in `folder` that divides the batch in another way: both could
/// make the same file.
fn refuse_other_divisions(
    folder: &Path,
    journals: &[(PathBuf, Option<Shard>)],
    shard: Option<Shard>,
) -> anyhow::Result<()> {
    let count = |shard: Option<Shard>| shard.map(|shard| shard.count);
    for (path, other) in journals {
        if count(*other) == count(shard) {
            continue;
        }
        let Ok(file) = File::open(path) else {
            continue;
        };
        // Shared: many tasks may look at the same time.
        if let Err(TryLockError::WouldBlock) = file.try_lock_shared() {
            let other = other.map_or("the whole batch".to_owned(), |other| other.to_string());
            bail!(
                "another piper-rs makes {other} in {}; a batch can be divided in another way \
                 when that has ended",
                folder.display()
            );
        }
    }
    Ok(())
}

/// Returns whether the last line has no end.
fn has_cut_line(mut file: &File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// How safely a line must be stored before work continues.
#[derive(Clone, Copy)]
enum Durability {
    /// In the system's cache: a crash of the machine may lose it.
    System,
    /// On the disk.
    Disk,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    use piper_rs::voice::content_hash::ContentHash;
    use proptest::prelude::*;

    fn started(output: &str) -> Started {
        Started {
            output: output.to_owned(),
            fingerprint: ContentHash::of_parts([output.as_bytes()]),
            replaces: None,
            seed: None,
        }
    }

    fn done(output: &str) -> Done {
        Done {
            output: output.to_owned(),
            fingerprint: ContentHash::of_parts([output.as_bytes()]),
            bytes: 44,
            speaking_rate: None,
            seed: None,
            at_ms: None,
        }
    }

    #[test]
    fn the_next_run_reads_what_was_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(folder.path(), None).unwrap();
        for output in ["a", "b", "a"] {
            journal.record_started(started(output)).unwrap();
        }
        journal.record_done(done("a")).unwrap();
        drop(journal);

        let (_, history) = Journal::open(folder.path(), None).unwrap();
        let a = OutputHistory {
            done: Some(Made {
                run: 1,
                ..Made::from(&done("a"))
            }),
            ..OutputHistory::default()
        };
        let b = OutputHistory {
            started: Some((&started("b")).into()),
            ..OutputHistory::default()
        };
        let output = |key| history.output(key).unwrap();
        assert_eq!((output("a"), output("b")), (Some(a), Some(b)));
        assert_eq!(output("c"), None);
    }

    #[test]
    fn the_lines_have_the_names_of_the_file_format() {
        let hash = ContentHash::of_parts([]);
        let started = format!(
            r#"{{"event":"begun","output":"a","fingerprint":"{hash}","replaces":{{"bytes":9,"modified_ns":5}}}}"#
        );
        let done = format!(
            r#"{{"event":"done","output":"a","fingerprint":"{hash}","bytes":44,"pace":{{"voice":"tiny","chars":11,"audio_seconds":1.5,"wall_seconds":0.25}}}}"#
        );
        let seeded = done.replace("}}", r#"},"seed":7}"#);
        for line in [started, done, seeded] {
            let record: Record = serde_json::from_str(&line).unwrap();
            assert_eq!(serde_json::to_string(&record).unwrap(), line);
        }
    }

    #[test]
    fn a_run_is_told_before_its_first_line_also_if_that_fails_at_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = path(folder.path(), None);
        let (journal, _) = Journal::open(folder.path(), None).unwrap();
        let read_only = File::open(&path).unwrap();
        let writable = std::mem::replace(&mut journal.lines().file, read_only);
        assert!(journal.record_done(done("a")).is_err());
        journal.lines().file = writable;
        for output in ["b", "c"] {
            journal.record_done(done(output)).unwrap();
        }
        drop(journal);
        let lines = fs::read_to_string(&path).unwrap();
        let runs = lines.matches(r#"{"event":"run""#).count();
        assert_eq!(runs, 1, "{lines}");
        let history = History::read(folder.path(), None).unwrap();
        let run = |key| history.output(key).unwrap().and_then(|output| output.done);
        assert_eq!(history.damaged_lines().len(), 0);
        assert_eq!(run("a"), None);
        assert_eq!(run("b").map(|made| made.run), Some(1));
        assert_eq!(run("c").map(|made| made.run), Some(1));
    }

    #[test]
    fn two_runs_cannot_share_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Journal::open(folder.path(), None).unwrap();
        let message = Journal::open(folder.path(), None).unwrap_err().to_string();
        assert!(
            message.starts_with("another piper-rs is running in"),
            "{message}"
        );
        // Reading is allowed.
        History::read(folder.path(), None).unwrap();
    }

    /// A line about one of three outputs.
    fn record() -> impl Strategy<Value = Record> {
        let rate = SpeakingRate {
            voice: "v".to_owned(),
            chars: 1,
            audio_seconds: 1.0,
            wall_seconds: 1.0,
            cpu_seconds: None,
        };
        (0_u8..4, 0_u8..3, 0_u64..2, 0_u64..4).prop_map(move |(kind, key, version, at_ms)| {
            let output = format!("{key}.wav");
            let fingerprint = ContentHash::of_parts([&version.to_le_bytes()[..]]);
            let is_spoken = kind == 2;
            match kind {
                0 => Record::Started(Started {
                    output,
                    fingerprint,
                    replaces: None,
                    seed: Some(version),
                }),
                3 => Record::Run(Run {
                    at_ms,
                    ..Run::on_this_machine()
                }),
                _ => Record::Done(Done {
                    output,
                    fingerprint,
                    bytes: version,
                    speaking_rate: is_spoken.then(|| rate.clone()),
                    seed: is_spoken.then_some(at_ms),
                    at_ms: Some(at_ms),
                }),
            }
        })
    }

    proptest! {
        #[test]
        fn a_line_that_is_read_again_tells_what_it_told(
            records in proptest::collection::vec(record(), 0..30)
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut in_memory = History::default();
            let mut lines = String::new();
            let mut at_ms = 0;
            for mut record in records {
                if let Record::Run(run) = &mut record {
                    // Of two runs in one journal, the second began later.
                    at_ms += run.at_ms;
                    run.at_ms = at_ms;
                }
                lines += &(serde_json::to_string(&record).unwrap() + "\n");
                in_memory.add(record, None).unwrap();
            }
            fs::write(path(folder.path(), None), lines).unwrap();
            let history = History::read(folder.path(), None).unwrap();
            for key in ["0.wav", "1.wav", "2.wav"] {
                prop_assert_eq!(history.output(key).unwrap(), in_memory.output(key).unwrap());
            }
        }

        #[test]
        fn an_incomplete_last_line_loses_no_other(cut in 0_usize..400) {
            let folder = tempfile::tempdir().unwrap();
            let path = path(folder.path(), None);
            let (journal, _) = Journal::open(folder.path(), None).unwrap();
            let mut ends = vec![0];
            for output in ["a", "b"] {
                journal.record_done(done(output)).unwrap();
                ends.push(fs::metadata(&path).unwrap().len() as usize);
            }
            drop(journal);
            let bytes = fs::read(&path).unwrap();
            let cut = cut.min(bytes.len());
            fs::write(&path, &bytes[..cut]).unwrap();

            let (journal, history) = Journal::open(folder.path(), None).unwrap();
            // A line is complete without its newline.
            let is_inside = |cut| bytes.get(cut).is_some_and(|byte| *byte != b'\n');
            let is_cut = cut.checked_sub(1).is_some_and(is_inside) && is_inside(cut);
            prop_assert_eq!(history.damaged_lines().get(&path), is_cut.then_some(&1));
            let is_known = |key| history.output(key).unwrap().is_some();
            prop_assert_eq!(is_known("a"), cut + 1 >= ends[1]);
            prop_assert_eq!(is_known("b"), cut + 1 >= ends[2]);
            journal.record_done(done("c")).unwrap();
            // The history reads the locked file.
            drop((journal, history));
            let (_, history) = Journal::open(folder.path(), None).unwrap();
            prop_assert!(history.output("c").unwrap().is_some());
        }
    }
}
