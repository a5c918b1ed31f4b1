//! Rewrites of voice models, ONNX file in, ONNX file out.
//!
//! ```text
//! voice ─ cut ─┬─ text ─ make_seedable ─ split_encoder ─▶ durations, prior, all noise
//!              ├─ flow ────────────────▶    prior to latent, on a prefix first
//!              └─ decoder ─ convert_to_nchwc ─▶ latent to samples, window by window
//! ```
//!
//! Everything here is a pure function on [`proto::ModelProto`]: nothing is
//! run, read, written or printed. A model comes from anywhere, so nothing
//! about it is believed: what does not fit is an error, and the model is then
//! used as it is. What comes out is worth trying against the original before
//! it is used: a model may say one thing and do another.

mod graph_builder;
mod graph_index;
mod limits;
mod nchwc;
mod noise;
pub mod proto;
mod read;
mod receptive_field;
mod split;
mod subgraph;

pub use limits::UnsafeGraph;
pub use nchwc::{NchwcError, convert_to_nchwc, nchwc_block_size, nchwc_probe};
pub use noise::{SEED_INPUT, SeedError, make_seedable};
pub use read::ReadError;
pub use split::{
    Encoder, Interface, SideInput, SplitError, VoiceParts, embedding_rows, split_encoder,
    split_voice,
};

use proto::ModelProto;

impl ModelProto {
    /// The version of ONNX's own operators; 1 when none is given.
    fn opset(&self) -> i64 {
        let mut own = self.opset_import.iter();
        own.find(|set| matches!(set.domain.as_str(), "" | "ai.onnx"))
            .map_or(1, |set| set.version)
    }
}
