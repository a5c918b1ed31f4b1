//! ONNX Runtime: the only door to the `ort` crate.
//!
//! [`Runtime`] is the library, found and loaded at run time; [`Session`] is a
//! graph it runs. Another engine would be another module with these two types.

mod library;
mod raw;
mod session;

pub use library::{Runtime, library_names};
pub use raw::disable_telemetry;
pub use session::{Outputs, Session, SessionOptions, Tensor, WeightsLocation, external_weights};
