//! Voices that are prepared once and kept: split into parts, optimized, with
//! their weights mapped into memory instead of read.
//!
//! A prepared voice loads in a tenth of the time, returns its first samples
//! before a sentence is complete, and shares its weights with other processes.
//! Most voices are split in four, framewise voices in four or six; the graph of any other
//! voice is optimized as a whole. It is compared with the stock model when it is
//! prepared, or, if all its parts are native, [after it has spoken](PreparedVoices::check).
//! Its folder is named after everything it depends on, and replaced if it looks damaged.

mod check;
mod compare;
mod faults;
mod framewise;
mod hash_notes;
mod key;
mod load;
mod loaded;
mod lock;
mod mapped;
mod native;
mod parts;
mod preparation;
mod prepare;
mod prepare_native;
mod prepared_voice;
mod record;
mod refused;
mod stock_voice;
mod test_sentence;
mod tidy;
mod whole;

use std::fs;
use std::path::{Path, PathBuf};

pub use self::check::{CheckOptions, StockCheck, WhenBusy};
use self::key::Source;
pub use self::key::processor_kind;
use self::load::{StockGraph, read_file};
pub(super) use self::loaded::{Loaded, StoredLoudness};
pub use self::prepared_voice::PreparedVoice;
use self::record::Record;
use super::engine::EngineChoice;
use super::loudness;
use super::{VoiceConfig, VoiceFiles};
use crate::runtime::{Runtime, RuntimeSource};

/// The default limit of what is kept: about thirty voices.
pub const DEFAULT_MAX_BYTES: u64 = 2_000_000_000;

/// The folder of the prepared voices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedVoices {
    folder: PathBuf,
    max_bytes: u64,
    engine: EngineChoice,
}

