//! `POST /events`: a desktop tells what happened.

use axum::extract::State;
use axum::response::Response;
use cowork_cloud_store::{NewEvent, StoreError};
use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::Events;
use http::StatusCode;

use super::gate::{Entered, stored};
use super::heartbeat::received;
use super::refused::Refused;
use crate::clock;
use crate::shared::App;

/// Events of one request. A client that has more sends another request.
const EVENTS: usize = 500;

pub(super) async fn events(State(app): State<App>, entered: Entered) -> Result<Response, Refused> {
    entered.is_on(&app)?;
    let Events { events } = entered.read()?;
    let desktop = &entered.desktop;
    for (number, event) in events.iter().enumerate() {
        if event.pairing_id != desktop.pairing().as_str() {
            return Err(Refused::other_pairing(&format!("events[{number}].pairingId")));
        }
    }
    if events.len() > EVENTS {
        return Err(Refused::field("events", &format!("has more than {EVENTS}")));
    }
    // In the published protocol it is the sequence of the command that an event is about. That it counts the events, so
    // that one that is missing is noticed, is what a client announces.
    let extensions = entered.extensions();
    let are_counted = extensions.contains(&Extension::Resume);
    let mut new = Vec::with_capacity(events.len());
    for (number, event) in events.into_iter().enumerate() {
        let Some(occurred) = clock::read(&event.occurred_at) else {
            let field = format!("events[{number}].occurredAt");
            return Err(Refused::field(&field, "is no time in ISO 8601"));
        };
        let mut event = NewEvent::of(event, occurred).map_err(|error| match error {
            StoreError::Invalid { what, why } => Refused::field(&format!("events[{number}].{what}"), &why),
            other => other.into(),
        })?;
        event.sequence = event.sequence.filter(|_| are_counted);
        new.push(event);
    }
    entered.count_told(&app)?;
    let told = new.len();
    let kept = stored!(entered, &app, app.store.ingest(desktop, new, clock::now()));
    app.figures.events_received.many(told);
    if !kept.refused.is_empty() {
        // The others are kept. A client that looks for the one finds it by sending fewer.
        return Err(Refused::new(
            StatusCode::CONFLICT,
            "sequence",
            "Another event has the `sequence` of one of these.",
        ));
    }
    Ok(received(&extensions, kept.through))
}
