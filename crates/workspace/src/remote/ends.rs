//! How a pairing ends: by a person's word here, at the server, or because its token was not entered in time.

use std::sync::Arc;

use cowork_pairing::broker::{Broker as _, BrokerError};
use cowork_pairing::pace::{Backoff, SystemPace};
use cowork_store::{Pairing, PairingState as Kept};
use cowork_vault::SecretName;
use sha2::{Digest as _, Sha256};

use super::link::{broker, is_void};
use super::shared::Known;
use crate::view::{PairingState, PairingTrouble};
use crate::workspace::{Inner, blocking, now};

/// How long a server that is to be told of an end is tried before the token is forgotten all the same.
const OWED_DAYS: i64 = 30;
const DAY: i64 = 86_400_000;

/// What the token of a pairing is called in the keychain. Names there have no capital letters, ids do.
pub(crate) fn secret_name(pairing: &str) -> anyhow::Result<SecretName> {
    let hash = hex::encode(&Sha256::digest(pairing.as_bytes())[..16]);
    Ok(SecretName::new(&format!("pairing/{hash}"))?)
}

/// Whether something may still come and leave over a pairing.
fn is_on(pairing: &Pairing) -> bool {
    matches!(pairing.state, Kept::Waiting | Kept::Paired)
}

/// The token of a pairing was not entered in time.
pub(super) async fn expire(inner: &Arc<Inner>, id: &str) {
    if !inner.keep_state(id, is_void, Kept::Expired, None).await {
        return;
    }
    delete_token(inner, id).await;
    inner.stand(id, PairingState::Expired, None, "");
    inner
        .audit(
            id,
            "pairing.offline",
            "its token was not entered in time, and is void",
        )
        .await;
}

