//! Who makes a value, who uses it, and what depends on what.

use std::collections::{HashMap, HashSet};

use super::proto::{DataType, GraphProto, NodeProto, TensorProto};

/// As many numbers as the constants that steer nodes may have; more is no
/// shape, axis or bound.
const MAX_SMALL: usize = 64;

/// As many `Identity` nodes in a row are followed.
const MAX_ALIASES: usize = 8;

/// The connections of a graph.
///
/// Every walk visits a node and a value at most once, so a graph with a circle
/// in it is no danger.
#[derive(Debug)]
pub(super) struct GraphIndex<'a> {
    pub(super) graph: &'a GraphProto,
    producers: HashMap<&'a str, usize>,
    consumers: HashMap<&'a str, Vec<usize>>,
    initializers: HashMap<&'a str, &'a TensorProto>,
    constants: HashSet<&'a str>,
}

/// Which nodes of a graph are meant, by index.
pub(super) type NodeSet = Vec<bool>;

/// The nodes that are in both.
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

    fn add(&mut self, index: usize, node: &'a NodeProto) {
        let used = values_used_by(node);
        let is_constant =
            !node.is_random() && used.iter().all(|name| self.constants.contains(name));
        for name in used {
            self.consumers.entry(name).or_default().push(index);
        }
        for output in node.output.iter().filter(|name| !name.is_empty()) {
            self.producers.insert(output, index);
            if is_constant {
                self.constants.insert(output);
            }
        }
    }

    pub(super) fn producer(&self, value: &str) -> Option<&'a NodeProto> {
        self.producers
            .get(value)
            .map(|&index| &self.graph.node[index])
    }

    pub(super) fn consumers(&self, value: &str) -> impl Iterator<Item = &'a NodeProto> {
        let consumers = self.consumers.get(value).map_or(&[][..], Vec::as_slice);
        consumers.iter().map(|&index| &self.graph.node[index])
    }

    /// The only user of `value`, unless it is an output of the graph too.
    pub(super) fn only_consumer(&self, value: &str) -> Option<&'a NodeProto> {
        let mut consumers = self.consumers(value);
        let user = consumers.next()?;
        (consumers.next().is_none() && !self.is_output(value)).then_some(user)
    }

    /// Whether the graph gives `value`.
    pub(super) fn is_output(&self, value: &str) -> bool {
        let mut outputs = self.graph.output.iter();
        outputs.any(|output| output.name == value)
    }

    /// Whether `value` follows from constants alone, without chance.
    pub(super) fn is_constant(&self, value: &str) -> bool {
        self.constants.contains(value)
    }

    pub(super) fn is_produced_by(&self, value: &str, nodes: &NodeSet) -> bool {
        self.producers
            .get(value)
            .is_some_and(|&producer| nodes[producer])
    }

    /// The constant of that name, written out in the file. Exporters keep one
    /// of several equal ones, and `Identity` nodes for the others.
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

    /// The numbers of a small `int64` constant.
    pub(super) fn small_int64s(&self, name: &str) -> Option<Vec<i64>> {
        let tensor = self.tensor(name)?;
        if tensor.data_type != DataType::Int64 as i32 || tensor.data_location != 0 {
            return None;
        }
        let numbers: Vec<i64> = match &tensor.raw_data {
            Some(raw) => raw
                .chunks_exact(8)
                .take(MAX_SMALL + 1)
                .map(|bytes| i64::from_le_bytes(bytes.try_into().unwrap_or_default()))
                .collect(),
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
            for &index in self.consumers.get(value).into_iter().flatten() {
                if !std::mem::replace(&mut found[index], true) {
                    let made = self.graph.node[index].output.iter().map(String::as_str);
                    // Broken graphs make one value many times.
                    values.extend(made.filter(|value| known.insert(value)));
                }
            }
        }
        found
    }

    /// The nodes that `values` need, those that make `given` values excepted.
    pub(super) fn dependencies(&self, values: &[&str], given: &[&str]) -> NodeSet {
        let mut found = vec![false; self.graph.node.len()];
        let mut values = values.to_vec();
        while let Some(value) = values.pop() {
            if given.contains(&value) {
                continue;
            }
            let Some(&index) = self.producers.get(value) else {
                continue;
            };
            if !std::mem::replace(&mut found[index], true) {
                values.extend(values_used_by(&self.graph.node[index]));
            }
        }
        found
    }

    /// What `nodes` use, made neither by them nor by constants alone; each
    /// once, in the order of use.
    pub(super) fn inputs_of(&self, nodes: &NodeSet) -> Vec<&'a str> {
        let mut entries = Vec::new();
        let mut known = HashSet::new();
        for (index, node) in self.graph.node.iter().enumerate() {
            if !nodes[index] {
                continue;
            }
            for value in values_used_by(node) {
                let comes_in = !self.is_produced_by(value, nodes) && !self.is_constant(value);
                if comes_in && known.insert(value) {
                    entries.push(value);
                }
            }
        }
        entries
    }
}

