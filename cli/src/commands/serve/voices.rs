//! The voices that clients may name: installed ones, by name. A path never names one.

use std::collections::{BTreeMap, BTreeSet};

use piper_rs::voice::{Language, Speaker, VoiceConfig, VoiceFiles};

use crate::args::{NamedSpeaker, VoiceName};
use crate::environment::VoiceFolders;
use crate::speech::parts::language_in;
use crate::terminal::report::UsageError;

/// The voices on offer.
pub(super) struct Voices {
    folders: VoiceFolders,
    default: VoiceFiles,
    /// Names; `None` for all.
    only: Option<BTreeSet<String>>,
    /// What else clients may call voices on offer.
    other_names: BTreeMap<String, NamedSpeaker>,
}

/// A voice that a client has named.
#[derive(Debug, Clone)]
pub(super) struct FoundVoice {
    pub(super) files: VoiceFiles,
    /// The speaker, if the name means one.
    pub(super) speaker: Option<Speaker>,
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
    /// Fails if one of the `only` voices is not installed, or one that another name means
    /// is not on offer. Without any `only`, all are offered.
    pub(super) fn new(
        folders: VoiceFolders,
        default: VoiceFiles,
        only: &[String],
        other_names: &[VoiceName],
    ) -> Result<Self, UsageError> {
        let other_names = other_names.iter();
        let voices = Self {
            folders,
            default,
            only: (!only.is_empty()).then(|| only.iter().cloned().collect()),
            other_names: other_names
                .map(|other| (other.name.clone(), other.voice.clone()))
                .collect(),
        };
        let files: Vec<_> = voices.files().collect();
        if let Some(name) = only.iter().find(|name| named(&files, name).is_none()) {
            return Err(UsageError(format!(
                "--voices: no voice `{name}` is installed; `piper-rs voices list` lists the names"
            )));
        }
        for (name, NamedSpeaker { voice, speaker }) in &voices.other_names {
            let wrong = |what: String| UsageError(format!("--voice-name {name}: {what}"));
            if named(&files, name).is_some() {
                return Err(wrong("a voice has this name itself".to_owned()));
            }
            let Some(files) = named(&files, voice) else {
                return Err(wrong(format!("voice `{voice}` is not on offer")));
            };
            if let (Some(speaker), Ok(config)) = (speaker, VoiceConfig::of(files)) {
                let speaker = Speaker::from(speaker.as_str());
                let found = config.speaker_id(Some(&speaker));
                found.map_err(|error| wrong(error.to_string()))?;
            }
        }
        Ok(voices)
    }

    pub(super) fn default(&self) -> &VoiceFiles {
        &self.default
    }

    /// Finds a voice on offer. One of OpenAI's names means the default one, unless
    /// `--voice-name` says otherwise. Reads the folders.
    pub(super) fn find(&self, name: &str) -> Option<FoundVoice> {
        let of = |files: &VoiceFiles| FoundVoice {
            files: files.clone(),
            speaker: None,
        };
        let files: Vec<_> = self.files().collect();
        if let Some(files) = named(&files, name) {
            return Some(of(files));
        }
        if let Some(NamedSpeaker { voice, speaker }) = self.other_names.get(name) {
            return Some(FoundVoice {
                files: named(&files, voice)?.clone(),
                speaker: speaker.as_deref().map(Speaker::from),
            });
        }
        OPENAI.contains(&name).then(|| of(&self.default))
    }

    /// Finds a voice by its name, or else one of a language; without both, the default
    /// one. Reads the folders, and configs.
    pub(super) fn choose(&self, name: Option<&str>, language: Option<&str>) -> Option<FoundVoice> {
        let language = language.filter(|language| !language.is_empty());
        let files = match (name.filter(|name| !name.is_empty()), language) {
            (Some(name), _) => return self.find(name),
            (None, None) => self.default.clone(),
            (None, Some(language)) => {
                let speaks = |files: &VoiceFiles| {
                    let own = |config| language_in(&config, &files.name());
                    VoiceConfig::of(files).is_ok_and(|config| own(config).has_name(language))
                };
                self.files().find(speaks)?
            }
        };
        Some(FoundVoice {
            files,
            speaker: None,
        })
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

    /// The default voice, then the others by name. Reads the folders.
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

fn named<'f>(files: &'f [VoiceFiles], name: &str) -> Option<&'f VoiceFiles> {
    files.iter().find(|files| files.name() == name)
}
