//! Splitting a framewise voice into text part and decoder.
//!
//! The decoder of such a voice has no upsampling: convolutions of frames, then a
//! filter for each frame, whose sound overlaps with that of its neighbours. At
//! its end the graph cuts off the silence around the sentence. This is removed
//! and done outside, because it needs the whole sentence.
//!
//! How far the decoder looks is not read off the graph, since samples and frames
//! change places in it. It is measured: see `voice::prepared`.

mod locate;
mod trim;

pub use trim::KeptSilence;

use self::locate::{Decoder, is_passable};
use self::trim::Trim;
use super::{SideInput, SplitError, entangled};
use crate::onnx::graph_index::{GraphIndex, intersection};
use crate::onnx::proto::{DataType, GraphProto, ModelProto, ValueInfoProto};
use crate::onnx::subgraph::{element_type, extract};

/// A framewise voice in two models that run one after the other.
#[derive(Clone, Debug)]
pub struct FramewiseParts {
    /// From the voice's own inputs to the latent and the side inputs. All random
    /// operators are here.
    pub text: ModelProto,
    /// From the latent to samples.
    pub decoder: ModelProto,
    /// What the parts pass to each other.
    pub interface: FramewiseInterface,
}

/// What [`FramewiseParts`] pass to each other. It is saved with a prepared voice.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FramewiseInterface {
    /// Output of the text part, input of the decoder:
    /// `[batch, channels, frames]`.
    pub latent: String,
    /// Other outputs of the text part that the decoder needs: floats or `int64`.
    pub side_inputs: Vec<SideInput>,
    /// Output of the decoder: the samples, as many for each frame.
    pub audio: String,
    /// Output of the decoder: for each frame 1 if it is heard, 0 if it is silent.
    pub heard: String,
    /// How much of the silence around a sentence stays.
    pub kept_silence: KeptSilence,
}

/// Splits a framewise voice into its parts.
///
/// The parts, run one after the other on the whole utterance and with the silence
/// around it cut off, make exactly the samples of the voice. Split first, then
/// call [`make_seedable`](crate::onnx::make_seedable) on
/// [`FramewiseParts::text`]. Weights are shared with `model`, not copied.
///
/// # Errors
/// [`SplitError`] tells in what the graph differs from such a voice.
pub fn split_framewise(model: &ModelProto) -> Result<FramewiseParts, SplitError> {
    let graph = model.graph.as_ref().ok_or(SplitError::NoGraph)?;
    let trim = Trim::find(&GraphIndex::new(graph)).ok_or(SplitError::NoDecoder)?;
    let mut whole = graph.clone(); // shares the weights
    let heard = trim.remove(&mut whole).ok_or(SplitError::NoDecoder)?;
    let (text, decoder, interface) = split_graph(model, &whole, heard, &trim)?;
    Ok(FramewiseParts {
        text,
        decoder,
        interface,
    })
}

fn split_graph(
    model: &ModelProto,
    graph: &GraphProto,
    heard: String,
    trim: &Trim,
) -> Result<(ModelProto, ModelProto, FramewiseInterface), SplitError> {
    let index = GraphIndex::new(graph);
    let outputs: Vec<&str> = graph.output.iter().map(|output| &*output.name).collect();
    let Decoder {
        latent,
        side_inputs,
        per_frame,
    } = Decoder::find(&index, &outputs).ok_or(SplitError::NoDecoder)?;
    let mut passed = vec![latent.value];
    passed.extend(&side_inputs);
    let text = index.dependencies(&passed, &[]);
    let after_latent = index.dependents(latent.value);
    if intersection(&text, &after_latent).contains(&true) {
        return Err(entangled(latent.value));
    }
    let unfit = side_inputs.iter().find(|value| {
        let is_computed = index.producer(value).is_some();
        !is_computed || !is_passable(&index, value)
    });
    if let Some(value) = unfit {
        return Err(entangled(value));
    }
    let mut declared = vec![ValueInfoProto::frames(latent.value, latent.channels)];
    declared.extend(side_inputs.iter().map(|value| {
        let data_type = element_type(&index, value).unwrap_or(DataType::Float);
        ValueInfoProto::tensor(value, data_type, None)
    }));
    let own_inputs = graph.input.iter();
    let own_inputs = own_inputs.filter(|input| !index.is_constant(&input.name));
    let own_inputs = own_inputs.cloned().collect();
    let describe = |value: &&str| SideInput {
        name: (*value).to_owned(),
        is_per_frame: index.is_produced_by(value, &per_frame),
    };
    let interface = FramewiseInterface {
        latent: latent.value.to_owned(),
        side_inputs: side_inputs.iter().map(describe).collect(),
        audio: graph.output[0].name.clone(),
        heard,
        kept_silence: trim.kept,
    };
    let text = extract(&index, model, own_inputs, declared.clone());
    let decoder = extract(&index, model, declared, graph.output.clone());
    Ok((text, decoder, interface))
}
