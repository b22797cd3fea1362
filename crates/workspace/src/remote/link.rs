//! The connections of pairings: when one is there, and how it stands.

use std::sync::{Arc, Weak};
use std::time::Duration;

use cowork_pairing::address::{BrokerAddress, proxy_for};
use cowork_pairing::broker::Trouble;
use cowork_pairing::client::Client;
use cowork_pairing::connection::{Connection, Parts, State};
use cowork_pairing::pace::SystemPace;
use cowork_pairing::token::Token;
use cowork_pairing_protocol::wire::Policy;
use cowork_store::{Pairing, PairingState as Kept};
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::ends::{ended_from_afar, expire, owe_end, secret_name};
use super::hands::Doer;
use super::kept::Keeper;
use super::shared::{Known, Standing};
use super::tell;
use crate::providers::secrets;
use crate::view::{PairingState, PairingTrouble};
use crate::workspace::{Inner, blocking, now};

/// How often a server is asked whether a token was entered that was just shown.
const ENTERED_YET: Duration = Duration::from_secs(3);
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

/// Begins what runs for pairings at a start: their connections, and what is owed to servers.
pub(crate) async fn run(inner: Arc<Inner>) {
    let ids: Vec<_> = {
        let state = inner.state();
        let all = state.remote.pairings.iter();
        all.map(|known| (known.pairing.id.clone(), known.pairing.state))
            .collect()
    };
    for (id, state) in ids {
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
    pub(crate) async fn disconnect(self: &Arc<Self>, pairing: &str) {
        let link = self.remote.links().remove(pairing);
        if let Some(mut link) = link {
            link.watching.abort();
            if let Some(connection) = link.connection.take() {
                let is_paused = |known: &Known| known.pairing.paused;
                if self.state().remote.find(pairing).is_some_and(is_paused) {
                    // Whoever looks at it there is told so, and not that it is away.
                    connection.pause(true);
                }
                // Without one the server finds out by itself.
                let _ = tokio::time::timeout(GOODBYE, connection.stop()).await;
            }
            self.write_last_presence(pairing).await;
        }
    }

    /// Ends all connections: the app ends.
    pub(crate) async fn disconnect_all(self: &Arc<Self>) {
        let ids: Vec<_> = self.remote.links().keys().cloned().collect();
        futures_util::future::join_all(ids.iter().map(|id| self.disconnect(id))).await;
    }
}

/// Why nothing can be asked of a server.
pub(super) struct Unready {
    trouble: PairingTrouble,
    pub(super) detail: String,
    /// There is no token, and there will be none: it was forgotten, or is none.
    pub(super) is_token_gone: bool,
}

/// The server of a pairing, as this desktop talks to it.
pub(super) async fn broker(inner: &Inner, pairing: &Pairing) -> Result<Client, Unready> {
    let unready = |trouble, detail: String| Unready {
        trouble,
        detail,
        is_token_gone: false,
    };
    let address = BrokerAddress::judge(&pairing.broker)
        .map_err(|error| unready(PairingTrouble::AddressRefused, error.to_string()))?;
    let lost = |why: String| {
        let advice = "Make another token for it, and enter that at the server.";
        unready(
            PairingTrouble::NoToken,
            format!("The token cannot be read: {why}. {advice}"),
        )
    };
    let gone = |why: String| Unready {
        is_token_gone: true,
        ..lost(why)
    };
    let name = secret_name(&pairing.id).map_err(|error| gone(error.to_string()))?;
    let secret = inner
        .vault
        .get(&name)
        .await
        .map_err(|error| lost(secrets::why(&error)))?;
    let secret = secret.ok_or_else(|| gone("it is not in the keychain".to_owned()))?;
    let token = Token::parse(secret.expose()).map_err(|error| gone(error.to_string()))?;
    let outward = inner
        .outward_of(pairing.past_proxy)
        .map_err(|error| unready(PairingTrouble::Unreachable, format!("{error:#}")))?;
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
        loop {
            let known = inner.state().remote.find(id).cloned();
            let may = |known: &Known| matches!(known.pairing.state, Kept::Waiting | Kept::Paired);
            let Some(Known { pairing, policy, .. }) = known.filter(may) else {
                return;
            };
            if inner.state().remote.forbidden {
                let (trouble, detail) = (PairingTrouble::Forbidden, "This build allows no pairing. End it.");
                return inner.stand(id, PairingState::NeedsYou, Some(trouble), detail);
            }
            if is_void(&pairing) {
                return expire(inner, id).await;
            }
            if pairing.paused {
                return inner.stand(id, PairingState::Paused, None, "");
            }
            let client = broker(inner, &pairing).await;
            let mut links = inner.remote.links();
            // The keychain may have taken its time: what was paused, ended or given another token meanwhile is not
            // connected as it was before.
            let is_still = |known: &Known| known.pairing == pairing;
            if !inner.state().remote.find(id).is_some_and(is_still) {
                continue;
            }
            match client {
                Ok(client) => {
                    let link = link(inner, &pairing, tell::policy(policy), client);
                    links.insert(id.to_owned(), link);
                }
                Err(unready) => {
                    drop(links);
                    let Unready { trouble, detail, .. } = unready;
                    inner.stand(id, PairingState::NeedsYou, Some(trouble), &detail);
                }
            }
            return;
        }
    })
}

