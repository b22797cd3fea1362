//! Puts what changed into the journals of pairings: a tenth of a second after the first change, from the state of that
//! moment, made ready to leave. Threads that rest are told of when nothing else is to be told, the newest first.

mod book;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use cowork_engine::SessionId;
use cowork_store::PairingState as Kept;
use cowork_transcript::Patch;

use self::book::{Book, begun};
use super::shared::Known;
use super::tap::News;
use super::tell::{self, TOLD_MESSAGES};
use crate::state::{Effect, State};
use crate::workspace::{Inner, Workspace, blocking};

/// From the first change until it is told: what streams is told in pieces a person reads at a glance.
const GATHERED: Duration = Duration::from_millis(100);
/// How often it is looked whether something is to be told that no change of a thread says.
const LOOKED: Duration = Duration::from_secs(2);

impl State {
    /// Remembers what changed in a session, if a pairing shares it.
    pub(crate) fn note_for_pairings(&mut self, session: &SessionId, patches: &[Patch]) {
        if patches
            .iter()
            .any(|patch| matches!(patch, Patch::Everything | Patch::Asks))
        {
            self.lapse_proposals(session);
        }
        if self.is_seen_elsewhere(session) {
            self.remote.news.note(session, patches);
        }
    }

    /// Whether any pairing shares a session.
    fn is_seen_elsewhere(&self, session: &SessionId) -> bool {
        self.remote.is_any_active()
            && self
                .remote
                .pairings
                .iter()
                .any(|known| self.is_shared(known, session))
    }
}

impl Inner {
    /// Has what changed told, also what changed of rows.
    pub(crate) fn wake_pairings(&self, effects: &[Effect]) {
        let mut state = self.state();
        for effect in effects {
            if let Effect::Store(row) = effect
                && state.is_seen_elsewhere(&row.id)
            {
                state.remote.news.touch(&row.id);
            }
        }
        if !state.remote.news.is_empty() || !state.remote.settled.is_empty() {
            self.remote.wake.notify_one();
        }
    }
}

/// Tells what is shared; runs for ever.
pub(crate) async fn tell(inner: Arc<Inner>) {
    let mut books: HashMap<String, Book> = HashMap::new();
    loop {
        let woken = if books.is_empty() && !has_news(&inner) {
            // Without anybody to tell there is nothing to look after.
            inner.remote.wake.notified().await;
            true
        } else {
            tokio::time::timeout(LOOKED, inner.remote.wake.notified())
                .await
                .is_ok()
        };
        if woken {
            tokio::time::sleep(GATHERED).await;
        }
        tell_what_was_settled(&inner).await;
        loop {
            let news = std::mem::take(&mut inner.state().remote.news);
            let goes_on = round(&inner, &mut books, news).await;
            if !goes_on {
                break;
            }
        }
    }
}

/// Whether something waits to be told, as where it could not be written down.
fn has_news(inner: &Inner) -> bool {
    let state = inner.state();
    !state.remote.news.is_empty() || !state.remote.settled.is_empty()
}

/// Tells what became of answers that waited for a word here: until then people wait for it there. Also over a pairing that
/// is paused, where it leaves once it goes on.
async fn tell_what_was_settled(inner: &Arc<Inner>) {
    let all = std::mem::take(&mut inner.state().remote.settled);
    for (waiting, settled) in all {
        let pairing = waiting.pairing.clone();
        let told = tell::settled(&waiting, settled);
        let (store, id) = (inner.store.clone(), pairing.clone());
        let kept = blocking(move || {
            store.append_events(&id, &[told?])?;
            anyhow::Ok(store.waiting_events(&id)?.rows)
        });
        match kept.await.and_then(std::convert::identity) {
            Ok(rows) => {
                inner.count_waiting(&pairing, rows);
                inner.written(&pairing);
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "an outcome was not told");
                let mut state = inner.state();
                let known = state.remote.find(&pairing).map(|known| known.pairing.state);
                // Where the pairing is over nobody waits for it.
                if matches!(known, Some(Kept::Waiting | Kept::Paired)) {
                    state.remote.settled.push((waiting, settled));
                }
            }
        }
    }
}

