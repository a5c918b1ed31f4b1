//! Dropping the frames at the ends of a window that nothing needs any more.
//!
//! A window is widened by the frames that the whole decoder looks at. After each
//! convolution fewer of them are needed, so the graph gets inputs that say which frames
//! it keeps. The widest part, the filters, then works on hardly more than the window.

use std::collections::HashMap;

use crate::onnx::graph_builder::{GraphBuilder, name_in_use};
use crate::onnx::graph_index::GraphIndex;
use crate::onnx::kernel::Kernel;
use crate::onnx::proto::{DataType, DimensionValue, GraphProto, NodeProto, ValueInfoProto};

/// Every name that is added starts with it.
const PREFIX: &str = "kept_frames";
/// The most convolutions that are looked at. A voice has nine.
const MAX_CONVOLUTIONS: usize = 32;

/// A place in a part that keeps a range of the frames, or ticks, that it gets.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Narrowing {
    /// Input of the part, `int64` of shape `[1]`: the first frame that is kept,
    /// counted from the first one that comes to this place.
    pub start: String,
    /// The same: the frame after the last one that is kept.
    pub end: String,
    /// How many frames the part looks to each side before this place, at least.
    pub looked_frames: usize,
}

/// A value that all of the decoder after it depends on, instead of the latent.
struct Waist {
    value: String,
    looked_frames: usize,
    /// The node that produces it.
    position: usize,
}

/// Adds narrowings to a part, as many as possible. Values of `per_frame` must
/// then have the frames that the last one keeps, the latent all.
pub(super) fn narrow(graph: &mut GraphProto, latent: &str, per_frame: &[&str]) -> Vec<Narrowing> {
    if name_in_use(graph, PREFIX).is_some() {
        return Vec::new();
    }
    let waists = waists(&GraphIndex::new(graph), latent, per_frame);
    let mut narrowings = Vec::new();
    // From the end, so that the positions of the others stay.
    for (n, waist) in waists.into_iter().enumerate().rev() {
        let narrowing = Narrowing {
            start: format!("{PREFIX}_start_{n}"),
            end: format!("{PREFIX}_end_{n}"),
            looked_frames: waist.looked_frames,
        };
        insert(graph, &waist, &narrowing, n);
        narrowings.insert(0, narrowing);
    }
    narrowings
}

fn insert(graph: &mut GraphProto, waist: &Waist, narrowing: &Narrowing, n: usize) {
    let mut builder = GraphBuilder::new(format!("{PREFIX}_{n}"));
    let axis = builder.int64s(&[2]);
    let inputs = [&*waist.value, &narrowing.start, &narrowing.end, &axis];
    let kept = builder.op("Slice", &inputs);
    let uses = graph.node.iter_mut().flat_map(|node| &mut node.input);
    uses.filter(|input| **input == waist.value)
        .for_each(|input| input.clone_from(&kept));
    let after = waist.position + 1;
    graph.node.splice(after..after, builder.nodes);
    for name in [&narrowing.start, &narrowing.end] {
        let shape = [DimensionValue::Size(1)];
        let input = ValueInfoProto::tensor(name, DataType::Int64, Some(&shape));
        graph.input.push(input);
    }
}

