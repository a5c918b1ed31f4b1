//! Describes parts of stock voices without a graph, by sizes and weights: what native
//! kernels run.
//!
//! Each node from the end of a part back to its start must be the expected one. So what is
//! recognized is all that the graph computes.

mod decoder;
mod flow;
mod patterns;
mod text;

pub use decoder::{RecognizedDecoder, recognize_decoder};
pub use flow::{RecognizedFlow, recognize_flow};
pub use text::{
    RecognizedAligner, RecognizedEncoder, SideValue, recognize_aligner, recognize_encoder,
};
