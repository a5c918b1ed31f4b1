//! Fusing additions and activations into blocked convolutions.

use std::collections::HashMap;

use super::NCHWC;
use crate::onnx::proto::{AttributeProto, AttributeType, NodeProto};

/// The factor of `LeakyRelu` for negative numbers, if it has no attribute.
const DEFAULT_ALPHA: f32 = 0.01;

/// Moves additions and activations that follow a blocked convolution into it.
///
/// `outputs` are values that are used from outside. The order of `nodes` must
/// be one in which they can run; that of the result is, too.
pub(super) fn fuse(nodes: Vec<NodeProto>, outputs: &[&str]) -> Vec<NodeProto> {
    let mut fuser = Fuser::new(nodes, outputs);
    for slot in 0..fuser.slots.len() {
        fuser.fuse_addition(slot);
    }
    for slot in 0..fuser.slots.len() {
        fuser.fuse_activation(slot);
    }
    fuser.slots.into_iter().flatten().collect()
}

struct Fuser {
    /// For each original node, the nodes that take its place.
    slots: Vec<Vec<NodeProto>>,
    /// The slot whose last node produces a value.
    producers: HashMap<String, usize>,
    n_uses: HashMap<String, usize>,
}

impl Fuser {
    fn new(nodes: Vec<NodeProto>, outputs: &[&str]) -> Self {
        let mut producers = HashMap::new();
        let mut n_uses = HashMap::new();
        for (slot, node) in nodes.iter().enumerate() {
            producers.extend(node.output.iter().map(|name| (name.clone(), slot)));
            for input in &node.input {
                *n_uses.entry(input.clone()).or_insert(0) += 1;
            }
        }
        for &output in outputs {
            *n_uses.entry(output.to_owned()).or_insert(0) += 1;
        }
        Self {
            slots: nodes.into_iter().map(|node| vec![node]).collect(),
            producers,
            n_uses,
        }
    }

    /// The slot of the convolution that produces `value`, if the value is used
    /// once and the convolution has no activation yet.
    fn convolution(&self, value: &str) -> Option<usize> {
        let slot = *self.producers.get(value)?;
        let node = self.slots[slot].last()?;
        let can_fuse = node.domain == NCHWC
            && node.op_type == "Conv"
            && node.attribute("activation").is_none()
            && node.output == [value];
        (can_fuse && self.n_uses.get(value) == Some(&1)).then_some(slot)
    }

    /// Replaces `Conv → Add` by a `Conv` that adds to the other summand. It
    /// takes the place of the `Add`, because both summands are known there.
    fn fuse_addition(&mut self, slot: usize) {
        let [add] = self.slots[slot].as_slice() else {
            return;
        };
        let [a, b] = add.input.as_slice() else {
            return;
        };
        let Some((found, other)) = self.later_convolution(a, b).filter(|_| add.is("Add")) else {
            return;
        };
        let (other, sum) = (other.to_owned(), add.output.clone());
        let Some(mut convolution) = self.slots[found].pop() else {
            return;
        };
        let mut fused = Vec::new();
        match convolution.input.get(3).cloned() {
            // It adds to a residual already: add the other summand to that.
            Some(residual) => {
                let start = format!("{}/start", sum.concat());
                fused.push(addition(&residual, &other, &start));
                self.n_uses.insert(start.clone(), 1);
                convolution.input[3] = start;
            }
            None => {
                convolution.input.resize(3, String::new());
                convolution.input.push(other);
            }
        }
        convolution.output = sum;
        fused.push(convolution);
        self.slots[slot] = fused;
    }

