//! What stands beside a prepared voice's parts, and whether to trust them.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::fs::FileStamp;
use crate::onnx::Interface;
use crate::voice::content_hash::ContentHash;

/// The file a [`Record`] is kept in. Written last: without it there is no
/// prepared voice.
pub(super) const RECORD: &str = "record.json";

/// What is known of a voice that has been prepared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// The voice's name, for people.
    pub(super) name: String,
    /// Of the stock graph; older records do not know.
    #[serde(default)]
    pub(super) content: Option<ContentHash>,
    pub(super) outcome: Prepared,
    files: Vec<RecordedFile>,
}

/// What preparing came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Prepared {
    /// The voice is cut in parts.
    Parts(Box<Cut>),
    /// It is run whole, for this reason.
    Whole { reason: String },
}

/// What it takes to run a voice's parts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cut {
    pub(super) seams: Interface,
    /// What the encoder passes to the rest of the text part, where it is a
    /// graph of its own.
    pub(super) encoded: Option<String>,
    /// Rows of the embedding table, where known.
    pub(super) symbols: Option<usize>,
    /// How loud the voice is: see `loudness`.
    pub(super) reference_peak: f32,
    pub(super) layout: Layout,
}

/// How the decoder keeps its channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// One after the other, as it was exported.
    Plain,
    /// Side by side in blocks, as wide as the processor's registers: mostly a
    /// third faster, which is tried.
    Blocks {
        /// In one block.
        channels: usize,
    },
}

impl std::fmt::Display for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain => f.write_str("the plain layout"),
            Self::Blocks { channels } => write!(f, "blocks of {channels} channels"),
        }
    }
}

/// A file as it was when it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RecordedFile {
    name: String,
    #[serde(flatten)]
    stamp: FileStamp,
}

impl Record {
    /// Writes down what is in `folder`, as the last thing before it is used.
    pub(super) fn write(
        folder: &Path,
        name: String,
        content: ContentHash,
        outcome: Prepared,
    ) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            files.push(RecordedFile {
                name: entry.file_name().to_string_lossy().into_owned(),
                stamp: FileStamp::of(&entry.path())?,
            });
        }
        let record = Self {
            name,
            content: Some(content),
            outcome,
            files,
        };
        fs::write(folder.join(RECORD), serde_json::to_vec(&record)?)
    }

    /// Reads the record of `folder`, if everything in it is as it was written:
    /// a file of another size or age has been damaged or tampered with.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let json = fs::read(folder.join(RECORD)).ok()?;
        let record: Self = serde_json::from_slice(&json).ok()?;
        let intact = record.files.iter().all(|file| {
            let now = FileStamp::of(&folder.join(&file.name));
            now.is_ok_and(|now| now == file.stamp)
        });
        intact.then_some(record)
    }

    /// Returns the size of all files together.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.stamp.bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    fn prepared() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("decoder.onnx"), "weights").unwrap();
        let reason = "it is a test".to_owned();
        let outcome = Prepared::Whole { reason };
        let content = ContentHash::of_parts([]);
        Record::write(folder.path(), "voice".into(), content, outcome).unwrap();
        folder
    }

    #[test]
    fn what_was_written_is_read() {
        let record = Record::read(prepared().path()).unwrap();
        assert_eq!((record.name.as_str(), record.bytes()), ("voice", 7));
    }

    #[test]
    fn what_was_damaged_is_not_trusted() {
        type Damage = fn(&Path);
        let damages: [Damage; 4] = [
            |folder| fs::write(folder.join("decoder.onnx"), "short").unwrap(),
            |folder| fs::remove_file(folder.join("decoder.onnx")).unwrap(),
            |folder| fs::write(folder.join(RECORD), "{").unwrap(),
            |folder| {
                let file = fs::File::options()
                    .write(true)
                    .open(folder.join("decoder.onnx"));
                file.unwrap()
                    .set_modified(SystemTime::now() + Duration::from_secs(9))
                    .unwrap();
            },
        ];
        for (n, damage) in damages.into_iter().enumerate() {
            let folder = prepared();
            damage(folder.path());
            assert!(Record::read(folder.path()).is_none(), "damage {n}");
        }
    }
}
