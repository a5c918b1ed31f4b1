//! The requests of Wyoming: a whole text, or one that arrives in pieces.

use std::sync::{Arc, mpsc};

use piper_rs::encode::SoundFormat;
use piper_rs::text::plain;
use piper_rs::voice::Speaker;
use serde_json::{Map, Value};

use crate::commands::serve::job::{Job, JobText};
use crate::commands::serve::metrics::{Route, RouteOutcome};
use crate::commands::serve::output::{OutputOptions, OutputStart};
use crate::commands::serve::sound::Sound;
use crate::commands::serve::speech::Speech;
use crate::commands::serve::voices::Voices;

const OUTPUT: OutputOptions = OutputOptions {
    format: SoundFormat::S16le,
    rate: None,
    start: OutputStart::AtOnce,
};

/// The longest name of a voice, a language or a speaker.
const MAX_NAME_BYTES: usize = 256;

/// Why a request is not spoken.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refused {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }
}

/// A whole text.
pub(super) struct WholeText {
    text: String,
    n_chars: usize,
    voice: VoiceChoice,
}

/// Sends a text to its job in pieces. Dropping it ends the text.
pub(super) struct TextSender {
    n_chars: usize,
    pieces: mpsc::Sender<String>,
}

/// What a client says about the voice. Nothing is empty.
#[derive(Default)]
struct VoiceChoice {
    name: Option<String>,
    language: Option<String>,
    speaker: Option<String>,
}

impl WholeText {
    /// Reads a `synthesize`.
    pub(super) fn read(speech: &Speech, data: &Map<String, Value>) -> Result<Self, Refused> {
        let text = text(speech, data)?;
        let n_chars = text.chars().count();
        check_length(speech, n_chars)?;
        Ok(Self {
            text: plain(text).into_owned(),
            n_chars,
            voice: VoiceChoice::read(speech, data)?,
        })
    }

    pub(super) fn n_chars(&self) -> usize {
        self.n_chars
    }

    /// Starts to speak it.
    pub(super) async fn start(self, speech: &Arc<Speech>) -> Result<Sound, Refused> {
        start(speech, self.voice, JobText::Whole(self.text)).await
    }
}

impl TextSender {
    /// Reads a `synthesize-start`, and starts to speak what will come.
    pub(super) async fn start(
        speech: &Arc<Speech>,
        data: &Map<String, Value>,
    ) -> Result<(Self, Sound), Refused> {
        let voice = VoiceChoice::read(speech, data)?;
        let (text, pieces) = Self::channel();
        let sound = start(speech, voice, JobText::Arriving(pieces)).await?;
        Ok((text, sound))
    }

    /// Returns a text, and where its pieces arrive.
    pub(super) fn channel() -> (Self, mpsc::Receiver<String>) {
        let (pieces, arriving) = mpsc::channel();
        (Self { n_chars: 0, pieces }, arriving)
    }

    /// Takes the piece of a `synthesize-chunk`.
    pub(super) fn push(
        &mut self,
        speech: &Speech,
        data: &Map<String, Value>,
    ) -> Result<(), Refused> {
        let text = text(speech, data)?;
        self.n_chars += text.chars().count();
        check_length(speech, self.n_chars)?;
        // If the job has failed, its sound says so.
        _ = self.pieces.send(text.to_owned());
        Ok(())
    }
}

impl VoiceChoice {
    fn read(speech: &Speech, data: &Map<String, Value>) -> Result<Self, Refused> {
        let voice = match data.get("voice") {
            None | Some(Value::Null) => return Ok(Self::default()),
            Some(Value::Object(voice)) => voice,
            Some(_) => return Err(bad_field(speech, "voice", "an object with a `name`")),
        };
        let field = |name: &'static str| match voice.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(value)) if value.len() > MAX_NAME_BYTES => {
                let message =
                    format!("the {name} of the voice has more than {MAX_NAME_BYTES} bytes");
                Err(refused(speech, "too-long", message))
            }
            Some(Value::String(value)) => Ok(Some(value.clone()).filter(|name| !name.is_empty())),
            Some(_) => Err(bad_field(speech, name, "a string")),
        };
        Ok(Self {
            name: field("name")?,
            language: field("language")?,
            speaker: field("speaker")?,
        })
    }
}

async fn start(speech: &Arc<Speech>, choice: VoiceChoice, text: JobText) -> Result<Sound, Refused> {
    let VoiceChoice {
        name,
        language,
        speaker,
    } = choice;
    let (asked_name, asked_language) = (name.clone(), language.clone());
    let choose = move |voices: &Voices| voices.choose(name.as_deref(), language.as_deref());
    let Some(voice) = speech.read_voices(choose).await.flatten() else {
        let message = match asked_name {
            Some(name) => format!("no voice `{name}` is on offer"),
            None => {
                let language = asked_language.unwrap_or_default();
                format!("no voice on offer speaks `{language}`")
            }
        };
        return Err(refused(speech, "voice-not-found", message));
    };
    let mut settings = speech.settings_of(&voice);
    if let Some(speaker) = speaker {
        settings.overrides.speaker = Some(Speaker::from(&*speaker));
    }
    let job = Job {
        route: Route::Wyoming,
        voice: voice.files,
        settings,
        text,
        output: OUTPUT,
    };
    job.start(speech).map_err(|refusal| {
        speech.metrics().count(Route::Wyoming, RouteOutcome::Busy);
        Refused::new("busy", refusal.to_string())
    })
}

fn text<'a>(speech: &Speech, data: &'a Map<String, Value>) -> Result<&'a str, Refused> {
    let text = data.get("text").and_then(Value::as_str);
    text.ok_or_else(|| bad_field(speech, "text", "a string"))
}

fn bad_field(speech: &Speech, name: &str, expected: &str) -> Refused {
    refused(speech, "bad-message", format!("`{name}` is not {expected}"))
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

/// Counts a request that has no job, and returns why it is refused.
pub(super) fn refused(speech: &Speech, code: &'static str, message: impl Into<String>) -> Refused {
    let (route, outcome) = (Route::Wyoming, RouteOutcome::Refused);
    speech.metrics().count(route, outcome);
    Refused::new(code, message)
}
