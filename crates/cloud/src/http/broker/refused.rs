//! What a desktop is told when something cannot be done: `{error, message}`, whose first 256 characters it keeps.

use axum::Json;
use axum::response::{IntoResponse, Response};
use cowork_cloud_store::StoreError;
use http::StatusCode;
use serde_json::json;

use crate::http::refusal::Refusal;

/// A refusal as a desktop is told it.
#[derive(Debug)]
pub(super) struct Refused(pub(super) Refusal);

impl Refused {
    pub(super) fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self(Refusal::new(status, error, message))
    }

    /// The one answer to everything that is wrong with who a request says it is from.
    pub(super) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "This server does not know this pairing.",
        )
    }

    pub(super) fn revoked() -> Self {
        Self::new(StatusCode::FORBIDDEN, "revoked", "This pairing is over.")
    }

    /// A field that cannot be used.
    pub(super) fn field(field: &str, why: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", format!("`{field}` {why}."))
    }

    pub(super) fn other_pairing(field: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "mismatch",
            format!("`{field}` is not what the request's header says."),
        )
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(refusal) = self;
        let body = Json(json!({ "error": refusal.code, "message": refusal.message }));
        let mut response = (refusal.status, body).into_response();
        refusal.dress(&mut response);
        response
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        // The page's word for it; desktops have had another since before there was a page.
        let code = if refusal.code == "invalidInput" {
            "invalid"
        } else {
            refusal.code
        };
        Self(Refusal { code, ..refusal })
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refusal::from(error).into()
    }
}
