//! The application as one value: what it owns, how it starts and how it ends.

mod effects;
mod opening;
mod saving;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use cowork_engine::{Engine, SessionId};
use cowork_key_proxy::KeyProxy;
use cowork_opencode::EngineConfiguration;
use cowork_outward::Outward;
use cowork_scripted_model::Server as ScriptedModel;
use cowork_store::Store;
use cowork_supervisor::{ClaimError, PrivateHome};
use cowork_transcript::Transcript;
use cowork_vault::Vault;
use tokio::sync::{Notify, RwLock, mpsc, oneshot, watch};

use crate::boxes::{self, Boxes};
use crate::composing::Composing;
use crate::engine::{Diagnosis, Wish};
use crate::error::{Result, WorkspaceError};
use crate::feed::Feed;
use crate::folders::{self, Folders};
use crate::index;
use crate::keeping;
use crate::open::Surroundings;
use crate::operations::changes::OpenedChanges;
use crate::operations::outputs::OpenedOutput;
use crate::options::Options;
use crate::providers::keys::SignIns;
use crate::providers::offered::Offered;
use crate::providers::sign_in::RunningSignIn;
use crate::providers::test::RunningTest;
use crate::providers::usage;
use crate::remote::Remote;
use crate::review::opened::OpenedReview;
use crate::snippets::Snippets;
use crate::state::{Row, State};
use crate::surroundings::{EngineSurroundings, LoginPath};
use crate::view;

/// How long a command waits for an engine that is on its way: longer than the slowest start a supervisor allows.
pub(crate) const ENGINE_PATIENCE: Duration = Duration::from_mins(1);

/// How long the end of the app waits for the engine's.
const STOP_PATIENCE: Duration = Duration::from_secs(12);

/// Why the application could not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process of this user owns the data.
    #[error(transparent)]
    Claimed(#[from] ClaimError),
    /// Anything else.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

/// The running application. Clones are handles to the same one.
#[derive(Clone)]
pub struct Workspace {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) options: Options,
    pub(crate) store: Store,
    pub(crate) feed: Feed,
    /// The engine, while it takes requests.
    pub(crate) engine: watch::Sender<Option<Arc<dyn Engine>>>,
    pub(crate) demo: ScriptedModel,
    pub(crate) home: PrivateHome,
    /// When this process began, in milliseconds since the epoch.
    pub(crate) started: i64,
    pub(crate) recent_output: Mutex<Box<dyn Fn() -> Vec<String> + Send>>,
    diagnosis: Mutex<Diagnosis>,
    /// Something the health view shows changed.
    pub(crate) health_changed: Notify,
    /// The computer slept, or its clock was set.
    pub(crate) woke: Notify,
    /// The index was emptied and is to be filled again.
    pub(crate) index_emptied: Notify,
    /// Sessions whose messages were read from the engine into the index by this process.
    pub(crate) sessions_read: AtomicU64,
    /// The search path of the person's login shell; none while it is not known.
    pub(crate) login_path: watch::Sender<Option<LoginPath>>,
    /// What of the person's own the engine may use; changes take hold at its next start.
    pub(crate) surroundings: Mutex<EngineSurroundings>,
    pub(crate) running_surroundings: Mutex<EngineSurroundings>,
    pub(crate) changing_surroundings: tokio::sync::Mutex<()>,
    /// Held while something is written into the journal, so that each write is whole before the next is taken.
    journal: tokio::sync::Mutex<()>,
    /// What can be connected.
    pub(crate) offered: Offered,
    /// How requests leave this machine.
    pub(crate) outward: Outward,
    pub(crate) vault: Vault,
    pub(crate) proxy: KeyProxy,
    pub(crate) sign_ins: SignIns,
    pub(crate) boxes: Boxes,
    pub(crate) snippets: Snippets,
    /// What runs for pairings.
    pub(crate) remote: Remote,
    pub(crate) composing: Composing,
    pub(crate) opened_output: OpenedOutput,
    pub(crate) opened_changes: OpenedChanges,
    pub(crate) opened_review: OpenedReview,
    pub(crate) changing_boxes: tokio::sync::Mutex<()>,
    pub(crate) lookups: boxes::Lookups,
    /// The sign-ins the engine was told of at its start.
    pub(crate) told_sign_ins: Mutex<BTreeSet<String>>,
    /// One change of providers after the other, or the second would bring back what the first took away.
    pub(crate) changing_providers: tokio::sync::Mutex<()>,
    /// One change of what is always allowed after the other: a list that was read before another change would bring back
    /// what that took away.
    pub(crate) changing_allowances: tokio::sync::Mutex<()>,
    /// One telling of the engine after the other, so that the last one tells the last change.
    pub(crate) configuring: tokio::sync::Mutex<()>,
    pub(crate) running_test: RunningTest,
    pub(crate) running_sign_in: RunningSignIn,
    /// What of the proxy's counts is in the index.
    pub(crate) kept_usage: tokio::sync::Mutex<usage::Kept>,
    /// What the engine was told last.
    pub(crate) configured: Mutex<Option<EngineConfiguration>>,
    /// Held shared while a prompt is handed over, alone while a folder reads its configuration anew.
    pub(crate) gate: RwLock<()>,
    /// Rows that are not in the store yet, the newest state of each; none for one that is to go. As many as
    /// there are sessions.
    unsaved: Mutex<HashMap<SessionId, Option<Row>>>,
    /// Held while rows are written: whoever had them saved knows that those before are in the store, too.
    saving: tokio::sync::Mutex<()>,
    save: Notify,
    /// Counts requests to open a conversation, so that the last one wins however long each takes.
    pub(crate) opening: AtomicU64,
    /// Counts requests for other messages of the open conversation, so that a jump that another one overtook is dropped.
    pub(crate) turning: AtomicU64,
    pub(crate) wishes: mpsc::Sender<Wish>,
    state: Mutex<State>,
}