/// Finds inputs of convolutions: `[batch, channels, frames]`.
fn waists(index: &GraphIndex, latent: &str, per_frame: &[&str]) -> Vec<Waist> {
    let outputs = index.graph.output.iter();
    let outputs: Vec<&str> = outputs.map(|output| &*output.name).collect();
    let looked = looked_frames(index);
    let convolutions = index.graph.node.iter().filter(|node| node.is("Conv"));
    let mut waists: Vec<Waist> = Vec::new();
    for node in convolutions.take(MAX_CONVOLUTIONS) {
        let (Some(value), Some(_)) = (node.input.first(), Kernel::read(node)) else {
            continue;
        };
        let mut nodes = index.graph.node.iter();
        let Some(position) = nodes.position(|node| node.output.contains(value)) else {
            continue;
        };
        let before = index.dependencies(&[value], &[]);
        let after = index.dependencies(&outputs, &[value]);
        let is_shared = index
            .inputs_of(&before)
            .iter()
            .any(|input| per_frame.contains(input));
        let is_passed_by = index.inputs_of(&after).contains(&latent);
        let is_nested = index
            .consumers(value)
            .any(|consumer| !consumer.input.contains(value));
        let changes_length = index
            .nodes(&before)
            .any(|node| node.is("Conv") && look(node).is_none());
        let is_new = waists.iter().all(|waist| waist.value != *value);
        let looked_frames = looked.get(value.as_str()).copied().unwrap_or(0);
        let drops_none = looked_frames == 0;
        if is_shared || is_passed_by || is_nested || changes_length || !is_new || drops_none {
            continue;
        }
        waists.push(Waist {
            value: value.clone(),
            looked_frames,
            position,
        });
    }
    // A graph may list its nodes in any order in which they can run.
    waists.sort_by_key(|waist| (waist.looked_frames, waist.position));
    waists
}

/// How far to the sides the convolutions of a graph look together, at least.
pub(super) fn farthest_look(graph: &GraphProto) -> usize {
    let looked = looked_frames(&GraphIndex::new(graph));
    looked.into_values().max().unwrap_or(0)
}

/// For each value how far to the sides the convolutions before it look, at least.
pub(super) fn looked_frames<'a>(index: &GraphIndex<'a>) -> HashMap<&'a str, usize> {
    let mut looked: HashMap<&str, usize> = HashMap::new();
    for node in &index.graph.node {
        let used = node.used_values();
        let before = used.iter().filter_map(|value| looked.get(value)).max();
        let before = before.copied().unwrap_or(0);
        let own = Some(node).filter(|node| node.is("Conv")).and_then(look);
        let own = own.unwrap_or(0);
        for output in &node.output {
            looked.insert(output, before.saturating_add(own));
        }
    }
    looked
}

/// How many frames a convolution looks to each side, at least; `None` if it has not
/// as many frames afterwards.
fn look(node: &NodeProto) -> Option<usize> {
    let kernel = Kernel::read(node).filter(|kernel| kernel.keeps_length())?;
    usize::try_from(kernel.pads[0].min(kernel.pads[1])).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{AttributeProto, TensorProto};

    /// Two convolutions of `latent`, then the sum of the last one and `added`.
    fn graph(added: &str) -> GraphProto {
        let mut builder = GraphBuilder::new("");
        let weights = builder.constant(TensorProto::floats(&[1, 1, 5], &[1.0; 5]));
        let mut convolve = |input: &str| {
            let size = AttributeProto::ints("kernel_shape", &[5]);
            let attributes = vec![size, AttributeProto::ints("pads", &[2, 2])];
            builder.op_with("Conv", &[input, &weights], attributes)
        };
        let first = convolve("latent");
        let second = convolve(&first);
        let output = builder.op("Add", &[&second, added]);
        GraphProto {
            node: builder.nodes,
            input: ["latent", "side"].map(ValueInfoProto::floats).to_vec(),
            output: vec![ValueInfoProto::floats(&output)],
            ..GraphProto::default()
        }
    }

    #[test]
    fn frames_are_dropped_between_convolutions() {
        let mut graph = graph("side");
        let narrowings = narrow(&mut graph, "latent", &["side"]);
        let looked: Vec<_> = narrowings.iter().map(|place| place.looked_frames).collect();
        assert_eq!(looked, [2]);
        let types: Vec<_> = graph.node.iter().map(|node| &*node.op_type).collect();
        let expected = ["Constant", "Conv", "Constant", "Slice", "Conv", "Add"];
        assert_eq!(types, expected);
        assert_eq!(graph.node[4].input[0], graph.node[3].output[0]);
    }

    #[test]
    fn all_frames_stay_if_they_are_needed_later() {
        for (added, per_frame) in [("latent", "side"), ("side", "latent")] {
            let mut narrowed = graph(added);
            assert!(narrow(&mut narrowed, "latent", &[per_frame]).is_empty());
            assert_eq!(narrowed, graph(added));
        }
    }
}
