//! Voices prepared once and kept: cut in parts, optimised, their weights
//! mapped into memory instead of read.
//!
//! A prepared voice loads in a tenth of the time, speaks before a sentence is
//! done, and shares its weights with other processes. It is kept in a folder
//! named after everything it depends on, checked against the stock graph
//! before it is first used, and thrown away when it looks damaged.

mod key;
mod make;
mod record;
mod seen;

use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub use self::record::Layout;
use self::record::{Cut, Prepared, RECORD, Record};
use super::content_hash::ContentHash;
use super::split_model::PartedModel;
use super::text_encoder::{Encoder, TextPart};
use super::{VoiceConfig, VoiceFiles};
use crate::error::Cause;
use crate::runtime::{Runtime, Session, SessionOptions, external_weights};

/// How much is kept unless told otherwise: some thirty voices.
pub const DEFAULT_MAX_BYTES: u64 = 2_000_000_000;

/// Nobody prepares a voice for longer than this.
const UNFINISHED_FOR: Duration = Duration::from_secs(3600);

const ENCODER: &str = "encoder.onnx";
const TEXT: &str = "text.onnx";
const FLOW: &str = "flow.onnx";
const COARSE: &str = "coarse.onnx";
const FINE: &str = "fine.onnx";

/// Where prepared voices are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedVoices {
    folder: PathBuf,
    max_bytes: u64,
}

/// A voice that has been prepared.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PreparedVoice {
    /// The voice's name.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// What it takes on disk.
    pub bytes: u64,
    /// Why it is run whole, if it is.
    pub whole_because: Option<String>,
}

impl PreparedVoices {
    /// Keeps at most `max_bytes` of prepared voices in `folder`, which is made
    /// when it is needed.
    pub fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self { folder, max_bytes }
    }

    /// Returns whether the voice is ready: prepared, found not to be fit for
    /// it, or not in need of it.
    pub fn has(&self, files: &VoiceFiles, runtime: &Runtime) -> bool {
        match files {
            VoiceFiles::Builtin => true,
            VoiceFiles::OnDisk { model, .. } => {
                // A file that cannot be read is the loader's to complain of.
                seen::content_hash(model, &self.folder).is_ok_and(|content| {
                    Record::read(&self.folder.join(key::folder_name(content, runtime))).is_some()
                })
            }
        }
    }

    /// Returns the parts of the voice whose graph is at `path`, prepared now
    /// if they are not there yet; `Err` says why the voice is to be run whole.
    ///
    /// Preparing costs a second or two, once.
    pub(super) fn load(
        &self,
        path: &Path,
        config: &VoiceConfig,
        runtime: &Runtime,
        options: SessionOptions,
    ) -> Result<PartedModel, Cause> {
        let content = seen::content_hash(path, &self.folder)?;
        let folder = self.folder.join(key::folder_name(content, runtime));
        if let Some(record) = Record::read(&folder) {
            match record.outcome {
                Prepared::Whole { reason } => return Err(reason.into()),
                Prepared::Parts(cut) => {
                    if let Ok(model) = open_parts(&folder, content, *cut, runtime, options) {
                        return Ok(model);
                    }
                }
            }
        }
        // What is there without a good record is damaged.
        _ = fs::remove_dir_all(&folder);
        make::prepare(path, content, config, &folder, runtime, options)?;
        self.shrink(&folder);
        match Record::read(&folder).map(|record| record.outcome) {
            Some(Prepared::Parts(cut)) => open_parts(&folder, content, *cut, runtime, options),
            Some(Prepared::Whole { reason }) => Err(reason.into()),
            None => Err("what was prepared is gone".into()),
        }
    }

    /// Returns what is kept, in the order of its names.
    pub fn list(&self) -> Vec<PreparedVoice> {
        let mut voices: Vec<_> = self
            .folders()
            .filter_map(|folder| listed(&folder))
            .collect();
        voices.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
        voices
    }

    /// Lists the prepared forms of one voice: one for each ONNX Runtime that
    /// prepared it. Reads its graph through, unless that was done before.
    pub fn of(&self, files: &VoiceFiles) -> Vec<PreparedVoice> {
        let VoiceFiles::OnDisk { model, .. } = files else {
            return Vec::new();
        };
        if !self.folder.is_dir() {
            return Vec::new();
        }
        let Ok(content) = seen::content_hash(model, &self.folder) else {
            return Vec::new();
        };
        let is_of = |folder: &PathBuf| {
            Record::read(folder).is_some_and(|record| record.content == Some(content))
        };
        let folders = self.folders().filter(is_of);
        folders.filter_map(|folder| listed(&folder)).collect()
    }

    /// Removes the prepared forms of one voice; returns how many there were.
    pub fn remove(&self, files: &VoiceFiles) -> std::io::Result<usize> {
        let prepared = self.of(files);
        for voice in &prepared {
            fs::remove_dir_all(&voice.path)?;
        }
        Ok(prepared.len())
    }

    /// Removes everything that is kept; returns how many voices that were.
    pub fn clear(&self) -> std::io::Result<usize> {
        let count = self.list().len();
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            result => result.map(|()| count),
        }
    }

    /// Removes the voices prepared longest ago until the rest fits, but never
    /// `newest`.
    fn shrink(&self, newest: &Path) {
        self.remove_unfinished();
        let mut others: Vec<(SystemTime, PathBuf, u64)> = self
            .folders()
            .filter(|folder| folder != newest)
            .filter_map(|folder| {
                let made = fs::metadata(folder.join(RECORD)).ok()?.modified().ok()?;
                let bytes = listed(&folder)?.bytes;
                Some((made, folder, bytes))
            })
            .collect();
        others.sort_unstable();
        let own = listed(newest).map_or(0, |voice| voice.bytes);
        let mut held = own + others.iter().map(|(_, _, bytes)| bytes).sum::<u64>();
        for (_, folder, bytes) in others {
            if held <= self.max_bytes {
                return;
            }
            // A process that uses it keeps its files mapped.
            _ = fs::remove_dir_all(folder);
            held -= bytes;
        }
    }

    /// Removes what processes that died left unfinished.
    fn remove_unfinished(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let unfinished = entries.filter(|entry| {
            entry
                .file_name()
                .to_string_lossy()
                .starts_with(make::UNFINISHED)
        });
        for entry in unfinished {
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            let age = modified.ok().and_then(|time| time.elapsed().ok());
            // A younger one may be somebody's at work.
            if age.is_some_and(|age| age > UNFINISHED_FOR) {
                _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.join(RECORD).is_file())
    }
}