impl NodeProto {
    pub(super) fn is_random(&self) -> bool {
        self.op_type.starts_with("Random")
            || matches!(self.op_type.as_str(), "Bernoulli" | "Multinomial")
    }
}

/// The values that a node uses, those of the graphs inside of it included.
///
/// A name that is made in such an inner graph is in the list too; outside
/// nobody makes it, so it leads nowhere.
pub(super) fn values_used_by(node: &NodeProto) -> Vec<&str> {
    let mut used: Vec<&str> = node
        .input
        .iter()
        .map(String::as_str)
        .filter(|name| !name.is_empty())
        .collect();
    for attribute in &node.attribute {
        for graph in attribute.g.as_deref().into_iter().chain(&attribute.graphs) {
            used.extend(graph.node.iter().flat_map(values_used_by));
            used.extend(graph.output.iter().map(|output| output.name.as_str()));
        }
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::graph_builder::GraphBuilder;
    use crate::onnx::subgraph::float_value;

    /// x → a → b → y, with a constant and a circle beside it.
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
        builder.op("Add", &["b", "round"]);
        builder.rename_last_output("y");
        builder.op("Relu", &["y"]);
        builder.rename_last_output("round");
        GraphProto {
            node: builder.nodes,
            input: vec![float_value("x", None)],
            output: vec![float_value("y", None)],
            ..GraphProto::default()
        }
    }

    fn names<'a>(graph: &'a GraphProto, nodes: &NodeSet) -> Vec<&'a str> {
        let marked = graph
            .node
            .iter()
            .zip(nodes)
            .filter(|(_, is_marked)| **is_marked);
        marked.map(|(node, _)| node.output[0].as_str()).collect()
    }

    #[test]
    fn walks_find_what_depends_and_what_is_needed_and_end() {
        let graph = graph();
        let index = GraphIndex::new(&graph);
        assert_eq!(names(&graph, &index.dependents("a")), ["b", "y", "round"]);
        let all = ["c", "alias", "a", "b", "y", "round"];
        assert_eq!(names(&graph, &index.dependencies(&["y"], &[])), all);
        let without_a = ["c", "alias", "b", "y", "round"];
        assert_eq!(
            names(&graph, &index.dependencies(&["y"], &["a"])),
            without_a
        );
        assert_eq!(index.inputs_of(&index.dependents("a")), ["a"]);
    }

    #[test]
    fn a_value_that_all_make_and_all_use_takes_no_time() {
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
        let begun = std::time::Instant::now();
        assert!(index.dependents("x").iter().all(|&is_after| is_after));
        // Each use for each producer would take minutes.
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }

    #[test]
    fn constants_are_found_through_aliases_and_read_when_small() {
        let graph = graph();
        let index = GraphIndex::new(&graph);
        assert!(index.is_constant("alias") && !index.is_constant("a"));
        assert_eq!(index.small_int64s("alias"), Some(vec![1, 2, 3]));
        assert_eq!(index.small_int64s("a"), None);
    }

    #[test]
    fn aliases_in_a_circle_lead_nowhere() {
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
