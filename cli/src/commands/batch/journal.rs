//! The journal in the output folder: which outputs were started and which are
//! done, so that a run can continue after an earlier one was killed.
//!
//! JSON lines, append-only. An output is *started* before its file is opened,
//! and *done* after the file has its final name, which it gets in one step
//! when it is complete. So at any moment of a kill, the journal and the file
//! together show how far the output came: see [`super::freshness`].
//!
//! A started line is flushed to the disk before the file is opened. The other
//! lines are left to the system, because a file itself shows whether it is
//! complete. Only the last line can be incomplete; it is ignored.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, bail};
use piper_rs::fs::FileStamp;
use piper_rs::voice::content_hash::ContentHash;
use serde::{Deserialize, Serialize};

/// The journal's name in the output folder.
pub(super) const NAME: &str = ".piper-rs-journal.jsonl";

/// A line of the journal. The serialized names are older than the names of the
/// types and fields and must stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event")]
enum Record {
    #[serde(rename = "begun")]
    Started(Started),
    #[serde(rename = "done")]
    Done(Done),
}

/// An output is about to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Started {
    /// The output's key: see [`output_key`].
    pub(super) output: String,
    pub(super) fingerprint: ContentHash,
    /// The file that was there before.
    pub(super) replaces: Option<FileStamp>,
}

/// An output is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Done {
    pub(super) output: String,
    pub(super) fingerprint: ContentHash,
    pub(super) bytes: u64,
    /// `None` if no text was spoken for this line.
    #[serde(rename = "pace")]
    pub(super) speaking_rate: Option<SpeakingRate>,
    /// The seed that it was spoken with. Older journals have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
}

impl Done {
    /// Describes a complete file at `path` that this run did not speak.
    pub(super) fn existing(path: &Path, output: &str, fingerprint: ContentHash) -> Self {
        Self {
            output: output.to_owned(),
            fingerprint,
            bytes: FileStamp::of(path).map_or(0, |stamp| stamp.bytes),
            speaking_rate: None,
            seed: None,
        }
    }
}

/// How much text became how much audio, and how long that took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SpeakingRate {
    pub(super) voice: String,
    pub(super) chars: u64,
    pub(super) audio_seconds: f64,
    pub(super) wall_seconds: f64,
}

/// Returns the key of an output in the journal: its path relative to the
/// output folder, or absolute if it is elsewhere.
pub(super) fn output_key(folder: &Path, output: &Path) -> String {
    let path = match output.strip_prefix(folder) {
        Ok(relative) => relative.to_owned(),
        Err(_) => std::path::absolute(output).unwrap_or_else(|_| output.to_owned()),
    };
    path.to_string_lossy().into_owned()
}

/// The journal's content when it was read.
#[derive(Debug, Default)]
pub(super) struct History {
    outputs: HashMap<String, OutputHistory>,
    speaking_rates: Vec<SpeakingRate>,
}

/// The last lines about one output.
#[derive(Debug, Default, PartialEq)]
pub(super) struct OutputHistory {
    pub(super) done: Option<Done>,
    /// Started after `done`.
    pub(super) started: Option<Started>,
}

impl History {
    /// Reads the journal in `folder`; empty if there is none.
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(NAME);
        match fs::read(&path) {
            Ok(bytes) => Ok(Self::parse(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| cannot_read(&path)),
        }
    }

    fn parse(bytes: &[u8]) -> Self {
        let mut history = Self::default();
        let lines = bytes.split(|byte| *byte == b'\n');
        for record in lines.filter_map(|line| serde_json::from_slice(line).ok()) {
            history.add(record);
        }
        history
    }

    fn add(&mut self, record: Record) {
        match record {
            Record::Started(started) => {
                let output = self.outputs.entry(started.output.clone()).or_default();
                output.started = Some(started);
            }
            Record::Done(done) => {
                self.speaking_rates.extend(done.speaking_rate.clone());
                let output = self.outputs.entry(done.output.clone()).or_default();
                (output.started, output.done) = (None, Some(done));
            }
        }
    }

    /// Returns what is known of the output with this key.
    pub(super) fn output(&self, key: &str) -> Option<&OutputHistory> {
        self.outputs.get(key)
    }

    /// Returns the speaking rate of every text spoken so far.
    pub(super) fn speaking_rates(&self) -> &[SpeakingRate] {
        &self.speaking_rates
    }
}

