//! The weights of an encoder: as they are trained, and where they are in the packed
//! bytes.

use std::io::{self, Write};

use super::Transformer;
use crate::arithmetic::Arithmetic;
use crate::layer::{Convolution, Layer};
use crate::packed::{Bytes, Floats, Layout, Packed, Place};
use crate::packer::Packer;

/// The weights of an encoder, as they are trained.
#[derive(Clone, Debug, PartialEq)]
pub struct EncoderLayers {
    /// A row of channels for each id.
    pub table: Vec<f32>,
    /// In the order in which they run.
    pub layers: Vec<TransformerLayers>,
}

/// The weights of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerLayers {
    /// To queries, keys and values.
    pub inputs: [Layer; 3],
    /// A row of a head's channels for each distance within the window, the most negative
    /// one first: what is added to keys, and what is added to values.
    pub distances: [Vec<f32>; 2],
    /// Behind the attention.
    pub output: Layer,
    /// Scale and shift of the normalization behind it.
    pub first_norm: [Vec<f32>; 2],
    /// To the inner channels and back.
    pub convolutions: [Layer; 2],
    /// Scale and shift of the normalization behind them.
    pub second_norm: [Vec<f32>; 2],
}

impl EncoderLayers {
    /// Whether the layers have the sizes of an architecture.
    pub fn fit(&self, architecture: &Transformer) -> bool {
        let Some(architecture) = architecture.checked() else {
            return false;
        };
        let &Transformer {
            symbols,
            channels,
            convolutions,
            ..
        } = architecture;
        let has = |layer: &Layer, sizes: &Convolution| {
            layer.has([sizes.outputs, sizes.inputs, sizes.taps])
        };
        let square = Convolution::pointwise(channels, channels);
        let distances = (2 * architecture.window + 1) * architecture.head();
        let fits = |layer: &TransformerLayers| {
            let pairs = layer.convolutions.iter().zip(&convolutions);
            let mut norms = layer.first_norm.iter().chain(&layer.second_norm);
            layer.inputs.iter().all(|layer| has(layer, &square))
                && layer.distances.iter().all(|rows| rows.len() == distances)
                && has(&layer.output, &square)
                && pairs.into_iter().all(|(layer, sizes)| has(layer, sizes))
                && norms.all(|values| values.len() == channels)
        };
        let [inner, outer] = convolutions;
        let returns =
            inner.inputs == channels && inner.outputs == outer.inputs && outer.outputs == channels;
        self.table.len() == symbols * channels
            && self.layers.len() == architecture.layers
            && returns
            && self.layers.iter().all(fits)
    }
}

/// Where the weights are.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) packed: Packed,
    pub(super) table: Floats,
    pub(super) layers: Vec<LayerPlaces>,
}

#[derive(Debug)]
pub(super) struct LayerPlaces {
    pub(super) inputs: [Place; 3],
    pub(super) distances: [Floats; 2],
    pub(super) output: Place,
    pub(super) convolutions: [Place; 2],
    /// Scale and shift of both normalizations.
    pub(super) norms: [[Floats; 2]; 2],
}

/// Packs weights, in the order of [`Places::new`].
pub(super) fn pack<A: Arithmetic>(
    arithmetic: A,
    layers: &EncoderLayers,
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut packer = Packer::new(arithmetic, to);
    packer.floats(&layers.table)?;
    for layer in &layers.layers {
        for input in &layer.inputs {
            packer.convolution(input)?;
        }
        for rows in &layer.distances {
            packer.floats(rows)?;
        }
        packer.convolution(&layer.output)?;
        for convolution in &layer.convolutions {
            packer.convolution(convolution)?;
        }
        for values in layer.first_norm.iter().chain(&layer.second_norm) {
            packer.floats(values)?;
        }
    }
    Ok(())
}

impl Places {
    /// `None` if there are more or fewer bytes than the architecture needs.
    pub(super) fn new<A: Arithmetic>(architecture: &Transformer, bytes: Bytes) -> Option<Self> {
        let &Transformer {
            symbols,
            channels,
            ref convolutions,
            ..
        } = architecture.checked()?;
        let square = Convolution::pointwise(channels, channels);
        let distances = (2 * architecture.window + 1) * architecture.head();
        let mut layout = Layout::<A>::new();
        let table = layout.floats(symbols * channels);
        let mut layers = Vec::new();
        for _ in 0..architecture.layers {
            layers.push(LayerPlaces {
                inputs: [0; 3].map(|_| layout.convolution(&square)),
                distances: [0; 2].map(|_| layout.floats(distances)),
                output: layout.convolution(&square),
                convolutions: convolutions.map(|sizes| layout.convolution(&sizes)),
                norms: [0; 2].map(|_| [0; 2].map(|_| layout.floats(channels))),
            });
        }
        Some(Self {
            packed: Packed::new(bytes, &layout)?,
            table,
            layers,
        })
    }
}
