//! Requests and their answers.

pub mod account;
pub mod body;
pub mod broker;
pub mod client;
pub mod cookies;
pub mod headers;
pub mod health;
pub mod metrics;
pub mod organizations;
pub mod origins;
pub mod outside;
pub mod page;
pub mod person;
pub mod refusal;
pub mod twin;
pub mod wire;

use ::http::StatusCode;
use axum::Router;
use axum::middleware;
use axum::routing::get;

use crate::shared::App;
use refusal::Refusal;

/// Everything this server answers, but for its figures.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(health::routes())
        .merge(account::routes())
        .merge(organizations::routes())
        .merge(broker::routes())
        .merge(twin::routes())
        .route("/api/{*rest}", axum::routing::any(async || Refusal::not_found()))
        .fallback(get(page::answer))
        .method_not_allowed_fallback(async || {
            Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "invalidInput",
                "This cannot be done here.",
            )
        })
        .layer(middleware::from_fn(outside::note_route))
        .with_state(app)
}
