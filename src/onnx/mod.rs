//! ONNX Runtime: the only door to the `ort` crate.
//!
//! [`Runtime`] is the library, found and loaded at run time; [`Session`] is a
//! graph it runs. Another engine would be another module with these two types.

mod raw;
mod runtime;
mod session;

pub use raw::switch_off_telemetry;
pub use runtime::{Runtime, library_names};
pub use session::{Outputs, Session, SessionOptions, Tensor, WeightsAt, weights_beside};
