//! `POST /commands/claim`: a desktop asks what it is to do, and may wait for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use cowork_cloud_store::rules::claims::{CLAIM_LIMIT, LEAST_LEASE, LONGEST_LEASE};
use cowork_cloud_store::{self as store, ClaimRequest, PairingId, StoreError, WakeKey};
use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::{Claim, Claimed, RemoteStatus};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::Instrument as _;

use super::gate::Entered;
use super::refused::Refused;
use super::spelled::{self, count};
use crate::clock;
use crate::http::refusal::Refusal;
use crate::shared::App;

/// What a client may list of kinds and workspaces; the protocol has eight kinds and one workspace.
const LISTED: usize = 64;
/// Bytes of each.
const LISTED_BYTES: usize = 200;

/// How long a claim waits for the end of the one before it. That one may be asking the database at this moment, which
/// takes milliseconds; a database that takes longer leaves what it gives to the end of its lease.
const HAND_OVER: Duration = Duration::from_secs(2);

/// The claims under way in this process, one for each desktop. A desktop that asks again has given up the one before:
/// that one is answered, gives nothing out any more, and only then the next begins.
#[derive(Debug, Default)]
pub struct Waiting {
    claims: Arc<Mutex<HashMap<PairingId, Last>>>,
    next: AtomicU64,
}

/// The claim of a desktop that began last.
#[derive(Debug)]
struct Last {
    number: u64,
    given_up: CancellationToken,
    over: CancellationToken,
}

/// A claim under way, until it is dropped.
struct Turn {
    claims: Arc<Mutex<HashMap<PairingId, Last>>>,
    pairing: PairingId,
    number: u64,
    /// Nobody waits for its answer any more.
    given_up: CancellationToken,
    /// When the one before is over.
    former: Option<CancellationToken>,
    /// Says so to the next.
    _over: DropGuard,
}

impl Waiting {
    /// How many desktops wait.
    #[must_use]
    pub fn count(&self) -> usize {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn wait(&self, pairing: &PairingId) -> Turn {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let given_up = CancellationToken::new();
        let over = CancellationToken::new();
        let last = Last {
            number,
            given_up: given_up.clone(),
            over: over.clone(),
        };
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        let former = claims.insert(pairing.clone(), last).map(|former| {
            former.given_up.cancel();
            former.over
        });
        Turn {
            claims: Arc::clone(&self.claims),
            pairing: pairing.clone(),
            number,
            given_up,
            former,
            _over: over.drop_guard(),
        }
    }
}

impl Turn {
    /// Waits for the end of the claim before this one.
    async fn comes(&mut self) {
        if let Some(former) = self.former.take() {
            // One that hangs is left behind.
            let _ = tokio::time::timeout(HAND_OVER, former.cancelled()).await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        if claims
            .get(&self.pairing)
            .is_some_and(|last| last.number == self.number)
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
        entered.count(&app)?;
        return Ok(said(RemoteStatus::Revoked));
    }
    let asked: Claim = entered.read()?;
    entered.is_of(&asked.pairing_id, &asked.device_id)?;
    bounds(&asked)?;
    entered.count(&app)?;
    let patience = patience(&app, &asked);
    let request = ClaimRequest {
        first: true,
        after_sequence: count(asked.after_sequence),
        limit: asked.limit,
        lease_seconds: asked.lease_seconds,
        kinds: asked.capabilities.commands,
        workspaces: asked.capabilities.workspaces,
        policy: asked.capabilities.policy,
        extensions: asked.capabilities.extensions,
    };
    let turn = app.waiting.wait(entered.desktop.pairing());
    // A client that hangs up drops this, and with it gives the claim up. The claim itself is a task of its own, so that
    // what it asks the database is asked to its end: else nobody could tell what was given out.
    let _hangs_up = turn.given_up.clone().drop_guard();
    let taken = tokio::spawn(take(app, entered, request, patience, turn).in_current_span());
    match taken.await {
        Ok(answer) => answer,
        // It is answered and logged where that of any request is.
        Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
        Err(_) => Err(Refusal::internal().into()),
    }
}

async fn take(
    app: App,
    entered: Entered,
    mut request: ClaimRequest,
    patience: Duration,
    mut turn: Turn,
) -> Result<Json<Claimed>, Refused> {
    let pairing = entered.desktop.pairing();
    let end = Instant::now() + patience;
    // Before the first look, so that nothing can happen unseen between it and the waiting.
    let mut wakes = app.store.wakes().subscribe(&[
        WakeKey::Commands(pairing.clone()),
        WakeKey::Pairing(pairing.clone()),
    ]);
    let _waits = (!patience.is_zero()).then(|| app.figures.claims_waiting.one());
    turn.comes().await;
    loop {
        if app.draining.is_cancelled() {
            return Ok(said(RemoteStatus::Draining));
        }
        // Woken and given up at once, it would take what nobody gets.
        if turn.given_up.is_cancelled() {
            return Ok(said(RemoteStatus::Online));
        }
        let claimed = match app.store.claim(&entered.desktop, &request, clock::now()).await {
            Ok(claimed) => claimed,
            Err(StoreError::Revoked) => {
                return match entered.again(&app).await? {
                    Some(_) => Ok(said(RemoteStatus::Revoked)),
                    None => Err(Refused::unauthorized()),
                };
            }
            Err(error) => return Err(error.into()),
        };
        request.first = false;
        if !claimed.commands.is_empty() {
            return Ok(given(&app, &entered, claimed));
        }
        let look_again = claimed.look_again.map(|moment| Instant::now() + until(moment));
        let next = look_again.map_or(end, |look_again| look_again.min(end));
        if Instant::now() >= end {
            return Ok(said(RemoteStatus::Online));
        }
        tokio::select! {
            _ = wakes.woken() => {}
            () = tokio::time::sleep_until(next) => {}
            () = turn.given_up.cancelled() => {}
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
        assert!(first.given_up.is_cancelled() && !second.given_up.is_cancelled());
        let former = second.former.clone().unwrap();
        assert!(!former.is_cancelled());
        drop(first);
        assert!(former.is_cancelled());
        assert_eq!(waiting.count(), 1);
        drop(second);
        assert_eq!(waiting.count(), 0);
    }
}
