//! ONNX Runtime that is loaded when it is needed: some voices need none.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::library::Runtime;
use crate::Result;

/// Where ONNX Runtime comes from.
pub trait RuntimeSource: Send + Sync {
    /// Returns ONNX Runtime, which may load it.
    fn get(&self) -> Result<Arc<Runtime>>;
}

impl RuntimeSource for Arc<Runtime> {
    fn get(&self) -> Result<Arc<Runtime>> {
        Ok(Arc::clone(self))
    }
}

/// ONNX Runtime, loaded by the first call that needs it.
#[derive(Debug)]
pub struct LazyRuntime {
    candidates: Vec<PathBuf>,
    loaded: OnceLock<Arc<Runtime>>,
}

impl LazyRuntime {
    /// Loads nothing yet; see [`Runtime::load`].
    pub fn new(candidates: Vec<PathBuf>) -> Self {
        Self {
            candidates,
            loaded: OnceLock::new(),
        }
    }

    /// Returns ONNX Runtime if a call has loaded it.
    pub fn loaded(&self) -> Option<&Runtime> {
        self.loaded.get().map(|runtime| &**runtime)
    }
}

impl RuntimeSource for LazyRuntime {
    /// After an error, the next call tries again.
    fn get(&self) -> Result<Arc<Runtime>> {
        if let Some(runtime) = self.loaded.get() {
            return Ok(Arc::clone(runtime));
        }
        let runtime = Runtime::load(&self.candidates)?;
        Ok(Arc::clone(self.loaded.get_or_init(|| runtime)))
    }
}
