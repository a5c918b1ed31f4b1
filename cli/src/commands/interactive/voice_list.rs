//! The list of voices that `:voices` prints.

use piper_rs::voice::VoiceFiles;
use piper_rs::voice::cache::CachedVoice;
use serde::Serialize;

use crate::speech::engine::Engine;

/// A voice that can be used.
#[derive(Debug, Serialize)]
pub(super) struct VoiceEntry {
    pub(super) name: String,
    pub(super) current: bool,
    /// Its entry in the cache, if it is loaded.
    pub(super) loaded: Option<CachedVoice>,
}

impl VoiceEntry {
    pub(super) fn text(&self) -> String {
        let mark = if self.current { "*" } else { " " };
        let Some(loaded) = &self.loaded else {
            return format!("{mark} {}", self.name);
        };
        format!(
            "{mark} {:32} loaded, {} MB, uses: {}",
            self.name,
            loaded.bytes.div_ceil(1_000_000),
            loaded.uses
        )
    }
}

/// Lists the loaded voices, most recently used first, then the other installed
/// voices. `current` is the name of the session's voice.
pub(super) fn list(engine: &Engine, current: &str) -> Vec<VoiceEntry> {
    let loaded = engine.cache().list();
    let is_loaded = |files: &VoiceFiles| {
        let files = files.canonical();
        loaded.iter().any(|voice| voice.path == files.model_path())
    };
    let mut others = engine.voice_folders().installed();
    others.retain(|files| !is_loaded(files));
    let line = |name: String, loaded: Option<CachedVoice>| VoiceEntry {
        current: name == current,
        name,
        loaded,
    };
    let others = others.iter().map(|files| line(files.name(), None));
    let loaded = loaded.into_iter();
    let loaded = loaded.map(|voice| line(voice.name.clone(), Some(voice)));
    loaded.chain(others).collect()
}
