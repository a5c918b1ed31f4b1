//! ONNX Runtime and espeak-ng: opened when first needed, then kept.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use piper_rs::Result;
use piper_rs::fs::FileIdentity;
use piper_rs::lexicon::Pronouncer;
use piper_rs::phoneme::{Espeak, EspeakOptions, PiperMode};
use piper_rs::runtime::{LazyRuntime, Runtime, RuntimeSource};
use piper_rs::synth::pronouncer_for;
use piper_rs::voice::VoiceConfig;

use crate::args::GlobalArgs;
use crate::environment::Environment;

/// The native libraries. Clones share them.
#[derive(Clone)]
pub(crate) struct Libraries(Arc<Shared>);

struct Shared {
    runtime_paths: Vec<PathBuf>,
    espeak_options: EspeakOptions,
    runtime: LazyRuntime,
    espeak: OnceLock<Arc<Espeak>>,
}

impl Libraries {
    pub(crate) fn new(environment: &Environment, args: &GlobalArgs) -> Self {
        let runtime_paths = environment.onnxruntime(args.onnxruntime.as_deref());
        Self(Arc::new(Shared {
            runtime: LazyRuntime::new(runtime_paths.clone()),
            runtime_paths,
            espeak_options: EspeakOptions {
                libraries: environment.espeak(args.espeak.as_deref()),
                data_dir: environment.espeak_data(args.espeak_data.as_deref()),
            },
            espeak: OnceLock::new(),
        }))
    }

    /// Returns ONNX Runtime. The first call loads it.
    pub(crate) fn runtime(&self) -> Result<Arc<Runtime>> {
        self.0.runtime.get()
    }

    /// Returns ONNX Runtime for voices, of which some need none.
    pub(crate) fn lazy_runtime(&self) -> &LazyRuntime {
        &self.0.runtime
    }

    /// Returns the path and the version of ONNX Runtime without starting it.
    pub(crate) fn find_runtime(&self) -> Result<(PathBuf, String)> {
        Runtime::find(&self.0.runtime_paths)
    }

    /// Returns the file that [`runtime`](Self::runtime) loads, after the names that the
    /// system's loader looks for before.
    pub(crate) fn runtime_files(&self) -> Vec<FileIdentity> {
        let mut files = Vec::new();
        for path in &self.0.runtime_paths {
            let file = FileIdentity::of(path);
            let exists = file.stamp.is_some();
            if exists || path.components().count() == 1 {
                files.push(file);
            }
            if exists {
                break;
            }
        }
        files
    }

    /// Returns espeak-ng. The first call opens it.
    pub(crate) fn espeak(&self) -> Result<Arc<Espeak>> {
        get_or_open(&self.0.espeak, || Espeak::open(&self.0.espeak_options))
    }

    /// Returns how a voice pronounces text, without a lexicon.
    pub(crate) fn pronouncer(&self, config: &VoiceConfig, mode: PiperMode) -> Result<Pronouncer> {
        pronouncer_for(config, mode, || self.espeak())
    }
}

/// Opens a library once. After an error, the next call tries again.
fn get_or_open<T>(
    once: &OnceLock<Arc<T>>,
    open: impl FnOnce() -> Result<Arc<T>>,
) -> Result<Arc<T>> {
    match once.get() {
        Some(opened) => Ok(Arc::clone(opened)),
        None => open().map(|opened| Arc::clone(once.get_or_init(|| opened))),
    }
}
