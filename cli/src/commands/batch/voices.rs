//! The voices of a batch. Each is found and read once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use piper_rs::Error;
use piper_rs::voice::content_hash::ContentHash;
use piper_rs::voice::{Speaker, VoiceConfig, VoiceFiles};

use crate::environment::VoiceFolders;
use crate::speech::settings::Settings;

/// What planning needs to know about a voice: everything but the model.
#[derive(Debug)]
pub(super) struct PlannedVoice {
    pub(super) files: VoiceFiles,
    /// The same for all names and links of one voice.
    pub(super) canonical: VoiceFiles,
    pub(super) config: VoiceConfig,
    /// A hash of the files' contents.
    pub(super) content_hash: ContentHash,
    /// Those of `--speakers`, when they were asked for.
    pub(super) grid_speakers: OnceLock<Arc<[Speaker]>>,
}

/// The voice and the config that the settings name.
type VoiceKey = (Option<String>, Option<PathBuf>);
type SharedResult = Result<Arc<PlannedVoice>, Arc<Error>>;

/// Finds voices, and remembers them.
pub(super) struct Voices<'a> {
    folders: &'a VoiceFolders,
    found: HashMap<VoiceKey, SharedResult>,
}

impl<'a> Voices<'a> {
    /// Looks for voices by name in `folders`.
    pub(super) fn new(folders: &'a VoiceFolders) -> Self {
        Self {
            folders,
            found: HashMap::new(),
        }
    }

    /// Returns the voice that `settings` name.
    pub(super) fn get(&mut self, settings: &Settings) -> SharedResult {
        let key = (settings.voice.clone(), settings.config.clone());
        let folders = self.folders;
        let voice = self.found.entry(key).or_insert_with_key(|(voice, config)| {
            let voice = PlannedVoice::find(voice.as_deref(), config.clone(), folders);
            voice.map(Arc::new).map_err(Arc::new)
        });
        voice.clone()
    }
}

impl PlannedVoice {
    fn find(
        name: Option<&str>,
        config: Option<PathBuf>,
        folders: &VoiceFolders,
    ) -> Result<Self, Error> {
        let files = folders.find(name, config)?;
        Ok(Self {
            config: VoiceConfig::of(&files)?,
            content_hash: files.content_hash()?,
            canonical: files.canonical(),
            grid_speakers: OnceLock::new(),
            files,
        })
    }
}