    /// The summand that a convolution produces, the later one if both are, as
    /// its slot; and the other summand.
    fn later_convolution<'s>(&self, a: &'s str, b: &'s str) -> Option<(usize, &'s str)> {
        let candidates = [(a, b), (b, a)];
        let found = candidates.map(|(value, other)| Some((self.convolution(value)?, other)));
        found.into_iter().flatten().max_by_key(|(slot, _)| *slot)
    }

    /// Replaces `Conv → LeakyRelu` by a `Conv` with an activation.
    fn fuse_activation(&mut self, slot: usize) {
        let [relu] = self.slots[slot].as_slice() else {
            return;
        };
        let Some(input) = relu.input.first().filter(|_| relu.is("LeakyRelu")) else {
            return;
        };
        let Some(found) = self.convolution(input) else {
            return;
        };
        let alpha = relu.float("alpha").unwrap_or(DEFAULT_ALPHA);
        let output = relu.output.clone();
        let Some(convolution) = self.slots[found].last_mut() else {
            return;
        };
        convolution
            .attribute
            .push(AttributeProto::string("activation", "LeakyRelu"));
        convolution.attribute.push(AttributeProto {
            name: "activation_params".to_owned(),
            floats: vec![alpha],
            r#type: AttributeType::Floats as i32,
            ..AttributeProto::default()
        });
        self.producers
            .extend(output.iter().map(|name| (name.clone(), found)));
        convolution.output = output;
        self.slots[slot].clear();
    }
}

fn addition(a: &str, b: &str, sum: &str) -> NodeProto {
    NodeProto {
        op_type: "Add".to_owned(),
        name: sum.to_owned(),
        input: vec![a.to_owned(), b.to_owned()],
        output: vec![sum.to_owned()],
        ..NodeProto::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::graph_builder::GraphBuilder;

    fn conv(builder: &mut GraphBuilder, input: &str) -> String {
        builder.custom_op(NCHWC, "Conv", &[input, "w", "b"], Vec::new())
    }

    fn ops(nodes: &[NodeProto]) -> Vec<(&str, usize, bool)> {
        let describe = |node: &'_ NodeProto| {
            let has_activation = node.attribute("activation").is_some();
            (node.input.len(), has_activation)
        };
        nodes
            .iter()
            .map(|node| (node.op_type.as_str(), describe(node).0, describe(node).1))
            .collect()
    }

    fn assert_runnable(nodes: &[NodeProto], known: &[&str]) {
        let mut known: Vec<&str> = known.to_vec();
        for node in nodes {
            assert!(
                node.input
                    .iter()
                    .all(|input| known.contains(&input.as_str())),
                "{node:?}"
            );
            known.extend(node.output.iter().map(String::as_str));
        }
    }

    #[test]
    fn a_residual_and_an_activation_are_fused_into_the_convolution() {
        let mut builder = GraphBuilder::new("d");
        let y = conv(&mut builder, "x");
        let sum = builder.op("Add", &[&y, "x"]);
        builder.op("LeakyRelu", &[&sum]);
        builder.rename_last_output("out");
        let nodes = fuse(builder.nodes, &["out"]);
        assert_eq!(ops(&nodes), [("Conv", 4, true)]);
        assert_eq!(
            (nodes[0].input[3].as_str(), nodes[0].output[0].as_str()),
            ("x", "out")
        );
    }

    #[test]
    fn a_running_sum_is_added_before_the_last_convolution() {
        let mut builder = GraphBuilder::new("d");
        let y = conv(&mut builder, "x");
        let a = builder.op("Add", &[&y, "x"]);
        let z = conv(&mut builder, "x");
        let b = builder.op("Add", &[&z, "x"]);
        let sum = builder.op("Add", &[&a, &b]);
        builder.op("LeakyRelu", &[&sum]);
        builder.rename_last_output("out");
        let nodes = fuse(builder.nodes, &["out"]);
        assert_eq!(
            ops(&nodes),
            [("Conv", 4, false), ("Add", 2, false), ("Conv", 4, true)]
        );
        assert_runnable(&nodes, &["x", "w", "b"]);
    }

    #[test]
    fn a_value_that_is_used_twice_is_not_fused() {
        let mut builder = GraphBuilder::new("d");
        let y = conv(&mut builder, "x");
        builder.op("LeakyRelu", &[&y]);
        builder.rename_last_output("out");
        let sum = builder.op("Add", &[&y, "x"]);
        builder.op("LeakyRelu", &[&sum]);
        let nodes = fuse(builder.nodes.clone(), &["out", &sum]);
        assert_eq!(nodes, builder.nodes);
    }
}
