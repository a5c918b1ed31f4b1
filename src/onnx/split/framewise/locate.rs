//! Finding the decoder of a framewise voice by its structure.

use crate::onnx::graph_index::{GraphIndex, NodeSet, intersection};
use crate::onnx::proto::{DataType, NodeProto};
use crate::onnx::split::locate::{PartInput, weight_channels};
use crate::onnx::subgraph::element_type;

/// The most ranges that are followed. A voice counts its frames once or twice.
const MAX_COUNTERS: usize = 16;
/// As many numbers are added in one order by every kernel of ONNX Runtime.
const SHORT_SUM: i64 = 16;

/// Where the decoder of a framewise voice begins.
pub(super) struct Decoder<'a> {
    /// The input of its first convolution.
    pub(super) latent: PartInput<'a>,
    /// Other values that it needs from the text part.
    pub(super) side_inputs: Vec<&'a str>,
    /// Those of them that are sums, with a row for every frame.
    pub(super) sums: Vec<&'a str>,
    /// The nodes whose outputs have an element or a column for every frame.
    pub(super) per_frame: NodeSet,
}

impl<'a> Decoder<'a> {
    /// Finds the decoder that computes `outputs`: all that works on some frames
    /// as it works on all of them.
    pub(super) fn find(index: &GraphIndex<'a>, outputs: &[&str]) -> Option<Self> {
        let needed = index.dependencies(outputs, &[]);
        let mixes_time: NodeSet = index
            .graph
            .node
            .iter()
            .map(|n| mixes_time(index, n))
            .collect();
        let mixing: Vec<&str> = index
            .nodes(&intersection(&needed, &mixes_time))
            .flat_map(|node| &node.output)
            .map(String::as_str)
            .collect();
        let before_mixing = index.dependencies(&mixing, &[]);
        let is_late = |(position, node): &(usize, &NodeProto)| {
            node.is("Conv") && needed[*position] && !before_mixing[*position]
        };
        let mut nodes = index.graph.node.iter().enumerate();
        let (_, first) = nodes.find(is_late)?;
        let latent = first.input.first()?.as_str();
        let [_, channels] = weight_channels(index, first)?;
        if first.int("group").unwrap_or(1) != 1 {
            return None;
        }

        let before_latent = index.dependencies(&[latent], &[]);
        let per_frame = after_counters(index, &before_latent);
        let mut decoder: NodeSet = (0..index.graph.node.len())
            .map(|n| needed[n] && per_frame[n] && !before_latent[n] && !mixes_time[n])
            .collect();
        // A value that cannot be passed is used up in the text part.
        for (position, node) in index.graph.node.iter().enumerate() {
            decoder[position] &= node.used_values().iter().all(|value| {
                let is_own = index.is_produced_by(value, &decoder);
                is_own || *value == latent || index.is_constant(value) || is_passable(index, value)
            });
        }
        let mut given = index.inputs_of(&decoder);
        given.push(latent);
        let decoder = index.dependencies(outputs, &given);
        let sums = shared_sums(index, &decoder, latent);
        given.extend(&sums);
        let decoder = index.dependencies(outputs, &given);
        let mut side_inputs = index.inputs_of(&decoder);
        side_inputs.retain(|&value| value != latent);
        Some(Self {
            latent: PartInput {
                value: latent,
                channels,
            },
            sums: side_inputs
                .iter()
                .copied()
                .filter(|value| sums.contains(value))
                .collect(),
            side_inputs,
            per_frame,
        })
    }
}

/// The long sums in the decoder that the text part has computed, too.
///
/// They are the phase within a frame. Added up in another order, it would shift all
/// that follows from it. The text part adds in the order of the voice's own graph.
fn shared_sums<'a>(index: &GraphIndex<'a>, decoder: &NodeSet, latent: &str) -> Vec<&'a str> {
    let mut passed = index.inputs_of(decoder);
    passed.push(latent);
    let text = index.dependencies(&passed, &[]);
    let in_both = intersection(&text, decoder);
    let nodes = index.nodes(&in_both);
    let sums = nodes.filter(|node| node.is("MatMul") && !is_short_sum(index, node));
    sums.flat_map(|node| &node.output)
        .map(String::as_str)
        .collect()
}

/// Whether a matrix product adds so few numbers that there is one order to do it.
fn is_short_sum(index: &GraphIndex, node: &NodeProto) -> bool {
    let weights = node.input.get(1).and_then(|name| index.tensor(name));
    weights.is_some_and(|weights| matches!(*weights.dims, [terms, _] if terms <= SHORT_SUM))
}

/// The nodes that depend on the numbers of the frames, which the latent needs:
/// ranges that are as long as the sentence.
pub(super) fn after_counters(index: &GraphIndex, before_latent: &NodeSet) -> NodeSet {
    let mut found = vec![false; index.graph.node.len()];
    let counters = index
        .nodes(before_latent)
        .filter(|node| is_counter(index, node))
        .take(MAX_COUNTERS);
    for output in counters.flat_map(|node| &node.output) {
        let dependents = index.dependents(output);
        found
            .iter_mut()
            .zip(dependents)
            .for_each(|(found, is)| *found |= is);
    }
    found
}

fn is_counter(index: &GraphIndex, node: &NodeProto) -> bool {
    node.is("Range") && node.output.iter().any(|output| !index.is_constant(output))
}

/// Whether the text part can pass a value on.
pub(super) fn is_passable(index: &GraphIndex, value: &str) -> bool {
    matches!(
        element_type(index, value),
        Some(DataType::Float | DataType::Int64)
    )
}

/// Whether an element of a node's output may depend on frames far away or on
/// the frame's number. Whether other nodes do is measured when the voice is
/// prepared.
pub(super) fn mixes_time(index: &GraphIndex, node: &NodeProto) -> bool {
    let computed = |n: usize| {
        let input = node.input.get(n);
        input.is_some_and(|input| !input.is_empty() && !index.is_constant(input))
    };
    match node.op_type.as_str() {
        "ArgMax" | "ArgMin" | "CumSum" | "GRU" | "If" | "LSTM" | "Loop" | "NonZero" | "RNN"
        | "Scan" | "Softmax" | "TopK" => (0..node.input.len()).any(computed),
        "Range" => is_counter(index, node),
        // Attention, and what looks values up by their number.
        "Gather" | "GatherElements" | "GatherND" | "MatMul" => computed(0) && computed(1),
        _ => node.is_random(),
    }
}
