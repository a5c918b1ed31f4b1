//! From a request to its sound, and from that to a response.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use piper_rs::manifest::Record;
use piper_rs::text;

use super::error::ApiError;
use crate::commands::serve::job::{Job, JobText};
use crate::commands::serve::metrics::Route;
use crate::commands::serve::output::OutputOptions;
use crate::commands::serve::sound::{Piece, Sound};
use crate::commands::serve::speech::Speech;
use crate::speech::request::override_speech;

const SAMPLE_RATE: HeaderName = HeaderName::from_static("x-sample-rate");

/// What a client asks for, whatever its protocol calls it.
pub(super) struct Asked {
    pub(super) route: Route,
    pub(super) text: String,
    /// The field that has the text.
    pub(super) text_field: &'static str,
    pub(super) voice: Option<String>,
    /// The status for a voice that is not on offer.
    pub(super) no_voice: StatusCode,
    pub(super) settings: Record,
    pub(super) output: OutputOptions,
}

/// Starts to speak.
pub(super) async fn start(speech: &Arc<Speech>, mut asked: Asked) -> Result<Sound, ApiError> {
    let bad = |message: String| ApiError::new(StatusCode::BAD_REQUEST, message);
    let (n_chars, max_chars) = (asked.text.chars().count(), speech.limits().max_chars);
    if n_chars > max_chars {
        let message = format!("the text has {n_chars} characters, more than {max_chars}");
        let code = "string_above_max_length";
        return Err(bad(message).of_field(asked.text_field, code));
    }
    if asked.text.trim().is_empty() {
        let message = "the text is empty".to_owned();
        return Err(bad(message).of_field(asked.text_field, "empty_string"));
    }
    let voice = match asked.voice.take() {
        None => speech.default_voice(),
        Some(name) => {
            let found = speech.read_voices({
                let name = name.clone();
                move |voices| voices.find(&name)
            });
            found.await.flatten().ok_or_else(|| {
                let message = format!("no voice `{name}`; /v1/audio/voices lists the names");
                ApiError::new(asked.no_voice, message).of_field("voice", "voice_not_found")
            })?
        }
    };
    let mut settings = speech.settings_of(&voice);
    override_speech(&mut settings, &mut asked.settings).map_err(|error| bad(error.to_string()))?;
    let job = Job {
        route: asked.route,
        voice: voice.files,
        settings,
        text: JobText::Whole(text::plain(&asked.text).into_owned()),
        output: asked.output,
    };
    Ok(job.start(speech)?)
}

/// Returns the response that sends a sound.
pub(super) fn audio(content_type: &'static str, first: Option<&Piece>, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let content_type = HeaderValue::from_static(content_type);
    headers.insert(header::CONTENT_TYPE, content_type);
    let no_store = HeaderValue::from_static("no-store");
    headers.insert(header::CACHE_CONTROL, no_store);
    if let Some(first) = first {
        headers.insert(SAMPLE_RATE, first.rate.get().into());
    }
    response
}

/// Counts a request that has no job, and returns its error.
pub(super) fn refused(speech: &Speech, route: Route, error: ApiError) -> Response {
    speech.metrics().count(route, error.outcome());
    error.into_response()
}
