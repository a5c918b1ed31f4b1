//! The files of a prepared voice: one graph for each stage, some with their
//! weights in a second file.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::record::SplitInfo;
use crate::error::Cause;
use crate::runtime::{Runtime, Session, SessionOptions, WeightPacking, external_weights};
use crate::threads;
use crate::voice::content_hash::ContentHash;
use crate::voice::model::ModelInfo;
use crate::voice::split_model::SplitModel;
use crate::voice::text_stage::{TextEncoder, TextStage};

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

/// The stages before the decoders.
pub(super) struct FirstStages {
    text: Arc<TextStage>,
    flow: Arc<Session>,
}

/// Loads the parts in `folder`, made from a graph with this hash.
pub(super) fn load_parts(
    folder: &Path,
    content_hash: ContentHash,
    split: SplitInfo,
    runtime: &Runtime,
    options: SessionOptions,
) -> Result<SplitModel, Cause> {
    let load = |name| Session::from_file(runtime, &folder.join(name), SINGLE);
    let decoders = || Ok([load(COARSE)?, load(FINE)?]);
    let (stages, decoders) = FirstStages::load(folder, &split, runtime, decoders)?;
    let parts = [ENCODER, TEXT, FLOW, COARSE, FINE].map(|name| folder.join(name));
    let mut model = stages.with_decoders(decoders, split, options);
    model.info.content_hash = Some(content_hash);
    model.info.mapped_bytes = mapped_bytes(&parts);
    Ok(model)
}

impl FirstStages {
    /// Loads the stages in `folder`, and runs `decoders` in the meantime.
    pub(super) fn load<D>(
        folder: &Path,
        split: &SplitInfo,
        runtime: &Runtime,
        decoders: impl FnOnce() -> Result<D, Cause>,
    ) -> Result<(Self, D), Cause> {
        let load = |name| Session::from_file(runtime, &folder.join(name), SINGLE);
        // The text stage without its encoder takes as long as all the others.
        let (rest, others) = threads::run_both(
            "load",
            || load(TEXT),
            || -> Result<_, Cause> {
                let encoder = split.encoder_output.as_ref();
                let encoder = encoder.map(|output| -> Result<_, Cause> {
                    Ok(TextEncoder {
                        session: load(ENCODER)?,
                        output: output.clone(),
                    })
                });
                Ok((encoder.transpose()?, load(FLOW)?, decoders()?))
            },
        )?;
        let (encoder, flow, decoders) = others?;
        let stages = Self {
            text: Arc::new(TextStage {
                encoder,
                rest: rest?,
            }),
            flow: Arc::new(flow),
        };
        Ok((stages, decoders))
    }

    /// Completes the stages with a coarse decoder and a fine one.
    pub(super) fn with_decoders(
        &self,
        [coarse, fine]: [Session; 2],
        split: SplitInfo,
        options: SessionOptions,
    ) -> SplitModel {
        SplitModel {
            info: ModelInfo {
                takes_speaker: self.text.takes_speaker(),
                takes_speed: self.text.takes_speed(),
                embedding_rows: split.embedding_rows,
                speakers: split.speakers,
                channel_layout: Some(split.channel_layout),
                workers: options.threads,
                ..ModelInfo::default()
            },
            text: Arc::clone(&self.text),
            flow: Arc::clone(&self.flow),
            coarse,
            fine,
            interface: split.interface,
        }
    }
}

/// Returns the size of the files with the weights of `parts`, which are mapped into
/// memory.
pub(super) fn mapped_bytes<P: AsRef<Path>>(parts: &[P]) -> u64 {
    let weights = parts.iter().map(|part| external_weights(part.as_ref()));
    // Small parts have no such file.
    let files = weights.filter_map(|weights| fs::metadata(weights).ok());
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
