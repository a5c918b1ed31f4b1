//! Taking the encoder out of a voice's text part, so that both load at once.

use crate::onnx::graph_index::{GraphIndex, NodeSet};
use crate::onnx::proto::{ModelProto, ValueInfoProto};
use crate::onnx::subgraph::{extract, float_value, is_float};

/// Values that are tried; a stock voice has seven.
const MAX_TRIED: usize = 64;

/// A text part in two models, to be run one after the other.
#[derive(Clone, Debug)]
pub struct Encoder {
    /// From the ids to what they mean, its only output.
    pub encoder: ModelProto,
    /// From there, and the voice's own inputs, to the part's outputs.
    pub rest: ModelProto,
    /// The value that is passed.
    pub encoded: String,
}

/// Cuts [`VoiceParts::text`](super::VoiceParts::text) where its halves are most equal,
/// at the end of one of the encoder's layers; `None` where there is no such
/// place.
///
/// What loading costs goes by the nodes, of which a stock voice's text part
/// has most: a third of them in its encoder, the rest in what predicts
/// durations. Nodes that both need, a dozen masks and shapes, are in both.
pub fn split_encoder(text: &ModelProto) -> Option<Encoder> {
    let graph = text.graph.as_ref()?;
    let index = GraphIndex::new(graph);
    let outputs: Vec<&str> = graph.output.iter().map(|output| &*output.name).collect();
    let halves = layer_ends(&index).take(MAX_TRIED).map(|value| {
        let first = work(&index, &index.dependencies(&[value], &[]));
        let second = work(&index, &index.dependencies(&outputs, &[value]));
        (first.max(second), value)
    });
    let (_, encoded) = halves.min_by_key(|(larger, _)| *larger)?;
    let passed = float_value(encoded, None);
    let own_inputs = |nodes: &NodeSet| -> Vec<ValueInfoProto> {
        let entries = index.inputs_of(nodes);
        let used = |input: &&ValueInfoProto| entries.contains(&&*input.name);
        graph.input.iter().filter(used).cloned().collect()
    };
    let encoder_inputs = own_inputs(&index.dependencies(&[encoded], &[]));
    let mut rest_inputs = own_inputs(&index.dependencies(&outputs, &[encoded]));
    rest_inputs.push(passed.clone());
    Some(Encoder {
        encoder: extract(&index, text, encoder_inputs, vec![passed]),
        rest: extract(&index, text, rest_inputs, graph.output.clone()),
        encoded: encoded.to_owned(),
    })
}

/// The float values that several convolutions read: in a VITS encoder queries,
/// keys and values are made of one, and at its end mean and durations.
fn layer_ends<'a>(index: &GraphIndex<'a>) -> impl Iterator<Item = &'a str> {
    let values = index.graph.node.iter().flat_map(|node| &node.output);
    values.map(String::as_str).filter(|value| {
        let readers = index.consumers(value).filter(|user| user.is("Conv"));
        let is_inner = !index.is_output(value) && !index.is_constant(value);
        readers.count() > 1 && is_inner && is_float(index, value)
    })
}

/// How many of `nodes` are there when the graph runs.
fn work(index: &GraphIndex<'_>, nodes: &NodeSet) -> usize {
    let chosen = index
        .graph
        .node
        .iter()
        .zip(nodes)
        .filter(|(_, is_in)| **is_in);
    let at_work = chosen.filter(|(node, _)| {
        let mut outputs = node.output.iter();
        !outputs.all(|output| index.is_constant(output))
    });
    at_work.count()
}
