//! The weights of an aligner: as they are trained, and where they are in the packed
//! bytes.

use std::io::{self, Write};

use super::Alignment;
use crate::arithmetic::Arithmetic;
use crate::layer::{Convolution, Layer};
use crate::packed::{Bytes, Floats, Layout, Packed, Place, padded};
use crate::packer::Packer;

/// The weights of an aligner, as they are trained.
#[derive(Clone, Debug)]
pub struct AlignerLayers {
    /// From an encoded id to the means of all channels and the logarithms of their
    /// deviations.
    pub statistics: Layer,
    /// The first layer of the predictor.
    pub pre: Layer,
    /// Its stack.
    pub separable: Vec<SeparableLayers>,
    /// Its last layer before the couplings.
    pub post: Layer,
    /// The couplings, in the order in which they run.
    pub couplings: Vec<SplineLayers>,
    /// Of voices with several speakers.
    pub speakers: Option<SpeakerLayers>,
}

/// The weights of a separable layer.
#[derive(Clone, Debug)]
pub struct SeparableLayers {
    /// One input for each output.
    pub depthwise: Layer,
    /// Scales and shifts of the normalization behind it.
    pub first_norm: [Vec<f32>; 2],
    /// It mixes the channels.
    pub pointwise: Layer,
    /// Scales and shifts of the normalization behind it.
    pub second_norm: [Vec<f32>; 2],
}

/// The weights of a coupling.
#[derive(Clone, Debug)]
pub struct SplineLayers {
    /// From one number to the channels of the predictor.
    pub pre: Layer,
    /// Its stack.
    pub separable: Vec<SeparableLayers>,
    /// To the parameters of a spline.
    pub post: Layer,
}

/// The weights for speakers.
#[derive(Clone, Debug)]
pub struct SpeakerLayers {
    /// A row for each speaker.
    pub table: Vec<f32>,
    /// What is added to the first layer of the predictor.
    pub predictor: Layer,
    /// What other parts of the voice take.
    pub sides: Vec<Layer>,
}

impl AlignerLayers {
    /// Whether the layers have the sizes of an architecture.
    pub fn fit(&self, architecture: &Alignment) -> bool {
        let Some(architecture) = architecture.checked() else {
            return false;
        };
        let &Alignment {
            inputs,
            channels,
            filter,
            ..
        } = architecture;
        let stack_fits = |stack: &[SeparableLayers]| {
            let norms_fit = |layer: &SeparableLayers| {
                let mut norms = layer.first_norm.iter().chain(&layer.second_norm);
                norms.all(|values| values.len() == filter)
            };
            let mut layers = stack.iter().zip(&architecture.separable);
            let layers_fit = layers.all(|(layer, sizes)| {
                layer.depthwise.has([filter, 1, sizes.taps])
                    && layer.pointwise.has([filter, filter, 1])
                    && norms_fit(layer)
            });
            layers_fit && stack.len() == architecture.separable.len()
        };
        let parameters = architecture.spline.parameters();
        let couplings_fit = self.couplings.iter().all(|coupling| {
            coupling.pre.has([filter, 1, 1])
                && stack_fits(&coupling.separable)
                && coupling.post.has([parameters, filter, 1])
        });
        let speakers_fit = match (&self.speakers, &architecture.speakers) {
            (None, None) => true,
            (Some(layers), Some(sizes)) => {
                let mut sides = layers.sides.iter().zip(&sizes.sides);
                layers.predictor.has([filter, sizes.channels, 1])
                    && layers.table.len() == sizes.count * sizes.channels
                    && layers.sides.len() == sizes.sides.len()
                    && sides.all(|(layer, &outputs)| layer.has([outputs, sizes.channels, 1]))
            }
            _ => false,
        };
        self.statistics.has([2 * channels, inputs, 1])
            && self.pre.has([filter, inputs, 1])
            && stack_fits(&self.separable)
            && self.post.has([filter, filter, 1])
            && self.couplings.len() == architecture.couplings
            && couplings_fit
            && speakers_fit
    }
}

/// Where the weights are.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) statistics: Place,
    pub(super) pre: Place,
    pub(super) separable: Vec<SeparablePlaces>,
    pub(super) post: Place,
    pub(super) couplings: Vec<SplinePlaces>,
    pub(super) speakers: Option<SpeakerPlaces>,
}

#[derive(Debug)]
pub(super) struct SeparablePlaces {
    /// Weights and bias.
    pub(super) depthwise: [Floats; 2],
    pub(super) pointwise: Place,
    /// Scale and shift of both normalizations.
    pub(super) norms: [[Floats; 2]; 2],
}

#[derive(Debug)]
pub(super) struct SplinePlaces {
    /// Weights and bias.
    pub(super) pre: [Floats; 2],
    pub(super) separable: Vec<SeparablePlaces>,
    pub(super) post: Place,
}

