//! The files of a prepared voice: one graph for each stage, some with their
//! weights in a second file.

use std::fs;
use std::panic::resume_unwind;
use std::path::Path;

use super::record::SplitInfo;
use crate::error::Cause;
use crate::runtime::{Runtime, Session, SessionOptions, external_weights};
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

/// Loads the parts in `folder`, made from a graph with this hash.
pub(super) fn load_parts(
    folder: &Path,
    content_hash: ContentHash,
    split: SplitInfo,
    runtime: &Runtime,
    options: SessionOptions,
) -> Result<SplitModel, Cause> {
    // Threads run several steps at the same time instead: see `ModelInfo`.
    let single = SessionOptions::default();
    let load = |name| Session::from_file(runtime, &folder.join(name), single);
    // The text stage without its encoder takes as long as all the others.
    let (rest, others) = std::thread::scope(|scope| -> Result<_, Cause> {
        let rest = threads::spawn_scoped(scope, "load", || load(TEXT))?;
        let encoder = split.encoder_output.is_some().then(|| load(ENCODER));
        let others = (encoder, load(FLOW), load(COARSE), load(FINE));
        let rest = rest.join();
        Ok((rest.unwrap_or_else(|panic| resume_unwind(panic)), others))
    })?;
    let (encoder, flow, coarse, fine) = others;
    let parts = [ENCODER, TEXT, FLOW, COARSE, FINE].map(|name| folder.join(name));
    let encoder = encoder.transpose()?.zip(split.encoder_output);
    let text = TextStage {
        encoder: encoder.map(|(session, output)| TextEncoder { session, output }),
        rest: rest?,
    };
    Ok(SplitModel {
        info: ModelInfo {
            takes_speaker: text.takes_speaker(),
            takes_speed: text.takes_speed(),
            embedding_rows: split.embedding_rows,
            speakers: split.speakers,
            reference_loudness: None,
            content_hash: Some(content_hash),
            mapped_bytes: mapped_bytes(&parts),
            channel_layout: Some(split.channel_layout),
            workers: options.threads,
        },
        text,
        flow: flow?,
        coarse: coarse?,
        fine: fine?,
        interface: split.interface,
    })
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