impl Workspace {
    /// Ends the engine and everything it started. The workspace is of no use afterwards.
    pub async fn close(&self) {
        let (done, ended) = oneshot::channel();
        if self.inner.wishes.send(Wish::Stop(done)).await.is_err() {
            return;
        }
        if tokio::time::timeout(STOP_PATIENCE, ended).await.is_err() {
            tracing::warn!("the engine did not end in time and was left to its parent-death signal");
        }
        self.inner.snippets.stop_all();
        self.inner.disconnect_all().await;
        self.inner.keep_now().await;
        self.inner.save_now().await;
        usage::keep_now(&self.inner).await;
        self.inner.proxy.stop().await;
        keeping::write_health(&self.inner).await;
    }

    /// Starts the engine, or starts it anew when it runs.
    ///
    /// # Errors
    /// When the app is ending.
    pub async fn start_engine(&self) -> Result<()> {
        self.inner
            .wishes
            .send(Wish::Start)
            .await
            .map_err(|_| WorkspaceError::EngineNotReady("The app is ending.".into()))
    }

    /// The last lines the engine printed, redacted.
    #[must_use]
    pub fn engine_log(&self) -> Vec<String> {
        let recent = self
            .inner
            .recent_output
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        recent()
    }

    /// Holds the claim on the data for as long as what is given lives, whatever becomes of this value.
    #[must_use]
    pub fn hold_claim(&self) -> cowork_supervisor::HeldClaim {
        self.inner.home.hold()
    }

    /// The window begins to show a page. Whoever listened until now was the page before it and is told nothing more:
    /// what changes waits until the new one subscribes.
    pub fn page_begins(&self) {
        self.inner.feed.unsubscribe();
        self.inner.snippets.stop_all();
        self.forget_edits();
    }

    /// Everything a window needs for its first picture; does not wait for the engine.
    ///
    /// # Errors
    /// Never today; a disk that hangs is the reason it may one day.
    pub async fn start(&self) -> Result<view::Start> {
        let granted = self.inner.state().folders.snapshot();
        let folders = blocking(move || Folders::list(&granted))
            .await
            .map_err(WorkspaceError::Internal)?;
        let options = &self.inner.options;
        let initial_folder = match options.folders.first() {
            Some(folder) => folders::readable(folder)
                .ok()
                .map(|path| folders::folder_id(&path)),
            None => None,
        };
        let (sessions, more_sessions) = self.first_threads().await;
        // What is untold stays so: telling a window twice is harmless, and a batch may be on its way just now.
        let state = self.inner.state();
        self.inner.feed.begins_with(state.lasting_in(&state.notices));
        Ok(view::Start {
            brand: view::BrandView {
                name: options.brand.name.clone(),
                short_name: options.brand.short_name.clone(),
                help_url: options.brand.help_url.clone().unwrap_or_default(),
                support_url: options.brand.support_url.clone().unwrap_or_default(),
                security_url: options.brand.security_url.clone().unwrap_or_default(),
            },
            version: options.version.clone(),
            platform: std::env::consts::OS.to_owned(),
            settings: state.settings.clone(),
            folders,
            sessions,
            more_sessions,
            engine: state.engine.clone(),
            safety: state.safety(),
            models: state.model_choices(),
            agents: state.agent_choices(),
            providers: state.provider_rows(),
            test: state.test.clone(),
            sign_in: state.sign_in.clone(),
            inbox: state.inbox(),
            pairings: state.remote.view(&state),
            notices: state.notices.iter().cloned().collect(),
            initial_folder,
        })
    }

    /// Sends every change to `sink`, in batches, until it returns false or another subscribes.
    pub fn subscribe(&self, sink: impl Fn(view::Update) -> bool + Send + Sync + 'static) {
        self.inner.feed.subscribe(Arc::new(sink));
    }