#[derive(Debug)]
pub(super) struct SpeakerPlaces {
    pub(super) table: Floats,
    pub(super) predictor: Place,
    pub(super) sides: Vec<Place>,
}

/// Packs weights, in the order of [`place`].
pub(super) fn pack<A: Arithmetic>(
    arithmetic: A,
    layers: &AlignerLayers,
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut packer = Packer::new(arithmetic, to);
    packer.convolution(&layers.statistics)?;
    packer.convolution(&layers.pre)?;
    pack_stack(&layers.separable, &mut packer)?;
    packer.convolution(&layers.post)?;
    for coupling in &layers.couplings {
        pack_single(&coupling.pre, &mut packer)?;
        pack_stack(&coupling.separable, &mut packer)?;
        packer.convolution(&coupling.post)?;
    }
    if let Some(speakers) = &layers.speakers {
        packer.floats(&speakers.table)?;
        packer.convolution(&speakers.predictor)?;
        for side in &speakers.sides {
            packer.convolution(side)?;
        }
    }
    Ok(())
}

fn pack_stack<A: Arithmetic>(
    stack: &[SeparableLayers],
    packer: &mut Packer<'_, A>,
) -> io::Result<()> {
    for layer in stack {
        pack_single(&layer.depthwise, packer)?;
        packer.convolution(&layer.pointwise)?;
        for values in layer.first_norm.iter().chain(&layer.second_norm) {
            pack_channels(values, packer)?;
        }
    }
    Ok(())
}

/// Packs a layer with one input for each output as `[taps][outputs]`.
fn pack_single<A: Arithmetic>(layer: &Layer, packer: &mut Packer<'_, A>) -> io::Result<()> {
    let Layer { weights, bias } = layer;
    let mut taps = Vec::new();
    for tap in 0..weights.taps {
        taps.extend((0..weights.outputs).map(|output| weights.at(output, 0, tap)));
        taps.resize((tap + 1) * padded::<A>(weights.outputs), 0.0);
    }
    packer.floats(&taps)?;
    pack_channels(bias, packer)
}

fn pack_channels<A: Arithmetic>(values: &[f32], packer: &mut Packer<'_, A>) -> io::Result<()> {
    let mut values = values.to_vec();
    values.resize(padded::<A>(values.len()), 0.0);
    packer.floats(&values)
}

/// Finds the weights of an architecture; `None` if there are more or fewer bytes.
pub(super) fn place<A: Arithmetic>(
    architecture: &Alignment,
    bytes: Bytes,
) -> Option<(Places, Packed)> {
    let &Alignment {
        inputs,
        channels,
        filter,
        ref spline,
        ..
    } = architecture.checked()?;
    let mut placer = Placer {
        layout: Layout::<A>::new(),
        architecture,
    };
    let statistics = placer.pointwise(inputs, 2 * channels);
    let pre = placer.pointwise(inputs, filter);
    let separable = placer.stack();
    let post = placer.pointwise(filter, filter);
    let couplings = (0..architecture.couplings).map(|_| SplinePlaces {
        pre: placer.single(1),
        separable: placer.stack(),
        post: placer.pointwise(filter, spline.parameters()),
    });
    let couplings = couplings.collect();
    let speakers = architecture.speakers.as_ref().map(|speakers| {
        let table = placer.layout.floats(speakers.count * speakers.channels);
        let mut layer = |outputs| placer.pointwise(speakers.channels, outputs);
        SpeakerPlaces {
            table,
            predictor: layer(filter),
            sides: speakers
                .sides
                .iter()
                .map(|&outputs| layer(outputs))
                .collect(),
        }
    });
    let packed = Packed::new(bytes, &placer.layout)?;
    let places = Places {
        statistics,
        pre,
        separable,
        post,
        couplings,
        speakers,
    };
    Some((places, packed))
}

struct Placer<'a, A> {
    layout: Layout<A>,
    architecture: &'a Alignment,
}

impl<A: Arithmetic> Placer<'_, A> {
    fn pointwise(&mut self, inputs: usize, outputs: usize) -> Place {
        self.layout
            .convolution(&Convolution::pointwise(inputs, outputs))
    }

    fn single(&mut self, taps: usize) -> [Floats; 2] {
        let width = padded::<A>(self.architecture.filter);
        [taps * width, width].map(|count| self.layout.floats(count))
    }

    fn stack(&mut self) -> Vec<SeparablePlaces> {
        let architecture = self.architecture;
        let filter = architecture.filter;
        let width = padded::<A>(filter);
        let layers = architecture.separable.iter();
        let places = layers.map(|layer| SeparablePlaces {
            depthwise: self.single(layer.taps),
            pointwise: self.pointwise(filter, filter),
            norms: [0, 1].map(|_| [0, 1].map(|_| self.layout.floats(width))),
        });
        places.collect()
    }
}
