//! The connections of pairings: when one is there, how it stands, and how a pairing ends.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use cowork_brand::Brand;
use cowork_pairing::address::{BrokerAddress, proxy_for};
use cowork_pairing::broker::{Broker, BrokerError};
use cowork_pairing::client::Client;
use cowork_pairing::connection::{Connection, Parts, State};
use cowork_pairing::pace::{Backoff, SystemPace};
use cowork_pairing::token::Token;
use cowork_pairing_protocol::wire::Policy;
use cowork_store::{Pairing, PairingState as Kept, Store};
use cowork_vault::SecretName;
use futures_util::future::BoxFuture;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::hands::Doer;
use super::kept::Keeper;
use super::shared::{Known, Standing};
use super::tell;
use crate::providers::secrets;
use crate::state::State as AppState;
use crate::view::{self, PairingState, PairingTrouble};
use crate::workspace::{Inner, blocking, now};

/// How often a server is asked whether a token was entered that was just shown.
const ENTERED_YET: Duration = Duration::from_secs(3);
/// How long a server that is to be told of an end is tried before the token is forgotten all the same.
const OWED_DAYS: i64 = 30;
const DAY: i64 = 86_400_000;
/// How long the end of the app waits for a connection's goodbye.
const GOODBYE: Duration = Duration::from_secs(3);

/// A connection that runs.
pub(super) struct Link {
    connection: Option<Connection>,
    policy: watch::Sender<Policy>,
    watching: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

/// What the token of a pairing is called in the keychain. Names there have no capital letters, ids do.
pub(crate) fn secret_name(pairing: &str) -> anyhow::Result<SecretName> {
    let hash = hex::encode(&Sha256::digest(pairing.as_bytes())[..16]);
    Ok(SecretName::new(&format!("pairing/{hash}"))?)
}

/// What there is of pairings in the store, put into the state.
pub(crate) fn begin(store: &Store, brand: &Brand, state: &mut AppState) -> anyhow::Result<()> {
    state.remote.forbidden = !brand.pairing.allowed;
    state.remote.remote_answers_forbidden = !brand.pairing.remote_answers;
    for pairing in store.pairings()? {
        state.remote.pairings.push(known(store, pairing)?);
    }
    Ok(())
}

/// A pairing with what it shares.
pub(crate) fn known(store: &Store, pairing: Pairing) -> anyhow::Result<Known> {
    // One that cannot be read lets in and out what a new one does, which asks here for everything.
    let policy = serde_json::from_str(&pairing.policy).unwrap_or_default();
    let folders: BTreeSet<PathBuf> = store
        .shared_folders(&pairing.id)?
        .into_iter()
        .map(PathBuf::from)
        .collect();
    let last = store.last_command(&pairing.id)?;
    let state = match pairing.state {
        Kept::Waiting => PairingState::Waiting,
        Kept::Expired => PairingState::Expired,
        Kept::Revoking => PairingState::Revoking,
        Kept::Revoked => PairingState::Revoked,
        Kept::Paired if pairing.paused => PairingState::Paused,
        Kept::Paired => PairingState::Connecting,
    };
    Ok(Known {
        policy,
        folders,
        threads: store.shared_threads(&pairing.id)?,
        standing: Standing {
            state,
            since: pairing.changed,
            trouble: (pairing.state == Kept::Revoked).then_some(PairingTrouble::RevokedThere),
            detail: String::new(),
            last_answer: pairing.last_answer,
            next_try: None,
        },
        waiting: store.waiting_events(&pairing.id)?.rows,
        shown_waiting: 0,
        last_command: last.map(|command| view::PairingCommand {
            kind: command.kind,
            who: command.who,
            status: command.result.and_then(|result| {
                let result: cowork_pairing_protocol::wire::CommandResult =
                    serde_json::from_str(&result).ok()?;
                Some(super::kept::spelled(result.status))
            }),
            at: command.received,
        }),
        behind_proxy: false,
        pairing,
    })
}

/// Begins what runs for pairings at a start: their connections, and what is owed to servers.
pub(crate) async fn run(inner: Arc<Inner>) {
    let ids: Vec<_> = {
        let state = inner.state();
        let all = state.remote.pairings.iter();
        all.map(|known| (known.pairing.id.clone(), known.pairing.state))
            .collect()
    };
    for (id, state) in ids {
        if inner.state().remote.forbidden {
            inner.stand(
                &id,
                PairingState::NeedsYou,
                Some(PairingTrouble::Forbidden),
                "This build allows no pairing. End it.",
            );
            continue;
        }
        match state {
            Kept::Waiting | Kept::Paired => connect(&inner, &id).await,
            Kept::Revoking => owe_end(&inner, &id),
            Kept::Expired | Kept::Revoked => {}
        }
    }
}

impl Inner {
    /// Notes how a pairing stands, and has windows told when that is another than before.
    pub(super) fn stand(
        &self,
        pairing: &str,
        state: PairingState,
        trouble: Option<PairingTrouble>,
        detail: &str,
    ) {
        self.stand_until(pairing, state, trouble, detail, None);
    }

