//! Values in the plain layout, in blocks, or in both.

use std::collections::{HashMap, HashSet};

use super::weights::Weights;
use crate::onnx::graph_builder::GraphBuilder;
use crate::onnx::nchwc::NCHWC;
use crate::onnx::proto::{AttributeProto, NodeProto, TensorProto};
use crate::onnx::receptive_field::Kernel;

/// The most numbers that all weights together may be; the decoder of a voice
/// of high quality has 14 million. Thousands of convolutions may share one
/// tensor of a file, but have weights of their own here.
const MAX_NUMBERS: usize = 1 << 26;

/// A value in blocks, `[1, channels, 1, samples]`.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) name: String,
    pub(super) channels: usize,
    /// What it has yet to be multiplied by; above 0.
    pub(super) factor: f32,
}

/// The nodes written so far and the values they make.
#[derive(Debug)]
pub(super) struct Layouts {
    block: usize,
    pub(super) builder: GraphBuilder,
    pub(super) constants: Vec<TensorProto>,
    /// How many numbers may still be added.
    room: usize,
    /// Values of the decoder that exist in blocks.
    pub(super) held: HashMap<String, Held>,
    /// Of those, the ones that exist in the plain layout as well.
    plain: HashSet<String>,
}

impl Layouts {
    pub(super) fn new(block: usize) -> Self {
        Self {
            block,
            builder: GraphBuilder::new("blocked"),
            constants: Vec::new(),
            room: MAX_NUMBERS,
            held: HashMap::new(),
            plain: HashSet::new(),
        }
    }

    pub(super) fn hold(
        &mut self,
        node: &NodeProto,
        name: String,
        channels: usize,
        factor: f32,
    ) -> Option<()> {
        let held = Held {
            name,
            channels,
            factor,
        };
        self.held.insert(node.output.first()?.clone(), held);
        Some(())
    }

    /// The value in blocks; `None` when it has other channels.
    pub(super) fn make_blocked(&mut self, value: &str, channels: usize) -> Option<Held> {
        if let Some(held) = self.held.get(value) {
            return (held.channels == channels).then(|| held.clone());
        }
        let flat = self.reshape(value, &[1, channels as i64, 1, -1]);
        let held = Held {
            name: self
                .builder
                .custom_op(NCHWC, "ReorderInput", &[&flat], Vec::new()),
            channels,
            factor: 1.0,
        };
        self.held.insert(value.to_owned(), held.clone());
        self.plain.insert(value.to_owned());
        Some(held)
    }

    /// Makes sure that the value exists in the plain layout.
    pub(super) fn make_plain(&mut self, value: &str) {
        if self.plain.contains(value) {
            return;
        }
        let Some(name) = self.multiplied(value) else {
            return;
        };
        let channels = self.held[value].channels as i64;
        let attributes = vec![AttributeProto::int("channels", channels)];
        let flat = self
            .builder
            .custom_op(NCHWC, "ReorderOutput", &[&name], attributes);
        self.reshape(&flat, &[1, channels, -1]);
        self.builder.rename_last_output(value);
        self.plain.insert(value.to_owned());
    }

    /// The value in blocks, with its factor multiplied in.
    pub(super) fn multiplied(&mut self, value: &str) -> Option<String> {
        let held = self.held.get(value)?.clone();
        if held.factor == 1.0 {
            return Some(held.name);
        }
        let factor = self.builder.float(held.factor);
        let name = self.builder.op("Mul", &[&held.name, &factor]);
        let held = self.held.get_mut(value)?;
        (held.name, held.factor) = (name.clone(), 1.0);
        Some(name)
    }

    /// `None` when there would be too many weights.
    pub(super) fn blocked_conv(
        &mut self,
        input: &str,
        weights: &Weights,
        bias: Option<TensorProto>,
        kernel: Kernel,
    ) -> Option<String> {
        self.room = self.room.checked_sub(weights.blocked_len(self.block))?;
        let weights = self.keep(weights.blocked(self.block));
        let bias = bias.map(|bias| self.keep(bias));
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
        Some(self.builder.custom_op(NCHWC, "Conv", &inputs, attributes))
    }

    pub(super) fn put_in_a_row(
        &mut self,
        phases: &str,
        stride: i64,
        channels: usize,
        cut: [i64; 2],
    ) -> String {
        let (block, channels) = (self.block as i64, channels as i64);
        let blocks = channels / block;
        let apart = self.reshape(phases, &[stride, blocks, -1, block]);
        let swap = vec![AttributeProto::ints("perm", &[1, 2, 0, 3])];
        let turned = self.builder.op_with("Transpose", &[&apart], swap);
        let row = self.reshape(&turned, &[blocks, -1, block]);
        // The row is one stride too long; from its end, a cut of 0 is "all".
        let end = if cut[1] == 0 { i64::MAX } else { -cut[1] };
        let [start, end, axis] = [cut[0], end, 1].map(|number| self.builder.int64s(&[number]));
        let kept = self.builder.op("Slice", &[&row, &start, &end, &axis]);
        self.reshape(&kept, &[1, channels, 1, -1])
    }

    fn reshape(&mut self, value: &str, shape: &[i64]) -> String {
        let shape = self.builder.int64s(shape);
        self.builder.op("Reshape", &[value, &shape])
    }

    fn keep(&mut self, mut tensor: TensorProto) -> String {
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
    fn weights_are_added_while_there_is_room() {
        let tensor = TensorProto::floats(&[8, 8, 3], &[0.5; 8 * 8 * 3]);
        let weights = Weights::read(&tensor).unwrap();
        let kernel = Kernel {
            size: 3,
            stride: 1,
            dilation: 1,
            pads: [1, 1],
        };
        let mut layouts = Layouts::new(8);
        layouts.room = 2 * 8 * 8 * 3 + 1;
        let mut added = || layouts.blocked_conv("x", &weights, None, kernel).is_some();
        assert_eq!([added(), added(), added()], [true, true, false]);
    }
}
