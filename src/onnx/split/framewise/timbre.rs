//! Finding what the text part computes of the symbols alone, beside the pitch.
//!
//! A voice may read its symbols twice: for their durations and pitch, and for their
//! timbre. Neither needs the other, so both can run at the same time.

use crate::onnx::graph_index::{GraphIndex, NodeSet, intersection};
use crate::onnx::proto::{DataType, ModelProto, NodeProto, ValueInfoProto};
use crate::onnx::subgraph::{element_type, extract};

use super::locate::is_passable;

/// The timbre of a voice and what joins it with the rest of the text part.
#[derive(Clone, Debug)]
pub struct TimbreParts {
    /// From the voice's own inputs to the timbre, its only output. Nothing in it is
    /// random.
    pub timbre: ModelProto,
    /// From the timbre and from outputs of the text part to the latent, its only output.
    pub join: ModelProto,
}

/// Where the timbre is in a graph.
pub(super) struct Timbre<'a> {
    /// The timbre: floats for every symbol or every tick.
    pub(super) value: &'a str,
    /// What the join needs from the rest of the text part.
    passed: Vec<&'a str>,
}

impl<'a> Timbre<'a> {
    /// Finds the only value that `latent` needs, that is computed by convolutions or
    /// matrix products, and whose computation shares none of them with those of
    /// `others`. `None` if there is no such value or the join would be large, too.
    pub(super) fn find(index: &GraphIndex<'a>, latent: &str, others: &[&str]) -> Option<Self> {
        let of_latent = index.dependencies(&[latent], &[]);
        let of_others = index.dependencies(others, &[]);
        let large = index.graph.node.iter().map(is_large).collect();
        let own = difference(&of_latent, &of_others);
        let join = intersection(&own, &after(index, &intersection(&of_others, &large)));
        let timbre = difference(&own, &join);
        if intersection(&join, &large).contains(&true) {
            return None;
        }
        let given = index.inputs_of(&join);
        let (timbres, passed): (Vec<_>, Vec<_>) = given
            .into_iter()
            .partition(|value| index.is_produced_by(value, &timbre));
        let &[value] = timbres.as_slice() else {
            return None;
        };
        let needed = index.dependencies(&[value], &[]);
        let is_random = index.nodes(&needed).any(NodeProto::is_random);
        let is_float = element_type(index, value) == Some(DataType::Float);
        let is_computed = |value: &&str| index.producer(value).is_some();
        let are_passable = passed
            .iter()
            .all(|value| is_computed(value) && is_passable(index, value));
        let is_worth_it = intersection(&needed, &large).contains(&true);
        (is_float && !is_random && are_passable && is_worth_it).then_some(Self { value, passed })
    }

    /// Declares what the join needs from the rest of the text part, but for what it
    /// returns anyway.
    pub(super) fn declare_passed(
        &self,
        index: &GraphIndex,
        returned: &[&str],
    ) -> Vec<ValueInfoProto> {
        let passed = self.passed.iter().filter(|value| !returned.contains(value));
        passed.map(|value| declare(index, value)).collect()
    }

    /// Makes models of both.
    pub(super) fn extract(
        &self,
        index: &GraphIndex,
        model: &ModelProto,
        own_inputs: Vec<ValueInfoProto>,
        latent: ValueInfoProto,
    ) -> TimbreParts {
        let timbre = ValueInfoProto::tensor(self.value, DataType::Float, None);
        let passed = self.passed.iter().map(|value| declare(index, value));
        let given = std::iter::once(timbre.clone()).chain(passed).collect();
        TimbreParts {
            timbre: extract(index, model, own_inputs, vec![timbre]),
            join: extract(index, model, given, vec![latent]),
        }
    }
}

/// Declares a value that one part passes to another.
pub(super) fn declare(index: &GraphIndex, value: &str) -> ValueInfoProto {
    let data_type = element_type(index, value).unwrap_or(DataType::Float);
    ValueInfoProto::tensor(value, data_type, None)
}

fn is_large(node: &NodeProto) -> bool {
    node.is("Conv") || node.is("MatMul") || node.is("Gemm")
}

/// The nodes of a set and those that depend on one of them.
fn after(index: &GraphIndex, nodes: &NodeSet) -> NodeSet {
    let mut after = nodes.clone();
    // A graph lists its nodes in an order in which they can run.
    for (position, node) in index.graph.node.iter().enumerate() {
        let mut used = node.used_values().into_iter();
        after[position] |= used.any(|value| index.is_produced_by(value, &after));
    }
    after
}

fn difference(a: &NodeSet, b: &NodeSet) -> NodeSet {
    a.iter().zip(b).map(|(&a, &b)| a && !b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::graph_builder::GraphBuilder;
    use crate::onnx::proto::{GraphProto, TensorProto};

    /// `sound` is convolved to the timbre, `own` to the pitch; both make the latent.
    fn graph(own: &str, last: &str) -> GraphProto {
        let mut builder = GraphBuilder::new("");
        let weights = builder.constant(TensorProto::floats(&[1, 1, 1], &[1.0]));
        let sound = builder.op("Neg", &["ids"]);
        let pitch = builder.op("Conv", &[own, &weights]);
        let timbre = builder.op("Conv", &[&sound, &weights]);
        let timbre = builder.op("Relu", &[&timbre]);
        builder.rename_last_output("timbre");
        let latent = builder.op(last, &["timbre", &pitch]);
        builder.rename_last_output("latent");
        let side = builder.op("Relu", &[&pitch]);
        builder.rename_last_output("side");
        _ = (timbre, latent, side);
        GraphProto {
            node: builder.nodes,
            input: vec![ValueInfoProto::floats("ids")],
            output: ["latent", "side"].map(ValueInfoProto::floats).to_vec(),
            ..GraphProto::default()
        }
    }

    fn find(graph: &GraphProto) -> Option<(String, usize)> {
        let index = GraphIndex::new(graph);
        let found = Timbre::find(&index, "latent", &["side"])?;
        Some((found.value.to_owned(), found.passed.len()))
    }

    fn operators(model: &ModelProto) -> Vec<&str> {
        let nodes = &model.graph.as_ref().unwrap().node;
        let operators = nodes.iter().map(|node| &*node.op_type);
        operators
            .filter(|&operator| operator != "Constant")
            .collect()
    }

    #[test]
    fn what_the_pitch_does_not_need_is_a_part() {
        let graph = graph("ids", "Add");
        assert_eq!(find(&graph), Some(("timbre".to_owned(), 1)));
        let index = GraphIndex::new(&graph);
        let timbre = Timbre::find(&index, "latent", &["side"]).unwrap();
        let latent = ValueInfoProto::frames("latent", 1);
        let model = ModelProto::default();
        let parts = timbre.extract(&index, &model, graph.input.clone(), latent);
        assert_eq!(operators(&parts.timbre), ["Neg", "Conv", "Relu"]);
        assert_eq!(operators(&parts.join), ["Add"]);
    }

    #[test]
    fn a_pitch_that_needs_the_timbre_is_no_reason_to_split() {
        assert_eq!(find(&graph("timbre", "Add")), None);
    }

    #[test]
    fn a_join_with_sums_is_not_split_off() {
        assert_eq!(find(&graph("ids", "MatMul")), None);
    }

    #[test]
    fn a_random_timbre_stays_with_the_other_noise() {
        let mut graph = graph("ids", "Add");
        let nodes = &mut graph.node;
        let neg = nodes.iter_mut().find(|node| node.op_type == "Neg");
        neg.unwrap().op_type = "RandomNormalLike".to_owned();
        assert_eq!(find(&graph), None);
    }
}