    /// The same of one that is tried again then.
    fn stand_until(
        &self,
        pairing: &str,
        state: PairingState,
        trouble: Option<PairingTrouble>,
        detail: &str,
        next_try: Option<i64>,
    ) {
        let detail = cowork_redact::redact(detail).into_owned();
        {
            let mut held = self.state();
            let Some(known) = held.remote.find_mut(pairing) else {
                return;
            };
            let standing = &mut known.standing;
            if state == PairingState::Online {
                standing.last_answer = Some(now());
            }
            let same = (standing.state, standing.trouble, &standing.detail) == (state, trouble, &detail);
            if same && standing.next_try == next_try {
                return;
            }
            standing.next_try = next_try;
            if standing.state != state {
                standing.since = now();
            }
            (standing.state, standing.trouble, standing.detail) = (state, trouble, detail);
        }
        self.tell_pairings();
    }

    /// There is something new in the journal of a pairing.
    pub(super) fn written(&self, pairing: &str) {
        let links = self.remote.links();
        if let Some(connection) = links.get(pairing).and_then(|link| link.connection.as_ref()) {
            connection.written();
        }
    }

    /// Whatever the connection of a pairing waits for, it tries now. False when there is none.
    pub(crate) fn sync_now(&self, pairing: &str) -> bool {
        let links = self.remote.links();
        let connection = links.get(pairing).and_then(|link| link.connection.as_ref());
        connection.inspect(|connection| connection.sync_now()).is_some()
    }

    /// Another policy holds for the next command.
    pub(crate) fn policy_changed(&self, pairing: &str, policy: Policy) {
        if let Some(link) = self.remote.links().get(pairing) {
            // A claim that waits is cut short by a change, and what came with its answer is given again only later.
            link.policy.send_if_modified(|held| {
                let is_other = *held != policy;
                *held = policy;
                is_other
            });
        }
    }

    /// Ends the connection of a pairing, with a goodbye where there is time for one.
    pub(crate) async fn disconnect(&self, pairing: &str) {
        let link = self.remote.links().remove(pairing);
        if let Some(mut link) = link {
            link.watching.abort();
            if let Some(connection) = link.connection.take() {
                // Without one the server finds out by itself.
                let _ = tokio::time::timeout(GOODBYE, connection.stop()).await;
            }
        }
    }

    /// Ends all connections: the app ends.
    pub(crate) async fn disconnect_all(&self) {
        let ids: Vec<_> = self.remote.links().keys().cloned().collect();
        futures_util::future::join_all(ids.iter().map(|id| self.disconnect(id))).await;
    }

