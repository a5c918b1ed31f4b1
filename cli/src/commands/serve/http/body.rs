//! The body of a request: of limited length, in limited time.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request};
use axum::http::{HeaderMap, StatusCode, header};
use tokio::time::timeout;

use super::error::ApiError;

/// How long a client may take to send it.
const MAX_TIME: Duration = Duration::from_secs(30);

/// Room for what is not text.
const MAX_OTHER_BYTES: usize = 64 * 1024;

/// The most bytes of a character in JSON: two escapes.
const BYTES_PER_CHAR: usize = 12;

/// Reads a body that may have a text of `max_chars`.
pub(super) async fn read(mut request: Request, max_chars: usize) -> Result<Bytes, ApiError> {
    let max_bytes = max_chars
        .saturating_mul(BYTES_PER_CHAR)
        .saturating_add(MAX_OTHER_BYTES);
    let too_long = || {
        let message = format!("the body is longer than {max_bytes} bytes");
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    if declared_length(request.headers()).is_some_and(|length| length > max_bytes as u64) {
        return Err(too_long());
    }
    DefaultBodyLimit::max(max_bytes).apply(&mut request);
    match timeout(MAX_TIME, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(too_long()),
        Ok(Err(_)) => {
            let message = "the body is not complete, or not as its headers say";
            Err(ApiError::new(StatusCode::BAD_REQUEST, message))
        }
        Err(_) => {
            let message = "the body took too long";
            Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, message))
        }
    }
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}
