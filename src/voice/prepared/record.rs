//! The record of a prepared voice: what its parts are, and what their files
//! looked like when they were written.

use std::fs;
use std::io;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::key::Source;
use super::native::NativeParts;
use crate::audio::loudness::VoiceLoudness;
use crate::fs::{FileStamp, write_atomic};
use crate::onnx::proto::ModelProto;
use crate::onnx::{FramewiseInterface, Interface, PitchInterface, embedding_rows, speaker_rows};
use crate::runtime::Optimization;
use crate::voice::content_hash::ContentHash;
use crate::voice::engine::{ChannelLayout, Part, PartEngine};
use crate::voice::loudness_file::LoudnessFile;
use crate::voice::model::ModelInfo;

/// The record's file. It is written when the voice is complete: a folder without it holds no
/// prepared voice.
pub(super) const RECORD: &str = "record.json";

/// The file of the loudness, which comes later.
const LOUDNESS: &str = "loudness.json";

/// The record of a prepared voice.
///
/// The serialized names are older than the names of the types and fields and
/// must stay.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// The voice's name, for display.
    pub(super) name: String,
    /// Hash of the stock graph; old records have none.
    #[serde(default, rename = "content")]
    pub(super) content_hash: Option<ContentHash>,
    /// See [`Source`]; old records have none.
    #[serde(default, rename = "config")]
    pub(super) config_hash: Option<ContentHash>,
    /// About how loud the voice is; `None` if it was measured while it was prepared, or if the
    /// text of the estimate is silent.
    #[serde(default)]
    pub(super) estimated_loudness: Option<VoiceLoudness>,
    pub(super) outcome: Outcome,
    /// Whether the voice has been compared with its stock graph.
    #[serde(default = "is_true")]
    pub(super) is_checked: bool,
    files: Vec<RecordedFile>,
}

/// Old records do not say it.
fn is_true() -> bool {
    true
}

/// The outcome of preparing a voice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// The voice is split.
    #[serde(rename = "Parts")]
    Split(Box<SplitInfo>),
    /// The voice is split, but works otherwise.
    Framewise(Box<FramewiseInfo>),
    /// The voice cannot be split, for this reason.
    #[serde(rename = "Whole")]
    Stock {
        reason: String,
        /// About its optimized graph; `None` if it runs as it was exported.
        #[serde(default)]
        optimized: Option<GraphInfo>,
    },
}

impl Outcome {
    /// Whether the voice runs without ONNX Runtime.
    pub(super) fn is_native(&self) -> bool {
        matches!(self, Self::Split(split) if split.is_native())
    }
}

/// What is known about a stock graph.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct GraphInfo {
    /// Rows of the embedding table, if known.
    pub(super) embedding_rows: Option<usize>,
    /// Rows of the speakers' table, if known.
    pub(super) speakers: Option<NonZeroU32>,
}

impl GraphInfo {
    pub(super) fn of(graph: &ModelProto) -> Self {
        Self {
            embedding_rows: embedding_rows(graph),
            speakers: speaker_rows(graph),
        }
    }

    /// What the model of a graph with this hash knows of itself.
    pub(super) fn model_info(self, content_hash: ContentHash, mapped_bytes: u64) -> ModelInfo {
        ModelInfo {
            embedding_rows: self.embedding_rows,
            speakers: self.speakers,
            content_hash: Some(content_hash),
            mapped_bytes,
            ..ModelInfo::default()
        }
    }
}

/// What is needed to run a framewise voice, besides its graphs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FramewiseInfo {
    pub(super) interface: FramewiseInterface,
    pub(super) pitch: PitchInterface,
    /// How many ticks the pitch looks to each side.
    pub(super) overlap_ticks: usize,
    pub(super) frames_per_tick: usize,
    /// How many frames the decoders look to each side.
    pub(super) overlap_frames: usize,
    /// Whether its timbre is a part of its own.
    pub(super) has_timbre: bool,
    /// Of the timbre and the decoders.
    pub(super) optimization: Optimization,
    pub(super) graph: GraphInfo,
}

