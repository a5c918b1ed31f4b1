//! Refused and failed requests, in the form of OpenAI's errors.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use piper_rs::protocol::BadRequest;
use serde_json::json;

use crate::commands::serve::metrics::RouteOutcome;
use crate::commands::serve::sound::{Failure, FailureKind};
use crate::commands::serve::speech::Refusal;

/// How long a client of a busy server should wait, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// How a client is to send a token.
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");

/// Why there is no sound.
#[derive(Debug)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) message: String,
    /// The field of the request that is wrong.
    pub(super) field: Option<&'static str>,
    /// For programs.
    pub(super) code: Option<&'static str>,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            field: None,
            code: None,
        }
    }

    pub(super) fn of_field(self, field: &'static str, code: &'static str) -> Self {
        Self {
            field: Some(field),
            code: Some(code),
            ..self
        }
    }

    /// How the request is counted.
    pub(super) fn outcome(&self) -> RouteOutcome {
        match self.status {
            StatusCode::SERVICE_UNAVAILABLE => RouteOutcome::Busy,
            status if status.is_client_error() => RouteOutcome::Refused,
            _ => RouteOutcome::Failed,
        }
    }
}

impl From<BadRequest> for ApiError {
    fn from(error: BadRequest) -> Self {
        Self {
            field: error.field,
            ..Self::new(StatusCode::BAD_REQUEST, error.message)
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let message = format!("{refusal}: try again in a moment");
        Self {
            code: Some("busy"),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
        }
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        let status = match failure.kind {
            FailureKind::Client => StatusCode::BAD_REQUEST,
            FailureKind::Conflict => StatusCode::CONFLICT,
            FailureKind::Server => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, failure.message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let kind = match self.status.is_client_error() {
            true => "invalid_request_error",
            false => "server_error",
        };
        let body = json!({"error": {
            "message": self.message,
            "type": kind,
            "param": self.field,
            "code": self.code,
        }});
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        match self.status {
            StatusCode::SERVICE_UNAVAILABLE => headers.insert(header::RETRY_AFTER, RETRY_AFTER),
            StatusCode::UNAUTHORIZED => headers.insert(header::WWW_AUTHENTICATE, BEARER),
            _ => None,
        };
        response
    }
}

pub(super) async fn no_route() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "there is nothing at this path")
}

pub(super) async fn no_method() -> ApiError {
    let message = "this path does not take this method";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, message)
}
