//! Loads what was prepared, as its record says.

use std::path::Path;
use std::sync::Arc;

use super::key::Source;
use super::native::NativeParts;
use super::parts::load_parts;
use super::record::{Outcome, Record, SplitInfo};
use super::{framewise, whole};
use crate::audio::loudness::VoiceLoudness;
use crate::error::Cause;
use crate::runtime::{Runtime, SessionOptions};
use crate::voice::model::{LoadedModel, Model};

/// What [`PreparedVoices::load`](super::PreparedVoices::load) finds.
pub(in crate::voice) enum Loaded {
    Prepared(LoadedModel),
    /// The voice runs as it was exported.
    Stock {
        reason: String,
        loudness: Option<VoiceLoudness>,
    },
}

/// Loads the model in `folder`.
pub(super) fn load_record(
    record: Record,
    folder: &Path,
    source: Source,
    runtime: Option<&Runtime>,
    options: SessionOptions,
) -> Result<Loaded, Cause> {
    let opened = || runtime.ok_or("it needs ONNX Runtime");
    let (hash, loudness) = (source.content_hash, record.reference_loudness);
    let is_checked = record.is_checked;
    let (model, split_failure): (Arc<dyn Model>, _) = match record.outcome {
        Outcome::Split(split) => {
            let mut model = load_parts(folder, hash, *split, runtime, options)?;
            model.info.reference_loudness = loudness;
            (Arc::new(model), None)
        }
        Outcome::Framewise(info) => {
            let mut model = framewise::load(folder, hash, *info, opened()?, options)?;
            model.info.reference_loudness = loudness;
            (Arc::new(model), None)
        }
        Outcome::Stock {
            reason,
            optimized: Some(info),
        } => {
            let mut model = whole::load(folder, hash, info, opened()?, options)?;
            model.info.reference_loudness = loudness;
            (Arc::new(model), Some(reason))
        }
        Outcome::Stock { reason, .. } => return Ok(Loaded::Stock { reason, loudness }),
    };
    Ok(Loaded::Prepared(LoadedModel {
        model,
        split_failure,
        is_checked,
    }))
}

/// A model without ONNX Runtime.
pub(super) struct NativeModel {
    pub(super) parts: NativeParts,
    pub(super) model: Arc<dyn Model>,
}

/// Loads a model whose parts are all native; `None` if they are not.
pub(super) fn load_native(
    record: &Record,
    folder: &Path,
    source: Source,
    options: SessionOptions,
) -> Result<Option<NativeModel>, Cause> {
    let Outcome::Split(split) = &record.outcome else {
        return Ok(None);
    };
    let Some(parts) = split.native.clone().filter(NativeParts::are_all) else {
        return Ok(None);
    };
    let split = SplitInfo::clone(split);
    let model = load_parts(folder, source.content_hash, split, None, options)?;
    let model = Arc::new(model);
    Ok(Some(NativeModel { parts, model }))
}
