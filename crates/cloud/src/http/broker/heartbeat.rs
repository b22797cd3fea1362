//! `POST /heartbeat`: a desktop says how it stands.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use cowork_pairing_protocol::extension::{EventsReceived, Extension};
use cowork_pairing_protocol::wire::Heartbeat;
use http::StatusCode;

use super::gate::{Entered, stored};
use super::refused::Refused;
use super::spelled::count;
use crate::clock;
use crate::shared::App;

/// The answer to what moves the log: how far it is kept, for a client that asks for it, and nothing for a plain one.
pub(super) fn received(extensions: &[Extension], through: i64) -> Response {
    if extensions.contains(&Extension::Resume) {
        let through = through.unsigned_abs();
        axum::Json(EventsReceived { through }).into_response()
    } else {
        StatusCode::NO_CONTENT.into_response()
    }
}

pub(super) async fn heartbeat(State(app): State<App>, entered: Entered) -> Result<Response, Refused> {
    entered.is_on(&app)?;
    let beat: Heartbeat = entered.read()?;
    entered.is_of(&beat.pairing_id, &beat.device_id)?;
    entered.count(&app)?;
    let extensions = entered.extensions();
    let last = count(beat.last_command_sequence);
    let through = stored!(
        entered,
        &app,
        app.store
            .heartbeat(&entered.desktop, beat.status, last, &extensions, clock::now())
    );
    Ok(received(&extensions, through))
}
