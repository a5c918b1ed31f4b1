//! Parts: a text that is spoken in several ways, by several voices, with pauses of
//! its own. `--inline` and `--cast` make them of a text.

pub(crate) mod cast;
mod part_voices;
mod reader;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use piper_rs::parts::ssml::SsmlMark;
use piper_rs::synth::TextEnd;
use piper_rs::voice::content_hash::ContentHash;

use self::part_voices::PartVoices;
pub(crate) use part_voices::{language_in, speaks};
pub(crate) use reader::PartReader;
pub(crate) use settings::{Factors, PartSettings, PartVoice};

use self::cast::Cast;
use crate::args::PartArgs;
use crate::environment::VoiceFolders;
use crate::speech::settings::Settings;
use crate::terminal::report::Reporter;

/// What is next in a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    Speech(SpeechPart),
    /// Exactly this silence, instead of the pause that would be there.
    Pause(Duration),
}

/// Text that is spoken in one way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SpeechPart {
    pub(crate) text: String,
    pub(crate) settings: Arc<PartSettings>,
    /// What follows it.
    pub(crate) end: TextEnd,
    /// Places in the text that have names.
    pub(crate) marks: Vec<SsmlMark>,
}

/// Which notations of parts texts have. By default none: a text is one part.
#[derive(Debug, Clone, Default)]
struct Notation {
    /// Whether `[[pause …]]` and `{{…}}` are marks.
    inline: bool,
    /// Who speaks the lines of a dialogue.
    cast: Option<Arc<Cast>>,
}

/// How texts are divided, and who speaks their parts.
pub(crate) struct Parts {
    notation: Notation,
    voices: PartVoices,
    reporter: Arc<Reporter>,
}

impl Part {
    /// Returns a text that is spoken as the options say.
    pub(crate) fn whole(text: impl Into<String>) -> Self {
        Self::Speech(SpeechPart {
            text: text.into(),
            settings: Arc::default(),
            end: TextEnd::Line,
            marks: Vec::new(),
        })
    }

    /// Returns how it is spoken, unless it is a pause.
    pub(crate) fn settings(&self) -> Option<&PartSettings> {
        match self {
            Self::Speech(speech) => Some(&speech.settings),
            Self::Pause(_) => None,
        }
    }

    /// Returns what is spoken of some parts.
    pub(crate) fn words(parts: &[Self]) -> String {
        let texts = parts.iter().filter_map(|part| match part {
            Self::Speech(speech) => Some(speech.text.as_str()),
            Self::Pause(_) => None,
        });
        texts.collect()
    }
}

impl Notation {
    /// Returns whether texts may have several parts.
    fn has_parts(&self) -> bool {
        self.inline || self.cast.is_some()
    }
}

impl Parts {
    /// Reads the options, and the file of the cast. Fails if a voice of the cast is
    /// not in `folders`.
    pub(crate) fn from_args(
        args: &PartArgs,
        folders: &VoiceFolders,
        reporter: &Arc<Reporter>,
    ) -> anyhow::Result<Self> {
        let cast = args.cast.as_deref().map(Cast::read).transpose()?;
        let parts = Self {
            notation: Notation {
                inline: args.inline,
                cast: cast.map(Arc::new),
            },
            ..Self::none(folders, reporter)
        };
        if let Some(cast) = &parts.notation.cast {
            for voice in cast.voices() {
                let found = parts.voices.find(voice);
                found.with_context(|| cast.path().display().to_string())?;
            }
        }
        Ok(parts)
    }

    /// Only documents have parts.
    pub(crate) fn none(folders: &VoiceFolders, reporter: &Arc<Reporter>) -> Self {
        Self {
            notation: Notation::default(),
            voices: PartVoices::new(folders.clone()),
            reporter: Arc::clone(reporter),
        }
    }

    /// Returns whether texts other than documents may have several parts.
    pub(crate) fn divides_texts(&self) -> bool {
        self.notation.has_parts()
    }

    /// Returns a reader of the parts of one text.
    pub(crate) fn reader(&self) -> PartReader<'_> {
        PartReader::new(&self.notation, &self.reporter)
    }

    /// Returns the settings of a part of a text with `settings`. A language that no
    /// voice has is noted, and the voice stays.
    pub(crate) fn settings(
        &self,
        part: &PartSettings,
        settings: &Settings,
    ) -> anyhow::Result<Settings> {
        self.voices.apply(part, settings, &self.reporter)
    }

    /// Notes how many names were unknown besides those that were named.
    pub(crate) fn report_unknown_names(&self) {
        if let Some(cast) = &self.notation.cast {
            cast.report_unknown_names(&self.reporter);
        }
    }

    /// Returns a hash of how texts are divided, the cast included.
    pub(crate) fn notation_hash(&self) -> ContentHash {
        let Notation { inline, cast } = &self.notation;
        let cast = cast.as_ref().map(|cast| cast.content_hash());
        let cast: &[u8] = cast.as_ref().map_or(&[], |hash| hash.as_bytes());
        ContentHash::of_parts([&[u8::from(*inline)], cast])
    }
}
