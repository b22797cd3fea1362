//! Whether the server lives, and whether it can do its work.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::refusal::Refusal;
use crate::clock;
use crate::shared::App;

/// Whoever asks again within this time is told what was found: a look writes to the database, and anybody may ask.
const FRESH: Duration = Duration::from_secs(2);
/// How long the database may take before it counts as not answering.
const PATIENCE: Duration = Duration::from_secs(3);
/// Bytes that the disk of the database must have left. SQLite needs room for its log to go on.
const ROOM: u64 = 64 * 1024 * 1024;

/// Looks whether requests can be answered, and remembers it for a moment.
#[derive(Debug)]
pub struct Readiness {
    folder: Option<PathBuf>,
    found: Mutex<Option<(Instant, Result<(), &'static str>)>>,
}

impl Readiness {
    /// `folder` is where the database lies, when it is a file.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            found: Mutex::new(None),
        }
    }

    /// What keeps it from its work.
    async fn look(&self, app: &App) -> Result<(), &'static str> {
        if app.draining.is_cancelled() {
            return Err("The server is about to stop.");
        }
        let mut found = self.found.lock().await;
        if let Some((when, found)) = *found
            && when.elapsed() < FRESH
        {
            return found;
        }
        let looked = self.look_now(app).await;
        *found = Some((Instant::now(), looked));
        looked
    }

    async fn look_now(&self, app: &App) -> Result<(), &'static str> {
        match tokio::time::timeout(PATIENCE, app.store.ready(clock::now())).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, "the database is not ready");
                return Err("The database does not do its work; the log says why.");
            }
            Err(_) => return Err("The database does not answer in time."),
        }
        if room(self.folder.as_deref()).is_some_and(|room| room < ROOM) {
            return Err("The disk of the database is full.");
        }
        Ok(())
    }
}

/// Bytes left on the disk of a folder.
#[cfg(unix)]
fn room(folder: Option<&std::path::Path>) -> Option<u64> {
    let folder = folder?;
    // A bare file name has no folder but the one we are in.
    let folder = if folder.as_os_str().is_empty() {
        std::path::Path::new(".")
    } else {
        folder
    };
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn room(_: Option<&std::path::Path>) -> Option<u64> {
    // Writing to the database, which is done before, says it there.
    None
}

async fn live() -> Json<Value> {
    Json(json!({ "live": true }))
}

async fn ready(State(app): State<App>) -> Result<Json<Value>, Refusal> {
    match app.readiness.look(&app).await {
        Ok(()) => Ok(Json(json!({ "ready": true }))),
        Err(why) => Err(Refusal {
            retry_after: Some(2),
            ..Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "notReady", why)
        }),
    }
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
}
