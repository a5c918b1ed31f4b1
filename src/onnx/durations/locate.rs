//! Finding the durations in a graph by its structure, never by names.

use std::collections::HashSet;

use crate::onnx::graph_index::GraphIndex;
use crate::onnx::proto::{NodeProto, TensorProto};
use crate::onnx::subgraph::is_float;

/// How many values are visited between the sum and the comparison, and between
/// the durations and the rounding. Voices have four at most.
const MAX_VALUES: usize = 64;

/// The durations of a sentence's ids.
pub(in crate::onnx) struct Durations<'a> {
    /// The value: for each id, how many frames it lasts. Whole numbers, as
    /// floats.
    pub(in crate::onnx) value: &'a str,
    /// The number of the axis along which the ids lie.
    pub(super) axis: &'a TensorProto,
}

/// Finds the durations: the rounded value whose running sum is compared with
/// the numbers of the frames, which shows the id that each frame belongs to.
///
/// `None` if there is no such value, or if there are two.
pub(in crate::onnx) fn find_durations<'a>(index: &GraphIndex<'a>) -> Option<Durations<'a>> {
    let sums = index.graph.node.iter().filter(|node| is_running_sum(node));
    let mut found = sums.filter_map(|sum| {
        let [value, axis] = sum.input.as_slice() else {
            return None;
        };
        let is_durations = is_float(index, value)
            && is_whole(index, value)
            && is_compared(index, sum.output.first()?);
        is_durations.then_some(Durations {
            value,
            axis: index.tensor(axis)?,
        })
    });
    let durations = found.next()?;
    found
        .all(|other| other.value == durations.value)
        .then_some(durations)
}

fn is_running_sum(node: &NodeProto) -> bool {
    let is_set = |name| node.int(name).unwrap_or(0) != 0;
    node.is("CumSum") && !is_set("exclusive") && !is_set("reverse")
}

/// Whether a comparison uses `sum`, perhaps in another shape.
fn is_compared(index: &GraphIndex, sum: &str) -> bool {
    let mut values = Worklist::of(sum);
    while let Some(value) = values.pop() {
        for consumer in index.consumers(value) {
            match consumer.op_type.as_str() {
                "Less" | "LessOrEqual" | "Greater" | "GreaterOrEqual" => return true,
                "Cast" | "Identity" | "Reshape" | "Squeeze" | "Transpose" | "Unsqueeze" => {
                    values.extend(&consumer.output);
                }
                _ => {}
            }
        }
    }
    false
}

/// Whether `value` was rounded to whole numbers, all of its parts.
fn is_whole(index: &GraphIndex, value: &str) -> bool {
    let mut values = Worklist::of(value);
    while let Some(value) = values.pop() {
        let Some(node) = index.producer(value) else {
            return false;
        };
        match node.op_type.as_str() {
            "Ceil" | "Floor" | "Round" => {}
            "Concat" => values.extend(&node.input),
            "Clip" | "Identity" | "Reshape" | "Slice" | "Squeeze" | "Transpose" | "Unsqueeze" => {
                values.extend(node.input.first());
            }
            _ => return false,
        }
    }
    true
}

/// Values to be visited, each of them once, and not too many.
struct Worklist<'a> {
    to_visit: Vec<&'a str>,
    known: HashSet<&'a str>,
}

impl<'a> Worklist<'a> {
    fn of(value: &'a str) -> Self {
        Self {
            to_visit: vec![value],
            known: HashSet::from([value]),
        }
    }

    fn pop(&mut self) -> Option<&'a str> {
        self.to_visit.pop()
    }

    fn extend(&mut self, values: impl IntoIterator<Item = &'a String>) {
        for value in values {
            if self.known.len() < MAX_VALUES && self.known.insert(value) {
                self.to_visit.push(value);
            }
        }
    }
}
