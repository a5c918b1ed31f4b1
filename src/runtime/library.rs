//! Loading ONNX Runtime's shared library, with its telemetry disabled.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::memory;
use super::raw::{self, disable_telemetry, version};
use crate::Result;
use crate::error::{Cause, SharedLibrary};
use crate::shared_library::{open_first, unusable};

/// Returns the file names of ONNX Runtime's library on this system, the one
/// without a version first.
pub fn library_names() -> &'static [&'static str] {
    if cfg!(windows) {
        &["onnxruntime.dll"]
    } else if cfg!(target_os = "macos") {
        &["libonnxruntime.dylib", "libonnxruntime.1.dylib"]
    } else {
        &["libonnxruntime.so", "libonnxruntime.so.1"]
    }
}

/// ONNX Runtime, loaded. There is at most one per process.
#[derive(Debug)]
pub struct Runtime {
    pub(super) environment: ort::environment::Environment,
    path: PathBuf,
    version: String,
}

impl Runtime {
    /// Loads the first of `candidates` that exists, or returns the runtime
    /// that is already loaded.
    ///
    /// The system's loader looks for a candidate without a folder. A file that
    /// exists but cannot be loaded is an error.
    pub fn load(candidates: &[PathBuf]) -> Result<Arc<Self>> {
        static LOADED: Mutex<Option<Arc<Runtime>>> = Mutex::new(None);
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*loaded {
            return Ok(Arc::clone(runtime));
        }
        let runtime = Arc::new(open_first(
            SharedLibrary::OnnxRuntime,
            candidates,
            Self::open,
        )?);
        Ok(Arc::clone(loaded.insert(runtime)))
    }

    /// Returns the file that [`load`](Self::load) would load, and its version,
    /// in a third of the time: the library is not initialized.
    pub fn find(candidates: &[PathBuf]) -> Result<(PathBuf, String)> {
        open_first(SharedLibrary::OnnxRuntime, candidates, |path| {
            Ok((path.to_owned(), version_of(path)?))
        })
    }

    fn open(path: &Path) -> Result<Self> {
        let unusable = |source: Cause| unusable(SharedLibrary::OnnxRuntime, path, source);
        let version = version_of(path)?;
        let environment = ort::init_from(path)
            .map_err(|error| unusable(error.to_string().into()))?
            .with_name("piper-rs")
            .with_telemetry(false)
            // Failures are returned as errors; nothing is printed.
            .with_logger(Arc::new(|_level, _category, _id, _location, _message| {}))
            .build()
            .map_err(|error| unusable(error.into()))?;
        raw::share_arena(&environment, max_value_bytes().unwrap_or(0))
            .map_err(|error| unusable(error.into()))?;
        Ok(Self {
            environment,
            path: path.to_owned(),
            version,
        })
    }

    /// Returns the file, or the name that was passed to the system's loader.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the library's commit and compiler flags.
    pub fn build(&self) -> &'static str {
        ort::info()
    }

    /// Returns the library's version, such as `1.32.0`.
    pub fn version(&self) -> &str {
        &self.version
    }
}

fn version_of(path: &Path) -> Result<String> {
    disable_telemetry();
    version(path).map_err(|error| unusable(SharedLibrary::OnnxRuntime, path, error))
}

/// Returns how many bytes the values of all models may take together: half of
/// the memory that the process may use. `None` means no limit; it is known on Linux only.
///
/// A broken or hostile model may ask for any amount and bring the machine down.
pub fn max_value_bytes() -> Option<usize> {
    memory::available_bytes().map(|bytes| bytes / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_for_a_missing_library_lists_the_candidates() {
        let error = Runtime::find(&["/nowhere/libonnxruntime.so".into()]).unwrap_err();
        let message = error.to_string();
        assert_eq!(
            message,
            "ONNX Runtime was not found; looked in:\n  /nowhere/libonnxruntime.so"
        );
    }

    #[test]
    fn the_error_for_an_invalid_library_names_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Runtime::find(&[file.path().to_owned()]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("cannot use ONNX Runtime at /"),
            "{error}"
        );
    }
}
