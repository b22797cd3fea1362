//! What is done beside the requests.

use std::time::Duration;

use cowork_cloud_store::{Kept, Retention};
use tokio::time::MissedTickBehavior;

use crate::clock;
use crate::shared::App;

/// How often leases and deadlines that are over are looked for.
const SWEEP: Duration = Duration::from_secs(1);
/// How often what is old is let go of.
const RETAIN: Duration = Duration::from_mins(1);
/// Between two helpings, when there is more: others want to write as well.
const BREATH: Duration = Duration::from_millis(200);
const DAY: i64 = 24 * 60 * 60 * 1000;

fn every(time: Duration) -> tokio::time::Interval {
    let mut interval = tokio::time::interval(time);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Ends leases and deadlines that are over.
pub(super) async fn commands(app: App) {
    let mut interval = every(SWEEP);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            () = app.draining.cancelled() => return,
        }
        if let Err(error) = app.store.sweep_commands(clock::now()).await {
            tracing::warn!(%error, "could not look after commands; it is tried again in a second");
        }
    }
}

/// Lets go of what is old.
pub(super) async fn retention(app: App, days: u16) {
    let retention = Retention {
        events: i64::from(days.max(1)) * DAY,
        ..Retention::default()
    };
    let mut interval = every(RETAIN);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            () = app.draining.cancelled() => return,
        }
        loop {
            match app.store.retain(&retention, clock::now()).await {
                Ok(Kept { more: true, .. }) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "could not let go of what is old; it is tried again in a minute");
                    break;
                }
            }
            tokio::select! {
                () = tokio::time::sleep(BREATH) => {}
                () = app.draining.cancelled() => return,
            }
        }
    }
}
