//! What is known about a prepared voice.

use std::path::PathBuf;

use super::record::{Outcome, Record};
use crate::audio::loudness::{Lufs, VoiceLoudness};
use crate::voice::engine::PartEngine;

/// A prepared voice.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PreparedVoice {
    /// The voice's name.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// Its size on disk.
    pub bytes: u64,
    /// Why it could not be split; `None` if it is split. The serialized
    /// name is older and must stay.
    #[serde(rename = "whole_because")]
    pub split_failure: Option<String>,
    /// What runs its parts; none if it is not split.
    pub parts: Vec<PartEngine>,
    /// Whether it has been compared with its stock graph. One whose parts are all native
    /// may speak before.
    #[serde(rename = "checked")]
    pub is_checked: bool,
    /// Its [loudness](crate::voice::Voice::reference_loudness); `None` if it has not been
    /// measured yet, or if it is silent. Serialized as the voice's own.
    #[serde(rename = "loudness_lufs", serialize_with = "own_loudness")]
    pub reference_loudness: Option<VoiceLoudness>,
}

fn own_loudness<S: serde::Serializer>(
    loudness: &Option<VoiceLoudness>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let own: Option<Lufs> = loudness.map(|loudness| loudness.own);
    serde::Serialize::serialize(&own, serializer)
}

impl PreparedVoice {
    /// Describes the voice in a folder with this record.
    pub(super) fn of(folder: PathBuf, record: Record) -> Self {
        let bytes = record.bytes();
        let reference_loudness = record.loudness_file(&folder).read().flatten();
        let (split_failure, parts) = match record.outcome {
            Outcome::Stock { reason, .. } => (Some(reason), Vec::new()),
            Outcome::Split(split) => (None, split.parts()),
            Outcome::Framewise(framewise) => (None, framewise.parts()),
        };
        Self {
            bytes,
            is_checked: record.is_checked,
            path: folder,
            split_failure,
            parts,
            reference_loudness,
            name: record.name,
        }
    }
}
