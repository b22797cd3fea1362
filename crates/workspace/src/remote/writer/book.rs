//! What was told over one pairing, and what is to be told next.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use cowork_engine::{Engine, SessionId};
use cowork_pairing::leaving::Leaving;
use cowork_pairing::sharing::{Changes, Shared as Telling, Told};
use cowork_pairing_protocol::session::{DesktopStatus, SessionEvent, SharedAgent, VERSION};
use cowork_pairing_protocol::wire::{EventType, Policy};
use cowork_store::{Appended, EVENT_LIMIT, NewRemoteEvent, ToldOf};
use cowork_transcript::Transcript;

use crate::remote::hands::shared_folders;
use crate::remote::letting_go::let_go;
use crate::remote::shared::Known;
use crate::remote::tap::Changed;
use crate::remote::tell::{self, Snapshot, TOLD_MESSAGES, Which};
use crate::state::Row;
use crate::workspace::{Inner, Workspace, blocking, now};
/// Conversations of one pairing of which it is remembered what was told. Of others it is told anew when they change.
const REMEMBERED: usize = 32;
/// Threads of one pairing that are told of: the newest. All others are when they change.
const THREADS: usize = 1_000;
/// Events that wait at most before a thread is told of that rests, and their bytes: what goes on must not wait behind
/// what went on, nor be let go for it.
const HISTORY_ROWS: u64 = 2_000;
const HISTORY_BYTES: u64 = 4 * 1024 * 1024;

/// What was told over one pairing.
pub(super) struct Book {
    pub(super) policy: Policy,
    pub(super) sessions: HashMap<SessionId, (Telling, u64)>,
    /// The threads the server may have anything of, and how they were told of.
    told: BTreeMap<SessionId, ToldOf>,
    /// Threads that are to be told of, the next one last.
    history: Vec<SessionId>,
    status: Option<DesktopStatus>,
    uses: u64,
    /// What waited was too much: nothing of threads is told until the server has fetched the rest.
    overflowed: bool,
}

/// What is to be written for one pairing.
#[derive(Default)]
struct Page {
    events: Vec<NewRemoteEvent>,
    told: Vec<(String, Option<ToldOf>)>,
}

/// Begins to tell over a pairing: what is known of what was told before, unless the policy was another then.
pub(super) async fn begun(
    inner: &Arc<Inner>,
    id: &str,
    policy: Policy,
    is_first: bool,
) -> anyhow::Result<Book> {
    let (store, id) = (inner.store.clone(), id.to_owned());
    let told = blocking(move || {
        if !is_first {
            store.forget_untold_events(&id)?;
        }
        store.told_threads(&id)
    })
    .await??;
    Ok(Book {
        policy,
        sessions: HashMap::new(),
        told: told
            .into_iter()
            .map(|(session, how)| (SessionId::new(session), how))
            .collect(),
        history: Vec::new(),
        status: None,
        uses: 0,
        overflowed: false,
    })
}

impl Book {
    /// The journal may have let go of what was told: then that is told anew.
    pub(super) async fn forget_what_is_not_kept(&mut self, inner: &Arc<Inner>, id: &str) {
        let (store, id) = (inner.store.clone(), id.to_owned());
        let Ok(Ok(told)) = blocking(move || store.told_threads(&id)).await else {
            return;
        };
        let told: BTreeMap<_, _> = told
            .into_iter()
            .map(|(session, how)| (SessionId::new(session), how))
            .collect();
        if self.told != told {
            self.sessions.clear();
            self.status = None;
        }
        self.told = told;
    }

