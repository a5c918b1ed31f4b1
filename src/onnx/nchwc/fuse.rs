//! Folding additions and activations into blocked convolutions.

use std::collections::HashMap;

use crate::onnx::nchwc::NCHWC;
use crate::onnx::proto::{AttributeProto, AttributeType, NodeProto};

/// Without the attribute, what `LeakyRelu` multiplies negative numbers by.
const DEFAULT_ALPHA: f32 = 0.01;

/// Gives blocked convolutions the additions and the activations that follow
/// them to do.
///
/// `outputs` are used from outside. The nodes must be in an order in which
/// they can run, and still are.
pub(super) fn fuse(nodes: Vec<NodeProto>, outputs: &[&str]) -> Vec<NodeProto> {
    let mut line = Line::new(nodes, outputs);
    for slot in 0..line.slots.len() {
        line.fold_addition(slot);
    }
    for slot in 0..line.slots.len() {
        line.fold_activation(slot);
    }
    line.slots.into_iter().flatten().collect()
}

struct Line {
    /// Where each node stood, what stands there now.
    slots: Vec<Vec<NodeProto>>,
    /// In which slot a value is made, as that slot's last.
    producers: HashMap<String, usize>,
    uses: HashMap<String, usize>,
}

impl Line {
    fn new(nodes: Vec<NodeProto>, outputs: &[&str]) -> Self {
        let mut producers = HashMap::new();
        let mut uses = HashMap::new();
        for (slot, node) in nodes.iter().enumerate() {
            producers.extend(node.output.iter().map(|name| (name.clone(), slot)));
            for input in &node.input {
                *uses.entry(input.clone()).or_insert(0) += 1;
            }
        }
        for &output in outputs {
            *uses.entry(output.to_owned()).or_insert(0) += 1;
        }
        Self {
            slots: nodes.into_iter().map(|node| vec![node]).collect(),
            producers,
            uses,
        }
    }

    /// The slot of the convolution that makes `value` for one user only, and
    /// does nothing to its sums yet.
    fn convolution(&self, value: &str) -> Option<usize> {
        let slot = *self.producers.get(value)?;
        let node = self.slots[slot].last()?;
        let is_plain = node.domain == NCHWC
            && node.op_type == "Conv"
            && node.attribute("activation").is_none()
            && node.output == [value];
        (is_plain && self.uses.get(value) == Some(&1)).then_some(slot)
    }

    /// Turns `Conv → Add` into a `Conv` onto the other summand, in the place
    /// of the `Add`, where both are known.
    fn fold_addition(&mut self, slot: usize) {
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
        let mut folded = Vec::new();
        match convolution.input.get(3).cloned() {
            // A residual is there already: add up what the sums start from.
            Some(residual) => {
                let start = format!("{}/start", sum.concat());
                folded.push(addition(&residual, &other, &start));
                self.uses.insert(start.clone(), 1);
                convolution.input[3] = start;
            }
            None => {
                convolution.input.resize(3, String::new());
                convolution.input.push(other);
            }
        }
        convolution.output = sum;
        folded.push(convolution);
        self.slots[slot] = folded;
    }

    /// Of two summands the one that a convolution makes, the later one if
    /// both are; and the other.
    fn later_convolution<'s>(&self, a: &'s str, b: &'s str) -> Option<(usize, &'s str)> {
        let candidates = [(a, b), (b, a)];
        let found = candidates.map(|(value, other)| Some((self.convolution(value)?, other)));
        found.into_iter().flatten().max_by_key(|(slot, _)| *slot)
    }

    /// Turns `Conv → LeakyRelu` into a `Conv` with an activation.
    fn fold_activation(&mut self, slot: usize) {
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
    fn residual_and_activation_go_into_the_convolution() {
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
    fn what_somebody_else_uses_is_left_as_it_is() {
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
