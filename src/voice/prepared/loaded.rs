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
use crate::voice::VoiceConfig;
use crate::voice::loudness::VoiceToMeasure;
use crate::voice::loudness_file::LoudnessFile;
use crate::voice::model::{LoadedModel, Model, ModelInfo};

/// What [`PreparedVoices::load`](super::PreparedVoices::load) finds.
pub(in crate::voice) enum Loaded {
    Prepared(LoadedModel),
    /// The voice runs as it was exported.
    Stock {
        reason: String,
        loudness: StoredLoudness,
    },
}

/// What is stored of a voice's loudness.
pub(in crate::voice) struct StoredLoudness {
    measured: Option<VoiceLoudness>,
    estimated: Option<VoiceLoudness>,
    pub(in crate::voice) file: LoudnessFile,
}

impl StoredLoudness {
    fn of(folder: &Path, record: &Record) -> Self {
        let file = record.loudness_file(folder);
        Self {
            measured: file.read().flatten(),
            estimated: record.estimated_loudness,
            file,
        }
    }

    /// Tells a model.
    pub(in crate::voice) fn tell(&self, info: &mut ModelInfo) {
        info.reference_loudness = self.measured;
        info.estimated_loudness = self.estimated;
    }
}

impl Loaded {
    /// Measures the voice, if it is prepared and that has not been done.
    pub(super) fn measure(&self, config: &VoiceConfig) -> Result<(), Cause> {
        let Self::Prepared(LoadedModel {
            model,
            loudness_file: Some(file),
            ..
        }) = self
        else {
            return Ok(());
        };
        if file.read().is_none() {
            file.write(loudness_of(model, config)?);
        }
        Ok(())
    }
}

/// Measures a voice.
pub(super) fn loudness_of(
    model: &Arc<dyn Model>,
    config: &VoiceConfig,
) -> Result<Option<VoiceLoudness>, Cause> {
    let ids = &config.phoneme_ids(model.info().embedding_rows)?;
    let voice = VoiceToMeasure { model, ids, config };
    Ok(voice.reference_loudness()?)
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
    let (hash, loudness) = (source.content_hash, StoredLoudness::of(folder, &record));
    let is_checked = record.is_checked;
    let (model, split_failure): (Arc<dyn Model>, _) = match record.outcome {
        Outcome::Split(split) => {
            let mut model = load_parts(folder, hash, *split, runtime, options)?;
            loudness.tell(&mut model.info);
            (Arc::new(model), None)
        }
        Outcome::Framewise(info) => {
            let mut model = framewise::load(folder, hash, *info, opened()?, options)?;
            loudness.tell(&mut model.info);
            (Arc::new(model), None)
        }
        Outcome::Stock {
            reason,
            optimized: Some(info),
        } => {
            let mut model = whole::load(folder, hash, info, opened()?, options)?;
            loudness.tell(&mut model.info);
            (Arc::new(model), Some(reason))
        }
        Outcome::Stock { reason, .. } => return Ok(Loaded::Stock { reason, loudness }),
    };
    Ok(Loaded::Prepared(LoadedModel {
        model,
        split_failure,
        is_checked,
        loudness_file: Some(loudness.file),
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
