//! The ONNX file format, and the rewrites that turn a stock voice into one
//! that streams.
//!
//! An `.onnx` file is a protocol buffer ([`proto`]): a graph of nodes, each of
//! which computes named values from other named values, and the constants
//! (weights) that it needs. A Piper voice is one such graph, from phoneme ids
//! to samples. It is read with limits, because the file may come from anyone:
//! [`ModelProto::read`](proto::ModelProto::read). Four rewrites follow:
//!
//! ```text
//! voice ─ split_voice ─┬─ text ─ declare_durations ─ add_speed_input ─ … ────────▶ ids → prior
//!                      ├─ flow ──────────────────────────────────────────────────▶ prior → latent
//!                      └─ coarse, fine ─ convert_to_nchwc ───────────────────────▶ latent → samples, in windows
//! ```
//!
//! - `split`: cuts the graph into parts that run one after the other, the
//!   decoder on windows of frames, so that sound starts early. `split_framewise`
//!   does so for voices without upsampling, whose text part is three or four models.
//! - `durations`: finds how many frames each id lasts, and divides it by a speed.
//! - `noise`: replaces random operators by arithmetic on a seed.
//! - `nchwc`: rewrites a decoder for ONNX Runtime's blocked layout, for speed.
//! - `recognize`: describes parts of stock voices without a graph, for native kernels.
//!
//! They share `graph_index` (which node produces a value, which ones use it),
//! `graph_builder` (new nodes), `weights`, `subgraph` (a part as a model of its own) and
//! `receptive_field` (how far a part looks along time).
//!
//! All are pure functions on [`proto::ModelProto`]. Nothing is run here; that
//! is [`runtime`](crate::runtime). A graph that does not look as expected is
//! an error, and the caller then runs the stock graph. Compare the result with
//! the original before you use it: a graph can match every pattern and still
//! compute something else.

mod durations;
mod graph_builder;
mod graph_index;
mod kernel;
mod limits;
mod nchwc;
mod node;
mod noise;
pub mod proto;
mod read;
mod receptive_field;
mod recognize;
mod split;
mod subgraph;
#[cfg(test)]
pub(crate) mod tests;
mod weights;

pub use durations::{
    DURATIONS_OUTPUT, DurationsError, SPEED_INPUT, add_speed_input, declare_durations,
};
pub use limits::UnsafeGraph;
pub use nchwc::{NchwcError, convert_to_nchwc, nchwc_block_size, nchwc_probe};
pub use noise::{SEED_INPUT, SeedError, make_seedable};
pub use read::ReadError;
pub use recognize::{
    RecognizedAligner, RecognizedDecoder, RecognizedEncoder, RecognizedFlow, SideValue,
    recognize_aligner, recognize_decoder, recognize_encoder, recognize_flow,
};
pub use split::{
    EncoderSplit, FramewiseInterface, FramewiseParts, Hidden, Interface, KeptSilence, Narrowing,
    Padding, PitchInterface, PitchParts, SideInput, SplitError, TimbreParts, VoiceParts,
    cuts_silence, embedding_rows, speaker_rows, split_encoder, split_framewise, split_voice,
};
