//! The voices that clients may name: installed ones, by name. A path never names one.

use std::collections::BTreeSet;

use piper_rs::voice::{Language, VoiceConfig, VoiceFiles};

use crate::environment::VoiceFolders;
use crate::terminal::report::UsageError;

/// The voices on offer.
pub(super) struct Voices {
    folders: VoiceFolders,
    default: VoiceFiles,
    /// Names; `None` for all.
    only: Option<BTreeSet<String>>,
}

/// A voice on offer, as clients see it.
pub(super) struct OfferedVoice {
    pub(super) name: String,
    pub(super) language: Language,
    pub(super) config: VoiceConfig,
    pub(super) is_default: bool,
}

/// The names of OpenAI's own voices, which their clients must choose from.
const OPENAI: [&str; 13] = [
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage",
    "shimmer", "verse",
];

impl Voices {
    /// Fails if one of the `only` voices is not installed. Without any, all are offered.
    pub(super) fn new(
        folders: VoiceFolders,
        default: VoiceFiles,
        only: &[String],
    ) -> Result<Self, UsageError> {
        let voices = Self {
            folders,
            default,
            only: (!only.is_empty()).then(|| only.iter().cloned().collect()),
        };
        match only.iter().find(|name| voices.find(name).is_none()) {
            None => Ok(voices),
            Some(name) => Err(UsageError(format!(
                "--voices: no voice `{name}` is installed; `piper-rs voices list` lists the names"
            ))),
        }
    }

    pub(super) fn default(&self) -> &VoiceFiles {
        &self.default
    }

    /// Finds a voice on offer; one of OpenAI's names means the default one. Reads the
    /// folders.
    pub(super) fn find(&self, name: &str) -> Option<VoiceFiles> {
        if let Some(files) = self.files().find(|files| files.name() == name) {
            return Some(files);
        }
        OPENAI.contains(&name).then(|| self.default.clone())
    }

    /// Finds a voice by its name, or else one of a language; without both, the default
    /// one. Reads the folders, and configs.
    pub(super) fn choose(&self, name: Option<&str>, language: Option<&str>) -> Option<VoiceFiles> {
        let language = language.filter(|language| !language.is_empty());
        match (name.filter(|name| !name.is_empty()), language) {
            (Some(name), _) => self.find(name),
            (None, None) => Some(self.default.clone()),
            (None, Some(language)) => {
                let speaks = |files: &VoiceFiles| {
                    let config = VoiceConfig::of(files);
                    let language_of =
                        |config: VoiceConfig| config.language.or_from_name(&files.name());
                    config.is_ok_and(|config| language_of(config).has_name(language))
                };
                self.files().find(speaks)
            }
        }
    }

    /// Lists the voices whose config can be read. Reads the folders and the configs.
    pub(super) fn list(&self) -> Vec<OfferedVoice> {
        let offered = self.files().filter_map(|files| {
            let config = VoiceConfig::of(&files).ok()?;
            let name = files.name();
            Some(OfferedVoice {
                language: config.language.clone().or_from_name(&name),
                is_default: files == self.default,
                config,
                name,
            })
        });
        offered.collect()
    }

    /// The default voice, then the others by name.
    fn files(&self) -> impl Iterator<Item = VoiceFiles> {
        let default = self.default.name();
        let offered = move |files: &VoiceFiles| {
            let name = files.name();
            name != default && self.only.as_ref().is_none_or(|only| only.contains(&name))
        };
        let installed = self.folders.installed().into_iter().filter(offered);
        std::iter::once(self.default.clone()).chain(installed)
    }
}
