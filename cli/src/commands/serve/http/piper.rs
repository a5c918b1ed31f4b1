//! `POST /synthesize`, as clients of Piper's own server send it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use piper_rs::encode::SoundFormat;
use piper_rs::protocol::PiperRequest;

use super::body;
use super::error::ApiError;
use super::response::{Asked, audio, refused, start};
use crate::commands::serve::metrics::Route;
use crate::commands::serve::output::{OutputOptions, OutputStart};
use crate::commands::serve::sound::{Failure, Sound};
use crate::commands::serve::speech::Speech;

const ROUTE: Route = Route::Piper;

pub(super) async fn synthesize(State(speech): State<Arc<Speech>>, request: Request) -> Response {
    let sound = match begin(&speech, request).await {
        Ok(sound) => sound,
        Err(error) => return refused(&speech, ROUTE, error),
    };
    match wav(sound).await {
        Ok(response) => response,
        Err(failure) => ApiError::from(failure).into_response(),
    }
}

async fn begin(speech: &Arc<Speech>, request: Request) -> Result<Sound, ApiError> {
    let body = body::read(request, speech.limits().max_chars).await?;
    let request = PiperRequest::from_json(&body)?;
    let asked = Asked {
        route: ROUTE,
        text: request.text,
        text_field: "text",
        voice: request.voice,
        no_voice: StatusCode::NOT_FOUND,
        settings: request.settings,
        output: OutputOptions {
            format: SoundFormat::Wav,
            rate: None,
            start: OutputStart::Whole,
        },
    };
    start(speech, asked).await
}

async fn wav(mut sound: Sound) -> Result<Response, Failure> {
    const WAV: &str = "audio/wav";
    if let Some(whole) = sound.only_piece().await? {
        let body = Body::from(whole.bytes.clone());
        return Ok(audio(WAV, Some(&whole), body));
    }
    let first = sound.first().await?;
    Ok(audio(WAV, first.as_ref(), Body::from_stream(sound)))
}
