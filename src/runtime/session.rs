//! A model that is loaded and ready to run.

use std::ffi::{CStr, CString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ort::session::RunOptions;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::value::{DynValue, TensorRef};
use serde::{Deserialize, Serialize};

use super::{Runtime, raw};
use crate::error::Cause;
use crate::{CancelToken, Error, Result};

/// How a session runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionOptions {
    /// Threads for one run; at least 1.
    pub threads: usize,
    /// What happens to the weights of matrix products.
    pub packing: WeightPacking,
}

impl Default for SessionOptions {
    /// One thread, packed weights.
    fn default() -> Self {
        Self {
            threads: 1,
            packing: WeightPacking::Packed,
        }
    }
}

/// What happens to the weights of matrix products when a model is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightPacking {
    /// They are copied in the order in which the processor wants them.
    Packed,
    /// They are used as they are: a model of many matrix products loads in half
    /// the time and without a copy, and runs at most a tenth slower.
    Unpacked,
}

/// How a saved model is optimized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Optimization {
    /// As far as possible. Sums are computed in another order, so results differ
    /// in the last digits.
    Full,
    /// Only so that no result changes: what is constant is computed.
    Exact,
}

/// Where a saved model keeps its large weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightsLocation {
    /// In the same file.
    Inline,
    /// In a second file, which is memory-mapped when the model is loaded; see
    /// [`external_weights`].
    External,
}

/// Returns the path of the [external](WeightsLocation::External) weights of the
/// model saved at `path`.
pub fn external_weights(path: &Path) -> PathBuf {
    path.with_extension("weights")
}

/// ONNX Runtime's options for external weights: the file, and the minimum size.
const EXTERNAL_FILE_KEY: &str = "session.optimized_model_external_initializers_file_name";
const EXTERNAL_MIN_BYTES_KEY: &str =
    "session.optimized_model_external_initializers_min_size_in_bytes";
const EXTERNAL_MIN_BYTES: &str = "1024";

/// A model that ONNX Runtime has loaded.
///
/// Several threads may share it and run it at the same time.
#[derive(Debug)]
pub struct Session {
    session: ort::session::Session,
    inputs: Vec<String>,
    outputs: Vec<String>,
    /// The same names, as C strings.
    input_names: Vec<CString>,
    output_names: Vec<CString>,
}

/// An input, borrowed from the caller: values in row-major order, and a shape.
#[derive(Debug, Clone, Copy)]
pub enum Tensor<'a> {
    /// 64-bit integers.
    Ints(&'a [i64], &'a [usize]),
    /// 32-bit floats.
    Floats(&'a [f32], &'a [usize]),
}

impl Session {
    /// Loads `model`, the bytes of an `.onnx` file.
    ///
    /// Do not pass a model that has weights in other files: ONNX Runtime would look for
    /// them in the current folder.
    /// [`ModelProto::read`](crate::onnx::proto::ModelProto::read) refuses such models.
    pub fn from_bytes(
        runtime: &Runtime,
        model: &[u8],
        options: SessionOptions,
    ) -> std::result::Result<Self, Cause> {
        let session = builder(runtime, options)?
            .commit_from_memory(model)
            .map_err(not_created)?;
        Self::new(session)
    }

    /// Loads the model in the file at `path`, which
    /// [`save_optimized`](Self::save_optimized) must have written. External
    /// weights are memory-mapped.
    pub fn from_file(
        runtime: &Runtime,
        path: &Path,
        options: SessionOptions,
    ) -> std::result::Result<Self, Cause> {
        let session = builder(runtime, options)?
            .commit_from_file(path)
            .map_err(not_created)?;
        Self::new(session)
    }

    /// Optimizes `model` and writes it to `path`.
    ///
    /// The result is valid only for this version of ONNX Runtime and this kind
    /// of processor. The error is an [`io::Error`] if the model is valid and only the
    /// file cannot be written.
    pub fn save_optimized(
        runtime: &Runtime,
        model: &[u8],
        path: &Path,
        weights: WeightsLocation,
        optimization: Optimization,
    ) -> std::result::Result<(), Cause> {
        let mut builder = optimizer(runtime, optimization)?
            .with_optimized_model_path(path)
            .map_err(plain)?;
        if weights == WeightsLocation::External {
            let weights = external_weights(path);
            let file = weights.file_name().unwrap_or_default();
            builder = builder
                .with_config_entry(EXTERNAL_FILE_KEY, file.to_string_lossy())
                .map_err(plain)?
                .with_config_entry(EXTERNAL_MIN_BYTES_KEY, EXTERNAL_MIN_BYTES)
                .map_err(plain)?;
        }
        let Err(error) = builder.commit_from_memory(model) else {
            return Ok(());
        };
        // ONNX Runtime has one kind of error for both.
        match optimizer(runtime, optimization)?.commit_from_memory(model) {
            Ok(_) => Err(io::Error::other(error).into()),
            Err(_) => Err(error.into()),
        }
    }

    fn new(session: ort::session::Session) -> std::result::Result<Self, Cause> {
        let names = |outlets: &[ort::value::Outlet]| -> Vec<String> {
            outlets
                .iter()
                .map(|outlet| outlet.name().to_owned())
                .collect()
        };
        let (inputs, outputs) = (names(session.inputs()), names(session.outputs()));
        Ok(Self {
            input_names: c_names(&inputs)?,
            output_names: c_names(&outputs)?,
            inputs,
            outputs,
            session,
        })
    }

