//! The body of a request: of limited length, in limited time.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
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
pub(super) async fn read(request: Request, max_chars: usize) -> Result<Bytes, ApiError> {
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
    read_limited(request.into_body(), max_bytes)
        .await?
        .ok_or_else(too_long)
}

/// Returns `None` if it is too long, or if the client has left.
async fn read_limited(body: Body, max_bytes: usize) -> Result<Option<Bytes>, ApiError> {
    match timeout(MAX_TIME, to_bytes(body, max_bytes)).await {
        Ok(read) => Ok(read.ok()),
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