async fn delete_token(inner: &Inner, id: &str) {
    let deleted = match secret_name(id) {
        Ok(name) => inner.vault.delete(&name).await.map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    if let Err(error) = deleted {
        // What is left of it opens nothing: no connection is made for what is over.
        tracing::error!(
            error = format!("{error:#}"),
            "the token of a pairing is still in the keychain"
        );
    }
}

/// Nothing leaves and nothing comes over a pairing any more, and nothing of it is kept but what it was.
async fn empty(inner: &Arc<Inner>, id: &str) {
    let (store, emptied) = (inner.store.clone(), id.to_owned());
    inner.saved(blocking(move || Ok(store.empty_pairing(&emptied)?)).await);
    let mut state = inner.state();
    state.remote.proposals.retain(|waiting| waiting.pairing != id);
    state.untold.inbox = true;
    if let Some(known) = state.remote.find_mut(id) {
        known.folders.clear();
        known.threads.clear();
        known.waiting = 0;
    }
    state.remote.news.pairings.insert(id.to_owned());
}

/// Ends a pairing by the person's word. What the server is to be told is told as soon as it can be.
pub(crate) async fn end(inner: &Arc<Inner>, id: &str) {
    // Dropped and not stopped: nothing more leaves, not even a goodbye, and nothing goes on that came over it.
    drop(inner.remote.links().remove(id));
    inner.remote.doing.stop(id);
    inner.write_last_presence(id).await;
    let state = inner.state().remote.find(id).map(|known| known.pairing.state);
    if state != Some(Kept::Revoking) {
        inner.audit(id, "pairing.revoked", "ended here").await;
    }
    match state {
        Some(Kept::Waiting | Kept::Paired) => {
            inner.keep_state(id, is_on, Kept::Revoking, None).await;
            // One that was on its way a moment ago.
            drop(inner.remote.links().remove(id));
            inner.remote.doing.stop(id);
            inner.stand(id, PairingState::Revoking, None, "");
            empty(inner, id).await;
            inner.tell_pairings();
            owe_end(inner, id);
        }
        // It is being told.
        Some(Kept::Revoking) | None => {}
        Some(Kept::Expired | Kept::Revoked) => forget(inner, id).await,
    }
}

/// Tells a server that a pairing is over, until it knows.
pub(super) fn owe_end(inner: &Arc<Inner>, id: &str) {
    let (inner, id) = (Arc::downgrade(inner), id.to_owned());
    tokio::spawn(async move {
        let mut backoff = Backoff::default();
        loop {
            let Some(held) = inner.upgrade() else { return };
            let Some(pairing) = held.state().remote.find(&id).map(|known| known.pairing.clone()) else {
                return;
            };
            let told = match broker(&held, &pairing).await {
                Ok(client) => client.revoke().await,
                // Without a token nothing can be told. A keychain that is locked may be opened yet.
                Err(unready) if unready.is_token_gone => Ok(()),
                Err(unready) => Err(BrokerError::Unreachable(unready.detail)),
            };
            let is_old = now() - pairing.changed > OWED_DAYS * DAY;
            match told {
                Ok(()) | Err(BrokerError::Unknown | BrokerError::Revoked) => {
                    return forget(&held, &id).await;
                }
                Err(error) if is_old => {
                    tracing::warn!(%error, "a server was not told of the end of a pairing");
                    return forget(&held, &id).await;
                }
                Err(error) => {
                    held.stand(
                        &id,
                        PairingState::Revoking,
                        Some(PairingTrouble::Unreachable),
                        &error.to_string(),
                    );
                    drop(held);
                    let pause = backoff.failed(error.retry_after(), &SystemPace);
                    tokio::time::sleep(pause).await;
                }
            }
        }
    });
}

/// Tells the server once that a pairing is over, for who cannot wait until it answers.
pub(crate) async fn end_now(inner: &Arc<Inner>, id: &str) {
    drop(inner.remote.links().remove(id));
    inner.write_last_presence(id).await;
    inner
        .audit(id, "pairing.revoked", "ended here, with all others")
        .await;
    let pairing = inner.state().remote.find(id).map(|known| known.pairing.clone());
    if let Some(pairing) = pairing
        && matches!(pairing.state, Kept::Waiting | Kept::Paired | Kept::Revoking)
        && let Ok(client) = broker(inner, &pairing).await
        && let Err(error) = client.revoke().await
    {
        tracing::warn!(%error, "a server was not told of the end of a pairing");
    }
    forget(inner, id).await;
}

/// Forgets a pairing and its token. The audit stays.
pub(crate) async fn forget(inner: &Arc<Inner>, id: &str) {
    delete_token(inner, id).await;
    let (store, forgotten) = (inner.store.clone(), id.to_owned());
    inner.saved(blocking(move || Ok(store.forget_pairing(&forgotten)?)).await);
    {
        let mut state = inner.state();
        state.remote.pairings.retain(|known| known.pairing.id != id);
        state.remote.proposals.retain(|waiting| waiting.pairing != id);
        state.untold.inbox = true;
    }
    drop(inner.remote.links().remove(id));
    inner.remote.doing.stop(id);
    inner.tell_pairings();
}

/// The server ended a pairing.
pub(super) fn ended_from_afar(inner: &Arc<Inner>, id: &str) {
    let (inner, id) = (inner.clone(), id.to_owned());
    // In a task of its own: whoever says so is part of the connection that ends here.
    tokio::spawn(async move {
        drop(inner.remote.links().remove(&id));
        let over = |known: &Known| matches!(known.pairing.state, Kept::Revoked | Kept::Revoking);
        if inner.state().remote.find(&id).is_none_or(over) {
            return;
        }
        inner.keep_state(&id, |_| true, Kept::Revoked, None).await;
        drop(inner.remote.links().remove(&id));
        inner.remote.doing.stop(&id);
        delete_token(&inner, &id).await;
        empty(&inner, &id).await;
        let detail = "The server ended it.";
        inner.stand(
            &id,
            PairingState::Revoked,
            Some(PairingTrouble::RevokedThere),
            detail,
        );
        inner.write_last_presence(&id).await;
        inner.audit(&id, "pairing.revoked", "ended at the server").await;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tokens_suit_every_keychain_and_differ() {
        let one = secret_name("pairing_Ab-_").unwrap();
        assert_ne!(one, secret_name("pairing_aB-_").unwrap());
        assert!(one.as_str().starts_with("pairing/"));
    }
}
