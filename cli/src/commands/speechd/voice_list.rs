//! The voices that the server may choose.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use piper_rs::parts::ssml::SsmlVoice;
use piper_rs::voice::{Language, Speaker, VoiceConfig, VoiceFiles};

use crate::args::{NamedSpeaker, VoiceName};
use crate::environment::VoiceFolders;
use crate::speech::parts::{PartVoice, language_in, speaks};

/// What the column of variants has.
const NO_VARIANT: &str = "none";

/// The reply if no voice is asked for.
const NO_VOICES: &str = "304 CANT LIST VOICES";

/// A voice with more speakers is listed without them: nobody chooses among hundreds.
const MAX_LISTED_SPEAKERS: u32 = 50;

/// The installed voices, their speakers, and what the types of the server mean.
pub(super) struct VoiceList {
    folders: VoiceFolders,
    /// By the type in lower case.
    types: BTreeMap<String, NamedSpeaker>,
    /// The installed voices by name, listed when first needed.
    installed: OnceLock<BTreeMap<String, ListedVoice>>,
}

struct ListedVoice {
    language: Language,
    config: VoiceConfig,
}

impl VoiceList {
    pub(super) fn new(folders: VoiceFolders, types: &[VoiceName]) -> Self {
        let types = types.iter();
        Self {
            folders,
            types: types
                .map(|given| (given.name.to_lowercase(), given.voice.clone()))
                .collect(),
            installed: OnceLock::new(),
        }
    }

    /// Returns the reply to `LIST VOICES`: those of a language and a variant, or all.
    pub(super) fn reply(&self, language: Option<&str>, variant: Option<&str>) -> String {
        if variant.is_some_and(|variant| !variant.eq_ignore_ascii_case(NO_VARIANT)) {
            return NO_VOICES.to_owned();
        }
        let mut lines = String::new();
        for files in self.folders.installed() {
            let Some(ListedVoice {
                language: own,
                config,
            }) = listed(&files)
            else {
                continue;
            };
            let name = files.name();
            let code = own.code.replace('_', "-");
            let is_asked_for = language.is_none_or(|language| {
                code.eq_ignore_ascii_case(language) || own.family.eq_ignore_ascii_case(language)
            });
            if !is_asked_for {
                continue;
            }
            let speakers = speakers(&config).into_iter();
            let speakers = speakers.map(|speaker| format!("{name}#{speaker}"));
            for name in std::iter::once(name.clone()).chain(speakers) {
                // The columns are separated by tabs.
                if !name.contains(char::is_control) {
                    lines += &format!("200-{name}\t{code}\t{NO_VARIANT}\n");
                }
            }
        }
        match lines.is_empty() {
            true => NO_VOICES.to_owned(),
            false => lines + "200 OK VOICE LIST SENT",
        }
    }

    /// Returns what a name of the list chooses.
    pub(super) fn named(&self, name: &str) -> Vec<PartVoice> {
        let Ok(speaker) = name.parse();
        let chosen = self.speaker(&speaker);
        chosen.unwrap_or_else(|| vec![document_voice(name)])
    }

    /// Returns what a type chooses, if that speaks the language.
    pub(super) fn of_type(&self, name: &str, language: Option<&str>) -> Option<Vec<PartVoice>> {
        let meant = self.types.get(&name.to_lowercase())?;
        let own = &self.installed().get(&meant.voice)?.language;
        let speaks = language.is_none_or(|language| speaks(own, language));
        let voice = || vec![document_voice(&meant.voice)];
        speaks.then(|| self.speaker(meant).unwrap_or_else(voice))
    }

    /// Returns a speaker of a voice, if there are both. Another one would fail.
    fn speaker(&self, meant: &NamedSpeaker) -> Option<Vec<PartVoice>> {
        let speaker = Speaker::from(meant.speaker.as_deref()?);
        let voice = self.installed().get(&meant.voice)?;
        voice.config.speaker_id(Some(&speaker)).ok()?;
        Some(vec![
            document_voice(&meant.voice),
            PartVoice::Speaker(speaker),
        ])
    }

    fn installed(&self) -> &BTreeMap<String, ListedVoice> {
        self.installed.get_or_init(|| {
            let installed = self.folders.installed().into_iter();
            let installed = installed.filter_map(|files| Some((files.name(), listed(&files)?)));
            installed.collect()
        })
    }
}

fn listed(files: &VoiceFiles) -> Option<ListedVoice> {
    let config = VoiceConfig::of(files).ok()?;
    Some(ListedVoice {
        language: language_in(&config, &files.name()),
        config,
    })
}

/// A voice that is not there leaves the voice as it is, with a note.
fn document_voice(name: &str) -> PartVoice {
    PartVoice::OfDocument(Arc::new(SsmlVoice::Named(vec![name.to_owned()])))
}

/// Returns the speakers that are listed, by name or else by id.
fn speakers(config: &VoiceConfig) -> Vec<String> {
    match (2..=MAX_LISTED_SPEAKERS).contains(&config.num_speakers) {
        true => config.speaker_labels(),
        false => Vec::new(),
    }
}

#[cfg(test)]
impl VoiceList {
    /// No voices.
    pub(super) fn empty() -> Self {
        Self::new(VoiceFolders::new(Vec::new(), None), &[])
    }
}
