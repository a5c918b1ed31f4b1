//! Splitting the encoder off a voice's text part, so that both load in
//! parallel.

use crate::onnx::graph_index::{GraphIndex, NodeSet};
use crate::onnx::proto::{ModelProto, ValueInfoProto};
use crate::onnx::subgraph::{extract, is_float};

/// The most values that are tried; a stock voice has seven.
const MAX_CANDIDATES: usize = 64;

/// A text part in two models that run one after the other.
#[derive(Clone, Debug)]
pub struct EncoderSplit {
    /// From the ids to the [`encoded`](Self::encoded) value, its only output.
    pub encoder: ModelProto,
    /// From that value and the voice's own inputs to the outputs of the text
    /// part.
    pub rest: ModelProto,
    /// The name of the value that is passed on.
    pub encoded: String,
}

/// Splits [`VoiceParts::text`](super::VoiceParts::text) at the end of an
/// encoder layer, into halves that are as equal as possible; `None` if there
/// is no such layer.
///
/// The time to load a model depends on its number of nodes. The text part has
/// most nodes of a stock voice: a third of them in the encoder, the others in
/// the duration predictor. A dozen nodes that both halves need, masks and
/// shapes, are in both.
pub fn split_encoder(text: &ModelProto) -> Option<EncoderSplit> {
    let graph = text.graph.as_ref()?;
    let index = GraphIndex::new(graph);
    let outputs: Vec<&str> = graph.output.iter().map(|output| &*output.name).collect();
    let larger_half = |value: &&str| {
        let encoder = work(&index, &index.dependencies(&[value], &[]));
        let rest = work(&index, &index.dependencies(&outputs, &[value]));
        encoder.max(rest)
    };
    let candidates = layer_outputs(&index).take(MAX_CANDIDATES);
    let encoded = candidates.min_by_key(larger_half)?;
    let declared = ValueInfoProto::floats(encoded);
    let own_inputs = |nodes: &NodeSet| -> Vec<ValueInfoProto> {
        let needed = index.inputs_of(nodes);
        let is_needed = |input: &&ValueInfoProto| needed.contains(&&*input.name);
        graph.input.iter().filter(is_needed).cloned().collect()
    };
    let encoder_inputs = own_inputs(&index.dependencies(&[encoded], &[]));
    let mut rest_inputs = own_inputs(&index.dependencies(&outputs, &[encoded]));
    rest_inputs.push(declared.clone());
    Some(EncoderSplit {
        encoder: extract(&index, text, encoder_inputs, vec![declared]),
        rest: extract(&index, text, rest_inputs, graph.output.clone()),
        encoded: encoded.to_owned(),
    })
}

/// The float values that several convolutions use: in a VITS encoder, each
/// layer makes queries, keys and values of one, and its last output becomes
/// the mean and the durations.
fn layer_outputs<'a>(index: &GraphIndex<'a>) -> impl Iterator<Item = &'a str> {
    let values = index.graph.node.iter().flat_map(|node| &node.output);
    values.map(String::as_str).filter(|value| {
        let convolutions = index.consumers(value).filter(|node| node.is("Conv"));
        let is_inner = !index.is_output(value) && !index.is_constant(value);
        convolutions.count() > 1 && is_inner && is_float(index, value)
    })
}

/// How many of `nodes` run. Those with constant outputs are evaluated when a
/// model is optimized.
fn work(index: &GraphIndex<'_>, nodes: &NodeSet) -> usize {
    let running = index.nodes(nodes).filter(|node| {
        let mut outputs = node.output.iter();
        !outputs.all(|output| index.is_constant(output))
    });
    running.count()
}
