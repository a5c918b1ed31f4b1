//! An index of a graph: which node produces a value, which nodes use it, and
//! which values are constant.

use std::collections::{HashMap, HashSet};

use super::proto::{DataType, GraphProto, NodeProto, TensorProto};

/// The most numbers of a constant that is read as a shape, axis or bound.
const MAX_SMALL: usize = 64;

/// The most `Identity` nodes that are followed to a constant.
const MAX_ALIASES: usize = 8;

/// An index of a graph's values and nodes.
///
/// A traversal visits each node and each value at most once, so a graph with
/// a cycle does no harm.
#[derive(Debug)]
pub(super) struct GraphIndex<'a> {
    pub(super) graph: &'a GraphProto,
    producers: HashMap<&'a str, usize>,
    consumers: HashMap<&'a str, Vec<usize>>,
    initializers: HashMap<&'a str, &'a TensorProto>,
    constants: HashSet<&'a str>,
}

/// A set of a graph's nodes: for each node, whether it is in the set.
pub(super) type NodeSet = Vec<bool>;

pub(super) fn intersection(a: &NodeSet, b: &NodeSet) -> NodeSet {
    a.iter().zip(b).map(|(&a, &b)| a && b).collect()
}

impl<'a> GraphIndex<'a> {
    pub(super) fn new(graph: &'a GraphProto) -> Self {
        let mut index = Self {
            graph,
            producers: HashMap::new(),
            consumers: HashMap::new(),
            initializers: HashMap::new(),
            constants: HashSet::new(),
        };
        for tensor in &graph.initializer {
            index.initializers.insert(&tensor.name, tensor);
            index.constants.insert(&tensor.name);
        }
        let sparse = graph.sparse_initializer.iter();
        let sparse = sparse.filter_map(|tensor| tensor.values.as_ref());
        index
            .constants
            .extend(sparse.map(|values| values.name.as_str()));
        for (position, node) in graph.node.iter().enumerate() {
            index.add(position, node);
        }
        index
    }

    fn add(&mut self, position: usize, node: &'a NodeProto) {
        let used = node.used_values();
        let is_constant =
            !node.is_random() && used.iter().all(|name| self.constants.contains(name));
        for name in used {
            self.consumers.entry(name).or_default().push(position);
        }
        for output in node.output.iter().filter(|name| !name.is_empty()) {
            self.producers.insert(output, position);
            if is_constant {
                self.constants.insert(output);
            }
        }
    }

