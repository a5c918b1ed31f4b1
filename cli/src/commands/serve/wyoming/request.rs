//! The requests of Wyoming: a whole text, or one that arrives in pieces.

use std::sync::{Arc, mpsc};

use piper_rs::chunk::ChunkOptions;
use piper_rs::encode::SoundFormat;
use piper_rs::synth::TextEnd;
use piper_rs::text::plain;
use piper_rs::voice::{Speaker, VoiceConfig, VoiceFiles};
use serde_json::{Map, Value};

use super::sentences::Sentences;
use crate::commands::serve::job::{self, Job, JobText, TextPiece};
use crate::commands::serve::metrics::{Route, RouteOutcome};
use crate::commands::serve::output::{OutputOptions, OutputStart};
use crate::commands::serve::sound::Sound;
use crate::commands::serve::speech::Speech;
use crate::commands::serve::voices::Voices;
use crate::speech::settings::Settings;

const OUTPUT: OutputOptions = OutputOptions {
    format: SoundFormat::S16le,
    rate: None,
    start: OutputStart::AtOnce,
};

/// Why a request is not spoken.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refused {
    pub(super) fn new(code: &'static str, message: String) -> Self {
        Self { code, message }
    }
}

/// A text that arrives in pieces.
pub(super) struct Arriving {
    voice: ChosenVoice,
    sentences: Sentences,
    n_chars: usize,
    /// `None` until there is a sentence.
    pieces: Option<mpsc::Sender<TextPiece>>,
}

/// The voice of a request.
struct ChosenVoice {
    files: VoiceFiles,
    settings: Settings,
    /// How its language ends sentences.
    chunks: ChunkOptions,
}

/// Starts to speak a whole text.
pub(super) async fn begin(
    speech: &Arc<Speech>,
    data: &Map<String, Value>,
) -> Result<Sound, Refused> {
    let text = data.get("text").and_then(Value::as_str).unwrap_or_default();
    check_length(speech, text.chars().count())?;
    let text = plain(text).into_owned();
    let voice = choose(speech, data).await?;
    voice.start(speech, JobText::Whole(text))
}

/// Prepares for a text that arrives in pieces.
pub(super) async fn begin_arriving(
    speech: &Arc<Speech>,
    data: &Map<String, Value>,
) -> Result<Arriving, Refused> {
    let voice = choose(speech, data).await?;
    Ok(Arriving {
        sentences: Sentences::new(voice.chunks.clone()),
        voice,
        n_chars: 0,
        pieces: None,
    })
}

impl Arriving {
    /// Takes a piece of the text. Returns the sound with the first complete sentence.
    pub(super) fn push(
        &mut self,
        speech: &Arc<Speech>,
        text: &str,
    ) -> Result<Option<Sound>, Refused> {
        self.n_chars += text.chars().count();
        check_length(speech, self.n_chars)?;
        match self.sentences.push(text) {
            None => Ok(None),
            Some(text) => {
                let end = TextEnd::Open;
                self.send(speech, TextPiece { text, end })
            }
        }
    }

    /// Speaks the rest. Returns the sound, unless it has been returned.
    pub(super) fn finish(mut self, speech: &Arc<Speech>) -> Result<Option<Sound>, Refused> {
        let text = self.sentences.take_rest();
        let end = TextEnd::Line;
        self.send(speech, TextPiece { text, end })
    }

    fn send(&mut self, speech: &Arc<Speech>, piece: TextPiece) -> Result<Option<Sound>, Refused> {
        if let Some(pieces) = &self.pieces {
            // If the job has failed, its sound says so.
            _ = pieces.send(piece);
            return Ok(None);
        }
        let (pieces, arriving) = mpsc::channel();
        _ = pieces.send(piece);
        self.pieces = Some(pieces);
        self.voice
            .start(speech, JobText::Arriving(arriving))
            .map(Some)
    }
}

impl ChosenVoice {
    fn start(&self, speech: &Arc<Speech>, text: JobText) -> Result<Sound, Refused> {
        let job = Job {
            route: Route::Wyoming,
            voice: self.files.clone(),
            settings: self.settings.clone(),
            text,
            output: OUTPUT,
        };
        job::start(speech, job).map_err(|refusal| {
            speech.metrics().count(Route::Wyoming, RouteOutcome::Busy);
            Refused::new("busy", refusal.to_string())
        })
    }
}

fn check_length(speech: &Speech, n_chars: usize) -> Result<(), Refused> {
    let max_chars = speech.limits().max_chars;
    match n_chars <= max_chars {
        true => Ok(()),
        false => {
            let message = format!("the text has more than {max_chars} characters");
            Err(refused(speech, "too-long", message))
        }
    }
}

fn refused(speech: &Speech, code: &'static str, message: String) -> Refused {
    let (route, outcome) = (Route::Wyoming, RouteOutcome::Refused);
    speech.metrics().count(route, outcome);
    Refused::new(code, message)
}

async fn choose(speech: &Arc<Speech>, data: &Map<String, Value>) -> Result<ChosenVoice, Refused> {
    let voice = data.get("voice").and_then(Value::as_object);
    let field = |name: &str| voice.and_then(|voice| voice.get(name)?.as_str());
    let owned = |name: &str| field(name).map(str::to_owned);
    let (name, language) = (owned("name"), owned("language"));
    let choose = move |voices: &Voices| {
        let files = voices.choose(name.as_deref(), language.as_deref())?;
        Some((VoiceConfig::of(&files), files))
    };
    let Some((config, files)) = speech.read_voices(choose).await.flatten() else {
        let message = match field("name").filter(|name| !name.is_empty()) {
            Some(name) => format!("no voice `{name}` is on offer"),
            None => {
                let language = field("language").unwrap_or_default();
                format!("no voice on offer speaks `{language}`")
            }
        };
        return Err(refused(speech, "voice-not-found", message));
    };
    let mut settings = speech.settings_of(&files);
    if let Some(speaker) = field("speaker").filter(|speaker| !speaker.is_empty()) {
        settings.overrides.speaker = Some(Speaker::from(speaker));
    }
    let chunks = ChunkOptions {
        // A voice without a readable config cannot speak: its job tells.
        language: config.map(|config| config.espeak_voice).unwrap_or_default(),
        ..settings.chunks.clone()
    };
    Ok(ChosenVoice {
        files,
        settings,
        chunks,
    })
}
