//! `POST /commands/claim`: a desktop asks what it is to do, and may wait for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use cowork_cloud_store::rules::claims::{CLAIM_LIMIT, LEAST_LEASE, LONGEST_LEASE};
use cowork_cloud_store::{self as store, ClaimRequest, PairingId, StoreError, WakeKey};
use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::{Claim, Claimed, RemoteStatus};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::gate::Entered;
use super::refused::Refused;
use super::spelled::{self, count};
use crate::clock;
use crate::shared::App;

/// What a client may list of kinds and workspaces; the protocol has eight kinds and one workspace.
const LISTED: usize = 64;
/// Bytes of each.
const LISTED_BYTES: usize = 200;

/// The claims that wait in this process, one for each desktop: a desktop that asks again has given up the one before,
/// and a command given to that would be lost until its lease ends.
#[derive(Debug, Default)]
pub struct Waiting {
    claims: Mutex<HashMap<PairingId, (u64, CancellationToken)>>,
    next: AtomicU64,
}

/// A claim that waits, until it is dropped.
struct Turn<'w> {
    waiting: &'w Waiting,
    pairing: PairingId,
    number: u64,
    superseded: CancellationToken,
}

impl Waiting {
    /// How many desktops wait.
    #[must_use]
    pub fn count(&self) -> usize {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn wait(&self, pairing: &PairingId) -> Turn<'_> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let superseded = CancellationToken::new();
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, former)) = claims.insert(pairing.clone(), (number, superseded.clone())) {
            former.cancel();
        }
        Turn {
            waiting: self,
            pairing: pairing.clone(),
            number,
            superseded,
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut claims = self.waiting.claims.lock().unwrap_or_else(PoisonError::into_inner);
        if claims
            .get(&self.pairing)
            .is_some_and(|(number, _)| *number == self.number)
        {
            claims.remove(&self.pairing);
        }
    }
}

fn said(status: RemoteStatus) -> Json<Claimed> {
    Json(Claimed {
        commands: Vec::new(),
        remote_status: Some(status),
    })
}

fn list(field: &str, list: &[String]) -> Result<(), Refused> {
    if list.len() > LISTED || list.iter().any(|entry| entry.len() > LISTED_BYTES) {
        return Err(Refused::field(field, "is too long"));
    }
    Ok(())
}

fn bounds(claim: &Claim) -> Result<(), Refused> {
    if !(1..=CLAIM_LIMIT).contains(&claim.limit) {
        return Err(Refused::field("limit", &format!("is from 1 to {CLAIM_LIMIT}")));
    }
    if !(LEAST_LEASE..=LONGEST_LEASE).contains(&claim.lease_seconds) {
        let why = format!("is from {LEAST_LEASE} to {LONGEST_LEASE}");
        return Err(Refused::field("leaseSeconds", &why));
    }
    list("capabilities.commands", &claim.capabilities.commands)?;
    list("capabilities.workspaces", &claim.capabilities.workspaces)
}

/// How long this one waits: not at all, unless the client announced that it can.
fn patience(app: &App, claim: &Claim) -> Duration {
    if !claim.capabilities.extensions.contains(&Extension::Wait) {
        return Duration::ZERO;
    }
    let wanted = Duration::from_secs(u64::from(claim.wait_seconds.unwrap_or_default()));
    wanted.min(app.limits.claim_wait)
}

/// How long until a moment of the clock.
fn until(moment: i64) -> Duration {
    let left = moment.saturating_sub(clock::now()).max(0);
    // A little later, so that what ends then has ended.
    Duration::from_millis(left.unsigned_abs() + 5)
}

pub(super) async fn claim(State(app): State<App>, entered: Entered) -> Result<Json<Claimed>, Refused> {
    // A plain client learns here that its pairing is over; the protocol has a word for it in this answer alone.
    if entered.desktop.is_revoked() {
        return Ok(said(RemoteStatus::Revoked));
    }
    let asked: Claim = entered.read()?;
    entered.is_of(&asked.pairing_id, &asked.device_id)?;
    bounds(&asked)?;
    entered.count(&app)?;
    let patience = patience(&app, &asked);
    let request = ClaimRequest {
        after_sequence: count(asked.after_sequence),
        limit: asked.limit,
        lease_seconds: asked.lease_seconds,
        kinds: asked.capabilities.commands,
        workspaces: asked.capabilities.workspaces,
        policy: asked.capabilities.policy,
        extensions: asked.capabilities.extensions,
    };
    take(&app, &entered, &request, patience).await
}

async fn take(
    app: &App,
    entered: &Entered,
    request: &ClaimRequest,
    patience: Duration,
) -> Result<Json<Claimed>, Refused> {
    let pairing = entered.desktop.pairing();
    let end = Instant::now() + patience;
    // Both before the first look, so that nothing can happen unseen between it and the waiting.
    let turn = app.waiting.wait(pairing);
    let mut wakes = app.store.wakes().subscribe(&[
        WakeKey::Commands(pairing.clone()),
        WakeKey::Pairing(pairing.clone()),
    ]);
    let _waits = (!patience.is_zero()).then(|| app.figures.claims_waiting.one());
    loop {
        if app.draining.is_cancelled() {
            return Ok(said(RemoteStatus::Draining));
        }
        let claimed = match app.store.claim(&entered.desktop, request, clock::now()).await {
            Ok(claimed) => claimed,
            Err(StoreError::Revoked) => {
                return match entered.again(app).await? {
                    Some(_) => Ok(said(RemoteStatus::Revoked)),
                    None => Err(Refused::unauthorized()),
                };
            }
            Err(error) => return Err(error.into()),
        };
        if !claimed.commands.is_empty() {
            return Ok(given(app, entered, claimed));
        }
        let look_again = claimed.look_again.map(|moment| Instant::now() + until(moment));
        let next = look_again.map_or(end, |look_again| look_again.min(end));
        if Instant::now() >= end {
            return Ok(said(RemoteStatus::Online));
        }
        tokio::select! {
            _ = wakes.woken() => {}
            () = tokio::time::sleep_until(next) => {}
            () = turn.superseded.cancelled() => return Ok(said(RemoteStatus::Online)),
            () = app.draining.cancelled() => {}
        }
    }
}

fn given(app: &App, entered: &Entered, claimed: store::Claimed) -> Json<Claimed> {
    let device = entered.desktop.device();
    app.figures.commands_claimed.many(claimed.commands.len());
    Json(Claimed {
        commands: claimed
            .commands
            .into_iter()
            .map(|given| spelled::command(given, device))
            .collect(),
        remote_status: Some(RemoteStatus::Online),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desktop_that_asks_again_has_given_up_the_claim_before() {
        let waiting = Waiting::default();
        let pairing = PairingId::random();
        let first = waiting.wait(&pairing);
        let second = waiting.wait(&pairing);
        assert!(first.superseded.is_cancelled() && !second.superseded.is_cancelled());
        drop(first);
        assert_eq!(waiting.count(), 1);
        drop(second);
        assert_eq!(waiting.count(), 0);
    }
}
