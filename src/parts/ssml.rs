//! What SSML says about a text: the parts of a document, as it gives them.

use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::Place;

/// A part of a document of SSML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum SsmlPart {
    /// Text that is spoken in one way.
    Speech(SsmlSpeech),
    /// Exactly this silence.
    Pause(Duration),
    /// What the document asks for and does not get, in words. Each is told once.
    Ignored(String),
}

/// Text that is spoken in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SsmlSpeech {
    /// The words, with phonemes in `[[…]]`. It ends with a line end after a
    /// sentence, with two after a paragraph.
    pub text: String,
    /// How it is spoken.
    #[serde(serialize_with = "settings")]
    pub settings: Arc<SsmlSettings>,
    /// Where it begins.
    #[serde(skip)]
    pub place: Place,
    /// Places in the text that have names, in order. They change nothing that is heard.
    #[serde(skip)]
    pub marks: Vec<SsmlMark>,
}

/// A place in a text that has a name: `<mark name="…"/>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsmlMark {
    /// As the document has it.
    pub name: String,
    /// The byte of [`SsmlSpeech::text`] that it is before.
    pub at: usize,
}

/// How a text is spoken, where that differs from the default.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SsmlSettings {
    /// Whose voice it is. Each choice, of four at most, is made after those before
    /// it. Texts share them.
    #[serde(serialize_with = "voices")]
    pub voices: Arc<[Arc<SsmlVoice>]>,
    /// A factor on the speed.
    pub rate: f32,
    /// A factor on the volume.
    pub volume: f32,
    /// Whether letters are spoken instead of words.
    pub letters: Letters,
}

/// Whether a text is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
pub enum Letters {
    /// Words are read.
    #[default]
    AsWords,
    /// Each letter is read by its name.
    Spelled,
}

/// A choice of a voice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum SsmlVoice {
    /// The first of these names that is installed.
    Named(Vec<String>),
    /// A voice of this language, such as `en-GB`, unless the current one speaks it.
    OfLanguage(String),
}

fn settings<S: Serializer>(settings: &Arc<SsmlSettings>, serializer: S) -> Result<S::Ok, S::Error> {
    settings.as_ref().serialize(serializer)
}

fn voices<S: Serializer>(voices: &Arc<[Arc<SsmlVoice>]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(voices.iter().map(AsRef::as_ref))
}

/// The factors are finite.
impl Eq for SsmlSettings {}

impl Default for SsmlSettings {
    /// As the caller speaks by default.
    fn default() -> Self {
        Self {
            voices: Arc::default(),
            rate: 1.0,
            volume: 1.0,
            letters: Letters::AsWords,
        }
    }
}