/// Whether the token of a pairing was not entered in time.
pub(super) fn is_void(pairing: &Pairing) -> bool {
    pairing.state == Kept::Waiting && pairing.expires.is_some_and(|until| until <= now())
}

/// A connection, and who watches over it.
fn link(inner: &Arc<Inner>, pairing: &Pairing, policy: Policy, client: Client) -> Link {
    let keeper = Arc::new(Keeper::new(inner, &pairing.id));
    let (policy, receives) = watch::channel(policy);
    let connection = Connection::start(Parts {
        broker: Arc::new(client),
        journal: keeper.clone(),
        ledger: keeper,
        hands: Arc::new(Doer::new(inner, &pairing.id)),
        pace: Arc::new(SystemPace),
        pairing_id: pairing.id.clone(),
        device_id: pairing.device.clone(),
        policy: receives,
        home: inner.options.home_directory.clone(),
        paused: false,
    });
    let states = connection.states();
    let watching = tokio::spawn(watch_over(Arc::downgrade(inner), pairing.id.clone(), states));
    Link {
        connection: Some(connection),
        policy,
        watching,
    }
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
                let woken = loop {
                    let Some(due) = inner.upgrade().map(|held| held.next_presence(&id)) else {
                        return;
                    };
                    tokio::select! {
                        changed = states.changed() => break Some(changed),
                        () = until_then(until) => break None,
                        () = until_then(due) => {
                            let Some(held) = inner.upgrade() else { return };
                            held.write_due_presence(&id).await;
                        }
                    }
                };
                match woken {
                    Some(Ok(())) => continue,
                    Some(Err(_)) => return,
                    None => Duration::ZERO,
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
        State::Waiting {
            trouble,
            reason,
            next,
        } => {
            if standing.state == PairingState::Online {
                inner.presence_changed(id, false, &reason).await;
            }
            let state = if waits {
                PairingState::Waiting
            } else {
                PairingState::Offline
            };
            let next = Some(next.as_millisecond());
            inner.stand_until(id, state, Some(spelled(trouble)), &reason, next);
        }
        State::Paused => inner.stand(id, PairingState::Paused, None, ""),
        State::Revoked => {
            ended_from_afar(inner, id);
            return Next::Ended;
        }
        // Nobody entered the token there yet.
        State::NeedsPerson {
            trouble: Trouble::Unknown,
            ..
        } if waits => {
            inner.stand(id, PairingState::Waiting, None, "");
            return Next::Again;
        }
        State::NeedsPerson { trouble, reason } => {
            if standing.state == PairingState::Online {
                inner.presence_changed(id, false, &reason).await;
            }
            inner.stand(id, PairingState::NeedsYou, Some(spelled(trouble)), &reason);
        }
        State::Stopped => return Next::Ended,
    }
    watch
}

async fn came_online(inner: &Arc<Inner>, pairing: &Pairing, before: &Standing) {
    let id = &pairing.id;
    if pairing.state == Kept::Waiting {
        let waits = |pairing: &Pairing| pairing.state == Kept::Waiting;
        inner.keep_state(id, waits, Kept::Paired, None).await;
    }
    inner.stand(id, PairingState::Online, None, "");
    if before.state != PairingState::Online {
        inner.presence_changed(id, true, &pairing.broker).await;
        let (store, id) = (inner.store.clone(), id.clone());
        inner.saved(blocking(move || Ok(store.pairing_answered(&id, now())?)).await);
    }
    inner.state().remote.news.pairings.insert(id.clone());
    inner.remote.wake.notify_one();
}

/// What kind of trouble a connection has, as a person is told.
fn spelled(trouble: Trouble) -> PairingTrouble {
    match trouble {
        Trouble::Unreachable => PairingTrouble::Unreachable,
        Trouble::Address => PairingTrouble::AddressRefused,
        Trouble::Unknown => PairingTrouble::Refused,
        Trouble::Revoked => PairingTrouble::RevokedThere,
        Trouble::Failed => PairingTrouble::ServerFailed,
        Trouble::Protocol => PairingTrouble::Protocol,
        Trouble::Kept => PairingTrouble::NotSaved,
    }
}
