//! What preparing a voice needs, whatever its architecture.

use std::fs;
use std::path::Path;

use prost::Message as _;

use super::key::Source;
use super::record::Outcome;
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::runtime::{Optimization, Runtime, Session, SessionOptions, WeightsLocation};
use crate::voice::VoiceConfig;

/// A voice to be prepared.
pub(super) struct Preparation<'a> {
    pub(super) source: Source,
    pub(super) config: &'a VoiceConfig,
    pub(super) runtime: &'a Runtime,
    pub(super) options: SessionOptions,
}

impl Preparation<'_> {
    /// Optimizes `part` and writes it to `folder`.
    pub(super) fn save(
        &self,
        part: &ModelProto,
        file: &Path,
        optimization: Optimization,
    ) -> Result<(), Cause> {
        let (part, weights) = (part.encode_to_vec(), WeightsLocation::External);
        Session::save_optimized(self.runtime, &part, file, weights, optimization)
    }
}

pub(super) fn stock(reason: String) -> Outcome {
    Outcome::Stock {
        reason,
        optimized: None,
    }
}

/// Empties `folder`.
pub(super) fn remove_files(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::remove_file(entry?.path())?;
    }
    Ok(())
}
