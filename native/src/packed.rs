//! Weights in the order in which a kernel reads them, as bytes: what is stored with a
//! prepared voice.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use bytemuck::Pod;

use crate::arithmetic::Arithmetic;
use crate::layer::{Convolution, Layer};
use crate::winograd::{self, Groups};

/// Every tensor begins at a multiple of this.
const ALIGNMENT: usize = 64;

/// The bytes of packed weights: a mapped file, or memory.
pub type Bytes = Box<dyn AsRef<[u8]> + Send + Sync>;

/// Packed weights. [`Layout`] says where in them each layer is.
pub(crate) struct Packed(Bytes);

/// Sizes in memory of a convolution whose stride is 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) taps: usize,
    pub(crate) dilation: usize,
    /// How many rows before its own the first tap reads.
    pub(crate) before: usize,
}

/// Where the weights of a convolution are.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) sizes: Sizes,
    pub(crate) algorithm: Algorithm,
    weights: Range<usize>,
    bias: Floats,
}

/// How a convolution is computed; each has weights of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// By its definition.
    Direct,
    /// With fewer products: see [`winograd`].
    Winograd,
}

/// Where floats are.
#[derive(Clone, Debug)]
pub(crate) struct Floats(Range<usize>);

impl Packed {
    /// `None` if there are more or fewer bytes than the layout has, or if they are not
    /// aligned.
    pub(crate) fn new<A: Arithmetic>(bytes: Bytes, layout: &Layout<A>) -> Option<Self> {
        let slice = (*bytes).as_ref();
        let is_aligned = slice.as_ptr().align_offset(align_of::<A::Block>()) == 0;
        (slice.len() == layout.end && is_aligned).then_some(Self(bytes))
    }

    pub(crate) fn weights<T: Pod>(&self, place: &Place) -> &[T] {
        bytemuck::cast_slice(&(*self.0).as_ref()[place.weights.clone()])
    }

    pub(crate) fn bias(&self, place: &Place) -> &[f32] {
        self.floats(&place.bias)
    }

    pub(crate) fn floats(&self, place: &Floats) -> &[f32] {
        bytemuck::cast_slice(&(*self.0).as_ref()[place.0.clone()])
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = (*self.0).as_ref().len();
        f.debug_struct("Packed")
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}

/// Finds the places of layers, in the order in which a [`Packer`] got them.
pub(crate) struct Layout<A> {
    end: usize,
    arithmetic: PhantomData<A>,
}

impl<A: Arithmetic> Layout<A> {
    pub(crate) fn new() -> Self {
        Self {
            end: 0,
            arithmetic: PhantomData,
        }
    }

    /// The place of a convolution.
    pub(crate) fn convolution(&mut self, convolution: &Convolution) -> Place {
        self.place(Self::sizes(convolution))
    }

    /// The sizes of a convolution in memory, where channels are padded.
    pub(crate) fn sizes(convolution: &Convolution) -> Sizes {
        Sizes {
            inputs: padded::<A>(convolution.inputs),
            outputs: padded::<A>(convolution.outputs),
            taps: convolution.taps,
            dilation: convolution.dilation,
            before: convolution.before,
        }
    }

    /// The place of a convolution that may be computed by fewer products.
    pub(crate) fn fast_convolution(&mut self, convolution: &Convolution) -> Place {
        self.fast_place(Self::sizes(convolution))
    }

    /// The same with these sizes in memory.
    pub(crate) fn fast_place(&mut self, sizes: Sizes) -> Place {
        if !winograd::fits::<A>(sizes.taps) {
            return self.place(sizes);
        }
        Place {
            algorithm: Algorithm::Winograd,
            ..self.place_of(sizes, Groups::of(sizes.taps).values())
        }
    }

    /// The place of a convolution with these sizes in memory.
    pub(crate) fn place(&mut self, sizes: Sizes) -> Place {
        self.place_of(sizes, sizes.taps)
    }

    fn place_of(&mut self, sizes: Sizes, taps: usize) -> Place {
        let weights = sizes.outputs * taps * sizes.inputs / A::CHANNELS;
        Place {
            sizes,
            algorithm: Algorithm::Direct,
            weights: self.next(weights * size_of::<A::Weight>()),
            bias: self.floats(sizes.outputs),
        }
    }

    /// The place of a convolution that [`Packer::single_output`] packs.
    pub(crate) fn single_output(&mut self, convolution: &Convolution) -> Place {
        let sizes = Sizes {
            outputs: 1,
            ..Self::sizes(convolution)
        };
        let operands = sizes.taps * sizes.inputs / A::CHANNELS;
        Place {
            sizes,
            algorithm: Algorithm::Direct,
            weights: self.next(operands * size_of::<A::Operand>()),
            bias: self.floats(1),
        }
    }

    pub(crate) fn floats(&mut self, count: usize) -> Floats {
        Floats(self.next(count * size_of::<f32>()))
    }

