//! The commands and updates of a window, over HTTP: what a browser sees of a desktop and asks of it.
//!
//! Reading is answered from the desktop's log, as `cowork_watch` shows it; what acts at the desktop becomes a command that
//! waits for it. A browser's connection is a stream of events ([`updates`]) with an id that ties its commands to it, as a
//! window of the desktop's own. Rights are looked at with each request, and again whenever they may have changed while a
//! stream is open.

mod act;
mod asks;
mod command;
mod connections;
mod given;
mod log;
mod offers;
mod updates;

use axum::Router;
use axum::extract::State;
use axum::routing::{delete, get, post};
use cowork_cloud_store::rules::access::Standing;
use cowork_cloud_store::{OrganizationId, PairingId, SeenPairing};
use serde::Serialize;
use serde_json::{Value, json};

pub use self::connections::Connections;
use self::offers::DesktopEvent;
use super::person::{Came, Person};
use super::refusal::Refusal;
use super::wire::{DesktopRights, DesktopView};
use crate::clock;
use crate::commands;
use crate::shared::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/desktops", get(list))
        .route("/api/desktops/{pairing}/updates", get(updates::open))
        .route(
            "/api/desktops/{pairing}/commands/{command}",
            post(command::answer),
        )
        .route(
            "/api/desktops/{pairing}/given/{command}",
            delete(given::take_back),
        )
}

/// A desktop, and what whoever asks may with it.
pub(super) struct Seen {
    pub(super) seen: SeenPairing,
    pub(super) may: DesktopRights,
}

impl Seen {
    fn new(person: &Person, seen: SeenPairing) -> Self {
        let standing = Standing {
            role: seen.role,
            scopes: person.scopes(),
        };
        let may = DesktopRights::new(standing, &person.id, &seen.pairing);
        Self { seen, may }
    }

    /// One that somebody sees. To anybody else it is not there.
    pub(super) async fn find(app: &App, person: &Person, pairing: &PairingId) -> Result<Self, Refusal> {
        Ok(Self::new(person, commands::reach(app, person, pairing).await?))
    }

    pub(super) fn organization(&self) -> &OrganizationId {
        &self.seen.pairing.organization
    }

    pub(super) fn pairing(&self) -> &PairingId {
        &self.seen.pairing.id
    }

    pub(super) fn key(&self) -> cowork_watch::Key {
        cowork_watch::Key {
            organization: self.organization().to_string(),
            pairing: self.pairing().to_string(),
        }
    }
}

/// A desktop of the list: as everywhere, and how it stands with what is offered.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    view: DesktopView,
    desktop: DesktopEvent,
    version: Option<Value>,
}

/// A program sees the desktops of its token's organization alone.
fn is_theirs(person: &Person, organization: &OrganizationId) -> bool {
    match &person.came {
        Came::Program(token) => token.organization == *organization,
        Came::Browser(_) => true,
    }
}

async fn list(State(app): State<App>, person: Person) -> Result<axum::Json<Value>, Refusal> {
    let now = clock::now();
    let desktops = app.store.pairings_seen_by(&person.id).await?.into_iter();
    let desktops: Vec<_> = desktops
        .filter(|seen| is_theirs(&person, &seen.pairing.organization))
        .map(|seen| Seen::new(&person, seen))
        .filter(|seen| seen.may.see)
        .map(|Seen { seen, may }| {
            let desktop = DesktopEvent::listed(&seen.pairing, may, now);
            let version = seen
                .pairing
                .desktop
                .as_ref()
                .and_then(|desktop| desktop.get("version"))
                .cloned();
            Listed {
                view: DesktopView::new(seen.pairing, may),
                desktop,
                version,
            }
        })
        .collect();
    Ok(axum::Json(json!({ "desktops": desktops })))
}
