//! The broker: what a paired desktop asks of this server, as the published protocol has it.
//!
//! Checks come in one order for every request: the head's bounds, size, the token (one answer for everything that is
//! wrong with it), whether the pairing is over, the body's form, whether its ids are those of the head, its bounds,
//! its rate. What is wrong is said with the field, never with what stood there.

mod answer;
mod claim;
mod events;
mod gate;
mod heartbeat;
mod refused;
mod revoke;
mod spelled;

pub use claim::Waiting;

use axum::Router;
use axum::routing::post;
use cowork_pairing_protocol::wire::BASE_PATH;

use crate::shared::App;

pub(super) fn routes() -> Router<App> {
    let path = |rest: &str| format!("{BASE_PATH}{rest}");
    Router::new()
        .route(&path("/heartbeat"), post(heartbeat::heartbeat))
        .route(&path("/commands/claim"), post(claim::claim))
        .route(&path("/commands/{command}/ack"), post(answer::ack))
        .route(&path("/commands/{command}/fail"), post(answer::fail))
        .route(&path("/events"), post(events::events))
        .route(&path("/revoke"), post(revoke::revoke))
}
