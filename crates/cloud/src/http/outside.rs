//! What every request goes through, whatever it asks for: bounds of its head, whose name it calls, an id, its answer's
//! headers, a line in the log and its place in the figures.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, StatusCode};
use tower_service::Service as _;
use tracing::Instrument as _;

use super::client::{self, Client};
use super::headers;
use super::refusal::Refusal;
use crate::shared::App;

/// The header that names a request in its answer and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The route that answered, for the log and the figures: a path's pattern, with no id in it.
#[derive(Clone, Debug)]
struct Route(String);

/// Notes which route answers.
pub async fn note_route(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(path) = path {
        response.extensions_mut().insert(Route(path.as_str().to_owned()));
    }
    response
}

fn request_id() -> String {
    let mut bytes = [0; 8];
    // It tells requests apart and guards nothing; without random numbers all are one.
    let _ = getrandom::fill(&mut bytes);
    hex::encode(bytes)
}

/// What puts a request's id into each line that is written while it is answered. As high as an error, because a log
/// that leaves lower ones out is still asked for the line of an id.
pub(crate) fn span_of(id: &str) -> tracing::Span {
    tracing::error_span!("request", request_id = %id)
}

/// Bounds of a request's head.
fn check_head(app: &App, request: &http::Request<Body>) -> Result<(), Refusal> {
    let limits = &app.limits;
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if target > limits.target_bytes {
        return Err(Refusal::new(
            StatusCode::URI_TOO_LONG,
            "tooLarge",
            "The address is too long.",
        ));
    }
    let headers = request.headers();
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if bytes + target > limits.head_bytes || headers.len() > limits.headers {
        return Err(Refusal::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "tooLarge",
            "The request's headers are too large or too many.",
        ));
    }
    // Whether it lives is asked by whoever watches it, by whatever name or number they know it.
    let is_watch = matches!(request.uri().path(), "/livez" | "/readyz" | "/metrics");
    if !is_watch && !app.origins.is_meant(request.uri(), headers) {
        return Err(Refusal::new(
            StatusCode::MISDIRECTED_REQUEST,
            "wrongHost",
            "This server is not called so; use its public address.",
        ));
    }
    Ok(())
}

/// Answers a request.
pub async fn answer(
    app: App,
    mut router: Router,
    peer: SocketAddr,
    mut request: http::Request<Body>,
) -> Response {
    let began = Instant::now();
    let id = request_id();
    let span = span_of(&id);
    let method = request.method().clone();
    let client = client::client(peer.ip(), request.headers(), &app.trusted);
    request.extensions_mut().insert::<Client>(client);
    let mut response = if let Err(refusal) = check_head(&app, &request) {
        refusal.into_response()
    } else {
        let answered = AssertUnwindSafe(async move {
            // The router cannot fail.
            router.call(request).await.unwrap_or_else(|never| match never {})
        });
        answered
            .catch_unwind()
            .instrument(span.clone())
            .await
            .unwrap_or_else(|_| Refusal::internal().into_response())
    };
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    headers::dress(&mut response, app.origins.encrypted());
    let took = began.elapsed();
    let status = response.status();
    let route = response.extensions_mut().remove::<Route>();
    let route = route.as_ref().map_or("other", |route| route.0.as_str());
    app.figures.answered(route, status.as_u16(), took);
    if status == StatusCode::TOO_MANY_REQUESTS {
        app.figures.too_often.one();
    }
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::warn!(%method, route, status = status.as_u16(), milliseconds, "answered");
        } else if route.starts_with(cowork_pairing_protocol::wire::BASE_PATH) && status.is_success() {
            // Desktops ask all the time: what goes well with them is in the figures.
            tracing::debug!(%method, route, status = status.as_u16(), milliseconds, "answered");
        } else {
            tracing::info!(%method, route, status = status.as_u16(), milliseconds, "answered");
        }
    });
    response
}
