//! ONNX Runtime, the engine that runs ONNX models. Only this module uses the
//! `ort` crate.
//!
//! [`Runtime`] is the shared library. It is not linked but found and loaded at
//! run time, once per process, with its telemetry disabled. [`Session`] is a
//! model that it has loaded:
//!
//! 1. [`Runtime::load`] loads the library from the first candidate path; [`LazyRuntime`]
//!    only when it is needed.
//! 2. [`Session::from_bytes`] loads a model, [`Session::from_file`] one that
//!    [`Session::save_optimized`] wrote.
//! 3. [`Session::run`] takes named [`Tensor`]s, borrowed from the caller, and
//!    lends the [`Outputs`]. Many threads may run one session at a time, and a
//!    [`CancelToken`](crate::CancelToken) stops a run within milliseconds.
//!
//! All sessions share one memory arena of limited size, so a broken model
//! fails instead of using up the machine. Models are bytes here; their content
//! is the business of [`onnx`](crate::onnx). Another engine would be another
//! module with the same types.

mod lazy;
mod library;
mod memory;
mod raw;
mod session;

pub use lazy::{LazyRuntime, RuntimeSource};
pub use library::{Runtime, library_names, max_value_bytes};
pub use raw::disable_telemetry;
pub use session::{
    Optimization, Outputs, Session, SessionOptions, Tensor, WeightPacking, WeightsLocation,
    external_weights,
};
