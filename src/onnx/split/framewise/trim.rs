//! The end of a graph that cuts off the silence around a sentence.

use crate::onnx::graph_builder::{GraphBuilder, name_in_use};
use crate::onnx::graph_index::GraphIndex;
use crate::onnx::proto::{DataType, GraphProto, NodeProto, ValueInfoProto};

/// How many nodes are followed from the output to the cut: it is at the end.
const MAX_STEPS: usize = 8;
/// The output that a graph without its cut has in addition.
const HEARD_OUTPUT: &str = "heard_frames";

/// Where a graph cuts off the silence, and how much of it stays.
#[derive(Debug)]
pub(super) struct Trim {
    /// The position of the node that cuts.
    position: usize,
    /// The samples before the cut: `[frames, samples]`.
    samples: String,
    /// For each frame, whether it is heard: 1 or 0.
    heard: String,
    pub(super) kept: KeptSilence,
}

/// How much of the silence around a sentence stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KeptSilence {
    /// Frames before the first one that is heard.
    pub frames_before: usize,
    /// Frames after the last one that is heard.
    pub frames_after: usize,
}

impl Trim {
    /// Finds a slice whose bounds are the first and the last frame that is heard,
    /// some frames further. `None` if the audio is not made so.
    pub(super) fn find(index: &GraphIndex) -> Option<Self> {
        let [output] = index.graph.output.as_slice() else {
            return None;
        };
        let mut value = output.name.as_str();
        let mut steps = 0..MAX_STEPS;
        let cut = loop {
            steps.next()?;
            let node = index.producer(value)?;
            if is_cut(index, node) {
                break node;
            }
            value = node.input.first()?;
        };
        let [samples, start, end, ..] = cut.input.as_slice() else {
            return None;
        };
        let (first, frames_before) = first_kept(index, start)?;
        let (last, after_end) = last_kept(index, end)?;
        let mut nodes = index.graph.node.iter();
        (first == last).then_some(Self {
            position: nodes.position(|node| std::ptr::eq(node, cut))?,
            samples: samples.clone(),
            heard: first.to_owned(),
            kept: KeptSilence {
                frames_before,
                frames_after: after_end.checked_sub(1)?,
            },
        })
    }

    /// Replaces the cut: the graph returns all samples, and a second output says
    /// as floats which frames are heard. Returns its name; `None` if the graph
    /// has a value of this name.
    pub(super) fn remove(&self, graph: &mut GraphProto) -> Option<String> {
        if name_in_use(graph, HEARD_OUTPUT).is_some() {
            return None;
        }
        let cut = &mut graph.node[self.position];
        *cut = NodeProto {
            op_type: "Identity".to_owned(),
            input: vec![self.samples.clone()],
            attribute: Vec::new(),
            ..cut.clone()
        };
        let mut builder = GraphBuilder::new(HEARD_OUTPUT);
        builder.cast(&self.heard, DataType::Float);
        builder.rename_last_output(HEARD_OUTPUT);
        graph.node.append(&mut builder.nodes);
        graph.output.push(ValueInfoProto::floats(HEARD_OUTPUT));
        Some(HEARD_OUTPUT.to_owned())
    }
}

/// A slice of the frames whose bounds are computed.
fn is_cut(index: &GraphIndex, node: &NodeProto) -> bool {
    let [_, start, end, axes, steps @ ..] = node.input.as_slice() else {
        return false;
    };
    let is = |name: &String, number| index.small_int64s(name).as_deref() == Some(&[number]);
    node.is("Slice")
        && !index.is_constant(start)
        && !index.is_constant(end)
        && is(axes, 0)
        && steps.iter().all(|step| is(step, 1))
}

/// What `max(first - frames, 0)` finds the first one in, and the number of frames.
fn first_kept<'a>(index: &GraphIndex<'a>, start: &str) -> Option<(&'a str, usize)> {
    let [earlier, zero] = inputs(index, start, "Max")?;
    if index.small_int64s(zero)? != [0] {
        return None;
    }
    let [first, frames] = inputs(index, earlier, "Sub")?;
    Some((
        position_of(index, first, End::First)?,
        number(index, frames)?,
    ))
}

/// What `last + frames` finds the last one in, and the number of frames.
fn last_kept<'a>(index: &GraphIndex<'a>, end: &str) -> Option<(&'a str, usize)> {
    let [last, frames] = inputs(index, end, "Add")?;
    Some((position_of(index, last, End::Last)?, number(index, frames)?))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

/// The value of which `place` is the first or the last maximum.
fn position_of<'a>(index: &GraphIndex<'a>, place: &str, end: End) -> Option<&'a str> {
    let node = index.producer(place).filter(|node| node.is("ArgMax"))?;
    let takes_last = node.int("select_last_index").unwrap_or(0) != 0;
    let is_right = node.int("axis").unwrap_or(0) == 0 && takes_last == (end == End::Last);
    node.input.first().filter(|_| is_right).map(String::as_str)
}

/// The two inputs of the node of this type that produces `value`.
fn inputs<'a>(index: &GraphIndex<'a>, value: &str, op_type: &str) -> Option<[&'a str; 2]> {
    let node = index.producer(value).filter(|node| node.is(op_type))?;
    match node.input.as_slice() {
        [first, second] => Some([first, second]),
        _ => None,
    }
}

/// A constant number of frames.
fn number(index: &GraphIndex, name: &str) -> Option<usize> {
    match *index.small_int64s(name)? {
        [number] => usize::try_from(number).ok(),
        _ => None,
    }
}
