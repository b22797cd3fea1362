//! Pairing as a part of the app: what of it is seen through an organization's server, what leaves, what comes from afar
//! and what becomes of that, and what is written down of it.
//!
//! Nothing is seen that was not shared: [`Shared`] knows which threads are, and is asked wherever something would leave
//! or be done.
//!
//! - `tap` hears of changes where the feed does, `tell` copies what they are about, and `writer` puts it into the
//!   journal, made ready to leave.
//! - `kept` is that journal, and the ledger of commands, for `cowork_pairing`.
//! - `hands` carries commands out through the operations a window has, and finds out after a crash what it did; `doing` is
//!   what goes on though the connection it came over ended.
//! - `proposals` has answers from afar wait for a word here.
//! - `presence` is what the audit has of a connection that is lost and comes back.
//! - `rows` is what is kept of each pairing, and the one place that changes it.
//! - `link` runs the connections, `ends` brings a pairing to its end, and `letting_go` keeps what is shared no longer from
//!   leaving late.

mod doing;
mod ends;
mod hands;
mod kept;
mod letting_go;
mod link;
mod presence;
mod proposals;
mod rows;
mod shared;
mod tap;
mod tell;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::Context as _;
use cowork_outward::{Outward, Proxies};
use cowork_store::NewAuditRow;
use tokio::sync::Notify;

pub(crate) use ends::{end, end_now, forget, secret_name};
pub(crate) use letting_go::{folder_goes, let_go, let_go_of_unshared};
pub(crate) use link::{connect, run};
pub(crate) use rows::{begin, known, not_kept};
pub(crate) use shared::{Known, Shared, host_of};
pub(crate) use tell::{Snapshot, Which, places, policy, session_event, thread};
pub(crate) use writer::tell;

use self::doing::Doing;
use self::link::Link;
use crate::view::PairingState;
use crate::workspace::{Inner, blocking, now};

/// What runs for pairings.
#[derive(Default)]
pub(crate) struct Remote {
    links: Mutex<HashMap<String, Link>>,
    /// What is being carried out.
    doing: Doing,
    /// Something changed that is to be told.
    pub(crate) wake: Notify,
    /// Held while a pairing is made, changed or ended: one after the other.
    pub(crate) changing: tokio::sync::Mutex<()>,
    /// Held while what is kept of a pairing is written.
    keeping: tokio::sync::Mutex<()>,
    past_proxy: OnceLock<Outward>,
}

impl Remote {
    fn links(&self) -> MutexGuard<'_, HashMap<String, Link>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// How requests of a pairing leave: past the proxy, if the person wants that.
    pub(crate) fn outward_of(&self, past_proxy: bool) -> anyhow::Result<Outward> {
        if !past_proxy {
            return Ok(self.outward.clone());
        }
        if let Some(outward) = self.remote.past_proxy.get() {
            return Ok(outward.clone());
        }
        let options = cowork_outward::Options {
            proxies: Proxies::None,
            ..cowork_outward::Options::default()
        };
        let outward = Outward::new(options).context("preparing connections past the proxy")?;
        Ok(self.remote.past_proxy.get_or_init(|| outward).clone())
    }

    /// Writes down what was done with a pairing. What cannot be written is said, and what was done stays done: ending a
    /// pairing must not wait for a disk.
    pub(crate) async fn audit(self: &Arc<Self>, pairing: &str, action: &str, detail: &str) {
        let row = self.audit_row(pairing, action, None, detail);
        let store = self.store.clone();
        let written = blocking(move || Ok(store.add_audit(&[row])?)).await;
        self.saved(written);
    }

    /// A row of the audit.
    pub(crate) fn audit_row(
        &self,
        pairing: &str,
        action: &str,
        who: Option<&str>,
        detail: &str,
    ) -> NewAuditRow {
        let label = {
            let state = self.state();
            let known = state.remote.find(pairing);
            known.map(|known| known.pairing.label.clone()).unwrap_or_default()
        };
        NewAuditRow {
            pairing: pairing.to_owned(),
            label,
            action: action.to_owned(),
            who: who.map(|who| cowork_redact::redact(who).into_owned()),
            detail: cowork_redact::redact(detail).into_owned(),
            at: now(),
        }
    }

    /// Notes how many events of a pairing wait. Windows are told when they begin to gather and when they are gone; those
    /// that come and go while the server answers are no news.
    fn count_waiting(&self, pairing: &str, waiting: u64) {
        let is_news = {
            let mut state = self.state();
            let Some(known) = state.remote.find_mut(pairing) else {
                return;
            };
            known.waiting = waiting;
            let is_online = known.standing.state == PairingState::Online;
            let is_news = (known.shown_waiting == 0) != (waiting == 0) && (waiting == 0 || !is_online);
            if is_news {
                known.shown_waiting = waiting;
            }
            is_news
        };
        if is_news {
            self.tell_pairings();
        }
    }

    /// Has windows told how pairings stand.
    pub(crate) fn tell_pairings(&self) {
        self.state().untold.pairings = true;
        self.feed.changed();
        self.health_changed.notify_one();
    }
}
