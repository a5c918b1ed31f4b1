//! A voice's graph as its makers exported it, run whole.

use prost::Message as _;
use prost::bytes::Bytes;

use super::feed::{Feed, check_inputs, takes_speaker};
use super::model::{Inference, Model, Rest, Utterance};
use crate::error::Cause;
use crate::graph::proto::ModelProto;
use crate::graph::{embedding_rows, make_seedable};
use crate::onnx::{Runtime, Session, SessionOptions};
use crate::{CancelToken, Result};

/// A graph that speaks a sentence in one go: all samples come at once.
///
/// What a voice falls back on when its graph cannot be cut.
#[derive(Debug)]
pub(super) struct WholeModel {
    session: Session,
    symbols: Option<usize>,
}

impl WholeModel {
    /// Loads the graph in `onnx`, the bytes of an `.onnx` file.
    pub(super) fn load(
        onnx: Bytes,
        runtime: &Runtime,
        options: SessionOptions,
    ) -> Result<Self, Cause> {
        Self::from_graph(&decode(onnx)?, runtime, options)
    }

    /// Loads a graph, its noise made to follow the seed of each inference
    /// where that can be done.
    pub(super) fn from_graph(
        graph: &ModelProto,
        runtime: &Runtime,
        options: SessionOptions,
    ) -> Result<Self, Cause> {
        let symbols = embedding_rows(graph);
        let mut graph = graph.clone(); // weights are shared
        // What cannot be seeded keeps its own noise.
        _ = make_seedable(&mut graph);
        let session = Session::from_bytes(runtime, &graph.encode_to_vec(), options)?;
        check_inputs(session.inputs())?;
        Ok(Self { session, symbols })
    }
}

/// Reads an ONNX file.
pub(super) fn decode(onnx: Bytes) -> Result<ModelProto, Cause> {
    ModelProto::decode(onnx)
        .map_err(|error| format!("not an ONNX file, or a damaged one: {error}").into())
}

impl Model for WholeModel {
    fn takes_speaker(&self) -> bool {
        takes_speaker(self.session.inputs())
    }

    fn symbols(&self) -> Option<usize> {
        self.symbols
    }

    fn begin(&self, inference: Inference) -> Box<dyn Utterance + '_> {
        let feed = Feed::new(inference);
        let session = &self.session;
        Box::new(WholeUtterance { session, feed })
    }
}

/// A sentence whose samples come all at once.
struct WholeUtterance<'m> {
    session: &'m Session,
    feed: Feed,
}

impl Utterance for WholeUtterance<'_> {
    fn next_samples(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Rest> {
        let inputs = self.feed.tensors(self.session.inputs());
        self.session.run(&inputs, cancel, |outputs| {
            samples.extend_from_slice(outputs.floats(0)?.1);
            Ok(Rest::Nothing)
        })
    }
}
