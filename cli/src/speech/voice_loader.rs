//! Loads voices, and says what that takes.

use std::sync::Arc;

use piper_rs::Result;
use piper_rs::runtime::{LazyRuntime, Runtime, RuntimeSource};
use piper_rs::voice::{self, LoadOptions, Voice, VoiceConfig, VoiceFiles, describe_parts};

use super::libraries::Libraries;
use super::voice_checks::VoiceChecks;
use crate::terminal::report::Reporter;

/// Loads voices in this process.
pub(super) struct VoiceLoader {
    pub(super) options: LoadOptions,
    pub(super) libraries: Libraries,
    pub(super) checks: Arc<VoiceChecks>,
    pub(super) reporter: Arc<Reporter>,
}

impl VoiceLoader {
    /// Loads a voice, and again if it turns out to be of no use as it is.
    pub(super) fn load(&self, files: &VoiceFiles) -> Result<Voice> {
        let voice = self.load_once(files)?;
        match self.checks.loaded(files, &voice) {
            true => self.load_once(files),
            false => Ok(voice),
        }
    }

    fn load_once(&self, files: &VoiceFiles) -> Result<Voice> {
        VoiceConfig::of(files)?; // nothing is prepared without one
        let Self {
            options, reporter, ..
        } = self;
        let runtime = self.libraries.lazy_runtime();
        let name = files.name();
        let prepared = options.prepared.as_ref();
        let note = || {
            let is_new = prepared.is_some_and(|prepared| !prepared.has(files, runtime));
            // The error of a damaged voice follows.
            if is_new && voice::validate(files).is_ok() {
                reporter.note_once(&format!("preparing {name} for faster loading, once"));
            }
        };
        let voice = Voice::load(files, &NotedRuntime { runtime, note }, options)?;
        reporter.detail(|| match runtime.loaded() {
            Some(runtime) => {
                let (version, path) = (runtime.version(), runtime.path().display());
                format!("loaded {name} with ONNX Runtime {version} ({path})")
            }
            None => format!("loaded {name} without ONNX Runtime"),
        });
        if let Some(reason) = voice.split_failure() {
            reporter.detail(|| format!("{name} runs as one model: {reason}"));
        } else if let parts @ [_, ..] = &*voice.model_info().parts {
            reporter.detail(|| format!("{name} runs in parts: {}", describe_parts(parts)));
        }
        Ok(voice)
    }
}

/// ONNX Runtime, with a note before it is opened: that it takes seconds to prepare a voice.
/// Without it that takes a fifth of a second.
struct NotedRuntime<'a, N> {
    runtime: &'a LazyRuntime,
    note: N,
}

impl<N: Fn() + Send + Sync> RuntimeSource for NotedRuntime<'_, N> {
    fn get(&self) -> Result<Arc<Runtime>> {
        (self.note)();
        self.runtime.get()
    }
}
