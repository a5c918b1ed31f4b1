//! The parts of a Piper voice without ONNX Runtime: faster to load, because it is made
//! for one architecture.
//!
//! Rows of channels follow each other in time. A convolution computes a tile of some
//! rows by two vectors of outputs, whose sums stay in registers, and finishes them
//! there: residuals, sums of blocks and activations cost no pass over memory.
//!
//! ```text
//! sizes, weights ─ pack ─▶ bytes in a file ─ Encoder, Aligner, … ─▶ ids → encoded ids → prior → latent → samples
//! ```
//!
//! - `arithmetic`: what the layers need of a processor; a file for each instruction set
//!   (`avx2`, `avx512`, `neon`) has it, and all `unsafe` but that of `prefetch`. `scalar` is
//!   what they are tested against. `kernels` names them and finds the best.
//! - `convolution`, `winograd`, `depthwise`, `activation`: the kernels, for any
//!   arithmetic, without `unsafe`.
//! - `layer`, `packed`, `packer`, `prefetch`, `reach`, `rows`, `workspaces`: sizes and weights
//!   of layers, weights as kernels read them and earlier, the rows that they need, and buffers.
//! - `encoder`, `aligner`, `flow`, `decoder`: which layers run on which rows. `norm`,
//!   `gelu` and `noise` are for the first two.
//!
//! The values of a frame do not depend on windows or threads: each sum is computed in
//! one order. They do depend on the instruction set, by rounding.

mod activation;
mod aligner;
mod arithmetic;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod convolution;
mod decoder;
#[cfg(test)]
mod definition;
mod depthwise;
mod encoder;
mod error;
mod flow;
mod gelu;
mod kernels;
mod layer;
#[cfg(target_arch = "aarch64")]
mod neon;
pub mod noise;
mod norm;
mod packed;
mod packer;
mod prefetch;
mod reach;
mod rows;
mod scalar;
#[cfg(test)]
mod test_numbers;
mod winograd;
mod workspaces;

pub use self::aligner::{
    Aligned, Aligner, AlignerLayers, Alignment, FramePrior, Sentence, Separable, SeparableLayers,
    SpeakerLayers, Speakers, Spline, SplineLayers,
};
pub use self::decoder::{Decoder, HifiGan, Latent, Stage, Unit, relative_time};
pub use self::encoder::{Encoder, EncoderLayers, RunBoth, Transformer, TransformerLayers};
pub use self::error::{Error, Result};
pub use self::flow::{Coupling, CouplingLayers, Couplings, Flow, FlowRun, GateLayers, Prior};
pub use self::kernels::{Instructions, Kernels, Precision};
pub use self::layer::{Convolution, Layer, Weights};
pub use self::packed::Bytes;
