//! What there is: models, voices, the state of the server.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use piper_rs::voice::VoiceConfig;
use serde_json::{Map, Value, json};

use crate::commands::serve::metrics::{Route, RouteOutcome};
use crate::commands::serve::metrics_page;
use crate::commands::serve::speech::Speech;
use crate::commands::serve::voices::{OfferedVoice, Voices};
use crate::speech::setting::shortest;

/// The models that OpenAI's clients ask for. All are the same here: the voice decides.
const MODELS: [&str; 4] = ["piper", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"];

/// `GET /v1/models`.
pub(super) async fn models(State(speech): State<Arc<Speech>>) -> Json<Value> {
    count(&speech);
    let model =
        |id: &str| json!({"id": id, "object": "model", "created": 0, "owned_by": "piper-rs"});
    let data: Vec<_> = MODELS.into_iter().map(model).collect();
    Json(json!({"object": "list", "data": data}))
}

/// `GET /v1/audio/voices`, as other servers with OpenAI's routes have it.
pub(super) async fn openai_voices(State(speech): State<Arc<Speech>>) -> Json<Value> {
    let voice = |voice: &OfferedVoice| {
        json!({
            "id": voice.name,
            "name": voice.name,
            "language": voice.language.code,
            "sample_rate": voice.config.sample_rate.get(),
            "speakers": speakers(&voice.config),
            "default": voice.is_default,
        })
    };
    let voices = list(&speech).await;
    let voices: Vec<_> = voices.iter().map(voice).collect();
    Json(json!({"object": "list", "data": voices, "voices": voices}))
}

/// `GET /voices`: by name, the fields of each config that Piper's clients read.
pub(super) async fn piper_voices(State(speech): State<Arc<Speech>>) -> Json<Value> {
    let voices = list(&speech).await.into_iter().map(|voice| {
        let config = &voice.config;
        let fields = json!({
            "audio": {"sample_rate": config.sample_rate.get(), "quality": config.quality},
            "espeak": {"voice": config.espeak_voice},
            "language": voice.language,
            "inference": {
                "noise_scale": shortest(config.scales.noise_scale),
                "length_scale": shortest(config.scales.length_scale),
                "noise_w": shortest(config.scales.noise_w),
            },
            "num_speakers": config.num_speakers,
            "speaker_id_map": config.speaker_id_map.iter().collect::<BTreeMap<_, _>>(),
        });
        (voice.name, fields)
    });
    Json(voices.collect::<Map<_, _>>().into())
}

/// `GET /metrics`.
pub(super) async fn metrics(State(speech): State<Arc<Speech>>) -> impl IntoResponse {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    let text = metrics_page::render(&speech);
    ([(header::CONTENT_TYPE, content_type)], text)
}

async fn list(speech: &Arc<Speech>) -> Vec<OfferedVoice> {
    count(speech);
    speech.read_voices(Voices::list).await.unwrap_or_default()
}

fn count(speech: &Speech) {
    speech.metrics().count(Route::Other, RouteOutcome::Done);
}

/// What to call a voice's speakers, if there is a choice or the only one has a name.
fn speakers(config: &VoiceConfig) -> Vec<String> {
    let is_choice = config.num_speakers > 1 || !config.speaker_names().is_empty();
    match is_choice {
        true => config.speaker_labels(),
        false => Vec::new(),
    }
}
