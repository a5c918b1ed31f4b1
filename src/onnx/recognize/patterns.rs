//! What parts of voices are made of: convolutions, activations, slices.

use std::cell::Cell;

use crate::onnx::graph_index::GraphIndex;
use crate::onnx::kernel::Kernel;
use crate::onnx::proto::{NodeProto, TensorProto};
use crate::onnx::weights::{MAX_WEIGHTS, float_count, floats, native_weights, only_float};
use piper_rs_native::{Convolution, Layer};

/// More of anything is no stock voice: stages, blocks of a stage, units of a block,
/// couplings, gates of a coupling, nodes that only change a shape.
pub(super) const MAX_PARTS: usize = 8;
/// More taps, dilation or stride is no stock voice either, whose largest are 11, 12 and
/// 8. The sizes of buffers follow from them.
pub(super) const MAX_STEPS: i64 = 16;
/// The slope of a leaky ReLU whose node does not tell it.
const DEFAULT_SLOPE: f32 = 0.01;
/// The axis of channels.
const CHANNELS: i64 = 1;
/// Ends beyond this mean all that follows: exporters write the largest number.
const ALL: i64 = i32::MAX as i64;

/// Looks for the nodes that make a value.
pub(super) struct Patterns<'a> {
    pub(super) index: &'a GraphIndex<'a>,
    /// How many numbers may still be copied.
    numbers_left: Cell<usize>,
}

/// Some channels of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Channels<'a> {
    pub(super) of: &'a str,
    pub(super) from: usize,
    /// `None` for all that follow.
    pub(super) to: Option<usize>,
}

impl<'a> Patterns<'a> {
    pub(super) fn new(index: &'a GraphIndex<'a>) -> Self {
        Self {
            index,
            numbers_left: Cell::new(MAX_WEIGHTS),
        }
    }

