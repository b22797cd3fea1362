//! HTTP failures with the error body OpenAI-compatible servers send.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A request that is answered with an HTTP error.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: String,
    code: String,
    retry_after_seconds: Option<u32>,
}

impl Refusal {
    /// A failure a script asked for; what it left open is filled with what is usual for the status.
    pub(crate) fn scripted(
        status: u16,
        message: Option<String>,
        code: Option<String>,
        retry_after_seconds: Option<u32>,
    ) -> Self {
        let (usual_code, usual_message) = match status {
            400 => (
                "context_length_exceeded",
                "This model's maximum context length is 200000 tokens. Please reduce the length of the messages.",
            ),
            401 => (
                "invalid_api_key",
                "Incorrect API key provided (scripted failure).",
            ),
            429 => (
                "rate_limit_exceeded",
                "Rate limit reached (scripted failure). Please try again later.",
            ),
            503 => (
                "server_overloaded",
                "The server is overloaded (scripted failure). Please try again later.",
            ),
            500..=599 => ("server_error", "The server had an error (scripted failure)."),
            _ => ("invalid_request", "The request was refused (scripted failure)."),
        };
        Self {
            // A script's bounds allow 400 to 599 only; an impossible status is still an error.
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            message: message.unwrap_or_else(|| usual_message.to_owned()),
            code: code.unwrap_or_else(|| usual_code.to_owned()),
            retry_after_seconds,
        }
    }

    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code: code.to_owned(),
            retry_after_seconds: None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let kind = match self.status.as_u16() {
            401 | 403 => "authentication_error",
            429 => "rate_limit_error",
            500..=599 => "server_error",
            _ => "invalid_request_error",
        };
        let body = json!({
            "error": { "message": self.message, "type": kind, "param": null, "code": self.code }
        });
        let mut response = (self.status, axum::Json(body)).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