/// Tells once. Whether there is more to tell at once.
async fn round(inner: &Arc<Inner>, books: &mut HashMap<String, Book>, news: News) -> bool {
    let pairings: Vec<Known> = {
        let state = inner.state();
        let told = |known: &&Known| known.is_active() && known.pairing.state == Kept::Paired;
        state.remote.pairings.iter().filter(told).cloned().collect()
    };
    books.retain(|id, _| pairings.iter().any(|known| known.pairing.id == *id));
    if pairings.is_empty() {
        return false;
    }
    let workspace = Workspace { inner: inner.clone() };
    // What is told has to be known whole.
    let mut sessions = BTreeMap::new();
    for (session, changed) in news.sessions {
        if changed.anew || !changed.messages.is_empty() || !changed.gone.is_empty() {
            let is_loaded = inner.state().live.get(&session).is_some_and(|live| live.loaded);
            if !is_loaded {
                // It is told once there is an engine to read it from; nothing else waits for that.
                let has_engine = inner.engine.borrow().is_some();
                let read = if has_engine {
                    workspace.load(&session).await
                } else {
                    Ok(())
                };
                if let Err(error) = &read {
                    tracing::warn!(%error, "a conversation that is shared could not be read");
                }
                if !has_engine || read.is_err() {
                    inner.state().remote.news.put_back(session, changed);
                    continue;
                }
            }
        }
        // Of one that is told of from its beginning, all of what is told has to be here.
        let begins = |known: &Known| {
            let book = books.get(&known.pairing.id);
            book.is_none_or(|book| changed.anew || !book.sessions.contains_key(&session))
        };
        let is_live = inner.state().live.get(&session).is_some_and(|live| live.loaded);
        if is_live
            && pairings.iter().any(begins)
            && inner.engine.borrow().is_some()
            && let Err(error) = workspace.read_what_is_told(&session).await
        {
            tracing::warn!(%error, "older messages of a conversation that is shared could not be read");
        }
        sessions.insert(session, changed);
    }
    let mut more = false;
    for known in &pairings {
        let id = &known.pairing.id;
        let policy = tell::policy(known.policy);
        let is_new = books.get(id).is_none_or(|book| book.policy != policy);
        if is_new {
            let is_first = !books.contains_key(id);
            match begun(inner, id, policy, is_first).await {
                Ok(book) => books.insert(id.clone(), book),
                Err(error) => {
                    tracing::error!(%error, "what a pairing was told could not be read");
                    inner.state().remote.news.pairings.insert(id.clone());
                    continue;
                }
            };
        }
        let Some(book) = books.get_mut(id) else { continue };
        if news.pairings.contains(id) {
            book.forget_what_is_not_kept(inner, id).await;
        }
        if is_new || news.pairings.contains(id) {
            book.look_through(inner, known);
        }
        let rechecked = news.pairings.contains(id).then_some(&news.removed);
        let gone = if news.removed.is_empty() {
            rechecked
        } else {
            Some(&news.removed)
        };
        match book.page(inner, known, &sessions, gone).await {
            Ok(goes_on) => more |= goes_on,
            Err(error) => {
                tracing::error!(%error, "what leaves over a pairing could not be written down");
                // What was not written down is not taken for told, and is told the next time.
                books.remove(id);
                inner.state().remote.news.pairings.insert(id.clone());
            }
        }
    }
    more
}

impl Workspace {
    /// Has as much of a conversation in memory as is told of one: what is told, and what is shown beforehand of that, must
    /// not follow from how far somebody scrolled.
    pub(crate) async fn read_what_is_told(&self, session: &SessionId) -> crate::error::Result<()> {
        self.load(session).await?;
        let held = || {
            let state = self.inner.state();
            let live = state.live.get(session);
            live.map_or(TOLD_MESSAGES, |live| live.transcript.messages().len())
        };
        while held() < TOLD_MESSAGES && self.read_older(session, true).await? {}
        Ok(())
    }
}