    /// The node that makes `value`.
    pub(super) fn producer(&self, value: &str) -> Option<&'a NodeProto> {
        self.index.producer(value)
    }

    /// A constant.
    pub(super) fn tensor(&self, name: &str) -> Option<&'a TensorProto> {
        self.index.tensor(name)
    }

    /// A constant whose numbers will be copied; `None` if that would be too many.
    pub(super) fn counted(&self, name: &str) -> Option<&'a TensorProto> {
        let tensor = self.tensor(name)?;
        let left = self.numbers_left.get().checked_sub(float_count(tensor))?;
        self.numbers_left.set(left);
        Some(tensor)
    }

    /// The numbers of a constant.
    pub(super) fn numbers(&self, name: &str) -> Option<Vec<f32>> {
        floats(self.counted(name)?)
    }

    /// The numbers of a small constant.
    pub(super) fn small_int64s(&self, name: &str) -> Option<Vec<i64>> {
        self.index.small_int64s(name)
    }

    /// The sizes and weights of a convolution that keeps the number of rows.
    pub(super) fn convolution(&self, node: &NodeProto) -> Option<(Convolution, Layer)> {
        let is_small = |kernel: &Kernel| kernel.size.max(kernel.dilation) <= MAX_STEPS;
        let kernel =
            Kernel::read(node).filter(|kernel| kernel.keeps_length() && is_small(kernel))?;
        let layer = self.layer(node)?;
        let convolution = Convolution {
            inputs: layer.weights.inputs,
            outputs: layer.weights.outputs,
            taps: usize::try_from(kernel.size).ok()?,
            dilation: usize::try_from(kernel.dilation).ok()?,
            before: usize::try_from(kernel.pads[0]).ok()?,
        };
        let is_plain =
            node.int("group").unwrap_or(1) == 1 && layer.weights.taps == convolution.taps;
        is_plain.then_some((convolution, layer))
    }

    /// The convolution of each row by itself that makes `value`, and its input.
    pub(super) fn pointwise(&self, value: &str) -> Option<(Layer, &'a str)> {
        let node = self.conv(value)?;
        let (convolution, layer) = self.convolution(node)?;
        (convolution.taps == 1).then_some((layer, node.input.first()?))
    }

    /// The weights of a convolution.
    pub(super) fn layer(&self, node: &NodeProto) -> Option<Layer> {
        let weights = native_weights(self.counted(node.input.get(1)?)?)?;
        let bias = self.bias(node, weights.outputs)?;
        Some(Layer { weights, bias })
    }

    /// The bias of a convolution; zeros if it has none.
    pub(super) fn bias(&self, node: &NodeProto, channels: usize) -> Option<Vec<f32>> {
        match node.input.get(2) {
            Some(name) if !name.is_empty() => {
                self.numbers(name).filter(|bias| bias.len() == channels)
            }
            _ => Some(vec![0.0; channels]),
        }
    }

    /// The convolution that makes `value`.
    pub(super) fn conv(&self, value: &str) -> Option<&'a NodeProto> {
        self.index.producer(value).filter(|node| node.is("Conv"))
    }

    /// The slope and the input of the leaky ReLU that makes `value`.
    pub(super) fn activated(&self, value: &str) -> Option<(f32, &'a str)> {
        let node = self.index.producer(value)?;
        let slope = node.float("alpha").unwrap_or(DEFAULT_SLOPE);
        let is_leaky = node.is("LeakyRelu") && (0.0..=1.0).contains(&slope);
        Some((slope, node.input.first().filter(|_| is_leaky)?))
    }

    /// The value of which `value` is a constant multiple, and the factor.
    pub(super) fn scaled(&self, value: &str) -> Option<(&'a str, f32)> {
        let node = self.index.producer(value)?;
        let factor = only_float(self.index.tensor(node.input.get(1)?)?)?;
        let factor = match node.op_type.as_str() {
            "Div" => 1.0 / factor,
            "Mul" => factor,
            _ => return None,
        };
        let is_scaled = node.is_standard() && factor.is_finite();
        Some((node.input.first().filter(|_| is_scaled)?, factor))
    }

    /// Both inputs of the node that makes `value`.
    pub(super) fn operands(&self, value: &str, op_type: &str) -> Option<[&'a str; 2]> {
        let node = self.index.producer(value).filter(|node| node.is(op_type))?;
        match &node.input[..] {
            [a, b] => Some([a, b]),
            _ => None,
        }
    }

    /// The value before it is multiplied by `mask`, if it is.
    pub(super) fn unmasked(&self, value: &'a str, mask: Option<&str>) -> &'a str {
        match (self.operands(value, "Mul"), mask) {
            (Some([value, other]), Some(mask)) if other == mask => value,
            (Some([other, value]), Some(mask)) if other == mask => value,
            _ => value,
        }
    }

    /// Whether all of `value` is 0, whatever its shape.
    pub(super) fn is_zero(&self, value: &str) -> bool {
        let node = self.producer(value);
        node.is_some_and(|node| {
            let number = node.attribute("value").map(|value| value.t.as_deref());
            node.is("ConstantOfShape")
                && number.is_none_or(|number| number.and_then(only_float) == Some(0.0))
        })
    }

    /// Whether all of `value` is 1, computed as e⁰.
    pub(super) fn is_one(&self, value: &str) -> bool {
        let exponent = || self.input(self.input(value, "Exp")?, "Neg");
        exponent().is_some_and(|exponent| self.is_zero(exponent))
    }

    /// The first input of the node that makes `value`.
    pub(super) fn input(&self, value: &str, op_type: &str) -> Option<&'a str> {
        let node = self.producer(value).filter(|node| node.is(op_type))?;
        node.input.first().map(String::as_str)
    }

    /// How many channels the values have that a `Split` makes.
    pub(super) fn split_sizes(&self, split: &NodeProto) -> Option<Vec<i64>> {
        match split.input.get(1) {
            Some(sizes) => self.small_int64s(sizes),
            None => Some(split.ints("split").to_vec()),
        }
    }

    /// The value whose channels `value` has in reverse order.
    pub(super) fn reversed(&self, value: &str) -> Option<&'a str> {
        let (of, [start, end, axis, step]) = self.slice(value)?;
        ([start, axis, step] == [-1, CHANNELS, -1] && end < -ALL).then_some(of)
    }

    /// Follows slices to the value that they are of.
    pub(super) fn channels(&self, value: &'a str) -> Channels<'a> {
        let mut channels = Channels {
            of: value,
            from: 0,
            to: None,
        };
        for _ in 0..MAX_PARTS {
            let Some((of, [start, end, axis, 1])) = self.slice(channels.of) else {
                break;
            };
            let (Ok(from), is_all) = (usize::try_from(start), end >= ALL) else {
                break;
            };
            let to = match is_all {
                true => None,
                false => usize::try_from(end).ok().filter(|&to| to >= from),
            };
            match axis {
                CHANNELS if is_all || to.is_some() => {
                    let own = channels.to.map(|to| to + from);
                    channels.to = match (own, to) {
                        (Some(own), Some(to)) => Some(own.min(to)),
                        (own, to) => own.or(to),
                    };
                    channels.from += from;
                }
                0 | 2 if from == 0 && is_all => {}
                _ => break,
            }
            channels.of = of;
        }
        channels
    }

    /// The input of a slice along one axis, and its start, end, axis and step.
    fn slice(&self, value: &str) -> Option<(&'a str, [i64; 4])> {
        let node = self.producer(value).filter(|node| node.is("Slice"))?;
        let [of, bounds @ ..] = &node.input[..] else {
            return None;
        };
        let mut numbers = [0, 0, 0, 1];
        (3..=4).contains(&bounds.len()).then_some(())?;
        for (number, bound) in numbers.iter_mut().zip(bounds) {
            *number = match self.index.small_int64s(bound)?[..] {
                [only] => only,
                _ => return None,
            };
        }
        Some((of, numbers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{AttributeProto, GraphProto};

    #[test]
    fn weights_that_many_convolutions_share_count_for_each() {
        let mut weights = TensorProto::floats(&[4, 4, 3], &[0.5; 4 * 4 * 3]);
        weights.name = "weights".to_owned();
        let node = NodeProto {
            op_type: "Conv".to_owned(),
            input: ["x", "weights"].map(str::to_owned).to_vec(),
            attribute: vec![
                AttributeProto::ints("kernel_shape", &[3]),
                AttributeProto::ints("pads", &[1, 1]),
            ],
            ..NodeProto::default()
        };
        let graph = GraphProto {
            initializer: vec![weights],
            ..GraphProto::default()
        };
        let index = GraphIndex::new(&graph);
        let patterns = Patterns::new(&index);
        patterns.numbers_left.set(2 * 4 * 4 * 3 + 1);
        let is_read = || patterns.convolution(&node).is_some();
        assert_eq!([is_read(), is_read(), is_read()], [true, true, false]);
    }
}
