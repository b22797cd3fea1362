//! `POST /revoke`: a desktop ends its pairing.

use axum::extract::State;
use cowork_pairing_protocol::wire::Revoke;
use http::StatusCode;

use super::gate::{Entered, stored};
use super::refused::Refused;
use crate::clock;
use crate::shared::App;

/// Once more is as good as once: the answer to the first may have been lost.
pub(super) async fn revoke(State(app): State<App>, entered: Entered) -> Result<StatusCode, Refused> {
    let asked: Revoke = entered.read()?;
    entered.is_of(&asked.pairing_id, &asked.device_id)?;
    entered.count(&app)?;
    if !entered.desktop.is_revoked() {
        stored!(
            entered,
            &app,
            app.store.revoke_by_desktop(&entered.desktop, clock::now())
        );
    }
    Ok(StatusCode::NO_CONTENT)
}
