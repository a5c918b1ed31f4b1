//! The encoder of a Piper voice: from ids to one vector of channels for each.
//!
//! ```text
//! ids ─ table ─┬─▶ attention ─ + ─ norm ─┬─▶ convolution ─ ReLU ─ convolution ─ + ─ norm ─▶ …
//!              └──────────────┘          └─────────────────────────────────────┘
//! ```
//!
//! Attention looks at all ids, and treats those that are at most a window away according
//! to their distance (P. Shaw et al., arXiv:1803.02155).

mod attention;
mod model;
mod part;
mod places;
mod run;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

pub use self::places::{EncoderLayers, TransformerLayers};
use crate::Result;
use crate::arithmetic::Fp32;
use crate::error::no_kernels;
use crate::kernels::{Fp32Work, Kernels};
use crate::layer::Convolution;
use crate::packed::Bytes;

/// The architecture of an encoder: all but its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transformer {
    /// How many ids there are.
    pub symbols: usize,
    /// Channels of an id.
    pub channels: usize,
    /// The factor of the rows of the table.
    pub scale: f32,
    /// In how many parts the channels attend separately.
    pub heads: usize,
    /// What queries are divided by.
    pub divisor: f32,
    /// How far away an id may be for its distance to count.
    pub window: usize,
    /// From the channels to the inner ones, and back.
    pub convolutions: [Convolution; 2],
    /// What is added to variances before their root is taken.
    pub epsilon: f32,
    /// How many layers there are.
    pub layers: usize,
}

impl Transformer {
    /// Packs the weights of its layers.
    ///
    /// # Errors
    /// If this processor does not have the kernels, or if `to` fails.
    pub fn pack(layers: &EncoderLayers, kernels: Kernels, to: &mut dyn Write) -> io::Result<()> {
        struct Pack<'a>(&'a EncoderLayers, &'a mut dyn Write);
        impl Fp32Work for Pack<'_> {
            type Result = io::Result<()>;

            fn run(self, arithmetic: impl Fp32) -> io::Result<()> {
                places::pack(arithmetic, self.0, self.1)
            }
        }
        let packed = kernels.instructions.with_fp32(Pack(layers, to));
        packed.unwrap_or_else(|| Err(no_kernels()))
    }

    /// Channels of a head.
    fn head(&self) -> usize {
        self.channels / self.heads
    }

    /// `None` if the sizes make no sense.
    fn checked(&self) -> Option<&Self> {
        let sizes = [self.symbols, self.channels, self.heads, self.layers];
        let has_none = sizes.into_iter().any(|size| size == 0);
        // The sizes of tables.
        self.symbols.checked_mul(self.channels)?;
        let distances = self.window.checked_mul(2)?.checked_add(1)?;
        distances.checked_mul(self.channels)?;
        (!has_none && self.channels.is_multiple_of(self.heads)).then_some(self)
    }
}

/// Runs two functions at the same time, the first on another thread. Returns whether they
/// have run: if there is no other thread, neither has.
pub type RunBoth<'a> = &'a dyn Fn(&mut (dyn FnMut() + Send), &mut dyn FnMut()) -> bool;

/// An encoder.
pub struct Encoder(Box<dyn Encode>);

impl Encoder {
    /// An encoder with weights that [`Transformer::pack`] made for these kernels. `None`
    /// if this processor does not have them, or if the weights do not fit.
    pub fn new(architecture: Transformer, kernels: Kernels, weights: Bytes) -> Option<Self> {
        struct Load(Transformer, Bytes);
        impl Fp32Work for Load {
            type Result = Option<Encoder>;

            fn run(self, arithmetic: impl Fp32) -> Option<Encoder> {
                let model = model::Model::new(arithmetic, self.0, self.1)?;
                Some(Encoder(Box::new(model)))
            }
        }
        kernels
            .instructions
            .with_fp32(Load(architecture, weights))?
    }

    /// Encodes ids: `[channels][ids]`.
    ///
    /// # Errors
    /// If there is no id or an unknown one, or soon after `is_cancelled` returns `true`.
    pub fn encode(&self, ids: &[i64], is_cancelled: &dyn Fn() -> bool) -> Result<Vec<f32>> {
        self.0.encode(ids, is_cancelled)
    }

    /// The same on two threads, with the same result, in little more than half the time:
    /// each encodes a half of the ids, and waits for the other one before each layer.
    ///
    /// # Errors
    /// As those of [`encode`](Self::encode).
    pub fn encode_on_two_threads(
        &self,
        ids: &[i64],
        is_cancelled: &(dyn Fn() -> bool + Sync),
        run_both: RunBoth<'_>,
    ) -> Result<Vec<f32>> {
        self.0.encode_on_two_threads(ids, is_cancelled, run_both)
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Encoder").finish_non_exhaustive()
    }
}

/// An encoder of any arithmetic.
trait Encode: Send + Sync {
    fn encode(&self, ids: &[i64], is_cancelled: &dyn Fn() -> bool) -> Result<Vec<f32>>;

    fn encode_on_two_threads(
        &self,
        ids: &[i64],
        is_cancelled: &(dyn Fn() -> bool + Sync),
        run_both: RunBoth<'_>,
    ) -> Result<Vec<f32>>;
}
