//! Where the weights of a flow's layers are.

use std::io::{self, Write};

use super::{Coupling, CouplingLayers, Couplings};
use crate::arithmetic::Arithmetic;
use crate::layer::{Convolution, Layer, Weights};
use crate::packed::{Bytes, Channels, Layout, Packed, Place, in_order, padded, reversed};
use crate::packer::Packer;

/// The packed weights of a flow, and the places of its layers.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) packed: Packed,
    pub(super) couplings: Vec<CouplingPlaces>,
}

#[derive(Debug)]
pub(super) struct CouplingPlaces {
    pub(super) first: Place,
    pub(super) gates: Vec<GatePlaces>,
    pub(super) last: Place,
}

#[derive(Debug)]
pub(super) struct GatePlaces {
    pub(super) gate: Place,
    pub(super) residual: Option<Place>,
    pub(super) skip: Place,
}

impl Places {
    /// `None` if there are more or fewer bytes than the architecture needs.
    pub(super) fn new<A: Arithmetic>(architecture: &Couplings, bytes: Bytes) -> Option<Self> {
        let Couplings { half, hidden, .. } = *architecture;
        let inner = Convolution::pointwise(hidden, hidden);
        let mut layout = Layout::<A>::new();
        let mut couplings = Vec::new();
        for Coupling { gates, .. } in &architecture.couplings {
            let first = layout.convolution(&Convolution::pointwise(half, hidden));
            let mut places = Vec::new();
            for (n, gate) in gates.iter().enumerate() {
                // Both halves of the outputs are padded.
                let half_gate = Convolution {
                    outputs: hidden,
                    ..*gate
                };
                let mut sizes = Layout::<A>::sizes(&half_gate);
                sizes.outputs *= 2;
                let has_residual = n + 1 < gates.len();
                places.push(GatePlaces {
                    gate: layout.fast_place(sizes),
                    residual: has_residual.then(|| layout.convolution(&inner)),
                    skip: layout.convolution(&inner),
                });
            }
            couplings.push(CouplingPlaces {
                first,
                gates: places,
                last: layout.convolution(&Convolution::pointwise(hidden, half)),
            });
        }
        Some(Self {
            packed: Packed::new(bytes, &layout)?,
            couplings,
        })
    }
}

/// For each output of a gate in memory, that of the graph: a vector of the tangent's, a
/// vector of the sigmoid's, and so on.
pub(super) fn gate_channels<A: Arithmetic>(hidden: usize) -> Channels {
    let tangent = in_order::<A>(hidden);
    let mut channels = Vec::with_capacity(2 * padded::<A>(hidden));
    for vector in tangent.chunks(A::LANES) {
        channels.extend_from_slice(vector);
        channels.extend(vector.iter().map(|channel| channel.map(|n| n + hidden)));
    }
    channels
}

/// Packs the weights of a flow.
pub(super) fn pack<A: Arithmetic>(
    arithmetic: A,
    architecture: &Couplings,
    layers: &[CouplingLayers],
    to: &mut dyn Write,
) -> io::Result<()> {
    let Couplings { half, hidden, .. } = *architecture;
    let mut packer = Packer::new(arithmetic, to);
    let inner = in_order::<A>(hidden);
    for (coupling, layers) in architecture.couplings.iter().zip(layers) {
        let outer = match coupling.is_reversed {
            true => reversed::<A>(half),
            false => in_order::<A>(half),
        };
        packer.layer(&layers.first, &inner, &outer)?;
        for gate in &layers.gates {
            packer.fast_layer(&gate.gate, &gate_channels::<A>(hidden), &inner)?;
            if let Some(residual) = &gate.residual {
                packer.convolution(residual)?;
            }
            packer.convolution(&gate.skip)?;
        }
        packer.layer(&negative(&layers.last), &outer, &inner)?;
    }
    Ok(())
}

/// A layer that subtracts what `layer` adds.
fn negative(layer: &Layer) -> Layer {
    let Weights {
        outputs,
        inputs,
        taps,
        ..
    } = layer.weights;
    let values = layer.weights.values().iter().map(|value| -value).collect();
    let weights = Weights::new([outputs, inputs, taps], values).expect("as many values");
    Layer {
        weights,
        bias: layer.bias.iter().map(|value| -value).collect(),
    }
}
