//! Piper's decoder, HiFi-GAN: from the latent to samples.
//!
//! ```text
//! latent ─ first ─ + speaker ─┬─▶ activation ─ upsampling ─ mean of residual blocks ─┬─ activation ─ last ─ tanh ─▶ samples
//!                             └───────────────────── other stages ◀──────────────────┘
//! ```
//!
//! An upsampling is a convolution that makes several rows at once. Piper has residual
//! blocks of type 1, in which each unit has two convolutions, in voices of high quality,
//! and of type 2, with one, in all others.

mod last;
mod level;
mod places;
mod run;
mod stage;
#[cfg(test)]
mod tests;
mod timing;

pub use self::timing::relative_time;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;

use crate::Result;
use crate::arithmetic::Arithmetic;
use crate::error::no_kernels;
use crate::kernels::{Kernels, Work};
use crate::layer::{Convolution, Layer};
use crate::packed::Bytes;

/// The architecture of a decoder: all but its weights.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HifiGan {
    /// From the latent to the first stage.
    pub first: Convolution,
    /// Whether something of the speaker is added to the outputs of `first`, the same
    /// in every frame.
    pub has_speaker: bool,
    /// What makes more and more rows of fewer and fewer channels.
    pub stages: Vec<Stage>,
    /// Of the leaky ReLU before the last convolution.
    pub last_slope: f32,
    /// From the last stage to samples, one channel.
    pub last: Convolution,
}

/// A stage: an upsampling and the mean of residual blocks.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Stage {
    /// Of the leaky ReLU before the upsampling.
    pub slope: f32,
    /// Channels before the upsampling.
    pub inputs: usize,
    /// Channels after it.
    pub channels: usize,
    /// New rows for each row.
    pub stride: usize,
    /// How many new rows are dropped at the start.
    pub dropped: usize,
    /// Of each leaky ReLU in the blocks.
    pub block_slope: f32,
    /// The units of each block.
    pub blocks: Vec<Vec<Unit>>,
    /// The factor of the sum of the blocks.
    pub scale: f32,
}

/// What a residual block adds to its input: one convolution after another, each
/// behind a leaky ReLU.
pub type Unit = Vec<Convolution>;

impl HifiGan {
    /// Samples of a frame.
    pub fn hop(&self) -> usize {
        self.stages.iter().map(|stage| stage.stride).product()
    }

    /// Packs the weights of its layers: of the first convolution; for each stage, of the
    /// upsampling and of the convolutions of each block; of the last convolution. Those
    /// of an upsampling are for two taps, and its outputs are all channels of the first
    /// new row, of the second, and so on, with one bias for each channel.
    ///
    /// # Errors
    /// If this processor does not have the kernels, or if `to` fails.
    pub fn pack(&self, layers: &[Layer], kernels: Kernels, to: &mut dyn Write) -> io::Result<()> {
        struct Pack<'a>(&'a HifiGan, &'a [Layer], &'a mut dyn Write);
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

/// The latent of a sentence, or of a part of it.
#[derive(Clone, Copy, Debug)]
pub struct Latent<'a> {
    /// `[channels][frames]`
    pub values: &'a [f32],
    /// The first of these frames.
    pub first_frame: usize,
    /// Frames of the whole sentence.
    pub sentence_frames: usize,
    /// What is added for the speaker: a value for each channel of the first stage.
    pub speaker: Option<&'a [f32]>,
}

/// A decoder with the kernels of this processor.
pub struct Decoder(Box<dyn Decode>);

impl Decoder {
    /// A decoder with weights that [`HifiGan::pack`] made for these kernels. `None` if
    /// this processor does not have them, or if the weights do not fit the architecture.
    pub fn new(architecture: HifiGan, kernels: Kernels, weights: Bytes) -> Option<Self> {
        struct Load(HifiGan, Bytes);
        impl Work for Load {
            type Result = Option<Decoder>;

            fn run(self, arithmetic: impl Arithmetic) -> Option<Decoder> {
                let model = run::Model::new(arithmetic, self.0, self.1)?;
                Some(Decoder(Box::new(model)))
            }
        }
        kernels.with(Load(architecture, weights))?
    }

    /// The frames of the latent that the samples of a window depend on.
    pub fn frames_for(&self, window: &Range<usize>, sentence_frames: usize) -> Range<usize> {
        self.0.frames_for(window, sentence_frames)
    }

    /// Appends the samples of the frames in `window`.
    ///
    /// # Errors
    /// If frames are missing that the samples depend on, if the speaker's values are not
    /// those of the architecture, or soon after `is_cancelled` returns `true`. Some samples may
    /// have been appended.
    pub fn decode(
        &self,
        latent: Latent<'_>,
        window: &Range<usize>,
        is_cancelled: &dyn Fn() -> bool,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        self.0.decode(latent, window, is_cancelled, samples)
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Decoder").finish_non_exhaustive()
    }
}

/// A decoder of any arithmetic.
trait Decode: Send + Sync {
    fn decode(
        &self,
        latent: Latent<'_>,
        window: &Range<usize>,
        is_cancelled: &dyn Fn() -> bool,
        samples: &mut Vec<f32>,
    ) -> Result<()>;

    fn frames_for(&self, window: &Range<usize>, sentence_frames: usize) -> Range<usize>;
}
