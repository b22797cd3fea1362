//! `/metrics`, at an address of its own.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use cowork_cloud_store::StoreError;
use http::header::CONTENT_TYPE;
use tokio::sync::Mutex;

use super::refusal::Refusal;
use crate::clock;
use crate::shared::App;

/// What is in the database is counted this seldom: counting reads much.
const COUNTED_EVERY: Duration = Duration::from_secs(10);
/// How long that may take. Whoever collects figures waits ten seconds, as Prometheus does, and all others are there at
/// once.
const PATIENCE: Duration = Duration::from_secs(3);

type Counted = Arc<Mutex<Option<(Instant, String)>>>;

#[derive(Clone)]
struct Metrics {
    app: App,
    counted: Counted,
}

async fn stored(metrics: &Metrics) -> Result<String, StoreError> {
    let mut counted = metrics.counted.lock().await;
    if let Some((when, text)) = counted.as_ref()
        && when.elapsed() < COUNTED_EVERY
    {
        return Ok(text.clone());
    }
    let figures = metrics.app.store.figures(clock::now()).await?;
    let mut text = String::new();
    let gauges = [
        ("organizations", figures.organizations),
        ("users", figures.users),
        ("signed_in", figures.sign_ins),
        ("pairings", figures.pairings),
        ("pairings_online", figures.pairings_online),
        ("events_stored", figures.events),
        ("log_bytes", figures.log_bytes),
    ];
    for (name, value) in gauges {
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "# TYPE cowork_cloud_{name} gauge\ncowork_cloud_{name} {value}"
        );
    }
    let _ = writeln!(text, "# TYPE cowork_cloud_commands gauge");
    for (state, count) in figures.commands {
        let _ = writeln!(
            text,
            "cowork_cloud_commands{{state=\"{}\"}} {count}",
            state.as_str()
        );
    }
    *counted = Some((Instant::now(), text.clone()));
    Ok(text)
}

fn ingest(app: &App) -> String {
    let figures = app.store.ingest_figures();
    let mut text = String::new();
    let counters = [
        ("ingest_transactions_total", figures.transactions),
        ("ingest_requests_total", figures.requests),
        ("ingest_events_total", figures.events),
        ("ingest_retries_total", figures.retries),
        ("ingest_failures_total", figures.failures),
        ("ingest_microseconds_total", figures.microseconds),
    ];
    for (name, value) in counters {
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "# TYPE cowork_cloud_{name} counter\ncowork_cloud_{name} {value}"
        );
    }
    let waiting = figures.waiting;
    let _ = writeln!(
        text,
        "# TYPE cowork_cloud_ingest_waiting gauge\ncowork_cloud_ingest_waiting {waiting}"
    );
    text
}

/// When the database is away that is one of the figures, and the others are the more wanted.
async fn answer(State(metrics): State<Metrics>) -> Response {
    let app = &metrics.app;
    let mut text = app.figures.text(&app.passwords);
    text.push_str(&ingest(app));
    let answers = match tokio::time::timeout(PATIENCE, stored(&metrics)).await {
        Ok(Ok(stored)) => {
            text.push_str(&stored);
            1
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "what is in the database could not be counted");
            0
        }
        Err(_) => {
            tracing::warn!("what is in the database could not be counted in time");
            0
        }
    };
    // Writing into a string does not fail.
    let _ = writeln!(
        text,
        "# TYPE cowork_cloud_database_answers gauge\ncowork_cloud_database_answers {answers}"
    );
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// What is answered at the address for figures, and nothing else.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/metrics", get(answer))
        .fallback(async || Refusal::not_found())
        .with_state(Metrics {
            app,
            counted: Counted::default(),
        })
}