    /// Returns the names of the model's inputs, in its order.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// Returns the names of the model's outputs, in its order.
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// Returns the index of the output called `name`.
    pub fn output(&self, name: &str) -> Option<usize> {
        self.outputs.iter().position(|output| output == name)
    }

    /// Runs the model, and passes the outputs to `read` in ONNX Runtime's own memory.
    ///
    /// If `cancel` is cancelled, the run ends within a few milliseconds with
    /// [`Error::Cancelled`].
    pub fn run<R>(
        &self,
        inputs: &[(&str, Tensor<'_>)],
        cancel: &CancelToken,
        read: impl FnOnce(&Outputs<'_>) -> Result<R>,
    ) -> Result<R> {
        let options = Arc::new(RunOptions::new().map_err(failed)?);
        let terminate = Arc::clone(&options);
        // If this fails, the run ends by itself later.
        let _guard = cancel.on_cancel(move || _ = terminate.terminate());

        let values = inputs
            .iter()
            .map(|(name, tensor)| Ok((self.input_name(name)?, tensor.value()?)))
            .collect::<Result<Vec<_>, Cause>>()
            .map_err(|source| Error::Inference { source })?;
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        match raw::run(&self.session, &values, &self.output_names, &options) {
            Ok(outputs) => read(&Outputs(&outputs)),
            Err(_) if cancel.is_cancelled() => Err(Error::Cancelled),
            Err(error) => Err(failed(error)),
        }
    }

    fn input_name(&self, name: &str) -> Result<&CStr, Cause> {
        let at = self.inputs.iter().position(|input| input == name);
        let at = at.ok_or_else(|| format!("the model has no input `{name}`"))?;
        Ok(&self.input_names[at])
    }
}

/// Returns why a session was not created: a refused thread is no fault of the model.
fn not_created(error: ort::Error) -> Cause {
    match error.message().contains("pthread_create failed") {
        true => Box::new(Error::Thread {
            source: io::Error::other("ONNX Runtime could not start its threads"),
        }),
        false => error.into(),
    }
}

/// Returns a builder that optimizes a model.
fn optimizer(
    runtime: &Runtime,
    optimization: Optimization,
) -> std::result::Result<SessionBuilder, Cause> {
    let level = match optimization {
        Optimization::Full => GraphOptimizationLevel::All,
        Optimization::Exact => GraphOptimizationLevel::Level1,
    };
    let builder = ort::session::Session::builder(&runtime.environment)?
        // Constants are evaluated; the shared arena limits their memory.
        .with_env_allocators()
        .map_err(plain)?
        .with_optimization_level(level)
        .map_err(plain)?
        .with_intra_threads(1)
        .map_err(plain)?;
    Ok(builder)
}

fn builder(
    runtime: &Runtime,
    options: SessionOptions,
) -> std::result::Result<SessionBuilder, Cause> {
    let builder = ort::session::Session::builder(&runtime.environment)?
        // One arena for all sessions: see `raw::share_arena`.
        .with_env_allocators()
        .map_err(plain)?
        // Stock models run as fast without optimization and load in half the
        // time; prepared ones are already optimized.
        .with_optimization_level(GraphOptimizationLevel::Disable)
        .map_err(plain)?
        .with_intra_threads(options.threads)
        .map_err(plain)?
        // Spinning threads would starve the one that plays the sound.
        .with_intra_op_spinning(false)
        .map_err(plain)?
        // A pattern is valid for one input length; sentences differ in length.
        .with_memory_pattern(false)
        .map_err(plain)?;
    match options.packing {
        WeightPacking::Packed => Ok(builder),
        WeightPacking::Unpacked => builder.with_prepacking(false).map_err(plain),
    }
}

fn c_names(names: &[String]) -> std::result::Result<Vec<CString>, Cause> {
    let c_name = |name: &String| CString::new(name.as_str());
    Ok(names.iter().map(c_name).collect::<Result<_, _>>()?)
}

/// The outputs of a run.
pub struct Outputs<'a>(&'a [DynValue]);

impl Outputs<'_> {
    /// Returns the output at `index` as floats, with its shape.
    pub fn floats(&self, index: usize) -> Result<(&[i64], &[f32])> {
        let output = self.0.get(index).ok_or_else(|| Error::Inference {
            source: "the model returned fewer outputs than it declares".into(),
        })?;
        let (shape, floats) = output.try_extract_tensor::<f32>().map_err(failed)?;
        Ok((shape, floats))
    }

    /// Returns the output at `index` as 64-bit integers, with its shape; `None`
    /// if it has another type.
    pub fn ints(&self, index: usize) -> Option<(&[i64], &[i64])> {
        let output = self.0.get(index)?;
        let (shape, ints) = output.try_extract_tensor::<i64>().ok()?;
        Some((shape, ints))
    }
}

impl<'a> Tensor<'a> {
    fn value(self) -> Result<raw::Input<'a>, ort::Error> {
        Ok(match self {
            Tensor::Ints(data, shape) => TensorRef::from_array_view((shape, data))?.into(),
            Tensor::Floats(data, shape) => TensorRef::from_array_view((shape, data))?.into(),
        })
    }
}

fn failed(error: ort::Error) -> Error {
    let text = error.to_string();
    // ONNX Runtime's own message is a line of its source code.
    let out_of_memory = ["BFCArena", "bad_alloc", "bad allocation"];
    let source = match out_of_memory.iter().any(|part| text.contains(part)) {
        true => "it needs more memory than there is".into(),
        false => error.into(),
    };
    Error::Inference { source }
}

/// Drops the builder that a failed step returns with its error.
fn plain<R>(error: ort::Error<R>) -> Cause {
    error.to_string().into()
}
