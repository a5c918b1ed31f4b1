//! A voice's graph as it was exported, run in one step.

use std::sync::Arc;

use prost::Message as _;
use prost::bytes::Bytes;

use super::id_ends::Durations;
use super::model::{Inference, Model, ModelInfo, Remaining, Utterance};
use super::model_inputs::{ModelInputs, check_inputs, takes_speaker, takes_speed};
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::onnx::{
    DURATIONS_OUTPUT, add_speed_input, cuts_silence, declare_durations, embedding_rows,
    make_seedable, speaker_rows,
};
use crate::runtime::{Runtime, Session, SessionOptions};
use crate::{CancelToken, Error, Result};

/// No sentence is longer than this: an hour and a half at 22 kHz.
const MAX_SAMPLES: usize = 1 << 27;

/// A graph that returns all samples of a sentence at once. The fallback for
/// voices that cannot be split.
#[derive(Debug)]
pub(super) struct StockModel {
    session: Session,
    pub(super) info: ModelInfo,
    /// Samples in a frame, if others follow the last frame. `None` if the frames are
    /// all of a sentence.
    pub(super) frame_samples: Option<u64>,
}

impl StockModel {
    /// Loads the graph in `onnx`, the bytes of an `.onnx` file.
    pub(super) fn load(
        onnx: Bytes,
        runtime: &Runtime,
        options: SessionOptions,
    ) -> Result<Self, Cause> {
        let mut graph = ModelProto::read(onnx)?;
        add_ports(&mut graph);
        Self::from_graph(&graph, runtime, options)
    }

    /// Loads a graph. Its noise is made to follow the seed of each inference,
    /// if possible.
    pub(super) fn from_graph(
        graph: &ModelProto,
        runtime: &Runtime,
        options: SessionOptions,
    ) -> Result<Self, Cause> {
        let info = ModelInfo {
            embedding_rows: embedding_rows(graph),
            speakers: speaker_rows(graph),
            ..ModelInfo::default()
        };
        let mut graph = graph.clone(); // shares the weights
        // A graph that cannot be seeded keeps its own noise.
        _ = make_seedable(&mut graph);
        let session = Session::from_bytes(runtime, &graph.encode_to_vec(), options)?;
        Self::from_session(session, info)
    }

    /// Runs a loaded graph, of which `info` is known.
    pub(super) fn from_session(session: Session, info: ModelInfo) -> Result<Self, Cause> {
        check_inputs(session.inputs())?;
        let info = ModelInfo {
            takes_speaker: takes_speaker(session.inputs()),
            takes_speed: takes_speed(session.inputs()),
            ..info
        };
        Ok(Self {
            session,
            info,
            frame_samples: None,
        })
    }
}

/// Adds inputs for the speed and the seed to a graph, and an output for the durations,
/// if possible.
pub(super) fn add_ports(graph: &mut ModelProto) {
    // Without the output, the times of words are estimated: also if it is not known
    // how much of the first durations was cut off.
    match cuts_silence(graph) {
        true => {
            let outputs = graph.graph.iter_mut().map(|graph| &mut graph.output);
            outputs.for_each(|all| all.retain(|output| output.name != DURATIONS_OUTPUT));
        }
        false => _ = declare_durations(graph),
    }
    // Without the input, samples are stretched instead.
    _ = add_speed_input(graph);
    // A graph that cannot be seeded keeps its own noise.
    _ = make_seedable(graph);
}

impl Model for StockModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn begin(self: Arc<Self>, inference: Inference) -> Box<dyn Utterance> {
        Box::new(StockUtterance {
            model: self,
            inputs: ModelInputs::new(inference),
            id_ends: None,
        })
    }
}

/// A sentence with one step and no windows.
struct StockUtterance {
    model: Arc<StockModel>,
    inputs: ModelInputs,
    id_ends: Option<Vec<u64>>,
}

impl Utterance for StockUtterance {
    fn step(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Remaining> {
        let StockModel {
            session,
            frame_samples,
            ..
        } = &*self.model;
        let inputs = self.inputs.tensors(session.inputs());
        self.id_ends = session.run(&inputs, cancel, |outputs| {
            let (_, output) = outputs.floats(0)?;
            if output.len() > MAX_SAMPLES {
                let count = output.len();
                let source = format!("it returned {count} samples for one sentence").into();
                return Err(Error::Inference { source });
            }
            samples.extend_from_slice(output);
            let durations = Durations::read(outputs, session);
            Ok(durations.map(|all| match frame_samples {
                Some(hop) => all.ends((all.frames() * *hop as f64) as u64, 0),
                None => all.ends(output.len() as u64, 0),
            }))
        })?;
        Ok(Remaining::Windows(0))
    }

    fn take_id_ends(&mut self) -> Option<Vec<u64>> {
        self.id_ends.take()
    }

    fn window(&self, _: usize, _: &CancelToken, _: &mut Vec<f32>) -> Result<()> {
        Ok(()) // there are no windows
    }
}
