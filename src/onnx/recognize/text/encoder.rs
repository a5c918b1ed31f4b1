//! The encoder, from the encoded ids back to the ids.

use piper_rs_native::{Convolution, EncoderLayers, Layer, Transformer, TransformerLayers, Weights};

use super::Recognizer;
use crate::onnx::graph_index::GraphIndex;
use crate::onnx::kernel::Kernel;
use crate::onnx::proto::ModelProto;
use crate::onnx::recognize::patterns::MAX_STEPS;

/// The most layers; voices have six.
const MAX_LAYERS: usize = 64;
/// How often the ids are masked before the first layer.
const MASKS: usize = 4;
/// The input with the ids.
const IDS_INPUT: &str = "input";

/// An encoder.
#[derive(Clone, Debug)]
pub struct RecognizedEncoder {
    /// Its sizes.
    pub architecture: Transformer,
    /// Its weights.
    pub layers: EncoderLayers,
}

/// Describes what makes `encoded` of the ids of a voice; `None` if it is not an encoder as
/// Piper trains them.
pub fn recognize_encoder(voice: &ModelProto, encoded: &str) -> Option<RecognizedEncoder> {
    let index = GraphIndex::new(voice.graph.as_ref()?);
    let recognizer = Recognizer::new(&index)?;
    recognizer.encoder(recognizer.value(encoded)?)
}

/// What all layers have in common.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Common {
    pub(super) heads: usize,
    pub(super) divisor: f32,
    pub(super) window: usize,
    convolutions: [Convolution; 2],
    epsilon: f32,
}

/// The convolutions behind an attention, and the value that they read.
struct FeedForward<'a> {
    layers: [Layer; 2],
    sizes: [Convolution; 2],
    input: &'a str,
}

impl<'a> Recognizer<'a> {
    fn encoder(&self, encoded: &'a str) -> Option<RecognizedEncoder> {
        let mut value = self.unmasked(encoded);
        let (mut layers, mut common) = (Vec::new(), None);
        while let Some((found, layer, before)) = self.transformer(value) {
            let fits = common.is_none_or(|common| common == found);
            (fits && layers.len() < MAX_LAYERS).then_some(())?;
            layers.push(layer);
            (value, common) = (before, Some(found));
        }
        layers.reverse();
        let common = common?;
        let (symbols, channels, scale, table) = self.table(value)?;
        let architecture = Transformer {
            symbols,
            channels,
            scale,
            heads: common.heads,
            divisor: common.divisor,
            window: common.window,
            convolutions: common.convolutions,
            epsilon: common.epsilon,
            layers: layers.len(),
        };
        let layers = EncoderLayers { table, layers };
        layers.fit(&architecture).then_some(RecognizedEncoder {
            architecture,
            layers,
        })
    }

    /// The layer that makes `value`, and the value that it reads.
    fn transformer(&self, value: &'a str) -> Option<(Common, TransformerLayers, &'a str)> {
        let second = self.norm(value)?;
        let feed_forward = |operand: &'a str| self.feed_forward(operand);
        let (inner, normal) = self.either(second.input, "Add", feed_forward)?;
        let first = self.norm(normal)?;
        let attends = |operand: &'a str| self.attention(operand);
        let (attention, before) = self.either(first.input, "Add", attends)?;
        let fits = inner.input == normal
            && attention.input == before
            && first.epsilon == second.epsilon
            && attention.divisor > 0.0;
        let common = Common {
            heads: attention.heads,
            divisor: attention.divisor,
            window: attention.window,
            convolutions: inner.sizes,
            epsilon: first.epsilon,
        };
        let layers = TransformerLayers {
            inputs: attention.inputs,
            distances: attention.distances,
            output: attention.output,
            first_norm: [first.scale, first.shift],
            convolutions: inner.layers,
            second_norm: [second.scale, second.shift],
        };
        fits.then_some((common, layers, before))
    }

    /// Two convolutions with a ReLU between them.
    fn feed_forward(&self, value: &'a str) -> Option<FeedForward<'a>> {
        let (outer, outer_sizes, inner) = self.padded(self.unmasked(value))?;
        let activated = self.input(self.unmasked(inner), "Relu")?;
        let (inner, inner_sizes, input) = self.padded(activated)?;
        Some(FeedForward {
            layers: [inner, outer],
            sizes: [inner_sizes, outer_sizes],
            input: self.unmasked(input),
        })
    }

    /// A convolution that keeps the number of rows by a padding before it, as far as can
    /// be seen: exporters compute how much is padded.
    fn padded(&self, value: &str) -> Option<(Layer, Convolution, &'a str)> {
        let node = self.patterns.conv(value)?;
        let input = node.input.first()?;
        if let Some((sizes, layer)) = self.patterns.convolution(node) {
            return Some((layer, sizes, input));
        }
        let kernel = Kernel::read(node)?;
        let pad = self.patterns.producer(input)?;
        let is_padded = pad.is("Pad") && self.patterns.index.is_constant(pad.input.get(1)?);
        let is_plain = node.int("group").unwrap_or(1) == 1
            && (kernel.stride, kernel.pads) == (1, [0, 0])
            && kernel.size % 2 == 1
            && kernel.size.max(kernel.dilation) <= MAX_STEPS;
        let layer = self
            .patterns
            .layer(node)
            .filter(|_| is_padded && is_plain)?;
        let Weights {
            outputs,
            inputs,
            taps,
            ..
        } = layer.weights;
        let dilation = usize::try_from(kernel.dilation).ok()?;
        let sizes = Convolution {
            inputs,
            outputs,
            taps,
            dilation,
            before: taps / 2 * dilation,
        };
        let is_sound = i64::try_from(taps).ok()? == kernel.size;
        Some((layer, sizes, pad.input.first().filter(|_| is_sound)?))
    }

    /// How many ids there are, their channels, the factor of the table's rows, and these.
    fn table(&self, value: &'a str) -> Option<(usize, usize, f32, Vec<f32>)> {
        let mut value = value;
        for _ in 0..MASKS {
            value = self.unmasked(value);
        }
        let (scale, row) = self.with_number(self.transposed(value)?, "Mul")?;
        let [table, ids] = self.patterns.operands(row, "Gather")?;
        let values = self.numbers(table)?;
        let [symbols, channels] = self.patterns.tensor(table)?.dims[..] else {
            return None;
        };
        let [symbols, channels] = [
            usize::try_from(symbols).ok()?,
            usize::try_from(channels).ok()?,
        ];
        (ids == IDS_INPUT).then_some((symbols, channels, scale, values))
    }
}
