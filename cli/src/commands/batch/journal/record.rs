//! The lines of a journal.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use piper_rs::fs::FileStamp;
use piper_rs::voice::content_hash::ContentHash;
use piper_rs::voice::prepared::processor_kind;
use serde::{Deserialize, Serialize};

use crate::system::processor_name;

/// A line of the journal. The serialized names are older than the names of the
/// types and fields and must stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub(super) enum Record {
    #[serde(rename = "run")]
    Run(Run),
    #[serde(rename = "begun")]
    Started(Started),
    #[serde(rename = "done")]
    Done(Done),
}

/// A run begins. The lines that follow are its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Run {
    /// Milliseconds since 1970. Runs of other machines are in other journals: the times
    /// tell which line about an output is the last.
    pub(in super::super) at_ms: u64,
    /// The kind of processor: see [`processor_kind`].
    pub(in super::super) machine: String,
    /// The name of the processor, if the system tells it.
    pub(in super::super) cpu: Option<String>,
}

impl Run {
    pub(super) fn on_this_machine() -> Self {
        Self {
            at_ms: now_ms(),
            machine: processor_kind(),
            cpu: processor_name(),
        }
    }
}

/// An output is about to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Started {
    /// The output's key: see [`output_key`].
    pub(in super::super) output: String,
    pub(in super::super) fingerprint: ContentHash,
    /// The file that was there before.
    pub(in super::super) replaces: Option<FileStamp>,
    /// The seed that it is spoken with. Older journals have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in super::super) seed: Option<u64>,
}

/// An output is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Done {
    pub(in super::super) output: String,
    pub(in super::super) fingerprint: ContentHash,
    pub(in super::super) bytes: u64,
    /// `None` if no text was spoken for this line.
    #[serde(rename = "pace")]
    pub(in super::super) speaking_rate: Option<SpeakingRate>,
    /// The seed that it was spoken with. Older journals have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in super::super) seed: Option<u64>,
    /// When: milliseconds since 1970. Older journals have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in super::super) at_ms: Option<u64>,
}

impl Done {
    /// Describes a complete file at `path` that this run did not speak.
    pub(in super::super) fn existing(path: &Path, output: &str, fingerprint: ContentHash) -> Self {
        Self {
            output: output.to_owned(),
            fingerprint,
            bytes: FileStamp::of(path).map_or(0, |stamp| stamp.bytes),
            speaking_rate: None,
            seed: None,
            at_ms: None,
        }
    }
}

/// How much text became how much audio, and how long that took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct SpeakingRate {
    pub(in super::super) voice: String,
    pub(in super::super) chars: u64,
    pub(in super::super) audio_seconds: f64,
    pub(in super::super) wall_seconds: f64,
    /// CPU time of the whole program since the text before was done: exact in the sum.
    /// Older journals have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in super::super) cpu_seconds: Option<f64>,
}

/// Returns the key of an output in the journal: its path relative to the
/// output folder, or absolute if it is elsewhere.
pub(in super::super) fn output_key(folder: &Path, output: &Path) -> String {
    let path = match output.strip_prefix(folder) {
        Ok(relative) => relative.to_owned(),
        Err(_) => std::path::absolute(output).unwrap_or_else(|_| output.to_owned()),
    };
    path.to_string_lossy().into_owned()
}

/// Returns the time in milliseconds since 1970.
pub(in super::super) fn now_ms() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.map_or(0, |time| time.as_millis() as u64)
}