    fn next(&mut self, bytes: usize) -> Range<usize> {
        let start = self.end;
        self.end += bytes.next_multiple_of(ALIGNMENT);
        start..start + bytes
    }
}

/// A bias with what is added to it for a speaker: a value for each channel, or for the
/// first channels.
pub(crate) fn with_condition<'a>(bias: &'a [f32], condition: Option<&[f32]>) -> Cow<'a, [f32]> {
    let Some(condition) = condition else {
        return Cow::Borrowed(bias);
    };
    let mut sum = bias.to_vec();
    sum.iter_mut()
        .zip(condition)
        .for_each(|(sum, value)| *sum += value);
    Cow::Owned(sum)
}

/// Channels in memory: a multiple of the columns of a tile, the last ones zero.
pub(crate) fn padded<A: Arithmetic>(channels: usize) -> usize {
    channels.next_multiple_of(2 * A::LANES)
}

/// For each channel in memory, that of the graph; `None` for padding.
pub(crate) type Channels = Vec<Option<usize>>;

/// So many channels in their order.
pub(crate) fn in_order<A: Arithmetic>(channels: usize) -> Channels {
    (0..padded::<A>(channels))
        .map(|n| (n < channels).then_some(n))
        .collect()
}

/// So many channels, the last one first.
pub(crate) fn reversed<A: Arithmetic>(channels: usize) -> Channels {
    let reverse = |channel: Option<usize>| channel.map(|n| channels - 1 - n);
    in_order::<A>(channels).into_iter().map(reverse).collect()
}

/// Packs weights, one layer after the other.
pub(crate) struct Packer<A> {
    arithmetic: A,
    bytes: Vec<u8>,
}

impl<A: Arithmetic> Packer<A> {
    pub(crate) fn new(arithmetic: A) -> Self {
        Self {
            arithmetic,
            bytes: Vec::new(),
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// Packs a convolution whose channels are in their order.
    pub(crate) fn convolution(&mut self, layer: &Layer) {
        let outputs = in_order::<A>(layer.weights.outputs);
        self.layer(layer, &outputs, &in_order::<A>(layer.weights.inputs));
    }

    /// Packs a convolution for [`Layout::fast_convolution`].
    pub(crate) fn fast_convolution(&mut self, layer: &Layer) {
        let outputs = in_order::<A>(layer.weights.outputs);
        self.fast_layer(layer, &outputs, &in_order::<A>(layer.weights.inputs));
    }

    /// Packs weights for [`Layout::fast_place`].
    pub(crate) fn fast_layer(
        &mut self,
        layer: &Layer,
        outputs: &[Option<usize>],
        inputs: &[Option<usize>],
    ) {
        match winograd::fits::<A>(layer.weights.taps) {
            true => self.layer(&winograd::evaluated(layer), outputs, inputs),
            false => self.layer(layer, outputs, inputs),
        }
    }

    /// Packs weights as `[outputs / columns of a tile][taps][operands of a row][columns]`.
    /// There may be a bias for each output, or for the first outputs, which the others
    /// then repeat.
    pub(crate) fn layer(
        &mut self,
        layer: &Layer,
        outputs: &[Option<usize>],
        inputs: &[Option<usize>],
    ) {
        let Layer { weights, bias } = layer;
        let rows = inputs.len().div_ceil(A::CHANNELS);
        let mut packed: Vec<A::Weight> = Vec::with_capacity(outputs.len() * weights.taps * rows);
        for outputs in outputs.chunks(2 * A::LANES) {
            for tap in 0..weights.taps {
                for inputs in inputs.chunks(A::CHANNELS) {
                    let weight = |output: &Option<usize>| {
                        let operand = self.operand(inputs, |input| match output {
                            Some(output) => weights.at(*output, input, tap),
                            None => 0.0,
                        });
                        self.arithmetic.weight(operand)
                    };
                    packed.extend(outputs.iter().map(weight));
                }
            }
        }
        self.push(&packed);
        let bias = |output: &Option<usize>| output.map_or(0.0, |n| bias[n % bias.len()]);
        let bias: Vec<f32> = outputs.iter().map(bias).collect();
        self.push(&bias);
    }

    /// Packs the weights of the only output of a convolution as `[taps][operands]`.
    pub(crate) fn single_output(&mut self, layer: &Layer) {
        let Layer { weights, bias } = layer;
        let mut operands: Vec<A::Operand> = Vec::new();
        for tap in 0..weights.taps {
            for inputs in in_order::<A>(weights.inputs).chunks(A::CHANNELS) {
                operands.push(self.operand(inputs, |input| weights.at(0, input, tap)));
            }
        }
        self.push(&operands);
        self.push(bias);
    }

    pub(crate) fn floats(&mut self, values: &[f32]) {
        self.push(values);
    }

    fn operand(&self, inputs: &[Option<usize>], at: impl Fn(usize) -> f32) -> A::Operand {
        let mut channels = [0.0; 2];
        for (to, input) in channels.iter_mut().zip(inputs) {
            *to = input.map_or(0.0, &at);
        }
        self.arithmetic.operand(&channels)
    }

    fn push<T: Pod>(&mut self, values: &[T]) {
        self.bytes.extend_from_slice(bytemuck::cast_slice(values));
        let end = self.bytes.len().next_multiple_of(ALIGNMENT);
        self.bytes.resize(end, 0);
    }
}
