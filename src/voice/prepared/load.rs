//! Loads a voice from its prepared form, which is made first if necessary.

use std::io;
use std::path::Path;

use prost::bytes::Bytes;

use super::faults::{is_fault_of_model, is_of_process};
use super::hash_notes::Lookup;
use super::key::Source;
use super::loaded::{Loaded, load_record};
use super::lock;
use super::preparation::Preparation;
use super::record::Record;
use super::stock_voice::StockVoice;
use super::{PreparedVoices, mapped, refused};
use crate::audio::loudness::LoudnessAccuracy;
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::onnx::split_voice;
use crate::runtime::{Runtime, RuntimeSource, SessionOptions};
use crate::threads;
use crate::voice::VoiceConfig;
use crate::voice::content_hash::ContentHash;
use crate::voice::engine::EngineChoice;
use crate::voice::loudness::config_hash;
use crate::voice::model_file::check_model_file;

impl PreparedVoices {
    /// Loads the model of the graph at `path`, which is prepared first if
    /// necessary: once, for a fifth of a second if all its parts can be native, otherwise
    /// for a second or two. ONNX Runtime is opened if the voice needs it. `Err` says why it
    /// has to run as it was exported.
    pub(in crate::voice) fn load(
        &self,
        path: &Path,
        config: &VoiceConfig,
        runtime: &dyn RuntimeSource,
        options: SessionOptions,
        loudness_accuracy: LoudnessAccuracy,
    ) -> Result<Loaded, Cause> {
        let Opened { source, voice } = self.open(path, config)?;
        let load_existing = |runtime: Option<&Runtime>| {
            let folder = self.folder_of(source, runtime);
            let load = |record| {
                let loaded = load_record(record, &folder, source, runtime, options)?;
                if loudness_accuracy == LoudnessAccuracy::Measured {
                    loaded.measure(config)?;
                }
                Ok(loaded)
            };
            let record = match runtime {
                Some(_) => Record::read(&folder),
                None => self.native_record(&folder),
            };
            match record.map(load) {
                Some(Ok(loaded)) => Ok(Some(loaded)),
                // The folder may be intact.
                Some(Err(error)) if is_of_process(&error) => Err(error),
                // A folder without a valid record is damaged.
                Some(Err(_)) | None => Ok(None),
            }
        };
        if let Some(loaded) = load_existing(None)? {
            return Ok(loaded);
        }
        if self.has_form_of(source)
            && let Ok(runtime) = runtime.get()
            && let Some(loaded) = load_existing(Some(&runtime))?
        {
            return Ok(loaded);
        }
        let StockGraph { graph, native } = match voice {
            Some(read) => read,
            None => StockGraph::read(read_file(path)?, self.engine)?,
        };
        let preparation = Preparation {
            source,
            config,
            runtime: None,
            options,
            loudness_accuracy,
            engine: self.engine,
            kernels: self.engine.kernels(),
        };
        let folder = self.folder_of(source, None);
        let is_refused = || refused::is_noted(&self.folder, &folder);
        // Of many processes that need the voice one prepares it.
        let lock = native
            .is_some()
            .then(|| lock::acquire(&self.folder, &folder));
        if let Some(voice) = native.as_ref().filter(|_| !is_refused()) {
            if let Some(loaded) = load_existing(None)? {
                return Ok(loaded);
            }
            self.put_aside(&folder);
            match preparation.run_native(&graph, voice, path, &self.folder) {
                Ok(folder) => return self.load_new(&folder, source, None, options),
                Err(error) if !is_fault_of_model(&error) => return Err(error),
                // ONNX Runtime may still make the right samples.
                Err(_) => {}
            }
        }
        drop(lock);
        let runtime = &*runtime.get()?;
        let folder = self.folder_of(source, Some(runtime));
        let _lock = lock::acquire(&self.folder, &folder);
        for runtime in [None, Some(runtime)] {
            if let Some(loaded) = load_existing(runtime)? {
                return Ok(loaded);
            }
        }
        self.put_aside(&folder);
        let are_of_no_use = is_refused() || native.is_some();
        let preparation = Preparation {
            runtime: Some(runtime),
            kernels: preparation.kernels.filter(|_| !are_of_no_use),
            ..preparation
        };
        let folder = preparation.run(&graph, path, &self.folder)?;
        self.load_new(&folder, source, Some(runtime), options)
    }

    /// Loads a voice that was prepared just now.
    fn load_new(
        &self,
        folder: &Path,
        source: Source,
        runtime: Option<&Runtime>,
        options: SessionOptions,
    ) -> Result<Loaded, Cause> {
        self.shrink(folder);
        let record = Record::read(folder).ok_or("the prepared voice has disappeared")?;
        load_record(record, folder, source, runtime, options)
    }

    /// Hashes the file at `path`, unless that was done before. Then nothing is known about
    /// it yet, and it is also read: once.
    fn open(&self, path: &Path, config: &VoiceConfig) -> Result<Opened, Cause> {
        let source = |content_hash| Source {
            content_hash,
            config_hash: config_hash(config),
        };
        let unhashed = match Lookup::of(path, &self.folder)? {
            Lookup::Known(hash) => {
                let (source, voice) = (source(hash), None);
                return Ok(Opened { source, voice });
            }
            Lookup::Unknown(unhashed) => unhashed,
        };
        let bytes = read_file(path)?;
        let hash = || ContentHash::of_bytes(&bytes);
        let read = || StockGraph::read(bytes.clone(), self.engine);
        let (hash, voice) = threads::run_both("hash", hash, read)?;
        unhashed.note(hash);
        Ok(Opened {
            source: source(hash),
            voice: Some(voice?),
        })
    }
}

/// A voice that may be prepared.
struct Opened {
    source: Source,
    /// `None` if it has not been read.
    voice: Option<StockGraph>,
}

/// The graph of a voice.
pub(super) struct StockGraph {
    pub(super) graph: ModelProto,
    /// Its parts, if all of them can be native.
    pub(super) native: Option<StockVoice>,
}

impl StockGraph {
    pub(super) fn read(onnx: Bytes, engine: EngineChoice) -> Result<Self, Cause> {
        let graph = ModelProto::read(onnx)?;
        let native = native_voice(&graph, engine);
        Ok(Self { graph, native })
    }
}

/// Returns the parts of a voice if all of them can be native.
pub(super) fn native_voice(graph: &ModelProto, engine: EngineChoice) -> Option<StockVoice> {
    let kernels = engine.kernels()?;
    let voice = StockVoice::of(graph, split_voice(graph).ok()?, Some(kernels)).ok()?;
    let are_all_native = voice.native.as_ref().is_some_and(|native| native.are_all());
    are_all_native.then_some(voice)
}

/// Reads the file at `path`.
pub(super) fn read_file(path: &Path) -> io::Result<Bytes> {
    check_model_file(path)?;
    mapped::read(path)
}
