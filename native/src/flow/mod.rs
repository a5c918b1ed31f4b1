//! The flow of a Piper voice: from the prior to the latent, by affine couplings.
//!
//! ```text
//! halves a, b of the channels:  a = a − coupling(b), then b = b − coupling(a), …
//! coupling:  first ─┬─▶ gate 1 ─ residual ─ + ─▶ gate 2 ─ residual ─ + ─▶ … ─▶ gate n
//!                   └───────────────────────┘      skips: all added up ─▶ last
//! gate:  convolution, + speaker, tanh of one half × sigmoid of the other
//! ```
//!
//! Between couplings the order of the channels is reversed. No channel is moved for it:
//! the weights of every other coupling are packed in reverse.

mod buffers;
mod ends;
mod model;
mod places;
mod run;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use crate::Result;
use crate::arithmetic::Arithmetic;
use crate::error::no_kernels;
use crate::kernels::{Kernels, Work};
use crate::layer::{Convolution, Layer};
use crate::packed::Bytes;

/// The architecture of a flow: all but its weights.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Couplings {
    /// Channels of each half of a frame.
    pub half: usize,
    /// Channels within a coupling.
    pub hidden: usize,
    /// In the order in which they run.
    pub couplings: Vec<Coupling>,
    /// Whether the channels of the latent are those of the last coupling in reverse.
    pub ends_reversed: bool,
    /// Whether something of the speaker is added in each gate.
    pub has_speaker: bool,
}

/// A coupling: what it subtracts from the second half of its channels depends on the
/// first half.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Coupling {
    /// Whether its channels are those of the prior in reverse.
    pub is_reversed: bool,
    /// The convolutions of its gates, each from `hidden` to `2 × hidden` channels, and a
    /// residual behind each but the last.
    pub gates: Vec<Convolution>,
}

/// The weights of a coupling.
#[derive(Clone, Debug, PartialEq)]
pub struct CouplingLayers {
    /// From a half to the hidden channels.
    pub first: Layer,
    /// For each gate.
    pub gates: Vec<GateLayers>,
    /// From the sum of the skips to what is subtracted.
    pub last: Layer,
}

/// The weights of a gate.
#[derive(Clone, Debug, PartialEq)]
pub struct GateLayers {
    /// The outputs of the tangent, then those of the sigmoid.
    pub gate: Layer,
    /// What is added to the input of the next gate; none behind the last gate.
    pub residual: Option<Layer>,
    /// What is added to the skips.
    pub skip: Layer,
}

impl Couplings {
    /// Packs the weights of its couplings.
    ///
    /// # Errors
    /// If this processor does not have the kernels, or if `to` fails.
    pub fn pack(
        &self,
        layers: &[CouplingLayers],
        kernels: Kernels,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        struct Pack<'a>(&'a Couplings, &'a [CouplingLayers], &'a mut dyn Write);
        impl Work for Pack<'_> {
            type Result = io::Result<()>;

            fn run(self, arithmetic: impl Arithmetic) -> io::Result<()> {
                places::pack(arithmetic, self.0, self.1, self.2)
            }
        }
        let packed = kernels.with(Pack(self, layers, to));
        packed.unwrap_or_else(|| Err(no_kernels()))
    }
}

/// What a flow takes for a sentence.
#[derive(Clone, Copy)]
pub struct Prior<'a> {
    /// Frames of the sentence.
    pub frames: usize,
    /// Returns the values of some frames, `[channels][frames]`. No frame is needed twice.
    pub values: &'a dyn Fn(Range<usize>) -> Vec<f32>,
    /// What is added in each gate, of each coupling in turn: `2 × hidden` values. Ignored if
    /// the flow has no speakers.
    pub speaker: &'a [&'a [f32]],
}

/// A flow with the kernels of this processor.
pub struct Flow(Arc<dyn Transform>);

impl Flow {
    /// A flow with weights that [`Couplings::pack`] made for these kernels. `None` if
    /// this processor does not have them, or if the weights do not fit the architecture.
    pub fn new(architecture: Couplings, kernels: Kernels, weights: Bytes) -> Option<Self> {
        struct Load(Couplings, Bytes);
        impl Work for Load {
            type Result = Option<Flow>;

            fn run(self, arithmetic: impl Arithmetic) -> Option<Flow> {
                let model = model::Model::new(arithmetic, self.0, self.1)?;
                Some(Flow(Arc::new(model)))
            }
        }
        kernels.with(Load(architecture, weights))?
    }

    /// Begins a sentence. Nothing is computed yet.
    pub fn begin(&self) -> FlowRun {
        FlowRun(Arc::clone(&self.0).begin())
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Flow").finish_non_exhaustive()
    }
}

/// The flow of one sentence, from its first frame to its last.
pub struct FlowRun(Box<dyn Advance>);

impl FlowRun {
    /// How many frames are computed together. Fewer cost more each.
    pub const FRAMES: usize = run::FRAMES;

    /// Returns the latent of the next frames, `[channels][frames]`: those after what was
    /// returned before, up to `end` or to the end of the sentence. They are the same in
    /// whatever parts it is computed. The prior must be the same each time. The frames around
    /// it count as zero in each layer.
    ///
    /// # Errors
    /// If the sizes do not fit, or soon after `is_cancelled` returns `true`; and ever after
    /// such an error.
    pub fn advance(
        &mut self,
        prior: Prior<'_>,
        end: usize,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>> {
        self.0.advance(prior, end, is_cancelled)
    }
}

impl fmt::Debug for FlowRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FlowRun").finish_non_exhaustive()
    }
}

/// A flow of any arithmetic.
trait Transform: Send + Sync {
    fn begin(self: Arc<Self>) -> Box<dyn Advance>;
}

/// A sentence in a flow of any arithmetic.
trait Advance: Send + Sync {
    fn advance(
        &mut self,
        prior: Prior<'_>,
        end: usize,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>>;
}
