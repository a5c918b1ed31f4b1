//! What preparing a voice needs, whatever its architecture.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use prost::Message as _;

use super::key::Source;
use super::record::Outcome;
use super::test_sentence::speak;
use crate::audio::loudness::LoudnessAccuracy;
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::runtime::{Optimization, Runtime, Session, SessionOptions, WeightsLocation};
use crate::threads;
use crate::voice::VoiceConfig;
use crate::voice::engine::EngineChoice;
use crate::voice::model::Model;
use crate::voice::stock_model::StockModel;
use piper_rs_native::Kernels;

/// A voice to be prepared.
pub(super) struct Preparation<'a> {
    pub(super) source: Source,
    pub(super) config: &'a VoiceConfig,
    /// `None` if all parts are native.
    pub(super) runtime: Option<&'a Runtime>,
    pub(super) options: SessionOptions,
    /// How exactly its loudness is found out now.
    pub(super) loudness_accuracy: LoudnessAccuracy,
    /// What may run its parts.
    pub(super) engine: EngineChoice,
    /// What runs the native ones; `None` if there are to be none.
    pub(super) kernels: Option<Kernels>,
}

impl<'a> Preparation<'a> {
    /// The ONNX Runtime of parts that are not native.
    pub(super) fn runtime(&self) -> Result<&'a Runtime, Cause> {
        self.runtime.ok_or_else(|| "it needs ONNX Runtime".into())
    }

    /// Speaks the test sentence with the voice's own graph, on another thread while `beside`
    /// runs on this one: each takes about as long. Returns both results.
    pub(super) fn speak_stock<T>(
        &self,
        graph: &ModelProto,
        options: SessionOptions,
        beside: impl FnOnce() -> Result<T, Cause>,
    ) -> Result<(Vec<f32>, T), Cause> {
        let expected = || -> Result<_, Cause> {
            let model = StockModel::from_graph(graph, self.runtime()?, options)?;
            Ok(speak(Arc::new(model))?)
        };
        let (expected, beside) = threads::run_both("stock voice", expected, beside)?;
        // If the voice is at fault, both fail.
        Ok((expected?, beside?))
    }

    /// Optimizes `part` and writes it to `folder`.
    pub(super) fn save(
        &self,
        part: &ModelProto,
        file: &Path,
        optimization: Optimization,
    ) -> Result<(), Cause> {
        let (part, weights) = (part.encode_to_vec(), WeightsLocation::External);
        Session::save_optimized(self.runtime()?, &part, file, weights, optimization)
    }
}

/// A voice whose files are written, and the model that they make.
pub(super) struct PreparedModel {
    pub(super) outcome: Outcome,
    pub(super) model: Arc<dyn Model>,
    /// Whether it has been compared with the stock graph.
    pub(super) is_checked: bool,
}

/// Says why the parts of a voice are of no use.
pub(super) fn other_samples(difference: f32) -> String {
    format!("its parts return other samples: they differ by {difference:e}")
}

/// Empties `folder`.
pub(super) fn remove_files(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::remove_file(entry?.path())?;
    }
    Ok(())
}
