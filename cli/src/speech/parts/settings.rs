//! The settings of a part: a layer over those of its text.

use std::sync::Arc;

use piper_rs::chunk::LineBreaks;
use piper_rs::parts::Place;
use piper_rs::parts::inline::Field;
use piper_rs::parts::ssml::{Letters, SsmlSettings, SsmlVoice};
use piper_rs::voice::Speaker;
use serde_json::Value;

use crate::speech::overrides::SpeechOverrides;
use crate::speech::setting::Setting;
use crate::terminal::report::UsageError;
use crate::terminal::suggest::nearest;

/// The names of what is not a setting of speech.
const VOICE: &str = "voice";
const LANG: &str = "lang";

/// How a part is spoken, where that differs from its text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PartSettings {
    /// Each is chosen after those before it.
    pub(crate) voices: Vec<PartVoice>,
    pub(crate) overrides: SpeechOverrides,
    /// Factors on the speed and the volume that the text has.
    pub(crate) factors: Factors,
    pub(crate) line_breaks: Option<LineBreaks>,
    /// Where they are written, for errors.
    pub(crate) place: Option<Place>,
}

/// Factors on the settings of a text; 1 changes nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Factors {
    pub(crate) speed: f32,
    pub(crate) volume: f32,
}

impl Default for Factors {
    fn default() -> Self {
        Self {
            speed: 1.0,
            volume: 1.0,
        }
    }
}

/// The voice of a part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PartVoice {
    /// A name or a path, which must be that of a voice.
    Named(String),
    /// What a document asks for, if it is installed.
    OfDocument(Arc<SsmlVoice>),
    /// Any installed voice of this language, unless the voice until then speaks it.
    OfLanguage(String),
    /// A speaker of the voice until then.
    Speaker(Speaker),
}

impl PartSettings {
    /// Reads the fields between braces.
    pub(crate) fn from_fields(fields: &[Field<'_>]) -> Result<Self, UsageError> {
        let mut settings = Self {
            place: fields.first().map(|field| field.place),
            ..Self::default()
        };
        for field in fields {
            let set = settings.set_typed(field.name, field.value);
            set.map_err(|error| UsageError(format!("{}: {error}", field.place)))?;
        }
        Ok(settings)
    }

    /// Sets the field called `name` to a value as typed.
    fn set_typed(&mut self, name: &str, typed: &str) -> Result<(), UsageError> {
        match name {
            // Whatever comes first, the language decides about this voice.
            VOICE => {
                self.voices
                    .retain(|voice| !matches!(voice, PartVoice::Named(_)));
                self.voices.insert(0, PartVoice::Named(typed.to_owned()));
            }
            LANG => {
                self.voices
                    .retain(|voice| !matches!(voice, PartVoice::OfLanguage(_)));
                self.voices.push(PartVoice::OfLanguage(typed.to_owned()));
            }
            name => setting(name)?.set_typed(&mut self.overrides, typed)?,
        }
        Ok(())
    }

    /// Sets the field called `name`.
    pub(crate) fn set(&mut self, name: &str, value: &Value) -> Result<(), UsageError> {
        match (name, value) {
            (VOICE | LANG, Value::String(typed)) => self.set_typed(name, typed),
            (VOICE | LANG, value) => Err(UsageError(format!("{name} {value} is not a string"))),
            (name, value) => setting(name)?.set(&mut self.overrides, value),
        }
    }

    /// Returns the settings of a part of a document.
    pub(crate) fn from_ssml(settings: &SsmlSettings) -> Self {
        let SsmlSettings {
            voices,
            rate,
            volume,
            letters,
        } = settings;
        let voices = voices.iter().map(Arc::clone);
        Self {
            voices: voices.map(PartVoice::OfDocument).collect(),
            overrides: SpeechOverrides {
                spell: (*letters == Letters::Spelled).then_some(true),
                ..SpeechOverrides::default()
            },
            factors: Factors {
                speed: *rate,
                volume: *volume,
            },
            // A line is a sentence.
            line_breaks: Some(LineBreaks::Keep),
            // Nothing of it can fail.
            place: None,
        }
    }

    /// Fills the gaps from a weaker layer. The speaker belongs to the voice.
    pub(crate) fn or(self, weaker: &Self) -> Self {
        let mut weaker_overrides = weaker.overrides.clone();
        let mut voices = match self.voices.first() {
            Some(PartVoice::Named(_)) => Vec::new(),
            _ => weaker.voices.clone(),
        };
        if !self.voices.is_empty() {
            let speaker = weaker_overrides.speaker.take();
            let speaker = speaker.filter(|_| !matches!(self.voices[0], PartVoice::Named(_)));
            voices.extend(speaker.map(PartVoice::Speaker));
        }
        voices.extend(self.voices);
        Self {
            voices,
            overrides: self.overrides.or(&weaker_overrides),
            place: self.place.or(weaker.place),
            ..self
        }
    }
}

/// Returns the setting of that name, if parts may set it.
fn setting(name: &str) -> Result<Setting, UsageError> {
    let known = || Setting::of_texts().map(Setting::name);
    let found = Setting::named(name).filter(|found| known().any(|known| known == found.name()));
    found.ok_or_else(|| {
        let names = || [VOICE, LANG].into_iter().chain(known());
        let nearest = nearest(&name.replace('-', "_"), names());
        let guess = nearest.map_or_else(String::new, |name| format!("did you mean `{name}`? "));
        let names: Vec<_> = names().collect();
        UsageError(format!(
            "unknown key `{name}`; {guess}the keys are {}",
            names.join(", ")
        ))
    })
}