fn listed(folder: &Path) -> Option<PreparedVoice> {
    let record = Record::read(folder)?;
    Some(PreparedVoice {
        bytes: record.bytes(),
        path: folder.to_owned(),
        whole_because: match record.outcome {
            Prepared::Whole { reason } => Some(reason),
            Prepared::Parts(_) => None,
        },
        name: record.name,
    })
}

/// Loads the parts in `folder`.
fn open_parts(
    folder: &Path,
    content: ContentHash,
    cut: Cut,
    runtime: &Runtime,
    options: SessionOptions,
) -> Result<PartedModel, Cause> {
    // Several threads run several steps instead: see `synth::pipeline`.
    let single = SessionOptions { threads: 1 };
    let open = |name| Session::from_file(runtime, &folder.join(name), single);
    // Opening the text part without its encoder takes as long as opening the
    // others.
    let (rest, others) = std::thread::scope(|scope| {
        let rest = scope.spawn(|| open(TEXT));
        let encoder = cut.encoded.is_some().then(|| open(ENCODER));
        let others = (encoder, open(FLOW), open(COARSE), open(FINE));
        let rest = rest.join();
        (rest.unwrap_or_else(|panic| resume_unwind(panic)), others)
    });
    let (encoder, flow, coarse, fine) = others;
    let encoder = encoder.transpose()?.zip(cut.encoded);
    Ok(PartedModel {
        text: TextPart {
            encoder: encoder.map(|(session, encoded)| Encoder { session, encoded }),
            rest: rest?,
        },
        flow: flow?,
        coarse: coarse?,
        fine: fine?,
        seams: cut.seams,
        symbols: cut.symbols,
        reference_peak: cut.reference_peak,
        layout: cut.layout,
        content,
        workers: options.threads,
        mapped_bytes: mapped_bytes(folder),
    })
}

/// Returns the size of the weights beside the parts in `folder`.
fn mapped_bytes(folder: &Path) -> u64 {
    let parts = [TEXT, FLOW, COARSE, FINE].map(|name| folder.join(name));
    let weights = parts.map(|part| fs::metadata(external_weights(&part)));
    // Small parts have all their weights within.
    weights.iter().flatten().map(fs::Metadata::len).sum()
}
