//! The voices of parts: found by name or by language.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::Context as _;
use piper_rs::parts::Place;
use piper_rs::parts::ssml::SsmlVoice;
use piper_rs::voice::{BUILTIN_ALIAS, Language, Speed, VoiceConfig, VoiceFiles};
use piper_rs::{PiperMode, Result};

use super::settings::Factors;
use super::{PartSettings, PartVoice};
use crate::environment::VoiceFolders;
use crate::speech::settings::Settings;
use crate::terminal::report::{Reporter, UsageError};

/// Finds voices for parts, and remembers those of languages.
pub(super) struct PartVoices {
    folders: VoiceFolders,
    /// The names of the installed voices.
    names: OnceLock<Vec<String>>,
    /// The installed voices with their languages, listed when first needed.
    installed: Mutex<Option<Vec<(String, Language)>>>,
    /// The language of the voices that texts have by name.
    of_texts: Mutex<BTreeMap<Option<String>, Option<Language>>>,
}

impl PartVoices {
    /// Looks for voices in `folders`.
    pub(super) fn new(folders: VoiceFolders) -> Self {
        Self {
            folders,
            names: OnceLock::new(),
            installed: Mutex::default(),
            of_texts: Mutex::default(),
        }
    }

    /// Finds a voice by name or path.
    pub(super) fn find(&self, name: &str) -> Result<VoiceFiles> {
        self.folders.find(Some(name), None)
    }

    /// Returns the settings of a part of a text with `settings`. A language that no
    /// voice has is noted, and the voice stays.
    pub(super) fn apply(
        &self,
        part: &PartSettings,
        settings: &Settings,
        reporter: &Reporter,
    ) -> anyhow::Result<Settings> {
        if settings.mode == PiperMode::Strict {
            let message = "--strict-piper speaks texts as piper-tts does, which knows no SSML; \
                           leave it out, or read the tags with `--format text`";
            return Err(UsageError(message.to_owned()).into());
        }
        let mut settings = settings.clone();
        for voice in &part.voices {
            self.choose(voice, part.place, &mut settings, reporter)?;
        }
        settings.overrides = part.overrides.clone().or(&settings.overrides);
        if part.factors != Factors::default() {
            self.multiply(part.factors, &mut settings, reporter)?;
        }
        if let Some(line_breaks) = part.line_breaks {
            settings.chunks.line_breaks = line_breaks;
        }
        Ok(settings)
    }

    fn choose(
        &self,
        voice: &PartVoice,
        place: Option<Place>,
        settings: &mut Settings,
        reporter: &Reporter,
    ) -> anyhow::Result<()> {
        match voice {
            PartVoice::Named(name) => {
                self.find(name)
                    .with_context(|| place.map_or_else(String::new, |at| at.to_string()))?;
                settings.set_voice(name.clone());
            }
            PartVoice::OfDocument(voice) => match &**voice {
                SsmlVoice::Named(names) => {
                    match names.iter().find_map(|name| self.installed_name(name)) {
                        Some(name) => settings.set_voice(name.to_owned()),
                        None => reporter.note_once(&format!(
                            "there is no voice `{}`: the voice stays the same; `piper-rs voices \
                             list` lists the names",
                            names.first().map_or("", String::as_str)
                        )),
                    }
                }
                SsmlVoice::OfLanguage(language) => {
                    self.choose_language(language, settings, reporter);
                }
            },
            PartVoice::OfLanguage(language) => self.choose_language(language, settings, reporter),
            PartVoice::Speaker(speaker) => settings.overrides.speaker = Some(speaker.clone()),
        }
        Ok(())
    }

    fn choose_language(&self, language: &str, settings: &mut Settings, reporter: &Reporter) {
        match self.of_language(language, settings) {
            Some(name) => settings.set_voice(name),
            None if self.has_language(language, settings) => {}
            None => reporter.note_once(&format!(
                "no installed voice speaks `{language}`: the voice stays the same; `piper-rs \
                 voices get` installs others"
            )),
        }
    }

    /// Returns the name of an installed voice as its file has it. Case does not matter.
    /// A document must not name any file of this computer.
    fn installed_name(&self, name: &str) -> Option<&str> {
        let names = self.names.get_or_init(|| {
            let installed = self.folders.installed().into_iter();
            let names = installed.map(|files| files.name());
            [BUILTIN_ALIAS.to_owned()]
                .into_iter()
                .chain(names)
                .collect()
        });
        let same = |own: &&String| own.to_lowercase() == name.to_lowercase();
        let exact = names.iter().find(|own| *own == name);
        exact
            .or_else(|| names.iter().find(same))
            .map(String::as_str)
    }

