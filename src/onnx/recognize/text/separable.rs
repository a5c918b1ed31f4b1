//! Stacks of separable convolutions.

use piper_rs_native::{Layer, Separable, SeparableLayers};

use super::Recognizer;
use super::norm::Norm;
use crate::onnx::kernel::Kernel;
use crate::onnx::recognize::patterns::{MAX_PARTS, MAX_STEPS};

/// A stack: its layers in the order in which they run, and its input.
pub(super) struct Stack<'a> {
    pub(super) sizes: Vec<Separable>,
    pub(super) layers: Vec<SeparableLayers>,
    pub(super) epsilon: f32,
    pub(super) input: &'a str,
}

/// A layer, and the value that it adds to.
struct Found<'a> {
    sizes: Separable,
    layers: SeparableLayers,
    epsilon: f32,
    base: &'a str,
}

impl<'a> Recognizer<'a> {
    /// The stack of so many channels that makes `value`.
    pub(super) fn stack(&self, value: &'a str, channels: usize) -> Option<Stack<'a>> {
        let mut stack = Stack {
            sizes: Vec::new(),
            layers: Vec::new(),
            epsilon: 0.0,
            input: self.unmasked(value),
        };
        while let Some(found) = self.separable(stack.input, channels) {
            let fits = stack.layers.is_empty() || found.epsilon == stack.epsilon;
            (fits && stack.layers.len() < MAX_PARTS).then_some(())?;
            stack.sizes.push(found.sizes);
            stack.layers.push(found.layers);
            (stack.epsilon, stack.input) = (found.epsilon, found.base);
        }
        stack.sizes.reverse();
        stack.layers.reverse();
        (!stack.layers.is_empty()).then_some(stack)
    }

    /// The layer that makes `value`, with its residual.
    fn separable(&self, value: &str, channels: usize) -> Option<Found<'a>> {
        let activated = |operand: &'a str| self.norm(self.gelu(operand)?);
        let (second, base) = self.either(value, "Add", activated)?;
        let (pointwise, inner) = self.patterns.pointwise(second.input)?;
        let first = self.norm(self.gelu(inner)?)?;
        let (depthwise, sizes, convolved) = self.depthwise(first.input, channels)?;
        let has_channels = |norm: &Norm| norm.scale.len() == channels;
        let is_square = [pointwise.weights.outputs, pointwise.weights.inputs] == [channels; 2];
        let fits = has_channels(&first) && has_channels(&second) && is_square;
        let is_layer = fits && first.epsilon == second.epsilon && self.unmasked(convolved) == base;
        is_layer.then_some(Found {
            sizes,
            epsilon: first.epsilon,
            base,
            layers: SeparableLayers {
                depthwise,
                first_norm: [first.scale, first.shift],
                pointwise,
                second_norm: [second.scale, second.shift],
            },
        })
    }

    /// The convolution of each channel by itself that makes `value`, and its input.
    fn depthwise(&self, value: &str, channels: usize) -> Option<(Layer, Separable, &'a str)> {
        let node = self.patterns.conv(value)?;
        let kernel = Kernel::read(node).filter(|kernel| kernel.keeps_length())?;
        let layer = self.patterns.layer(node)?;
        let [before, after] = kernel.pads;
        let is_small = kernel.size.max(kernel.dilation) <= MAX_STEPS;
        let is_depthwise = [layer.weights.outputs, layer.weights.inputs] == [channels, 1]
            && node.int("group") == i64::try_from(channels).ok();
        let sizes = Separable {
            taps: usize::try_from(kernel.size).ok()?,
            dilation: usize::try_from(kernel.dilation).ok()?,
        };
        let fits = is_small && is_depthwise && before == after && layer.weights.taps == sizes.taps;
        Some((layer, sizes, node.input.first().filter(|_| fits)?))
    }
}
