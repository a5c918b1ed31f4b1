//! `POST /v1/audio/speech`, as OpenAI's clients send it.

use std::io;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_core::Stream;
use piper_rs::audio::SampleRate;
use piper_rs::encode::SoundFormat;
use piper_rs::protocol::{Delivery, OpenAiRequest, ResponseFormat};
use serde_json::json;

use super::body;
use super::error::ApiError;
use super::response::{Asked, audio, refused, start};
use crate::commands::serve::metrics::Route;
use crate::commands::serve::output::{OutputOptions, OutputStart};
use crate::commands::serve::sound::Sound;
use crate::commands::serve::speech::Speech;

/// The rate of samples without a header, by OpenAI's documentation.
const PCM_RATE: SampleRate = NonZeroU32::new(24_000).unwrap();

const ROUTE: Route = Route::OpenAi;

pub(super) async fn speech(State(speech): State<Arc<Speech>>, request: Request) -> Response {
    let (delivery, format, mut sound) = match begin(&speech, request).await {
        Ok(begun) => begun,
        Err(error) => return refused(&speech, ROUTE, error),
    };
    // Until there is sound, an error has a status.
    let first = match sound.first().await {
        Ok(first) => first,
        Err(failure) => return ApiError::from(failure).into_response(),
    };
    match delivery {
        Delivery::Body => {
            let body = Body::from_stream(sound);
            audio(content_type(format), first.as_ref(), body)
        }
        Delivery::Events => {
            let body = Body::from_stream(Events(Some(sound)));
            audio("text/event-stream", first.as_ref(), body)
        }
    }
}

async fn begin(
    speech: &Arc<Speech>,
    request: Request,
) -> Result<(Delivery, ResponseFormat, Sound), ApiError> {
    let is_native = asks_for_native_rate(request.uri())?;
    let body = body::read(request, speech.limits().max_chars).await?;
    let request = OpenAiRequest::from_json(&body)?;
    let format = request.format.unwrap_or_else(default_format);
    let asked = Asked {
        route: ROUTE,
        text: request.input,
        text_field: "input",
        voice: request.voice,
        no_voice: StatusCode::BAD_REQUEST,
        settings: request.settings,
        output: OutputOptions {
            format: sound_format(format),
            rate: (format == ResponseFormat::Pcm && !is_native).then_some(PCM_RATE),
            start: OutputStart::AtOnce,
        },
    };
    Ok((request.delivery, format, start(speech, asked).await?))
}

/// Reads `?rate=native`.
fn asks_for_native_rate(uri: &Uri) -> Result<bool, ApiError> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let rate = pairs
        .filter_map(|pair| pair.strip_prefix("rate="))
        .next_back();
    match rate {
        None => Ok(false),
        Some("native") => Ok(true),
        Some(other) => {
            let message = format!("rate `{other}` is not `native`");
            Err(ApiError::new(StatusCode::BAD_REQUEST, message).of_field("rate", "invalid_value"))
        }
    }
}

/// MP3, as OpenAI's clients expect, if there is an encoder.
fn default_format() -> ResponseFormat {
    match SoundFormat::Mp3.check() {
        Ok(()) => ResponseFormat::Mp3,
        Err(_) => ResponseFormat::Wav,
    }
}

fn sound_format(format: ResponseFormat) -> SoundFormat {
    match format {
        ResponseFormat::Mp3 => SoundFormat::Mp3,
        ResponseFormat::Opus => SoundFormat::Opus,
        ResponseFormat::Flac => SoundFormat::Flac,
        ResponseFormat::Wav => SoundFormat::Wav,
        ResponseFormat::Pcm => SoundFormat::S16le,
    }
}

fn content_type(format: ResponseFormat) -> &'static str {
    match format {
        ResponseFormat::Mp3 => "audio/mpeg",
        ResponseFormat::Opus => "audio/ogg",
        ResponseFormat::Flac => "audio/flac",
        ResponseFormat::Wav => "audio/wav",
        ResponseFormat::Pcm => "audio/pcm",
    }
}

/// Sound as server-sent events. `None` after the last.
struct Events(Option<Sound>);

impl Stream for Events {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(sound) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let polled = std::task::ready!(Pin::new(sound).poll_next(context));
        let event = match polled {
            Some(Ok(bytes)) => {
                let audio = BASE64_STANDARD.encode(bytes);
                json!({"type": "speech.audio.delta", "audio": audio})
            }
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => {
                self.0 = None;
                // Nothing here counts tokens, and clients read the numbers.
                let usage = json!({"input_tokens": 0, "output_tokens": 0, "total_tokens": 0});
                json!({"type": "speech.audio.done", "usage": usage})
            }
        };
        Poll::Ready(Some(Ok(format!("data: {event}\n\n").into())))
    }
}