impl PreparedVoices {
    /// Keeps at most `max_bytes` of prepared voices in `folder`, which is
    /// created when it is needed.
    pub fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self {
            folder,
            max_bytes,
            engine: EngineChoice::default(),
        }
    }

    /// The same folder, for voices whose parts run as this choice says. Each way is
    /// prepared by itself.
    pub fn with_engine(self, engine: EngineChoice) -> Self {
        Self { engine, ..self }
    }

    /// Returns what may run the parts of voices.
    pub fn engine(&self) -> EngineChoice {
        self.engine
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns whether loading or preparing the voice needs ONNX Runtime: if not, all its
    /// parts are native.
    pub fn needs_runtime(&self, files: &VoiceFiles) -> bool {
        let (VoiceFiles::OnDisk { model, .. }, Some(source)) = (files, self.source_of(files))
        else {
            return true;
        };
        let folder = self.folder_of(source, None);
        let is_native = || {
            let graph = read_file(model).map(|onnx| StockGraph::read(onnx, self.engine));
            graph.is_ok_and(|graph| graph.is_ok_and(|graph| graph.native.is_some()))
        };
        let is_refused = || refused::is_noted(&self.folder, &folder);
        let may_be_native = || self.engine.kernels().is_some() && !is_refused();
        self.native_record(&folder).is_none() && !(may_be_native() && is_native())
    }

    /// Returns whether loading the voice needs no preparation: it is prepared,
    /// cannot be split, or is built in. Opens ONNX Runtime if that depends on it.
    pub fn has(&self, files: &VoiceFiles, runtime: &dyn RuntimeSource) -> bool {
        if *files == VoiceFiles::Builtin {
            return true;
        }
        self.source_of(files).is_some_and(|source| {
            let is_there =
                |runtime: &Runtime| Record::read(&self.folder_of(source, Some(runtime))).is_some();
            self.native_record(&self.folder_of(source, None)).is_some()
                || self.has_form_of(source) && runtime.get().is_ok_and(|runtime| is_there(&runtime))
        })
    }

    /// The record of a voice whose parts are all native; `None` also if it has been found to
    /// make other samples than its stock graph, and could not be put aside.
    fn native_record(&self, folder: &Path) -> Option<Record> {
        let record = Record::read(folder)?;
        (record.is_checked || !refused::is_noted(&self.folder, folder)).then_some(record)
    }

    /// Whether the voice is prepared in some way: perhaps with another engine, or for
    /// another ONNX Runtime.
    fn has_form_of(&self, source: Source) -> bool {
        let mut records = self.records();
        records.any(|(_, record)| record.source() == Some(source))
    }

    /// The folder of a voice that needs this ONNX Runtime, or none.
    fn folder_of(&self, source: Source, runtime: Option<&Runtime>) -> PathBuf {
        self.folder
            .join(key::folder_name(source, runtime, self.engine))
    }

    /// `None` if the voice is built in or a file of it cannot be read; for these, loading
    /// reports the error.
    fn source_of(&self, files: &VoiceFiles) -> Option<Source> {
        let VoiceFiles::OnDisk { model, .. } = files else {
            return None;
        };
        self.source(model, &VoiceConfig::of(files).ok()?).ok()
    }

    /// Hashes the graph at `path`, unless that was done before.
    fn source(&self, path: &Path, config: &VoiceConfig) -> std::io::Result<Source> {
        Ok(Source {
            content_hash: hash_notes::content_hash(path, &self.folder)?,
            config_hash: loudness::config_hash(config),
        })
    }

    /// Lists the prepared voices, sorted by name.
    pub fn list(&self) -> Vec<PreparedVoice> {
        let mut voices: Vec<_> = self
            .records()
            .map(|(folder, record)| PreparedVoice::of(folder, record))
            .collect();
        voices.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
        voices
    }

    /// Lists the prepared voices that need no ONNX Runtime or this one, and load on this
    /// machine, sorted by name. The others were made for another one, or by another
    /// version of this library.
    pub fn current(&self, runtime: Option<&Runtime>) -> Vec<PreparedVoice> {
        let is_current = |folder: &Path, record: &Record| {
            let source = record.source();
            source.is_some_and(|source| {
                let names = EngineChoice::all();
                let mut names = names.flat_map(|engine| {
                    [None, runtime].map(|runtime| key::folder_name(source, runtime, engine))
                });
                names.any(|name| folder == self.folder.join(name))
            })
        };
        let records = self.records();
        let current = records.filter(|(folder, record)| is_current(folder, record));
        let mut voices: Vec<_> = current
            .map(|(folder, record)| PreparedVoice::of(folder, record))
            .collect();
        voices.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
        voices
    }

    /// Lists the prepared forms of one voice with its config: one for each choice of an
    /// engine and, unless all parts are native, each ONNX Runtime. Hashes its graph, unless
    /// that was done before.
    pub fn of(&self, files: &VoiceFiles) -> Vec<PreparedVoice> {
        let Ok(config) = VoiceConfig::of(files) else {
            return Vec::new();
        };
        let config_hash = Some(loudness::config_hash(&config));
        let forms = self.of_model(files).into_iter();
        forms
            .filter(|(_, record)| record.config_hash == config_hash)
            .map(|(folder, record)| PreparedVoice::of(folder, record))
            .collect()
    }

    /// Returns the folders and records of all prepared forms of a voice's model,
    /// with any config.
    fn of_model(&self, files: &VoiceFiles) -> Vec<(PathBuf, Record)> {
        let VoiceFiles::OnDisk { model, .. } = files else {
            return Vec::new();
        };
        if !self.folder.is_dir() {
            return Vec::new();
        }
        let Ok(hash) = hash_notes::content_hash(model, &self.folder) else {
            return Vec::new();
        };
        self.records()
            .filter(|(_, record)| record.content_hash == Some(hash))
            .collect()
    }

    /// Removes the prepared forms of one voice, with any config; returns how
    /// many there were.
    pub fn remove(&self, files: &VoiceFiles) -> std::io::Result<usize> {
        let prepared = self.of_model(files);
        for (folder, _) in &prepared {
            fs::remove_dir_all(folder)?;
        }
        // It may be tried natively again.
        for source in prepared.iter().filter_map(|(_, record)| record.source()) {
            for engine in EngineChoice::all() {
                refused::forget(&self.folder, &key::folder_name(source, None, engine))?;
            }
        }
        Ok(prepared.len())
    }

    /// Removes all prepared voices; returns how many there were.
    pub fn clear(&self) -> std::io::Result<usize> {
        let count = self.list().len();
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            result => result.map(|()| count),
        }
    }

    fn records(&self) -> impl Iterator<Item = (PathBuf, Record)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let is_hidden = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with('.');
        let entries = entries.filter(move |entry| !is_hidden(entry));
        entries.filter_map(|entry| {
            let folder = entry.path();
            Record::read(&folder).map(|record| (folder, record))
        })
    }
}