    /// Writes down how far a pairing is.
    pub(super) async fn keep_state(&self, pairing: &str, state: Kept, expires: Option<i64>) {
        let row = {
            let mut held = self.state();
            let Some(known) = held.remote.find_mut(pairing) else {
                return;
            };
            (known.pairing.state, known.pairing.expires, known.pairing.changed) = (state, expires, now());
            known.pairing.clone()
        };
        let store = self.store.clone();
        let kept = blocking(move || Ok(store.put_pairing(&row)?)).await;
        self.saved(kept);
    }
}

/// The server of a pairing, as this desktop talks to it.
async fn broker(inner: &Inner, pairing: &Pairing) -> Result<Client, (PairingTrouble, String)> {
    let address = BrokerAddress::judge(&pairing.broker)
        .map_err(|error| (PairingTrouble::AddressRefused, error.to_string()))?;
    let lost = |why: String| {
        let advice = "Make another token for it, and enter that at the server.";
        (
            PairingTrouble::NoToken,
            format!("The token cannot be read: {why}. {advice}"),
        )
    };
    let name = secret_name(&pairing.id).map_err(|error| lost(error.to_string()))?;
    let secret = inner
        .vault
        .get(&name)
        .await
        .map_err(|error| lost(secrets::why(&error)))?;
    let secret = secret.ok_or_else(|| lost("it is not in the keychain".to_owned()))?;
    let token = Token::parse(secret.expose()).map_err(|error| lost(error.to_string()))?;
    let outward = inner
        .outward_of(pairing.past_proxy)
        .map_err(|error| (PairingTrouble::Unreachable, format!("{error:#}")))?;
    let behind = proxy_for(&address, &outward).is_some();
    if let Some(known) = inner.state().remote.find_mut(&pairing.id) {
        known.behind_proxy = behind;
    }
    Ok(Client::new(
        outward,
        address,
        pairing.id.clone(),
        pairing.device.clone(),
        token,
    ))
}

/// Connects a pairing, in the place of a connection there is.
pub(crate) fn connect<'a>(inner: &'a Arc<Inner>, id: &'a str) -> BoxFuture<'a, ()> {
    Box::pin(async move {
        inner.disconnect(id).await;
        let known = inner.state().remote.find(id).cloned();
        let may = |known: &Known| matches!(known.pairing.state, Kept::Waiting | Kept::Paired);
        let Some(known) = known.filter(may) else { return };
        if known.pairing.state == Kept::Waiting && known.pairing.expires.is_some_and(|until| until <= now()) {
            return expire(inner, id).await;
        }
        if known.pairing.paused {
            return inner.stand(id, PairingState::Paused, None, "");
        }
        let client = match broker(inner, &known.pairing).await {
            Ok(client) => client,
            Err((trouble, detail)) => {
                return inner.stand(id, PairingState::NeedsYou, Some(trouble), &detail);
            }
        };
        let keeper = Arc::new(Keeper::new(inner, id));
        let (policy, receives) = watch::channel(tell::policy(known.policy));
        let connection = Connection::start(Parts {
            broker: Arc::new(client),
            journal: keeper.clone(),
            ledger: keeper,
            hands: Arc::new(Doer::new(inner, id)),
            pace: Arc::new(SystemPace),
            pairing_id: id.to_owned(),
            device_id: known.pairing.device.clone(),
            policy: receives,
            home: inner.options.home_directory.clone(),
            paused: false,
        });
        let states = connection.states();
        let watching = tokio::spawn(watch_over(Arc::downgrade(inner), id.to_owned(), states));
        let link = Link {
            connection: Some(connection),
            policy,
            watching,
        };
        inner.remote.links().insert(id.to_owned(), link);
    })
}

/// Says how a connection stands for as long as it is there, and takes the steps that follow from it.
async fn watch_over(inner: Weak<Inner>, id: String, mut states: watch::Receiver<State>) {
    loop {
        let state = states.borrow_and_update().clone();
        let Some(held) = inner.upgrade() else { return };
        let next = stands(&held, &id, state).await;
        drop(held);
        let pause = match next {
            Next::Watch { until } => {
                tokio::select! {
                    changed = states.changed() => match changed {
                        Ok(()) => continue,
                        Err(_) => return,
                    },
                    () = until_then(until) => Duration::ZERO,
                }
            }
            Next::Again => ENTERED_YET,
            Next::Ended => return,
        };
        // In a task of its own: this one ends with the connection it watches.
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            if let Some(inner) = inner.upgrade() {
                connect(&inner, &id).await;
            }
        });
        return;
    }
}

/// What follows from how a connection stands.
enum Next {
    /// It is watched on, and looked at anew at a moment.
    Watch { until: Option<i64> },
    /// It is made anew after a while.
    Again,
    /// It is over.
    Ended,
}

async fn until_then(moment: Option<i64>) {
    match moment {
        Some(moment) => {
            let left = u64::try_from(moment - now()).unwrap_or_default();
            tokio::time::sleep(Duration::from_millis(left)).await;
        }
        None => std::future::pending().await,
    }
}

async fn stands(inner: &Arc<Inner>, id: &str, state: State) -> Next {
    let known = inner.state().remote.find(id).cloned();
    let Some(Known {
        pairing, standing, ..
    }) = known
    else {
        return Next::Ended;
    };
    let waits = pairing.state == Kept::Waiting;
    let watch = Next::Watch {
        until: pairing.expires.filter(|_| waits),
    };
    match state {
        State::Connecting if waits => inner.stand(id, PairingState::Waiting, None, ""),
        State::Connecting => inner.stand(id, PairingState::Connecting, None, ""),
        State::Online => {
            came_online(inner, &pairing, &standing).await;
            return Next::Watch { until: None };
        }
        State::Waiting { reason, next } => {
            if standing.state == PairingState::Online {
                inner.audit(id, "pairing.offline", &reason).await;
            }
            let state = if waits {
                PairingState::Waiting
            } else {
                PairingState::Offline
            };
            let next = Some(next.as_millisecond());
            inner.stand_until(id, state, Some(trouble_of(&reason)), &reason, next);
        }
        State::Paused => inner.stand(id, PairingState::Paused, None, ""),
        State::Revoked => {
            ended_from_afar(inner, id);
            return Next::Ended;
        }
        // Nobody entered the token there yet.
        State::NeedsPerson { reason } if waits && trouble_of(&reason) == PairingTrouble::Refused => {
            inner.stand(id, PairingState::Waiting, None, "");
            return Next::Again;
        }
        State::NeedsPerson { reason } => {
            if standing.state == PairingState::Online {
                inner.audit(id, "pairing.offline", &reason).await;
            }
            inner.stand(id, PairingState::NeedsYou, Some(trouble_of(&reason)), &reason);
        }
        State::Stopped => return Next::Ended,
    }
    watch
}