impl FramewiseInfo {
    /// What runs its parts. The pitch counts as text.
    pub(super) fn parts(&self) -> Vec<PartEngine> {
        let timbre = self.has_timbre.then_some(Part::Timbre);
        let parts = [Some(Part::Text), timbre, Some(Part::Decoder)];
        let parts = parts.into_iter().flatten();
        parts.map(PartEngine::onnx_runtime).collect()
    }
}

/// What is needed to run a split voice, besides its graphs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SplitInfo {
    #[serde(rename = "seams")]
    pub(super) interface: Interface,
    /// The name of the encoder's output, if the encoder is a graph of its own.
    #[serde(rename = "encoded")]
    pub(super) encoder_output: Option<String>,
    /// Rows of the embedding table, if known.
    #[serde(rename = "symbols")]
    pub(super) embedding_rows: Option<usize>,
    /// Rows of the speakers' table, if known. Old records have none.
    #[serde(default)]
    pub(super) speakers: Option<NonZeroU32>,
    /// Of ONNX Runtime's decoder.
    #[serde(rename = "layout")]
    pub(super) channel_layout: ChannelLayout,
    /// The parts that native kernels run; `None` if ONNX Runtime runs all.
    #[serde(default)]
    pub(super) native: Option<NativeParts>,
}

impl SplitInfo {
    /// Whether it runs without ONNX Runtime.
    pub(super) fn is_native(&self) -> bool {
        self.native.as_ref().is_some_and(NativeParts::are_all)
    }

    /// What runs its parts.
    pub(super) fn parts(&self) -> Vec<PartEngine> {
        let native = self.native.as_ref();
        let encoder = native.and_then(NativeParts::encoder_kernels);
        let aligner = native.and_then(NativeParts::aligner_kernels);
        let text = match (encoder, aligner) {
            (None, None) => vec![PartEngine::onnx_runtime(Part::Text)],
            _ => vec![
                PartEngine::of(Part::Encoder, encoder),
                PartEngine::of(Part::Aligner, aligner),
            ],
        };
        let rest = match &self.native {
            Some(native) => vec![
                PartEngine::native(Part::Flow, native.flow_kernels()),
                PartEngine::native(Part::Decoder, native.decoder_kernels),
            ],
            None => vec![
                PartEngine::onnx_runtime(Part::Flow),
                PartEngine {
                    layout: Some(self.channel_layout),
                    ..PartEngine::onnx_runtime(Part::Decoder)
                },
            ],
        };
        text.into_iter().chain(rest).collect()
    }
}

/// A file as it was when it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RecordedFile {
    name: String,
    bytes: u64,
    /// Since 1970.
    modified: Duration,
}

impl Record {
    /// Records the files in `folder`. Must be the last file written there, but that of the
    /// [loudness](Self::loudness_file).
    pub(super) fn write(
        folder: &Path,
        name: String,
        source: Source,
        estimated_loudness: Option<VoiceLoudness>,
        outcome: Outcome,
        is_checked: bool,
    ) -> io::Result<Self> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            files.push(RecordedFile::of(&entry?.path())?);
        }
        let record = Self {
            name,
            content_hash: Some(source.content_hash),
            config_hash: Some(source.config_hash),
            estimated_loudness,
            outcome,
            is_checked,
            files,
        };
        fs::write(folder.join(RECORD), serde_json::to_vec(&record)?)?;
        Ok(record)
    }

    /// Records in `folder` that the voice has been compared with its stock graph.
    pub(super) fn mark_checked(self, folder: &Path) -> io::Result<()> {
        let checked = Self {
            is_checked: true,
            ..self
        };
        write_atomic(&folder.join(RECORD), &serde_json::to_vec(&checked)?)
    }

    /// Reads the record of `folder`; `None` if a file is missing or has another
    /// size or modification time: it is damaged or was tampered with.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let json = fs::read(folder.join(RECORD)).ok()?;
        let record: Self = serde_json::from_slice(&json).ok()?;
        let intact = record.files.iter().all(|file| {
            let now = RecordedFile::of(&folder.join(&file.name));
            now.is_ok_and(|now| now == *file)
        });
        intact.then_some(record)
    }

    /// Returns what the voice was prepared from; `None` in old records.
    pub(super) fn source(&self) -> Option<Source> {
        Some(Source {
            content_hash: self.content_hash?,
            config_hash: self.config_hash?,
        })
    }

    /// Returns where the loudness of the voice in `folder` is stored.
    pub(super) fn loudness_file(&self, folder: &Path) -> LoudnessFile {
        let files = serde_json::to_vec(&self.files).unwrap_or_default();
        LoudnessFile {
            path: folder.join(LOUDNESS),
            voice: ContentHash::of_bytes(&files),
        }
    }

    /// Returns the size of all files together.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

