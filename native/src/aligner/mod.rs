//! The part of a voice behind the encoder: how long each id lasts, and the prior of
//! every frame.
//!
//! ```text
//! encoded ids ─┬─ pre ─ separable layers ─ post ─▶ condition ─ couplings of noise ─▶ durations ─┐
//!              └─ statistics ─▶ mean and deviation of each id ─ spread over its frames ◀────────┘
//!                                                                     └─ + noise ─▶ prior
//! ```
//!
//! Durations are rounded up to whole frames. So everything is in fp32, and in the order
//! of Piper's graphs if that decides a rounding.

mod durations;
mod model;
mod places;
mod predictor;
mod prior;
mod run;
mod separable;
mod spline;
#[cfg(test)]
mod tests;

pub use self::places::{AlignerLayers, SeparableLayers, SpeakerLayers, SplineLayers};
pub use self::prior::FramePrior;
pub use self::spline::Spline;

use std::fmt;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use self::model::Model;
use crate::arithmetic::Fp32;
use crate::error::Result;
use crate::error::no_kernels;
use crate::kernels::{Fp32Work, Kernels};
use crate::packed::Bytes;

/// The sizes and settings of an aligner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alignment {
    /// Channels of an encoded id.
    pub inputs: usize,
    /// Channels of the prior.
    pub channels: usize,
    /// Channels within the duration predictor.
    pub filter: usize,
    /// The layers of each stack in the predictor.
    pub separable: Vec<Separable>,
    /// What is added to variances before their root is taken.
    pub epsilon: f32,
    /// How often noise is transformed.
    pub couplings: usize,
    /// What it is transformed by.
    pub spline: Spline,
    /// Subtracted from the transformed noise.
    pub shift: f32,
    /// The factor of that, which is the logarithm of a duration.
    pub factor: f32,
    /// The numbers of the random operators, of durations and of the prior, in the graph.
    pub streams: [usize; 2],
    /// `None` if there is one speaker.
    pub speakers: Option<Speakers>,
}

impl Alignment {
    /// Packs the weights of its layers.
    ///
    /// # Errors
    /// If this processor does not have the kernels, or if `to` fails.
    pub fn pack(layers: &AlignerLayers, kernels: Kernels, to: &mut dyn Write) -> io::Result<()> {
        struct Pack<'a>(&'a AlignerLayers, &'a mut dyn Write);
        impl Fp32Work for Pack<'_> {
            type Result = io::Result<()>;

            fn run(self, arithmetic: impl Fp32) -> io::Result<()> {
                places::pack(arithmetic, self.0, self.1)
            }
        }
        let packed = kernels.instructions.with_fp32(Pack(layers, to));
        packed.unwrap_or_else(|| Err(no_kernels()))
    }

    /// `None` if the sizes make no sense.
    fn checked(&self) -> Option<&Self> {
        let speakers = self.speakers.as_ref();
        let sizes = [self.inputs, self.channels, self.filter, self.couplings];
        let described = speakers.map(|speakers| speakers.channels);
        let has_none = sizes.into_iter().chain(described).any(|size| size == 0);
        let are_odd = self.separable.iter().all(|layer| layer.taps % 2 == 1);
        let fits = (1..=spline::MAX_BINS).contains(&self.spline.bins);
        (!has_none && are_odd && fits).then_some(self)
    }
}

/// A layer that first convolves each channel by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Separable {
    /// Rows that it looks at, the middle one its own.
    pub taps: usize,
    /// How far these are apart.
    pub dilation: usize,
}

impl Separable {
    /// How many rows before its own the first that it looks at is.
    fn reach(self) -> usize {
        self.taps / 2 * self.dilation
    }
}

/// What is known about the speakers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speakers {
    /// How many there are.
    pub count: usize,
    /// Channels of the description of one.
    pub channels: usize,
    /// Channels of each value that other parts of the voice take for a speaker.
    pub sides: Vec<usize>,
}

/// A sentence for an aligner.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sentence<'a> {
    /// The encoded ids: `[channels][ids]`.
    pub encoded: &'a [f32],
    /// Variation of the prior.
    pub noise_scale: f32,
    /// Factor of durations.
    pub length_scale: f32,
    /// Variation of durations.
    pub noise_w: f32,
    /// What the ends of the rounded durations are divided by.
    pub speed: f32,
    /// The speaker, if there are several.
    pub speaker: usize,
    /// What the noise depends on.
    pub seed: i64,
    /// The most frames that it may have.
    pub max_frames: usize,
}

/// What an aligner makes of a sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aligned {
    /// How many frames each id lasts, whole numbers.
    pub durations: Vec<f32>,
    /// The prior of its frames.
    pub prior: FramePrior,
    /// The values that other parts take for the speaker.
    pub sides: Vec<Vec<f32>>,
}

/// An aligner.
pub struct Aligner(Box<dyn Align>);

impl Aligner {
    /// An aligner with weights that [`Alignment::pack`] made for these kernels. `None` if
    /// this processor does not have them, or if the weights do not fit the architecture.
    pub fn new(architecture: Alignment, kernels: Kernels, weights: Bytes) -> Option<Self> {
        struct Load(Alignment, Bytes);
        impl Fp32Work for Load {
            type Result = Option<Aligner>;

            fn run(self, arithmetic: impl Fp32) -> Option<Aligner> {
                let model = Model::new(arithmetic, self.0, self.1)?;
                Some(Aligner(Box::new(model)))
            }
        }
        kernels
            .instructions
            .with_fp32(Load(architecture, weights))?
    }

    /// Aligns a sentence.
    ///
    /// # Errors
    /// If it is longer than it may be, or if its sizes are not those of the architecture.
    pub fn align(&self, sentence: Sentence<'_>) -> Result<Aligned> {
        self.0.align(sentence)
    }
}

impl fmt::Debug for Aligner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Aligner").finish_non_exhaustive()
    }
}

/// An aligner of any arithmetic.
trait Align: Send + Sync {
    fn align(&self, sentence: Sentence<'_>) -> Result<Aligned>;
}
