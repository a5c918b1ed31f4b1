//! The answer to `describe`.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::commands::serve::speech::Speech;
use crate::commands::serve::voices::{OfferedVoice, Voices};

/// Describes the voices on offer: those that are installed, the default one first. Waits
/// for no synthesis.
pub(super) async fn info(speech: &Arc<Speech>) -> Value {
    let voices = speech.read_voices(Voices::list).await.unwrap_or_default();
    let voices: Vec<_> = voices.iter().map(voice).collect();
    json!({"tts": [{
        "name": "piper-rs",
        "description": "Text to speech with Piper's voices",
        "attribution": attribution(),
        "installed": true,
        "version": env!("CARGO_PKG_VERSION"),
        "voices": voices,
        "supports_synthesize_streaming": true,
    }]})
}

fn voice(voice: &OfferedVoice) -> Value {
    let names = voice.config.speaker_names();
    let speakers: Vec<_> = names
        .into_iter()
        .map(|name| json!({"name": name}))
        .collect();
    json!({
        "name": voice.name,
        "description": voice.name,
        "attribution": attribution(),
        "installed": true,
        "version": null,
        "languages": language(voice).into_iter().collect::<Vec<_>>(),
        "speakers": (!speakers.is_empty()).then_some(speakers),
    })
}

/// By this clients list the voices: there is none without one if that can be avoided.
fn language(voice: &OfferedVoice) -> Option<&str> {
    let known = [&voice.language.code, &voice.config.espeak_voice];
    let mut known = known.into_iter().map(String::as_str);
    known.find(|language| !language.is_empty())
}

fn attribution() -> Value {
    json!({"name": "Piper", "url": "https://github.com/OHF-Voice/piper1-gpl"})
}
