//! A voice's files → its model: prepared if possible, otherwise as exported.

use std::fs;
use std::sync::Arc;

use prost::bytes::Bytes;

use super::model::LoadedModel;
use super::model_file::check_model_file;
use super::prepared::{Loaded, PreparedVoices, StoredLoudness};
use super::stock_model::StockModel;
use super::trial;
use super::{VoiceConfig, VoiceFiles, builtin};
use crate::Error;
use crate::audio::loudness::LoudnessAccuracy;
use crate::error::Cause;
use crate::runtime::{RuntimeSource, SessionOptions};

/// How to load a voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadOptions {
    /// Threads that share one inference; at least 1.
    pub threads: usize,
    /// Where prepared voices are kept; `None` loads the stock model.
    pub prepared: Option<PreparedVoices>,
    /// How exactly the loudness of a prepared voice is known when it has been loaded. If it is
    /// not stored, that costs as much as 13 seconds of speech, or for an estimate as 1.5 seconds.
    pub loudness_accuracy: LoudnessAccuracy,
}

impl Default for LoadOptions {
    /// One thread for each core that the process may use, and the stock model.
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            prepared: None,
            loudness_accuracy: LoudnessAccuracy::default(),
        }
    }
}

/// Loads the prepared voice if [`LoadOptions::prepared`] is set; otherwise, or if
/// that fails, the stock model.
pub(super) fn load_model(
    files: &VoiceFiles,
    config: &VoiceConfig,
    runtime: &dyn RuntimeSource,
    options: &LoadOptions,
) -> Result<LoadedModel, Cause> {
    let session = SessionOptions {
        threads: options.threads,
        ..SessionOptions::default()
    };
    let load_stock = |onnx| StockModel::load(onnx, &*runtime.get()?, session);
    let stock = |onnx: Bytes, loudness: Option<StoredLoudness>, split_failure| {
        let mut model = load_stock(onnx)?;
        if let Some(loudness) = &loudness {
            loudness.tell(&mut model.info);
        }
        Ok(LoadedModel {
            model: Arc::new(model),
            split_failure,
            is_checked: true,
            loudness_file: loudness.map(|loudness| loudness.file),
        })
    };
    let VoiceFiles::OnDisk { model, .. } = files else {
        let onnx = Bytes::from_static(builtin::MODEL);
        let mut model = load_stock(onnx)?;
        model.info.reference_loudness = Some(builtin::BUILTIN_LOUDNESS);
        model.frame_samples = Some(builtin::BUILTIN_FRAME_SAMPLES);
        return Ok(LoadedModel {
            model: Arc::new(model),
            split_failure: None,
            is_checked: true,
            loudness_file: None,
        });
    };
    check_model_file(model)?;
    let Some(prepared) = &options.prepared else {
        return stock(fs::read(model)?.into(), None, None);
    };
    match prepared.load(model, config, runtime, session, options.loudness_accuracy) {
        Ok(Loaded::Prepared(loaded)) => Ok(loaded),
        Ok(Loaded::Stock { reason, loudness }) => {
            stock(fs::read(model)?.into(), Some(loudness), Some(reason))
        }
        // The stock model would not finish a sentence either.
        Err(reason) if trial::is_timeout(&reason) => Err(reason),
        // The voice can be split: another time, or without the limit.
        Err(reason) if matches!(reason.downcast_ref(), Some(Error::Thread { .. })) => Err(reason),
        Err(reason) => stock(fs::read(model)?.into(), None, Some(reason.to_string())),
    }
}
