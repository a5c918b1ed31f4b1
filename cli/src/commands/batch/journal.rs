//! The journal beside the outputs: what was begun and what is done, so that a
//! killed run can be taken up where it was.
//!
//! JSON lines, only ever appended to. An output is *begun* before its file is
//! opened and *done* after the file has its final name, which it gets in one
//! step when it is whole. So whatever the moment of a kill, the journal and
//! the file together tell what became of it: see [`super::verdict`].
//!
//! A begun line is on the disk before the file can be; the rest is left to the
//! system, for the files themselves say whether they are whole. A torn line,
//! which only the last can be, is passed over.

use piper_rs::voice::content_hash::ContentHash;
use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

/// The journal's name in the output folder.
pub(super) const NAME: &str = ".piper-rs-journal.jsonl";

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Record {
    Begun(Begun),
    Done(Done),
}

/// A file is going to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) output: String,
    pub(super) fingerprint: ContentHash,
    /// The file that was there before.
    pub(super) replaces: Option<Stamp>,
}

/// A file was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Done {
    pub(super) output: String,
    pub(super) fingerprint: ContentHash,
    pub(super) bytes: u64,
    /// How long it took; `None` where the run was killed before it was told.
    pub(super) pace: Option<Pace>,
}

impl Done {
    /// Describes a file that is whole, of whose making nothing is known.
    pub(super) fn found(path: &Path, output: &str, fingerprint: &ContentHash) -> Self {
        Self {
            output: output.to_owned(),
            fingerprint: *fingerprint,
            bytes: Stamp::of(path).map_or(0, |stamp| stamp.bytes),
            pace: None,
        }
    }
}

/// How much text became how much audio, and how long that took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Pace {
    pub(super) voice: String,
    pub(super) chars: u64,
    pub(super) audio_seconds: f64,
    pub(super) wall_seconds: f64,
}

/// What a file looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub(super) bytes: u64,
    modified_ns: Option<u64>,
}

impl Stamp {
    /// Looks at the file at `path`; `None` where there is none.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let modified = metadata.modified().ok();
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Some(Self {
            bytes: metadata.len(),
            modified_ns: since.map(|since| since.as_nanos() as u64),
        })
    }
}

/// What the journal knows of the outputs.
#[derive(Debug, Default)]
pub(super) struct History {
    outputs: HashMap<String, Past>,
    paces: Vec<Pace>,
}

/// What the journal knows of one output.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Past {
    pub(super) done: Option<Done>,
    /// Begun since then.
    pub(super) begun: Option<Begun>,
}

impl History {
    /// Reads the journal in `folder`, where there is one.
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
            Record::Begun(begun) => {
                let past = self.outputs.entry(begun.output.clone()).or_default();
                past.begun = Some(begun);
            }
            Record::Done(done) => {
                self.paces.extend(done.pace.clone());
                let past = self.outputs.entry(done.output.clone()).or_default();
                (past.begun, past.done) = (None, Some(done));
            }
        }
    }

    pub(super) fn past(&self, output: &str) -> Option<&Past> {
        self.outputs.get(output)
    }

    /// Returns how every file of the past was made.
    pub(super) fn paces(&self) -> &[Pace] {
        &self.paces
    }
}

/// The journal of a run under way. Nobody else can work in its folder.
#[derive(Debug)]
pub(super) struct Journal {
    file: Mutex<File>,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal in `folder`, made if there is none, and reads it.
    pub(super) fn open(folder: &Path) -> anyhow::Result<(Self, History)> {
        let path = folder.join(NAME);
        let opened = File::options()
            .create(true)
            .append(true)
            .read(true)
            .open(&path);
        let mut file = opened.with_context(|| format!("cannot write {}", path.display()))?;
        // Folders that know no locks are left to their users.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            bail!("another piper-rs is at work in {}", folder.display());
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

    pub(super) fn begun(&self, begun: Begun) -> anyhow::Result<()> {
        self.append(&Record::Begun(begun), Durability::Disk)
    }

    pub(super) fn done(&self, done: Done) -> anyhow::Result<()> {
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

/// How far a line must have come before work goes on.
#[derive(Clone, Copy)]
enum Durability {
    /// A crash of the machine may lose it.
    System,
    /// Nothing may.
    Disk,
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn begun(output: &str) -> Begun {
        Begun {
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
            pace: None,
        }
    }

    #[test]
    fn what_was_written_is_known_to_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(folder.path()).unwrap();
        for output in ["a", "b", "a"] {
            journal.begun(begun(output)).unwrap();
        }
        journal.done(done("a")).unwrap();
        drop(journal);

        let (_, history) = Journal::open(folder.path()).unwrap();
        let a = Past {
            done: Some(done("a")),
            begun: None,
        };
        let b = Past {
            done: None,
            begun: Some(begun("b")),
        };
        assert_eq!((history.past("a"), history.past("b")), (Some(&a), Some(&b)));
        assert_eq!(history.past("c"), None);
    }

    #[test]
    fn two_runs_cannot_share_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Journal::open(folder.path()).unwrap();
        let message = Journal::open(folder.path()).unwrap_err().to_string();
        assert!(
            message.starts_with("another piper-rs is at work in"),
            "{message}"
        );
        // Looking is allowed.
        History::read(folder.path()).unwrap();
    }

    proptest! {
        #[test]
        fn wherever_the_last_line_is_torn_the_others_hold(cut in 0_usize..400) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(NAME);
            let (journal, _) = Journal::open(folder.path()).unwrap();
            let mut ends = vec![0];
            for output in ["a", "b"] {
                journal.done(done(output)).unwrap();
                ends.push(fs::metadata(&path).unwrap().len() as usize);
            }
            drop(journal);
            let bytes = fs::read(&path).unwrap();
            let cut = cut.min(bytes.len());
            fs::write(&path, &bytes[..cut]).unwrap();

            let (journal, history) = Journal::open(folder.path()).unwrap();
            // A line is whole without its newline.
            prop_assert_eq!(history.past("a").is_some(), cut + 1 >= ends[1]);
            prop_assert_eq!(history.past("b").is_some(), cut + 1 >= ends[2]);
            journal.done(done("c")).unwrap();
            drop(journal);
            let (_, history) = Journal::open(folder.path()).unwrap();
            prop_assert!(history.past("c").is_some());
        }
    }
}
