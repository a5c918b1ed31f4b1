//! What the parts of a voice pass to each other.

use crate::onnx::graph_index::Wiring;
use crate::onnx::proto::{GraphProto, ModelProto};
use crate::onnx::receptive_field::{self, NotLocal, Span};

/// What is passed between [`Parts`](super::Parts), by name, and in which windows.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Seams {
    /// Output of the text, input of the flow: `[batch, channels, frames]`.
    pub prior: String,
    /// Output of the flow, input of the coarse decoder: `[batch, channels,
    /// frames]`.
    pub latent: String,
    /// Output of the coarse decoder, input of the fine one: `[batch, channels,
    /// positions]`, [`positions`](Self::positions) for each frame.
    pub sketch: String,
    /// Output of the fine decoder; samples are its last axis, [`hop`](Self::hop)
    /// for each frame.
    pub audio: String,
    /// More outputs of the text that the flow takes.
    pub flow_extras: Vec<Extra>,
    /// More outputs of the text that the coarse decoder takes.
    pub decoder_extras: Vec<Extra>,
    /// Channels of the latent.
    pub channels: usize,
    /// Positions of the sketch in a frame.
    pub positions: usize,
    /// Samples in a frame.
    pub hop: usize,
    /// Frames that the coarse decoder needs on each side of those whose sketch
    /// is wanted; at the ends of an utterance there are none, and none needed.
    pub coarse_overlap_frames: usize,
    /// The same for the fine decoder and samples.
    pub fine_overlap_frames: usize,
    /// The same for the flow; `None` when it cannot be run on windows.
    pub flow_overlap_frames: Option<usize>,
}

/// A float value that is passed beside the main one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Extra {
    /// Its name in both models.
    pub name: String,
    /// Whether its last axis is frames, and cut into windows with the rest;
    /// otherwise it follows from the speaker alone.
    pub is_per_frame: bool,
}

/// Follows time through a part, from its main input and those beside it.
pub(super) fn span(
    model: &ModelProto,
    main: &str,
    extras: &[Extra],
    output: &str,
) -> Result<Span, NotLocal> {
    let per_frame = extras.iter().filter(|extra| extra.is_per_frame);
    let mut timed = vec![main];
    timed.extend(per_frame.map(|extra| extra.name.as_str()));
    let empty = GraphProto::default();
    let wiring = Wiring::new(model.graph.as_ref().unwrap_or(&empty));
    receptive_field::trace(&wiring, &timed, output)
}
