//! A voice's graph as its makers exported it, run whole.

use std::sync::Arc;

use prost::Message as _;
use prost::bytes::Bytes;

use super::model::{Inference, Model, Next, Utterance};
use super::model_inputs::{Feed, check_inputs, takes_speaker};
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::onnx::{embedding_rows, make_seedable};
use crate::runtime::{Runtime, Session, SessionOptions};
use crate::{CancelToken, Error, Result};

/// No sentence is longer than this: an hour and a half at 22 kHz.
const MAX_SAMPLES: usize = 1 << 27;

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
        Self::from_graph(&ModelProto::read(onnx)?, runtime, options)
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

impl Model for WholeModel {
    fn takes_speaker(&self) -> bool {
        takes_speaker(self.session.inputs())
    }

    fn symbols(&self) -> Option<usize> {
        self.symbols
    }

    fn begin(self: Arc<Self>, inference: Inference) -> Box<dyn Utterance> {
        let feed = Feed::new(inference);
        Box::new(WholeUtterance { model: self, feed })
    }
}

/// A sentence whose samples come all at once.
struct WholeUtterance {
    model: Arc<WholeModel>,
    feed: Feed,
}

impl Utterance for WholeUtterance {
    fn step(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Next> {
        let session = &self.model.session;
        let inputs = self.feed.tensors(session.inputs());
        session.run(&inputs, cancel, |outputs| {
            let (_, made) = outputs.floats(0)?;
            if made.len() > MAX_SAMPLES {
                let source = format!("it gave {} samples for one sentence", made.len()).into();
                return Err(Error::Inference { source });
            }
            samples.extend_from_slice(made);
            Ok(Next::Windows(0))
        })
    }

    fn window(&self, _: usize, _: &CancelToken, _: &mut Vec<f32>) -> Result<()> {
        Ok(()) // there are none
    }
}
