//! Weights in the order in which a kernel reads them, as bytes: what is stored with a
//! prepared voice. `packer` writes them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use bytemuck::Pod;

use crate::arithmetic::Arithmetic;
use crate::layer::Convolution;
use crate::winograd::{self, Groups};

/// Every tensor begins at a multiple of this.
pub(crate) const ALIGNMENT: usize = 64;

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
        // A block in fp16 needs less than the floats beside it.
        let alignment = align_of::<A::Block>().max(align_of::<f32>());
        let is_aligned = slice.as_ptr().align_offset(alignment) == 0;
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

/// Finds the places of layers, in the order in which a [`Packer`](crate::packer::Packer) got them.
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
        self.place_with(sizes, taps, size_of::<A::Weight>())
    }

    /// The place of a convolution that is packed by
    /// [`Packer::single_output`](crate::packer::Packer::single_output): as operands, which it
    /// multiplies by operands.
    pub(crate) fn single_output(&mut self, convolution: &Convolution) -> Place {
        let sizes = Sizes {
            outputs: 1,
            ..Self::sizes(convolution)
        };
        self.place_with(sizes, sizes.taps, size_of::<A::Operand>())
    }

    /// A place of weights that have so many bytes each.
    fn place_with(&mut self, sizes: Sizes, taps: usize, bytes: usize) -> Place {
        let weights = sizes.outputs * taps * sizes.inputs / A::CHANNELS;
        Place {
            sizes,
            algorithm: Algorithm::Direct,
            weights: self.next(weights * bytes),
            bias: self.floats(sizes.outputs),
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