    /// Multiplies the speed and the volume that `settings` have for their voice.
    fn multiply(
        &self,
        factors: Factors,
        settings: &mut Settings,
        reporter: &Reporter,
    ) -> anyhow::Result<()> {
        let files = self
            .folders
            .find(settings.voice.as_deref(), settings.config.clone())?;
        let resolved = settings.for_voice(&files.name()).overrides;
        let speed = resolved.speed.unwrap_or_default().get() * factors.speed;
        let wanted = speed;
        let speed = wanted.clamp(*Speed::RANGE.start(), *Speed::RANGE.end());
        if speed != wanted {
            reporter.note_once(&format!(
                "a document asks for the speed {wanted}, which is out of range: it is {speed}"
            ));
        }
        settings.overrides.speed = Some(Speed::new(speed)?);
        settings.overrides.volume = Some(resolved.volume.unwrap_or(1.0) * factors.volume);
        Ok(())
    }

    /// Returns the voice for a language, unless that of `settings` is as good.
    fn of_language(&self, language: &str, settings: &Settings) -> Option<String> {
        let current = self.language_of(settings);
        let fit = |own: &Language| fit(own, language);
        let mut installed = self
            .installed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let installed = installed.get_or_insert_with(|| {
            let voices = self.folders.installed().into_iter();
            voices
                .filter_map(|files| Some((files.name(), language_of(&files)?)))
                .collect()
        });
        let current = current.as_ref().map_or(Fit::None, fit);
        let best = installed.iter().rev().max_by_key(|(_, own)| fit(own))?;
        (fit(&best.1) > current).then(|| best.0.clone())
    }

    fn has_language(&self, language: &str, settings: &Settings) -> bool {
        let current = self.language_of(settings);
        current.is_some_and(|own| speaks(&own, language))
    }

    fn language_of(&self, settings: &Settings) -> Option<Language> {
        let mut of_texts = self.of_texts.lock().unwrap_or_else(PoisonError::into_inner);
        let language = of_texts.entry(settings.voice.clone()).or_insert_with(|| {
            let name = settings.voice.as_deref();
            let files = self.folders.find(name, settings.config.clone()).ok()?;
            language_of(&files)
        });
        language.clone()
    }
}

/// How well a voice speaks a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    None,
    /// The language of another country.
    Family,
    Exact,
}

fn fit(own: &Language, wanted: &str) -> Fit {
    let family = wanted.split(['-', '_']).next().unwrap_or_default();
    if own.has_name(wanted) {
        Fit::Exact
    } else if own.has_name(family) {
        Fit::Family
    } else {
        Fit::None
    }
}

/// Returns whether a voice of the language `own` speaks another one, be it of another
/// country.
pub(crate) fn speaks(own: &Language, wanted: &str) -> bool {
    fit(own, wanted) > Fit::None
}

/// Returns the language of a voice, if its config can be read.
fn language_of(files: &VoiceFiles) -> Option<Language> {
    Some(language_in(&VoiceConfig::of(files).ok()?, &files.name()))
}

/// Returns the language of a voice by its config and its name.
pub(crate) fn language_in(config: &VoiceConfig, name: &str) -> Language {
    let mut language = config.language.clone().or_from_name(name);
    if language.code.is_empty() {
        // As espeak-ng names it: `en-us`.
        language.code = config.espeak_voice.replace('-', "_");
        let family = language.code.split('_').next().unwrap_or_default();
        language.family = family.to_owned();
    }
    language
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_of_the_country_fits_better_than_one_of_the_language() {
        let language = |code: &str| Language {
            code: code.to_owned(),
            family: code[..2].to_owned(),
            ..Language::default()
        };
        let cases = [
            ("en_GB", "en-GB", Fit::Exact),
            ("en_GB", "en", Fit::Exact),
            ("en_GB", "en-US", Fit::Family),
            ("en_GB", "de", Fit::None),
            ("de_DE", "de_de", Fit::Exact),
        ];
        for (own, wanted, expected) in cases {
            assert_eq!(fit(&language(own), wanted), expected, "{own} {wanted}");
        }
    }
}