    /// The node that produces `value`.
    pub(super) fn producer(&self, value: &str) -> Option<&'a NodeProto> {
        let position = self.producers.get(value);
        position.map(|&position| &self.graph.node[position])
    }

    /// The nodes that use `value`.
    pub(super) fn consumers(&self, value: &str) -> impl Iterator<Item = &'a NodeProto> {
        let positions = self.consumers.get(value).map_or(&[][..], Vec::as_slice);
        positions.iter().map(|&position| &self.graph.node[position])
    }

    /// The only node that uses `value`; `None` if the value is also an output
    /// of the graph.
    pub(super) fn only_consumer(&self, value: &str) -> Option<&'a NodeProto> {
        let mut consumers = self.consumers(value);
        let consumer = consumers.next()?;
        (consumers.next().is_none() && !self.is_output(value)).then_some(consumer)
    }

    /// Whether `value` is an output of the graph.
    pub(super) fn is_output(&self, value: &str) -> bool {
        let mut outputs = self.graph.output.iter();
        outputs.any(|output| output.name == value)
    }

    /// Whether `value` depends on constants alone, and on no random operator.
    pub(super) fn is_constant(&self, value: &str) -> bool {
        self.constants.contains(value)
    }

    pub(super) fn is_produced_by(&self, value: &str, nodes: &NodeSet) -> bool {
        let position = self.producers.get(value);
        position.is_some_and(|&position| nodes[position])
    }

    /// The tensor of a constant that is stored in the file, followed through
    /// `Identity` nodes: exporters store equal constants once.
    pub(super) fn tensor(&self, name: &str) -> Option<&'a TensorProto> {
        if let Some(tensor) = self.initializers.get(name) {
            return Some(tensor);
        }
        let mut node = self.producer(name)?;
        for _ in 0..MAX_ALIASES {
            if node.is("Constant") {
                return node.attribute("value")?.t.as_deref();
            }
            let input = node.input.first().filter(|_| node.is("Identity"))?.as_str();
            if let Some(tensor) = self.initializers.get(input) {
                return Some(tensor);
            }
            node = self.producer(input)?;
        }
        None
    }

    /// The numbers of a small `int64` constant: a shape, axes or bounds.
    pub(super) fn small_int64s(&self, name: &str) -> Option<Vec<i64>> {
        let tensor = self.tensor(name)?;
        if tensor.data_type != DataType::Int64 as i32 || tensor.data_location != 0 {
            return None;
        }
        let read = |bytes: &[u8]| i64::from_le_bytes(bytes.try_into().unwrap_or_default());
        let numbers: Vec<i64> = match &tensor.raw_data {
            Some(raw) => raw.chunks_exact(8).take(MAX_SMALL + 1).map(read).collect(),
            None => tensor
                .int64_data
                .iter()
                .take(MAX_SMALL + 1)
                .copied()
                .collect(),
        };
        (numbers.len() <= MAX_SMALL).then_some(numbers)
    }

    /// The nodes that depend on `value`.
    pub(super) fn dependents(&self, value: &str) -> NodeSet {
        let mut found = vec![false; self.graph.node.len()];
        let mut known = HashSet::from([value]);
        let mut values = vec![value];
        while let Some(value) = values.pop() {
            for &position in self.consumers.get(value).into_iter().flatten() {
                if !std::mem::replace(&mut found[position], true) {
                    let outputs = self.graph.node[position].output.iter().map(String::as_str);
                    // In a broken graph many nodes may produce one value.
                    values.extend(outputs.filter(|value| known.insert(value)));
                }
            }
        }
        found
    }

    /// The nodes that are needed to compute `values` from `given` values.
    pub(super) fn dependencies(&self, values: &[&str], given: &[&str]) -> NodeSet {
        let mut found = vec![false; self.graph.node.len()];
        let mut values = values.to_vec();
        while let Some(value) = values.pop() {
            if given.contains(&value) {
                continue;
            }
            let Some(&position) = self.producers.get(value) else {
                continue;
            };
            if !std::mem::replace(&mut found[position], true) {
                values.extend(self.graph.node[position].used_values());
            }
        }
        found
    }

    /// The values that `nodes` need from outside, without constants; each
    /// once, in the order of use.
    pub(super) fn inputs_of(&self, nodes: &NodeSet) -> Vec<&'a str> {
        let mut inputs = Vec::new();
        let mut known = HashSet::new();
        for node in self.nodes(nodes) {
            for value in node.used_values() {
                let is_input = !self.is_produced_by(value, nodes) && !self.is_constant(value);
                if is_input && known.insert(value) {
                    inputs.push(value);
                }
            }
        }
        inputs
    }

    /// The nodes of a set, in the order of the graph.
    pub(super) fn nodes(&self, set: &NodeSet) -> impl Iterator<Item = &'a NodeProto> {
        let nodes = self.graph.node.iter().zip(set);
        nodes.filter_map(|(node, is_in)| is_in.then_some(node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::graph_builder::GraphBuilder;
    use crate::onnx::proto::ValueInfoProto;

    /// x → a → b → y, with a constant and a cycle.
    fn graph() -> GraphProto {
        let mut builder = GraphBuilder::new("d");
        builder.int64s(&[1, 2, 3]);
        builder.rename_last_output("c");
        builder.op("Identity", &["c"]);
        builder.rename_last_output("alias");
        builder.op("Relu", &["x"]);
        builder.rename_last_output("a");
        builder.op("Reshape", &["a", "alias"]);
        builder.rename_last_output("b");
        builder.op("Add", &["b", "back"]);
        builder.rename_last_output("y");
        builder.op("Relu", &["y"]);
        builder.rename_last_output("back");
        GraphProto {
            node: builder.nodes,
            input: vec![ValueInfoProto::floats("x")],
            output: vec![ValueInfoProto::floats("y")],
            ..GraphProto::default()
        }
    }

    fn names<'a>(index: &GraphIndex<'a>, nodes: &NodeSet) -> Vec<&'a str> {
        let nodes = index.nodes(nodes);
        nodes.map(|node| node.output[0].as_str()).collect()
    }

    #[test]
    fn dependents_and_dependencies_are_found_despite_a_cycle() {
        let graph = graph();
        let index = GraphIndex::new(&graph);
        assert_eq!(names(&index, &index.dependents("a")), ["b", "y", "back"]);
        let all = ["c", "alias", "a", "b", "y", "back"];
        assert_eq!(names(&index, &index.dependencies(&["y"], &[])), all);
        let without_a = ["c", "alias", "b", "y", "back"];
        assert_eq!(
            names(&index, &index.dependencies(&["y"], &["a"])),
            without_a
        );
        assert_eq!(index.inputs_of(&index.dependents("a")), ["a"]);
    }

    #[test]
    fn a_value_that_all_nodes_produce_or_use_is_visited_once() {
        const NODES: usize = 50_000;
        let mut graph = GraphProto::default();
        let node = |input: &str, output: &str| NodeProto {
            input: vec![input.to_owned()],
            output: vec![output.to_owned()],
            ..NodeProto::default()
        };
        graph.node.resize(NODES, node("x", "y"));
        graph.node.resize(2 * NODES, node("y", "z"));
        let index = GraphIndex::new(&graph);
        // Visiting it once per producer would take minutes.
        assert!(index.dependents("x").iter().all(|&depends| depends));
    }

    #[test]
    fn small_constants_are_read_through_aliases() {
        let graph = graph();
        let index = GraphIndex::new(&graph);
        assert!(index.is_constant("alias") && !index.is_constant("a"));
        assert_eq!(index.small_int64s("alias"), Some(vec![1, 2, 3]));
        assert_eq!(index.small_int64s("a"), None);
    }

    #[test]
    fn aliases_in_a_cycle_lead_to_no_constant() {
        let mut builder = GraphBuilder::new("d");
        builder.op("Identity", &["d/1"]);
        builder.op("Identity", &["d/0"]);
        let graph = GraphProto {
            node: builder.nodes,
            ..GraphProto::default()
        };
        assert!(GraphIndex::new(&graph).tensor("d/0").is_none());
    }
}
