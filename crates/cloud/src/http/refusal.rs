//! What is answered when something cannot be done.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use serde_json::json;

use cowork_cloud_store::StoreError;

/// A request that is not carried out: its status, a name for programs and a sentence for people, which holds nothing
/// secret. It has the shape of the desktop's own failures, `{code, message}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// What a client branches on.
    pub code: &'static str,
    /// What happened and what to do next.
    pub message: String,
    /// After how many seconds it may be tried again.
    pub retry_after: Option<u32>,
}

impl Refusal {
    /// One without a time to wait.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    /// What was sent cannot be used.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalidInput", message)
    }

    /// Whoever asks has to sign in first.
    #[must_use]
    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signedOut", "Sign in first.")
    }

    /// Whoever asks may not.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "notAllowed", message)
    }

    /// It is not there, or not for whoever asks; the two are not told apart.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "notFound", "There is nothing here.")
    }

    /// Too much at once.
    #[must_use]
    pub fn too_many(message: impl Into<String>, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds.max(1)),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "tooMany", message)
        }
    }

    /// The server cannot now.
    #[must_use]
    pub fn busy(message: impl Into<String>) -> Self {
        Self {
            retry_after: Some(1),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
        }
    }

    /// A fault of this server's own. What it was is in its log, under the request's id.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The server failed; its log says why, under this request's id.",
        )
    }

    /// The headers that belong to it, on an answer.
    pub fn dress(&self, response: &mut Response) {
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(json!({ "code": self.code, "message": self.message }));
        let mut response = (self.status, body).into_response();
        self.dress(&mut response);
        response
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::NotFound(_) => Self::not_found(),
            StoreError::Conflict(why) => Self::new(StatusCode::CONFLICT, "conflict", sentence(why)),
            StoreError::Forbidden(why) => Self::forbidden(sentence(why)),
            StoreError::Invalid { .. } => Self::invalid(sentence(&error.to_string())),
            StoreError::Quota(reached) => Self {
                retry_after: reached.retry_after,
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "quota", sentence(&reached.says()))
            },
            StoreError::Revoked => Self::new(StatusCode::GONE, "revoked", "This pairing is over."),
            StoreError::Busy | StoreError::Closed => {
                tracing::warn!(%error, "the store did not take a request");
                Self::busy("The server is behind or about to stop; try again in a second.")
            }
            passing if passing.may_pass() => {
                tracing::warn!(%error, "the database is away or in somebody's hands");
                Self::busy("The database does not answer; try again in a second.")
            }
            _ => {
                tracing::error!(%error, "the store failed");
                if error.is_about_the_request() {
                    Self::invalid(sentence(&error.to_string()))
                } else {
                    Self::internal()
                }
            }
        }
    }
}

/// What rooms below say begins small and has no end.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().chain(characters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_says_becomes_a_sentence() {
        assert_eq!(sentence("there is no such desktop"), "There is no such desktop.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence(""), ".");
    }

    #[test]
    fn what_is_not_there_and_what_is_not_yours_look_alike() {
        assert_eq!(
            Refusal::from(StoreError::NotFound("desktop")),
            Refusal::not_found()
        );
        assert_eq!(
            Refusal::from(StoreError::NotFound("organization")),
            Refusal::not_found()
        );
    }
}
