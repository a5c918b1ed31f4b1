//! The voices of a batch: found and read once, however many texts ask.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use piper_rs::Error;
use piper_rs::voice::content_hash::ContentHash;
use piper_rs::voice::{VoiceConfig, VoiceFiles};

use crate::speech::engine::find_voice;
use crate::speech::settings::Settings;

/// A voice as far as planning needs it: without its model.
#[derive(Debug)]
pub(super) struct PlannedVoice {
    pub(super) files: VoiceFiles,
    /// The same for every way of naming it.
    pub(super) canonical: VoiceFiles,
    pub(super) config: VoiceConfig,
    /// A hash of what the files hold.
    pub(super) content: ContentHash,
}

/// How a voice is asked for.
type Asked = (Option<String>, Option<PathBuf>);
type Answer = Result<Arc<PlannedVoice>, Arc<Error>>;

pub(super) struct Voices<'a> {
    folders: &'a [PathBuf],
    asked: HashMap<Asked, Answer>,
}

impl<'a> Voices<'a> {
    /// Looks for voices by name in `folders`.
    pub(super) fn new(folders: &'a [PathBuf]) -> Self {
        Self {
            folders,
            asked: HashMap::new(),
        }
    }

    /// Returns the voice that `settings` ask for.
    pub(super) fn get(&mut self, settings: &Settings) -> Answer {
        let asked = (settings.voice.clone(), settings.config.clone());
        let folders = self.folders;
        let answer = self
            .asked
            .entry(asked)
            .or_insert_with_key(|(voice, config)| {
                let voice = PlannedVoice::find(voice.as_deref(), config.clone(), folders);
                voice.map(Arc::new).map_err(Arc::new)
            });
        answer.clone()
    }
}

impl PlannedVoice {
    fn find(
        asked: Option<&str>,
        config: Option<PathBuf>,
        folders: &[PathBuf],
    ) -> Result<Self, Error> {
        let files = find_voice(asked, config, folders)?;
        Ok(Self {
            config: VoiceConfig::of(&files)?,
            content: files.content_hash()?,
            canonical: files.canonical(),
            files,
        })
    }
}
