//! Where the weights of a decoder's layers are.

use std::io::{self, Write};

use super::{HifiGan, Stage};
use crate::arithmetic::Arithmetic;
use crate::layer::{Convolution, Layer};
use crate::packed::{Bytes, Channels, Layout, Packed, Place, in_order, padded};
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
            let upsampling = upsampling::<A>(stage);
            let upsampling = match upsamples_fast(n) {
                true => layout.fast_convolution(&upsampling),
                false => layout.convolution(&upsampling),
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

/// An upsampling as a convolution of two rows, the one before and its own, that makes
/// as many rows of channels in memory as its stride.
pub(super) fn upsampling<A: Arithmetic>(stage: &Stage) -> Convolution {
    Convolution {
        inputs: stage.inputs,
        outputs: padded::<A>(stage.channels) * stage.stride,
        taps: 2,
        dilation: 1,
        before: 1,
    }
}

/// Whether the upsampling of a stage may be computed with fewer products, as it is in fp32.
/// That of the first stage has few rows and many weights, and would need two and a half times
/// as many.
pub(super) fn upsamples_fast(stage: usize) -> bool {
    stage > 0
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