/// The open journal. It is locked: only one run can work in a folder.
#[derive(Debug)]
pub(super) struct Journal {
    file: Mutex<File>,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal in `folder`, creates it if necessary, and reads it.
    pub(super) fn open(folder: &Path) -> anyhow::Result<(Self, History)> {
        let path = folder.join(NAME);
        let opened = File::options()
            .create(true)
            .append(true)
            .read(true)
            .open(&path);
        let mut file = opened.with_context(|| format!("cannot write {}", path.display()))?;
        // File systems without locks are used at the user's own risk.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            bail!("another piper-rs is running in {}", folder.display());
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.read_to_end(&mut bytes))
            .with_context(|| cannot_read(&path))?;
        let journal = Self {
            file: Mutex::new(file),
            path,
        };
        if bytes.last().is_some_and(|last| *last != b'\n') {
            journal.write(b"\n", Durability::System)?;
        }
        Ok((journal, History::parse(&bytes)))
    }

    /// Reads the journal again: it has what this run has recorded.
    pub(super) fn history(&self) -> anyhow::Result<History> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = Vec::new();
        // Lines are appended wherever the position is.
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.read_to_end(&mut bytes))
            .with_context(|| cannot_read(&self.path))?;
        Ok(History::parse(&bytes))
    }

    /// Records that an output is about to be written.
    pub(super) fn record_started(&self, started: Started) -> anyhow::Result<()> {
        self.append(&Record::Started(started), Durability::Disk)
    }

    /// Records that an output is complete.
    pub(super) fn record_done(&self, done: Done) -> anyhow::Result<()> {
        self.append(&Record::Done(done), Durability::System)
    }

    fn append(&self, record: &Record, durability: Durability) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.write(&line, durability)
    }

    fn write(&self, line: &[u8], durability: Durability) -> anyhow::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.write_all(line).and_then(|()| match durability {
            Durability::Disk => file.sync_data(),
            Durability::System => Ok(()),
        });
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// How safely a line must be stored before work continues.
#[derive(Clone, Copy)]
enum Durability {
    /// In the system's cache: a crash of the machine may lose it.
    System,
    /// On the disk.
    Disk,
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn started(output: &str) -> Started {
        Started {
            output: output.to_owned(),
            fingerprint: ContentHash::of_parts([output.as_bytes()]),
            replaces: None,
        }
    }

    fn done(output: &str) -> Done {
        Done {
            output: output.to_owned(),
            fingerprint: ContentHash::of_parts([output.as_bytes()]),
            bytes: 44,
            speaking_rate: None,
            seed: None,
        }
    }

    #[test]
    fn the_next_run_reads_what_was_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(folder.path()).unwrap();
        for output in ["a", "b", "a"] {
            journal.record_started(started(output)).unwrap();
        }
        journal.record_done(done("a")).unwrap();
        drop(journal);

        let (_, history) = Journal::open(folder.path()).unwrap();
        let a = OutputHistory {
            done: Some(done("a")),
            started: None,
        };
        let b = OutputHistory {
            done: None,
            started: Some(started("b")),
        };
        assert_eq!(
            (history.output("a"), history.output("b")),
            (Some(&a), Some(&b))
        );
        assert_eq!(history.output("c"), None);
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
    fn two_runs_cannot_share_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Journal::open(folder.path()).unwrap();
        let message = Journal::open(folder.path()).unwrap_err().to_string();
        assert!(
            message.starts_with("another piper-rs is running in"),
            "{message}"
        );
        // Reading is allowed.
        History::read(folder.path()).unwrap();
    }

    proptest! {
        #[test]
        fn an_incomplete_last_line_loses_no_other(cut in 0_usize..400) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(NAME);
            let (journal, _) = Journal::open(folder.path()).unwrap();
            let mut ends = vec![0];
            for output in ["a", "b"] {
                journal.record_done(done(output)).unwrap();
                ends.push(fs::metadata(&path).unwrap().len() as usize);
            }
            drop(journal);
            let bytes = fs::read(&path).unwrap();
            let cut = cut.min(bytes.len());
            fs::write(&path, &bytes[..cut]).unwrap();

            let (journal, history) = Journal::open(folder.path()).unwrap();
            // A line is complete without its newline.
            prop_assert_eq!(history.output("a").is_some(), cut + 1 >= ends[1]);
            prop_assert_eq!(history.output("b").is_some(), cut + 1 >= ends[2]);
            journal.record_done(done("c")).unwrap();
            drop(journal);
            let (_, history) = Journal::open(folder.path()).unwrap();
            prop_assert!(history.output("c").is_some());
        }
    }
}