impl RecordedFile {
    fn of(path: &Path) -> io::Result<Self> {
        let FileStamp { bytes, modified_ns } = FileStamp::of(path)?;
        let name = path.file_name().unwrap_or_default();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            bytes,
            modified: Duration::from_nanos(modified_ns.unwrap_or_default()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn prepared() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("decoder.onnx"), "weights").unwrap();
        let reason = "it is a test".to_owned();
        let outcome = Outcome::Stock {
            reason,
            optimized: None,
        };
        let hash = ContentHash::of_parts([]);
        let source = Source {
            content_hash: hash,
            config_hash: hash,
        };
        Record::write(folder.path(), "voice".into(), source, None, outcome, true).unwrap();
        folder
    }

    #[test]
    fn a_written_record_is_read() {
        let record = Record::read(prepared().path()).unwrap();
        assert_eq!((record.name.as_str(), record.bytes()), ("voice", 7));
    }

    #[test]
    fn a_damaged_folder_is_not_trusted() {
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

    #[test]
    fn records_of_earlier_versions_are_read() {
        let split = r#"{"name": "x_low", "outcome": {"Parts": {
            "seams": {"prior": "p", "latent": "l", "sketch": "s", "audio": "a",
                "flow_extras": [], "decoder_extras": [{"name": "g", "is_per_frame": false}],
                "channels": 96, "positions": 64, "hop": 256, "coarse_overlap_frames": 9,
                "fine_overlap_frames": 2, "flow_overlap_frames": null},
            "encoded": "e", "symbols": 256, "reference_peak": 0.5,
            "layout": {"blocks": {"channels": 8}}}},
            "files": [{"name": "flow.onnx", "bytes": 7, "modified": {"secs": 1, "nanos": 5}}]}"#;
        let record: Record = serde_json::from_str(split).unwrap();
        let Outcome::Split(split) = record.outcome else {
            panic!("it is split");
        };
        assert_eq!(split.channel_layout, ChannelLayout::Blocks { channels: 8 });
        assert_eq!(
            record.files[0].modified,
            Duration::from_nanos(1_000_000_005)
        );
        assert_eq!(
            (record.content_hash, record.estimated_loudness),
            (None, None)
        );

        let kernels = r#"{"instructions": "avx2", "precision": "fp32"}"#;
        let native = format!(
            r#"{{"kernels": {kernels}, "decoder_kernels": {kernels}, "encoder": null,
                "aligner": null, "speaker_inputs": [],
                "flow": {{"half": 1, "hidden": 1, "couplings": [], "ends_reversed": false,
                    "has_speaker": false}},
                "decoder": {{"first": {{"inputs": 1, "outputs": 1, "taps": 1, "dilation": 1,
                    "before": 0}}, "has_speaker": false, "stages": [], "last_slope": 0.1,
                    "last": {{"inputs": 1, "outputs": 1, "taps": 1, "dilation": 1,
                    "before": 0}}}}}}"#
        );
        let native: NativeParts = serde_json::from_str(&native).unwrap();
        assert_eq!(native.flow_kernels(), native.kernels);

        let stock = r#"{"name": "v", "outcome": {"Whole": {"reason": "r"}}, "files": []}"#;
        let record: Record = serde_json::from_str(stock).unwrap();
        assert!(
            matches!(record.outcome, Outcome::Stock { reason, optimized: None } if reason == "r")
        );
    }
}