async fn came_online(inner: &Arc<Inner>, pairing: &Pairing, before: &Standing) {
    let id = &pairing.id;
    if pairing.state == Kept::Waiting {
        inner.keep_state(id, Kept::Paired, None).await;
    }
    inner.stand(id, PairingState::Online, None, "");
    if before.state != PairingState::Online {
        inner.audit(id, "pairing.connected", &pairing.broker).await;
        let (store, id) = (inner.store.clone(), id.clone());
        inner.saved(blocking(move || Ok(store.pairing_answered(&id, now())?)).await);
    }
    inner.state().remote.news.pairings.insert(id.clone());
    inner.remote.wake.notify_one();
}

/// What kind of trouble words tell of that a connection has for people.
fn trouble_of(reason: &str) -> PairingTrouble {
    let is = |error: BrokerError| reason.contains(&error.to_string());
    if is(BrokerError::Unknown) {
        PairingTrouble::Refused
    } else if reason.contains("redirect") || reason.contains("leads to") {
        PairingTrouble::AddressRefused
    } else if reason.contains("could not be read or written") {
        PairingTrouble::NotSaved
    } else if reason.contains("about to stop") || reason.contains("draining") {
        PairingTrouble::Draining
    } else if reason.contains("could not be read") {
        PairingTrouble::Protocol
    } else if reason.contains("with status") || reason.contains("slow down") {
        PairingTrouble::ServerFailed
    } else {
        PairingTrouble::Unreachable
    }
}

/// The token of a pairing was not entered in time.
async fn expire(inner: &Arc<Inner>, id: &str) {
    delete_token(inner, id).await;
    inner.keep_state(id, Kept::Expired, None).await;
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
    // Dropped and not stopped: nothing more leaves, not even a goodbye.
    drop(inner.remote.links().remove(id));
    let state = inner.state().remote.find(id).map(|known| known.pairing.state);
    inner.audit(id, "pairing.revoked", "ended here").await;
    match state {
        Some(Kept::Waiting | Kept::Paired) => {
            inner.keep_state(id, Kept::Revoking, None).await;
            inner.stand(id, PairingState::Revoking, None, "");
            empty(inner, id).await;
            inner.tell_pairings();
            owe_end(inner, id);
        }
        Some(Kept::Revoking) => owe_end(inner, id),
        Some(Kept::Expired | Kept::Revoked) => forget(inner, id).await,
        None => {}
    }
}

/// Tells a server that a pairing is over, until it knows.
fn owe_end(inner: &Arc<Inner>, id: &str) {
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
                // Without a token nothing can be told.
                Err((PairingTrouble::NoToken, _)) => Ok(()),
                Err((_, detail)) => Err(BrokerError::Unreachable(detail)),
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
        delete_token(&inner, &id).await;
        inner.keep_state(&id, Kept::Revoked, None).await;
        empty(&inner, &id).await;
        let detail = "The server ended it.";
        inner.stand(
            &id,
            PairingState::Revoked,
            Some(PairingTrouble::RevokedThere),
            detail,
        );
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

    #[test]
    fn troubles_are_told_apart_by_the_words_there_are_for_them() {
        for (error, trouble) in [
            (BrokerError::Unknown, PairingTrouble::Refused),
            (BrokerError::Redirect(302), PairingTrouble::AddressRefused),
            (BrokerError::Unreadable("x".into()), PairingTrouble::Protocol),
            (
                BrokerError::Unreachable("no route".into()),
                PairingTrouble::Unreachable,
            ),
        ] {
            assert_eq!(trouble_of(&error.to_string()), trouble, "{error}");
        }
        let failed = BrokerError::Failed {
            status: 503,
            retry_after: None,
            text: String::new(),
        };
        assert_eq!(trouble_of(&failed.to_string()), PairingTrouble::ServerFailed);
    }
}
