//! A person's own: coming in, going, and what they have here.

mod coming;
mod own;

use axum::Router;
use axum::extract::State;
use axum::routing::{delete, get, post};
use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::shared::App;

/// What anybody may know of this server.
async fn server(State(app): State<App>) -> Result<axum::Json<Value>, Refusal> {
    // Anybody may ask this, so it asks the database only until the answer is one that stays.
    let set_up = app.set_up.get().is_some() || app.store.is_set_up().await?;
    if set_up {
        app.set_up.get_or_init(|| ());
    }
    Ok(axum::Json(json!({
        "name": app.brand.name,
        "version": env!("CARGO_PKG_VERSION"),
        "setUp": set_up,
        "address": app.origins.shown(),
    })))
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/server", get(server))
        .route("/api/welcome", post(coming::welcome))
        .route("/api/sign-in", post(coming::sign_in))
        .route("/api/sign-out", post(coming::sign_out))
        .route("/api/invitations/look", post(coming::look))
        .route("/api/invitations/accept", post(coming::accept))
        .route("/api/me", get(own::me).patch(own::rename))
        .route("/api/me/password", post(own::password))
        .route("/api/me/sessions", get(own::sessions).delete(own::end_others))
        .route("/api/me/sessions/{session}", delete(own::end))
}
