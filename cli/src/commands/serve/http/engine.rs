//! `/engine/…`: the models, for `speak --connect`.
//!
//! These routes name voices by path, so they are only on the socket of the user, who can
//! read the same files without them.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use piper_rs::protocol::engine::MAX_IDS;
use piper_rs::protocol::{EngineIdentity, SentenceRequest, VoiceRequest};

use super::body;
use super::error::ApiError;
use super::response::refused;
use crate::commands::serve::metrics::{Route, RouteOutcome};
use crate::commands::serve::request::{self, Work};
use crate::commands::serve::sound::Sound;
use crate::commands::serve::speech::Speech;

const ROUTE: Route = Route::Engine;

/// `POST /engine`: whether the client would use the same engine.
pub(super) async fn identity(State(speech): State<Arc<Speech>>, request: Request) -> Response {
    let checked = read(request)
        .await
        .and_then(|body| check(&speech, &EngineIdentity::from_json(&body)?));
    match checked {
        Ok(()) => {
            speech.metrics().count(ROUTE, RouteOutcome::Done);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => refused(&speech, ROUTE, error),
    }
}

/// `POST /engine/voice`: loads a voice.
pub(super) async fn voice(State(speech): State<Arc<Speech>>, request: Request) -> Response {
    let started = read(request).await.and_then(|body| {
        let request = VoiceRequest::from_json(&body)?;
        check(&speech, &request.engine)?;
        start(&speech, request)
    });
    respond(&speech, started).await
}

/// `POST /engine/sentence`: the samples of a sentence.
pub(super) async fn sentence(State(speech): State<Arc<Speech>>, request: Request) -> Response {
    let started = read(request).await.and_then(|body| {
        let request = SentenceRequest::from_json(&body)?;
        check(&speech, &request.engine)?;
        start(&speech, request)
    });
    respond(&speech, started).await
}

async fn read(request: Request) -> Result<Bytes, ApiError> {
    body::read(request, MAX_IDS).await
}

fn check(speech: &Speech, engine: &EngineIdentity) -> Result<(), ApiError> {
    match speech.identity().difference(engine) {
        None => Ok(()),
        Some(what) => {
            let message = format!("the server uses {what}");
            Err(ApiError::new(StatusCode::CONFLICT, message))
        }
    }
}

fn start(speech: &Arc<Speech>, work: impl Work) -> Result<Sound, ApiError> {
    Ok(request::start(speech, ROUTE, work)?)
}

async fn respond(speech: &Speech, started: Result<Sound, ApiError>) -> Response {
    let mut sound = match started {
        Ok(sound) => sound,
        Err(error) => return refused(speech, ROUTE, error),
    };
    // Until there is something to send, an error has a status.
    match sound.first().await {
        Ok(_) => Body::from_stream(sound).into_response(),
        Err(failure) => ApiError::from(failure).into_response(),
    }
}
