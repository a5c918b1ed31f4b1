//! Looking numbers up in a table in a quarter of the time.
//!
//! ONNX Runtime's `Gather` copies rows, each by itself, even if a row is one number. Its
//! `GatherElements` copies numbers.

use crate::onnx::graph_builder::{GraphBuilder, name_in_use};
use crate::onnx::graph_index::GraphIndex;
use crate::onnx::proto::{AttributeProto, GraphProto, NodeProto};

/// Every name that is added starts with it.
const PREFIX: &str = "looked_up";

/// Replaces each `Gather` from a table with one axis. No number changes.
pub(super) fn hasten_lookups(graph: &mut GraphProto) {
    if name_in_use(graph, PREFIX).is_some() {
        return;
    }
    let index = GraphIndex::new(graph);
    let of_numbers = |node: &NodeProto| is_of_numbers(&index, node);
    let found: Vec<bool> = graph.node.iter().map(of_numbers).collect();
    let nodes = std::mem::take(&mut graph.node).into_iter().zip(found);
    let replaced = nodes.enumerate().flat_map(|(n, (node, is_found))| {
        if !is_found {
            return vec![node];
        }
        let mut builder = GraphBuilder::new(format!("{PREFIX}_{n}"));
        let [table, places] = [&node.input[0], &node.input[1]];
        let all = builder.int64s(&[-1]);
        let row = builder.op("Reshape", &[places, &all]);
        let axis = vec![AttributeProto::int("axis", 0)];
        let numbers = builder.op_with("GatherElements", &[table, &row], axis);
        let shape = builder.op("Shape", &[places]);
        builder.op("Reshape", &[&numbers, &shape]);
        builder.rename_last_output(&node.output[0]);
        builder.nodes
    });
    graph.node = replaced.collect();
}

/// Whether a node looks up numbers in a constant with one axis, at places that are
/// computed.
fn is_of_numbers(index: &GraphIndex, node: &NodeProto) -> bool {
    let ([table, places], [_]) = (node.input.as_slice(), node.output.as_slice()) else {
        return false;
    };
    // A table may be stored in another type.
    let cast = index.producer(table).filter(|node| node.is("Cast"));
    let stored = cast.and_then(|node| node.input.first()).unwrap_or(table);
    let has_one_axis = |name| {
        index
            .tensor(name)
            .is_some_and(|tensor| tensor.dims.len() == 1)
    };
    let is_first_axis = node.int("axis").unwrap_or(0) == 0;
    node.is("Gather") && is_first_axis && has_one_axis(stored) && !index.is_constant(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{DataType, TensorProto, ValueInfoProto};

    fn graph(dims: &[i64], places: &str) -> GraphProto {
        let mut builder = GraphBuilder::new("");
        let table = builder.constant(TensorProto::floats(dims, &[1.0, 2.0, 3.0, 4.0]));
        let table = builder.cast(&table, DataType::Float);
        builder.int64s(&[2]);
        builder.rename_last_output("two");
        builder.op("Gather", &[&table, places]);
        builder.rename_last_output("found");
        GraphProto {
            node: builder.nodes,
            input: vec![ValueInfoProto::floats("places")],
            output: vec![ValueInfoProto::floats("found")],
            ..GraphProto::default()
        }
    }

    #[test]
    fn numbers_are_looked_up_as_elements() {
        let mut hastened = graph(&[4], "places");
        hasten_lookups(&mut hastened);
        let operators: Vec<_> = hastened.node.iter().map(|node| &*node.op_type).collect();
        let added = ["Constant", "Reshape", "GatherElements", "Shape", "Reshape"];
        assert_eq!(operators[3..], added);
        assert_eq!(hastened.node[7].output, ["found"]);
    }

    #[test]
    fn rows_and_constants_stay_as_they_are() {
        for (dims, places) in [(&[2, 2][..], "places"), (&[4], "two")] {
            let mut hastened = graph(dims, places);
            hasten_lookups(&mut hastened);
            assert_eq!(hastened, graph(dims, places));
        }
    }
}
