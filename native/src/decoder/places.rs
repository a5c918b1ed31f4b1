//! Where the weights of a decoder's layers are.

use std::io::{self, Write};

use super::{HifiGan, Stage};
use crate::arithmetic::Arithmetic;
use crate::layer::{Convolution, Layer};
use crate::packed::{Bytes, Channels, Layout, Packed, Place, Sizes, in_order, padded};
use crate::packer::Packer;

/// The packed weights of a decoder, and the places of its layers.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) packed: Packed,
    pub(super) first: Place,
    /// For each stage, its upsampling and all convolutions of its blocks.
    pub(super) stages: Vec<(Place, Vec<Place>)>,
    pub(super) last: Place,
}

impl Places {
    /// `None` if there are more or fewer bytes than the architecture needs.
    pub(super) fn new<A: Arithmetic>(architecture: &HifiGan, bytes: Bytes) -> Option<Self> {
        let mut layout = Layout::<A>::new();
        let first = layout.convolution(&architecture.first);
        let stages = architecture.stages.iter().enumerate().map(|(n, stage)| {
            let sizes = upsampling::<A>(stage);
            let upsampling = match upsamples_fast(n) {
                true => layout.fast_place(sizes),
                false => layout.place(sizes),
            };
            let convolutions = convolutions(stage);
            let places = convolutions.map(|convolution| layout.fast_convolution(convolution));
            (upsampling, places.collect())
        });
        let stages = stages.collect();
        let last = layout.single_output(&architecture.last);
        Some(Self {
            packed: Packed::new(bytes, &layout)?,
            first,
            stages,
            last,
        })
    }
}

fn convolutions(stage: &Stage) -> impl Iterator<Item = &Convolution> {
    stage.blocks.iter().flatten().flatten()
}

/// An upsampling is a convolution of two rows, the one before and its own. It makes as many
/// rows of channels as its stride.
pub(super) const UPSAMPLING: Convolution = Convolution {
    inputs: 0,
    outputs: 0,
    taps: 2,
    dilation: 1,
    before: 1,
};

/// Whether the upsampling of a stage is computed with fewer products. The first one has few
/// rows and many weights, and would need three times as many.
pub(super) fn upsamples_fast(stage: usize) -> bool {
    stage > 0
}

/// The sizes of an upsampling in memory.
fn upsampling<A: Arithmetic>(stage: &Stage) -> Sizes {
    Sizes {
        outputs: padded::<A>(stage.channels) * stage.stride,
        ..Layout::<A>::sizes(&Convolution {
            inputs: stage.inputs,
            ..UPSAMPLING
        })
    }
}

/// Packs the weights of a decoder.
pub(super) fn pack<A: Arithmetic>(
    arithmetic: A,
    architecture: &HifiGan,
    layers: &[Layer],
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut packer = Packer::new(arithmetic, to);
    let mut layers = layers.iter();
    let mut next = || layers.next().expect("a layer for each convolution");
    packer.convolution(next())?;
    for (n, stage) in architecture.stages.iter().enumerate() {
        let outputs: Channels = (0..stage.stride)
            .flat_map(|row| {
                let own = in_order::<A>(stage.channels).into_iter();
                own.map(move |channel| Some(row * stage.channels + channel?))
            })
            .collect();
        let inputs = in_order::<A>(stage.inputs);
        match upsamples_fast(n) {
            true => packer.fast_layer(next(), &outputs, &inputs)?,
            false => packer.layer(next(), &outputs, &inputs)?,
        }
        for _ in convolutions(stage) {
            packer.fast_convolution(next())?;
        }
    }
    packer.single_output(next())
}
