//! Voices that cannot be split: their graph is optimized as a whole.

use std::path::Path;
use std::sync::Arc;

use super::parts::mapped_bytes;
use super::preparation::{Preparation, remove_files};
use super::record::GraphInfo;
use super::test_sentence::{MAX_DIFFERENCE, difference, speak};
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::runtime::{Optimization, Runtime, Session, SessionOptions, WeightPacking};
use crate::voice::content_hash::ContentHash;
use crate::voice::model::Model;
use crate::voice::stock_model::{StockModel, add_ports};

const WHOLE: &str = "whole.onnx";

/// Optimizes the graph as far as its samples stay the same, and writes it to
/// `folder`, which is empty. `None` if it runs as it was exported.
pub(super) fn prepare(
    preparation: &Preparation<'_>,
    graph: &ModelProto,
    stock_model: Arc<dyn Model>,
    folder: &Path,
) -> Result<Option<GraphInfo>, Cause> {
    let Preparation {
        source, options, ..
    } = *preparation;
    let runtime = preparation.runtime()?;
    let (info, expected) = (GraphInfo::of(graph), speak(stock_model)?);
    let mut graph = graph.clone(); // shares the weights
    add_ports(&mut graph);
    for optimization in [Optimization::Full, Optimization::Exact] {
        preparation.save(&graph, &folder.join(WHOLE), optimization)?;
        let model = load(folder, source.content_hash, info, runtime, options)?;
        if difference(&expected, &speak(Arc::new(model))?) <= MAX_DIFFERENCE {
            return Ok(Some(info));
        }
        remove_files(folder)?;
    }
    Ok(None)
}

/// Loads the graph in `folder`, made from a graph with this hash.
pub(super) fn load(
    folder: &Path,
    content_hash: ContentHash,
    info: GraphInfo,
    runtime: &Runtime,
    options: SessionOptions,
) -> Result<StockModel, Cause> {
    let options = SessionOptions {
        packing: WeightPacking::Unpacked,
        ..options
    };
    let file = folder.join(WHOLE);
    let session = Session::from_file(runtime, &file, options)?;
    let info = info.model_info(content_hash, mapped_bytes(&[&file]));
    StockModel::from_session(session, info)
}