    /// Finds what of what is shared is to be told.
    pub(super) fn look_through(&mut self, inner: &Inner, known: &Known) {
        let single = known.threads.iter().map(|thread| thread.session.clone());
        for session in single.take(THREADS) {
            // It comes into memory with its family. One that is gone is shared no longer.
            if let Err(error) = inner.session(&session) {
                tracing::debug!(%error, "a shared thread is gone");
            }
        }
        let state = inner.state();
        let mut rows: Vec<&Row> = state
            .rows
            .values()
            .filter(|row| state.is_shared(known, &row.id))
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.updated));
        let untold = |row: &&&Row| {
            !self.sessions.contains_key(&row.id)
                && self.told.get(&row.id) != Some(&ToldOf::Resting(row.updated))
        };
        self.history = rows
            .iter()
            .take(THREADS)
            .filter(untold)
            .map(|row| row.id.clone())
            .collect();
        self.history.reverse();
    }

    /// Writes a page of what is to be told. `removed` are sessions that were deleted, where some were, or where what is
    /// shared may be another than before. Whether there is more.
    pub(super) async fn page(
        &mut self,
        inner: &Arc<Inner>,
        known: &Known,
        sessions: &BTreeMap<SessionId, Changed>,
        removed: Option<&BTreeSet<SessionId>>,
    ) -> anyhow::Result<bool> {
        let id = &known.pairing.id;
        let mut page = Page::default();
        self.status(inner, known, &mut page)?;
        if let Some(removed) = removed {
            self.take_back(inner, known, removed, &mut page).await?;
        }
        if self.overflowed {
            let waiting = waiting(inner, id).await?;
            if waiting.0 > 0 {
                return self.write(inner, id, page).await.map(|_| false);
            }
            self.overflowed = false;
            // That something is gone may have been let go with the rest.
            self.take_back(inner, known, &BTreeSet::new(), &mut page).await?;
            self.look_through(inner, known);
        }
        for (session, changed) in sessions {
            self.changed(inner, known, session, changed, &mut page)?;
        }
        let is_quiet = page.events.is_empty();
        if is_quiet && !self.history.is_empty() {
            let (rows, bytes) = waiting(inner, id).await?;
            if rows < HISTORY_ROWS && bytes < HISTORY_BYTES {
                self.tell_one_that_rests(inner, known, &mut page).await?;
            } else {
                return Ok(false);
            }
        }
        let kept = self.write(inner, id, page).await?;
        Ok(kept && !self.history.is_empty() && inner.engine.borrow().is_some())
    }

    /// Writes a page down. False when it was too much.
    async fn write(&mut self, inner: &Arc<Inner>, id: &str, page: Page) -> anyhow::Result<bool> {
        let Page { events, told } = page;
        // One that is longer than any can be is not told; the others are.
        let (events, long): (Vec<_>, Vec<_>) = events
            .into_iter()
            .partition(|event| event.event.len() <= EVENT_LIMIT);
        if !long.is_empty() {
            let said = format!("{} events were too long, and were left out", long.len());
            inner.audit(id, "remote.event.published", &said).await;
        }
        if events.is_empty() && told.is_empty() {
            return Ok(true);
        }
        let (store, pairing) = (inner.store.clone(), id.to_owned());
        let (outcome, waiting, told) = blocking(move || {
            let outcome = store.append_told(&pairing, &events, &told);
            (outcome, store.waiting_events(&pairing), told)
        })
        .await?;
        let outcome = outcome?;
        let waiting = waiting?.rows;
        inner.count_waiting(id, waiting);
        inner.written(id);
        if outcome == Appended::Overflowed {
            inner
                .audit(
                    id,
                    "remote.event.published",
                    "too much waited: threads are told anew",
                )
                .await;
            self.sessions.clear();
            for how in self.told.values_mut() {
                *how = ToldOf::Stale;
            }
            self.status = None;
            self.overflowed = true;
            return Ok(false);
        }
        for (session, how) in told {
            let session = SessionId::new(session);
            match how {
                Some(how) => self.told.insert(session, how),
                None => self.told.remove(&session),
            };
        }
        Ok(true)
    }

    /// Tells how the desktop stands, when that is another than was told.
    fn status(&mut self, inner: &Inner, known: &Known, page: &mut Page) -> anyhow::Result<()> {
        let status = {
            let state = inner.state();
            let agents = state.agent_choices().into_iter().map(|agent| SharedAgent {
                name: agent.name,
                description: agent.description,
            });
            DesktopStatus {
                v: VERSION,
                version: inner.options.version.clone(),
                engine_ready: state.engine.takes_requests(),
                policy: self.policy,
                agents: agents.collect(),
                folders: shared_folders(known),
            }
        };
        if self.status.as_ref() == Some(&status) {
            return Ok(());
        }
        let places = cowork_pairing::leaving::Places {
            home: inner.options.home_directory.clone(),
            ..cowork_pairing::leaving::Places::default()
        };
        let payload = Leaving::new(&self.policy, &places).value(&serde_json::to_value(&status)?);
        let event = tell::event(&known.pairing.id, EventType::Status, None, None, Some(payload))?;
        page.events.push(tell::kept(&event, false)?);
        self.status = Some(status);
        Ok(())
    }

    /// Says of threads that were told of and are gone, or not shared any more, that they are gone.
    async fn take_back(
        &mut self,
        inner: &Arc<Inner>,
        known: &Known,
        removed: &BTreeSet<SessionId>,
        page: &mut Page,
    ) -> anyhow::Result<()> {
        let all: HashSet<SessionId> = self.told.keys().chain(self.sessions.keys()).cloned().collect();
        let gone: Vec<_> = all
            .into_iter()
            .filter(|session| {
                // It comes into memory with its family, so that it is known whose it is.
                removed.contains(session)
                    || inner.session(session.as_str()).is_err()
                    || !inner.state().is_shared(known, session)
            })
            .collect();
        if !gone.is_empty() {
            // What waits of them may have been written a moment ago.
            let names = gone.iter().map(ToString::to_string).collect();
            let_go(inner, &known.pairing.id, Some(names)).await?;
        }
        for session in gone {
            self.sessions.remove(&session);
            self.history.retain(|waits| *waits != session);
            page.told.push((session.to_string(), None));
            let event = tell::session_event(&known.pairing.id, &session, SessionEvent::ThreadGone)?;
            page.events.push(event);
        }
        Ok(())
    }

    /// Tells what changed in a session.
    fn changed(
        &mut self,
        inner: &Inner,
        known: &Known,
        session: &SessionId,
        changed: &Changed,
        page: &mut Page,
    ) -> anyhow::Result<()> {
        let is_told = self.sessions.contains_key(session);
        let (snapshot, row) = {
            let state = inner.state();
            let Some(row) = state
                .rows
                .get(session)
                .filter(|_| state.is_shared(known, session))
            else {
                return Ok(());
            };
            let Some(live) = state.live.get(session).filter(|live| live.loaded) else {
                // Its row alone: what it holds was told, or is to be told by itself.
                if matches!(self.told.get(session), Some(ToldOf::Resting(_) | ToldOf::Going)) {
                    let leaving = Leaving::new(&self.policy, &tell::places(row, &inner.options));
                    let thread = leaving.thread(&tell::thread(row, &state));
                    let event = SessionEvent::Thread { thread };
                    page.events
                        .push(tell::session_event(&known.pairing.id, session, event)?);
                } else if !self.history.contains(session) {
                    self.history.push(session.clone());
                }
                return Ok(());
            };
            let which = if is_told && !changed.anew {
                Which::These(changed)
            } else {
                Which::Newest
            };
            (
                Snapshot::of(&live.transcript, tell::thread(row, &state), &which),
                row.clone(),
            )
        };
        self.uses += 1;
        let uses = self.uses;
        let told = if is_told && !changed.anew {
            let Some((telling, last)) = self.sessions.get_mut(session) else {
                return Ok(());
            };
            *last = uses;
            telling.tell(&Changes {
                held: snapshot.held(),
                gone: &snapshot.gone,
            })
        } else {
            let leaving = Leaving::new(&self.policy, &tell::places(&row, &inner.options));
            let mut telling = Telling::new(leaving);
            let told = telling.begin(&snapshot.held(), snapshot.cut);
            self.sessions.insert(session.clone(), (telling, uses));
            told
        };
        self.history.retain(|waits| waits != session);
        add(page, &known.pairing.id, session, told)?;
        let how = if snapshot.rests() {
            ToldOf::Resting(row.updated)
        } else {
            ToldOf::Going
        };
        if self.told.get(session) != Some(&how) {
            page.told.push((session.to_string(), Some(how)));
        }
        self.forget_unused();
        Ok(())
    }

    /// Lets go of what is remembered of conversations that were told of longest ago.
    fn forget_unused(&mut self) {
        while self.sessions.len() > REMEMBERED {
            let oldest = self.sessions.iter().min_by_key(|(_, (_, used))| *used);
            let Some(oldest) = oldest.map(|(session, _)| session.clone()) else {
                return;
            };
            self.sessions.remove(&oldest);
        }
    }

    /// Tells of a thread in which nothing goes on, out of what the engine holds of it.
    async fn tell_one_that_rests(
        &mut self,
        inner: &Arc<Inner>,
        known: &Known,
        page: &mut Page,
    ) -> anyhow::Result<()> {
        let Some(session) = self.history.pop() else {
            return Ok(());
        };
        if inner.state().live.get(&session).is_some_and(|live| live.loaded) {
            let workspace = Workspace { inner: inner.clone() };
            if inner.engine.borrow().is_some()
                && let Err(error) = workspace.read_what_is_told(&session).await
            {
                tracing::warn!(%error, "older messages of a conversation that is shared could not be read");
            }
            return self.changed(inner, known, &session, &Changed::default(), page);
        }
        let engine = inner.engine.borrow().clone();
        let row = inner.state().rows.get(&session).cloned();
        let (Some(engine), Some(row)) = (engine, row) else {
            self.history.push(session);
            return Ok(());
        };
        let transcript = match read(&*engine, &row).await {
            Ok(transcript) => transcript,
            Err(error) => {
                // It is told of when it changes.
                tracing::warn!(%error, "a thread that is shared could not be read");
                return Ok(());
            }
        };
        let snapshot = {
            let state = inner.state();
            let is_live = state.live.contains_key(&session);
            let Some(row) = state
                .rows
                .get(&session)
                .filter(|_| state.is_shared(known, &session))
            else {
                return Ok(());
            };
            if is_live {
                // Something happens in it by now, and is told.
                return Ok(());
            }
            Snapshot::of(&transcript, tell::thread(row, &state), &Which::Newest)
        };
        let leaving = Leaving::new(&self.policy, &tell::places(&row, &inner.options));
        let told = Telling::new(leaving).begin(&snapshot.held(), snapshot.cut);
        add(page, &known.pairing.id, &session, told)?;
        page.told
            .push((session.to_string(), Some(ToldOf::Resting(row.updated))));
        Ok(())
    }
}

/// A conversation as the engine holds it now, beside those in memory.
pub(crate) async fn read(engine: &dyn Engine, row: &Row) -> anyhow::Result<Transcript> {
    let most = u32::try_from(TOLD_MESSAGES).unwrap_or(u32::MAX);
    let snapshot = engine.snapshot(&row.folder, &row.id, Some(most)).await?;
    let mut transcript = Transcript::new(row.id.clone());
    // There is nobody who was told of what it held before.
    let _ = transcript.restore(snapshot, now());
    Ok(transcript)
}

fn add(page: &mut Page, pairing: &str, session: &SessionId, told: Vec<Told>) -> anyhow::Result<()> {
    for told in told {
        page.events
            .push(tell::session_event(pairing, session, told.event)?);
    }
    Ok(())
}

async fn waiting(inner: &Arc<Inner>, id: &str) -> anyhow::Result<(u64, u64)> {
    let (store, id) = (inner.store.clone(), id.to_owned());
    let waiting = blocking(move || store.waiting_events(&id)).await??;
    Ok((waiting.rows, waiting.bytes))
}