    /// A window drew everything up to `sequence`; zero is its first picture, before any update.
    pub fn acknowledge(&self, sequence: u64) {
        self.inner.feed.confirm(sequence);
    }

    /// The window is seen, or nobody sees it: then it is told nothing, and what changes gathers.
    pub fn show(&self, shown: bool) {
        self.inner.feed.show(shown);
    }

    /// What the engine is doing.
    #[must_use]
    pub fn engine_state(&self) -> view::EngineState {
        self.inner.state().engine.clone()
    }

    /// What must be seen when it is not as promised.
    #[must_use]
    pub fn safety(&self) -> view::Safety {
        self.inner.state().safety()
    }

    /// What a session is doing and what of it waits for the person, its sub-agents included.
    #[must_use]
    pub fn waiting(&self, session: &str) -> Surroundings {
        self.inner.state().surroundings(&SessionId::from(session))
    }

    /// Reads a session's transcript and comes back when everything that was read is on disk, if it can be: for clients
    /// that print what they read.
    pub async fn with_kept_transcript<T>(
        &self,
        session: &str,
        read: impl FnOnce(&Transcript) -> T,
    ) -> Option<T> {
        let _whole = self.inner.journal.lock().await;
        let (value, batch) = {
            let mut state = self.inner.state();
            let live = state.live.get(&SessionId::from(session));
            let value = live.map(|live| read(&live.transcript));
            (value, state.take_unkept())
        };
        self.inner.write_journal(batch).await;
        value
    }

    /// Reads a session's transcript, for clients that show text and no HTML.
    pub fn with_transcript<T>(&self, session: &str, read: impl FnOnce(&Transcript) -> T) -> Option<T> {
        let state = self.inner.state();
        state
            .live
            .get(&SessionId::from(session))
            .map(|live| read(&live.transcript))
    }
}

impl Inner {
    /// The state. Held for moments: no I/O and no await while it is.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine, waiting for one that is on its way.
    pub(crate) async fn engine(&self) -> Result<Arc<dyn Engine>> {
        self.engine_within(ENGINE_PATIENCE).await
    }

    /// The same, waiting no longer than this.
    pub(crate) async fn engine_within(&self, patience: Duration) -> Result<Arc<dyn Engine>> {
        let mut engine = self.engine.subscribe();
        let failed = || self.state().engine.refusal().map(str::to_owned);
        let ready = async {
            loop {
                let current = engine.borrow_and_update().clone();
                if let Some(current) = current {
                    return Ok(current);
                }
                if let Some(message) = failed() {
                    return Err(WorkspaceError::EngineNotReady(message));
                }
                if engine.changed().await.is_err() {
                    return Err(WorkspaceError::EngineNotReady("The app is ending.".into()));
                }
            }
        };
        tokio::time::timeout(patience, ready).await.unwrap_or_else(|_| {
            Err(WorkspaceError::EngineNotReady(
                "The engine is still starting. Wait a moment and try again, or look under Health.".into(),
            ))
        })
    }

    /// The engine that runs, or the next one, however long that takes; none when the app ends.
    pub(crate) async fn next_engine(&self) -> Option<Arc<dyn Engine>> {
        let mut engine = self.engine.subscribe();
        // Only the end of the app closes it.
        let found = engine.wait_for(Option::is_some).await.ok()?;
        found.clone()
    }

    /// What is remembered of the engine. Held for moments.
    pub(crate) fn diagnosis(&self) -> MutexGuard<'_, Diagnosis> {
        self.diagnosis.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder of a session, and the session's id.
    pub(crate) fn session(&self, session: &str) -> Result<(SessionId, PathBuf)> {
        let id = SessionId::from(session);
        let known = self.state().folder_of(&id);
        let folder = match known {
            Some(folder) => Some(folder),
            None => self.recall(&id)?,
        };
        Ok((id, folder.ok_or(WorkspaceError::NotFound("The thread"))?))
    }

    /// Has a session in memory that is not, with its family, and gives its folder. A few rows by their keys: that takes
    /// less than handing it to another thread.
    fn recall(&self, session: &SessionId) -> Result<Option<PathBuf>> {
        let unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows: Vec<Row> = unsaved.get(session).cloned().flatten().into_iter().collect();
        drop(unsaved);
        let stored = self.store.family(session.as_str());
        let stored = stored.map_err(|error| WorkspaceError::Internal(error.into()))?;
        rows.extend(stored.into_iter().map(index::row));
        let mut state = self.state();
        for row in rows {
            state.recall(row);
        }
        Ok(state.folder_of(session))
    }
}

/// Runs what may wait for the disk off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .context("a background task ended early")
}

/// Milliseconds since the epoch.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}
