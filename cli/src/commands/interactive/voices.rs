//! Which voices there are.

use piper_rs::voice::cache::CachedVoice;
use piper_rs::voice::{VoiceFiles, installed};
use serde::Serialize;

use crate::speech::engine::Engine;

/// A voice that could speak.
#[derive(Debug, Serialize)]
pub(super) struct VoiceLine {
    pub(super) name: String,
    pub(super) current: bool,
    /// What the cache knows about it.
    pub(super) loaded: Option<CachedVoice>,
}

impl VoiceLine {
    pub(super) fn text(&self) -> String {
        let mark = if self.current { "*" } else { " " };
        let Some(loaded) = &self.loaded else {
            return format!("{mark} {}", self.name);
        };
        format!(
            "{mark} {:32} loaded, {} MB, {} uses",
            self.name,
            loaded.bytes.div_ceil(1_000_000),
            loaded.uses
        )
    }
}

/// Lists the loaded voices, the one used last first, then those that could be
/// loaded by name; `current` is the one that speaks.
pub(super) fn list(engine: &Engine, current: &str) -> Vec<VoiceLine> {
    let loaded = engine.cache().list();
    let is_loaded = |files: &VoiceFiles| {
        let files = files.canonical();
        loaded.iter().any(|voice| voice.path == files.model_path())
    };
    let mut others = installed(engine.voice_folders());
    others.retain(|files| !is_loaded(files));
    let line = |name: String, loaded: Option<CachedVoice>| VoiceLine {
        current: name == current,
        name,
        loaded,
    };
    let others = others.iter().map(|files| line(files.name(), None));
    let loaded = loaded.into_iter();
    let loaded = loaded.map(|voice| line(voice.name.clone(), Some(voice)));
    loaded.chain(others).collect()
}
