//! Building a graph in which values are in the plain layout, the blocked
//! layout, or both.

use std::collections::{HashMap, HashSet};

use super::NCHWC;
use crate::onnx::graph_builder::GraphBuilder;
use crate::onnx::kernel::Kernel;
use crate::onnx::proto::{AttributeProto, NodeProto, TensorProto};
use crate::onnx::weights::{MAX_WEIGHTS, Weights};

/// A value in the blocked layout, `[1, channels, 1, samples]`.
#[derive(Clone, Debug)]
pub(super) struct Blocked {
    pub(super) name: String,
    pub(super) channels: usize,
    /// The original value is this times the blocked one; above 0.
    pub(super) factor: f32,
}

/// The nodes and constants built so far, and the builder of their values.
#[derive(Debug)]
pub(super) struct NchwcBuilder {
    block: usize,
    pub(super) graph: GraphBuilder,
    pub(super) constants: Vec<TensorProto>,
    /// How many weights may still be added.
    weights_left: usize,
    /// The values of the decoder that exist in the blocked layout.
    blocked: HashMap<String, Blocked>,
    /// Those of them that exist in the plain layout as well.
    plain: HashSet<String>,
}

impl NchwcBuilder {
    pub(super) fn new(block: usize) -> Self {
        Self {
            block,
            graph: GraphBuilder::new("blocked"),
            constants: Vec::new(),
            weights_left: MAX_WEIGHTS,
            blocked: HashMap::new(),
            plain: HashSet::new(),
        }
    }

    pub(super) fn blocked(&self, value: &str) -> Option<&Blocked> {
        self.blocked.get(value)
    }

    /// Records that the output of `node` exists in the blocked layout.
    pub(super) fn set_blocked(&mut self, node: &NodeProto, blocked: Blocked) -> Option<()> {
        self.blocked.insert(node.output.first()?.clone(), blocked);
        Some(())
    }

    /// Converts the value to the plain layout and forgets the blocked one.
    pub(super) fn make_plain_only(&mut self, value: &str) {
        self.make_plain(value);
        self.blocked.remove(value);
    }

    /// The value in the blocked layout; `None` if it has other channels.
    pub(super) fn make_blocked(&mut self, value: &str, channels: usize) -> Option<Blocked> {
        if let Some(blocked) = self.blocked.get(value) {
            return (blocked.channels == channels).then(|| blocked.clone());
        }
        let shaped = self.reshape(value, &[1, channels as i64, 1, -1]);
        let name = self
            .graph
            .custom_op(NCHWC, "ReorderInput", &[&shaped], Vec::new());
        let blocked = Blocked {
            name,
            channels,
            factor: 1.0,
        };
        self.blocked.insert(value.to_owned(), blocked.clone());
        self.plain.insert(value.to_owned());
        Some(blocked)
    }

    /// Makes sure that the value exists in the plain layout.
    pub(super) fn make_plain(&mut self, value: &str) {
        if self.plain.contains(value) {
            return;
        }
        let Some(name) = self.apply_factor(value) else {
            return;
        };
        let channels = self.blocked[value].channels as i64;
        let attributes = vec![AttributeProto::int("channels", channels)];
        let shaped = self
            .graph
            .custom_op(NCHWC, "ReorderOutput", &[&name], attributes);
        self.reshape(&shaped, &[1, channels, -1]);
        self.graph.rename_last_output(value);
        self.plain.insert(value.to_owned());
    }

    /// The value in the blocked layout, with a factor of 1.
    pub(super) fn apply_factor(&mut self, value: &str) -> Option<String> {
        let blocked = self.blocked.get_mut(value)?;
        if blocked.factor != 1.0 {
            let factor = self.graph.float(blocked.factor);
            blocked.name = self.graph.op("Mul", &[&blocked.name, &factor]);
            blocked.factor = 1.0;
        }
        Some(blocked.name.clone())
    }

    /// Adds a convolution; `None` if there would be too many weights.
    pub(super) fn conv(
        &mut self,
        input: &str,
        weights: &Weights,
        bias: Option<TensorProto>,
        kernel: Kernel,
    ) -> Option<String> {
        let count = weights.blocked_len(self.block);
        self.weights_left = self.weights_left.checked_sub(count)?;
        let weights = self.add_constant(weights.blocked(self.block));
        let bias = bias.map(|bias| self.add_constant(bias));
        let inputs = [Some(input), Some(&weights), bias.as_deref()];
        let inputs: Vec<&str> = inputs.into_iter().flatten().collect();
        let [before, after] = kernel.pads;
        let attributes = vec![
            AttributeProto::ints("kernel_shape", &[1, kernel.size]),
            AttributeProto::ints("pads", &[0, before, 0, after]),
            AttributeProto::ints("strides", &[1, 1]),
            AttributeProto::ints("dilations", &[1, kernel.dilation]),
            AttributeProto::int("group", 1),
        ];
        Some(self.graph.custom_op(NCHWC, "Conv", &inputs, attributes))
    }

    /// Turns `stride × channels` channels into `stride` times as many samples,
    /// and drops some at the start and the end, as `pads` say.
    pub(super) fn interleave(
        &mut self,
        phases: &str,
        stride: i64,
        channels: usize,
        pads: [i64; 2],
    ) -> String {
        let (block, channels) = (self.block as i64, channels as i64);
        let blocks = channels / block;
        let apart = self.reshape(phases, &[stride, blocks, -1, block]);
        let order = vec![AttributeProto::ints("perm", &[1, 2, 0, 3])];
        let transposed = self.graph.op_with("Transpose", &[&apart], order);
        let row = self.reshape(&transposed, &[blocks, -1, block]);
        // The row is one stride too long. `Slice` counts from its end; there,
        // 0 would be its start.
        let end = if pads[1] == 0 { i64::MAX } else { -pads[1] };
        let [start, end, axis] = [pads[0], end, 1].map(|number| self.graph.int64s(&[number]));
        let kept = self.graph.op("Slice", &[&row, &start, &end, &axis]);
        self.reshape(&kept, &[1, channels, 1, -1])
    }

    fn reshape(&mut self, value: &str, shape: &[i64]) -> String {
        let shape = self.graph.int64s(shape);
        self.graph.op("Reshape", &[value, &shape])
    }

    fn add_constant(&mut self, mut tensor: TensorProto) -> String {
        tensor.name = format!("blocked/weights/{}", self.constants.len());
        let name = tensor.name.clone();
        self.constants.push(tensor);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_weights_are_refused() {
        let tensor = TensorProto::floats(&[8, 8, 3], &[0.5; 8 * 8 * 3]);
        let weights = Weights::read(&tensor).unwrap();
        let kernel = Kernel {
            size: 3,
            stride: 1,
            dilation: 1,
            pads: [1, 1],
        };
        let mut builder = NchwcBuilder::new(8);
        builder.weights_left = 2 * 8 * 8 * 3 + 1;
        let mut added = || builder.conv("x", &weights, None, kernel).is_some();
        assert_eq!([added(), added(), added()], [true, true, false]);
    }
}
