//! The files of a prepared voice: one graph for each stage, some with their weights in a
//! second file. A native part has a file with its weights instead: see `native`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::native::NativeParts;
use super::record::SplitInfo;
use crate::error::Cause;
use crate::runtime::{Runtime, Session, SessionOptions, WeightPacking, external_weights};
use crate::threads;
use crate::voice::content_hash::ContentHash;
use crate::voice::flow_stage::FlowStage;
use crate::voice::model::ModelInfo;
use crate::voice::split_decoder::SplitDecoder;
use crate::voice::split_model::SplitModel;
use crate::voice::text_stage::{TextAligner, TextEncoder, TextStage};

pub(super) const ENCODER: &str = "encoder.onnx";
pub(super) const TEXT: &str = "text.onnx";
pub(super) const FLOW: &str = "flow.onnx";
pub(super) const COARSE: &str = "coarse.onnx";
pub(super) const FINE: &str = "fine.onnx";

/// For the session of a part. Threads run several steps at the same time instead: see
/// [`ModelInfo::workers`].
pub(super) const SINGLE: SessionOptions = SessionOptions {
    threads: 1,
    packing: WeightPacking::Packed,
};

/// The stages before the decoder.
pub(super) struct FirstStages {
    text: Arc<TextStage>,
    flow: Arc<FlowStage>,
}

/// Loads the parts in `folder`, made from a graph with this hash. Those that are native
/// need no ONNX Runtime.
pub(super) fn load_parts(
    folder: &Path,
    content_hash: ContentHash,
    split: SplitInfo,
    runtime: Option<&Runtime>,
    options: SessionOptions,
) -> Result<SplitModel, Cause> {
    let load = |name| load_graph(folder, name, runtime);
    let decoder = || match &split.native {
        Some(native) => native.load_decoder(folder),
        None => {
            let sessions = [load(COARSE)?, load(FINE)?];
            Ok(SplitDecoder::OnnxRuntime(Box::new(sessions)))
        }
    };
    let (stages, decoder) = FirstStages::load(folder, &split, runtime, decoder)?;
    let parts = [ENCODER, TEXT, FLOW, COARSE, FINE].map(|name| folder.join(name));
    let native = split.native.as_ref().map(NativeParts::files);
    let native = native.into_iter().flatten().map(|name| folder.join(name));
    let mapped_bytes = mapped_bytes(&parts) + total_bytes(native);
    let mut model = stages.with_decoder(decoder, split, options);
    model.info.content_hash = Some(content_hash);
    model.info.mapped_bytes = mapped_bytes;
    Ok(model)
}

fn load_graph(folder: &Path, name: &str, runtime: Option<&Runtime>) -> Result<Session, Cause> {
    let runtime = runtime.ok_or("one of its parts needs ONNX Runtime")?;
    Session::from_file(runtime, &folder.join(name), SINGLE)
}

impl FirstStages {
    /// Loads the stages in `folder`, and runs `decoder` in the meantime.
    pub(super) fn load<D>(
        folder: &Path,
        split: &SplitInfo,
        runtime: Option<&Runtime>,
        decoder: impl FnOnce() -> Result<D, Cause>,
    ) -> Result<(Self, D), Cause> {
        let load = |name| load_graph(folder, name, runtime);
        let aligner = || -> Result<_, Cause> {
            let native = split.native.as_ref();
            match native.map_or(Ok(None), |native| native.load_aligner(folder))? {
                Some(native) => Ok(native),
                None => Ok(TextAligner::OnnxRuntime(load(TEXT)?)),
            }
        };
        let others = || -> Result<_, Cause> {
            let encoder = split.encoder_output.as_ref();
            let encoder = encoder.map(|output| -> Result<_, Cause> {
                let native = split.native.as_ref();
                match native.map_or(Ok(None), |native| native.load_encoder(folder))? {
                    Some(native) => Ok(native),
                    None => Ok(TextEncoder::OnnxRuntime {
                        session: load(ENCODER)?,
                        output: output.clone(),
                    }),
                }
            });
            let flow = match &split.native {
                Some(native) => native.load_flow(folder)?,
                None => FlowStage::OnnxRuntime(Arc::new(load(FLOW)?)),
            };
            Ok((encoder.transpose()?, flow, decoder()?))
        };
        // The graph of the text stage without its encoder takes as long as all the others.
        let (aligner, others) = threads::run_both("load", aligner, others)?;
        let (encoder, flow, decoder) = others?;
        let text = match (encoder, aligner?) {
            (Some(encoder), aligner) => TextStage::Split(encoder, aligner),
            (None, TextAligner::OnnxRuntime(session)) => TextStage::Whole(session),
            (None, TextAligner::Native(_)) => return Err("its aligner has no encoder".into()),
        };
        let stages = Self {
            text: Arc::new(text),
            flow: Arc::new(flow),
        };
        Ok((stages, decoder))
    }

    /// Completes the stages with a decoder.
    pub(super) fn with_decoder(
        &self,
        decoder: SplitDecoder,
        split: SplitInfo,
        options: SessionOptions,
    ) -> SplitModel {
        SplitModel {
            info: ModelInfo {
                takes_speaker: self.text.takes_speaker(),
                takes_speed: self.text.takes_speed(),
                embedding_rows: split.embedding_rows,
                speakers: split.speakers,
                parts: split.parts(),
                workers: options.threads,
                ..ModelInfo::default()
            },
            text: Arc::clone(&self.text),
            flow: Arc::clone(&self.flow),
            decoder,
            interface: split.interface,
        }
    }
}

/// Returns the size of the files with the weights of `parts`, which are mapped into
/// memory.
pub(super) fn mapped_bytes<P: AsRef<Path>>(parts: &[P]) -> u64 {
    let weights = parts.iter().map(|part| external_weights(part.as_ref()));
    total_bytes(weights) // small parts have no such file
}

/// The size of the files that exist.
fn total_bytes(files: impl Iterator<Item = PathBuf>) -> u64 {
    let files = files.filter_map(|file| fs::metadata(file).ok());
    files.map(|file| file.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_of_every_part_count_as_mapped() {
        let folder = tempfile::tempdir().unwrap();
        for (part, bytes) in [(ENCODER, 1), (TEXT, 20), (FLOW, 300)] {
            let weights = external_weights(&folder.path().join(part));
            fs::write(weights, vec![0; bytes]).unwrap();
        }
        let parts = [ENCODER, TEXT, FLOW, COARSE].map(|name| folder.path().join(name));
        assert_eq!(mapped_bytes(&parts), 321);
    }
}
