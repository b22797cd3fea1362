//! The application as one value: what it owns, how it starts and how it ends.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use cowork_engine::{Engine, EngineError, PermissionAsk, PermissionReply, SessionId};
use cowork_key_proxy::{KeyProxy, Limits};
use cowork_opencode::EngineConfiguration;
use cowork_outward::Outward;
use cowork_scripted_model::Server as ScriptedModel;
use cowork_store::{Opened, Rebuilt, Store};
use cowork_supervisor::{ClaimError, PrivateHome};
use cowork_transcript::Transcript;
use cowork_vault::Vault;
use tokio::sync::{Notify, RwLock, mpsc, oneshot, watch};

use crate::boxes::{self, Boxes};
use crate::composing::{self, Composing};
use crate::engine::{self, Diagnosis, Wish};
use crate::error::{Result, WorkspaceError};
use crate::feed::{self, Feed};
use crate::folders::{self, Folders};
use crate::index;
use crate::journal::Batch;
use crate::keeping;
use crate::open::Surroundings;
use crate::operations::changes::OpenedChanges;
use crate::operations::outputs::OpenedOutput;
use crate::options::Options;
use crate::providers::keys::{Keys, SignIns};
use crate::providers::offered::Offered;
use crate::providers::sign_in::RunningSignIn;
use crate::providers::test::RunningTest;
use crate::providers::{secrets, sign_out, usage};
use crate::review::opened::OpenedReview;
use crate::search;
use crate::settings::Misfit;
use crate::snippets::Snippets;
use crate::state::{Effect, Row, State};
use crate::surroundings::{self, EngineSurroundings, LoginPath};
use crate::view;

/// How long a command waits for an engine that is on its way: longer than the slowest start a supervisor allows.
pub(crate) const ENGINE_PATIENCE: Duration = Duration::from_mins(1);

/// How long the end of the app waits for the engine's.
const STOP_PATIENCE: Duration = Duration::from_secs(12);

/// Until the list of threads is written again that could not be written: a full disk is not free a moment later.
const SAVE_AGAIN: Duration = Duration::from_secs(10);

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

async fn start_demo() -> anyhow::Result<ScriptedModel> {
    ScriptedModel::start(cowork_scripted_model::Options {
        // What a person wrote to it is in the engine's history, and nobody asks for it here.
        recorded_requests: 0,
        ..cowork_scripted_model::Options::default()
    })
    .await
    .context("starting the scripted demo model")
}

/// Reads the index into the state, and says when it had to be begun anew.
async fn load_index(store: &Store, opened: Opened, state: &mut State) -> Result<(), OpenError> {
    if let Opened::Rebuilt { set_aside, salvage } = opened {
        tell_rebuilt(state, &Rebuilt { set_aside, salvage });
    }
    let Err(error) = index::load(store, state) else {
        return Ok(());
    };
    // A large file is checked beside the first picture; damage in what that needs is met here.
    if !keeping::is_damage(&error) {
        return Err(error.into());
    }
    let damaged = store.clone();
    let rebuilt = blocking(move || damaged.rebuild(now()))
        .await?
        .context("beginning a new index")?;
    tell_rebuilt(state, &rebuilt);
    index::load(store, state)?;
    Ok(())
}

fn tell_rebuilt(state: &mut State, rebuilt: &Rebuilt) {
    let words = keeping::rebuilt_words(rebuilt);
    state.notice(view::NoticeKind::StoreRebuilt, words, now());
}

/// Grants the folders that were handed over on the command line.
async fn hand_over(wanted: &[PathBuf], store: &Store, state: &mut State) -> anyhow::Result<Vec<PathBuf>> {
    let mut handed = Vec::new();
    for folder in wanted {
        let folder = folder.clone();
        let path = blocking(move || folders::readable(&folder))
            .await?
            .map_err(|error| anyhow::anyhow!(error))?;
        index::grant(store, &path, view::FolderKind::Project, now())?;
        state.folders.grant(path.clone(), view::FolderKind::Project);
        handed.push(path);
    }
    Ok(handed)
}

/// What goes on for as long as the application runs.
fn work_in_background(inner: &Arc<Inner>, wishes: mpsc::Receiver<Wish>, stopped: boxes::Events) {
    tokio::spawn(engine::run(inner.clone(), wishes));
    let saving = inner.clone();
    tokio::spawn(async move { saving.save_rows().await });
    let feeding = inner.clone();
    tokio::spawn(async move {
        let next = || {
            let inner = feeding.clone();
            async move { inner.next_batch().await }
        };
        feeding.feed.run(next).await;
    });
    tokio::spawn(keeping::keep_journal(inner.clone()));
    tokio::spawn(keeping::publish_health(inner.clone()));
    tokio::spawn(search::keep_index(inner.clone()));
    tokio::spawn(search::import(inner.clone()));
    tokio::spawn(keeping::check_store(inner.clone()));
    tokio::spawn(surroundings::find_login_path(inner.clone()));
    tokio::spawn(usage::tell(inner.clone()));
    tokio::spawn(boxes::watch_refusals(inner.clone(), stopped));
    tokio::spawn(boxes::watch_servers(inner.clone()));
    tokio::spawn(usage::keep(inner.clone()));
    tokio::spawn(sign_out::at_each_start(inner.clone()));
}

impl Workspace {
    /// Claims the data, reads the index and lets the engine start in the background. Returns before it is ready.
    ///
    /// # Errors
    /// When another process owns the data, or the data cannot be read or made.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let private_home = options.places.private_home.clone();
        let holder = options.holder;
        let home = blocking(move || PrivateHome::claim(&private_home, holder)).await??;
        Self::open_claimed(home, options).await
    }

    /// The same with data that is claimed already, for one who has to know that before anything else.
    ///
    /// # Errors
    /// When the data cannot be read or made.
    pub async fn open_claimed(home: PrivateHome, options: Options) -> Result<Self, OpenError> {
        let database = options.places.database.clone();
        let (store, opened) =
            blocking(move || Store::open(&database, now()).context("opening the index")).await??;
        let demo = start_demo().await?;
        let (wishes, receiver) = mpsc::channel(8);
        let (settings, misfits) = index::settings(&store)?;
        let starting = view::EngineState::Starting {
            step: view::EngineStep::Preparing,
            since: now(),
        };
        let mut state = State::new(starting, settings);
        for Misfit { name, why } in misfits {
            tracing::warn!(name, why, "a setting was left out");
            state.notice(view::NoticeKind::SettingIgnored, format!("{name}: {why}"), now());
        }
        let surroundings = index::engine_surroundings(&store)?;
        state.set_home(surroundings.home);
        load_index(&store, opened, &mut state).await?;
        let handed = hand_over(&options.folders, &store, &mut state).await?;
        let offered = Offered::new(&options.brand);
        let outward =
            Outward::new(cowork_outward::Options::default()).context("preparing encrypted connections")?;
        let (boxes, stopped) = Boxes::new(outward.clone()).await?;
        state.folders.settings = index::box_settings(&store)?;
        let vault = secrets::vault(&options, &store);
        // Works without the keychain: only names and where each is kept.
        match vault.list().await {
            Ok(entries) => state.show_keys(&entries),
            Err(error) => tracing::error!(%error, "reading which keys there are"),
        }
        state.show_usual_models(&offered);
        state.forget_untold();
        let keys = Arc::new(Keys::default());
        let proxy = KeyProxy::start(keys.clone(), outward.clone(), Limits::default())
            .context("starting the key proxy")?;
        proxy.set_cap(u64::from(state.settings.request_cap));
        let inner = Arc::new(Inner {
            options,
            store,
            feed: Feed::default(),
            engine: watch::Sender::new(None),
            demo,
            home,
            started: now(),
            recent_output: Mutex::new(Box::new(Vec::new)),
            diagnosis: Mutex::default(),
            health_changed: Notify::new(),
            woke: Notify::new(),
            index_emptied: Notify::new(),
            sessions_read: AtomicU64::new(0),
            login_path: watch::Sender::new(None),
            running_surroundings: Mutex::new(surroundings.clone()),
            surroundings: Mutex::new(surroundings),
            changing_surroundings: tokio::sync::Mutex::default(),
            journal: tokio::sync::Mutex::default(),
            offered,
            outward,
            vault,
            proxy,
            sign_ins: SignIns::default(),
            boxes,
            snippets: Snippets::default(),
            composing: Composing::default(),
            opened_output: OpenedOutput::default(),
            opened_changes: OpenedChanges::default(),
            opened_review: OpenedReview::default(),
            changing_boxes: tokio::sync::Mutex::default(),
            lookups: boxes::Lookups::default(),
            told_sign_ins: Mutex::default(),
            changing_providers: tokio::sync::Mutex::default(),
            configuring: tokio::sync::Mutex::default(),
            running_test: RunningTest::default(),
            running_sign_in: RunningSignIn::default(),
            kept_usage: tokio::sync::Mutex::default(),
            configured: Mutex::default(),
            gate: RwLock::default(),
            unsaved: Mutex::default(),
            saving: tokio::sync::Mutex::default(),
            save: Notify::new(),
            opening: AtomicU64::new(0),
            turning: AtomicU64::new(0),
            wishes,
            state: Mutex::new(state),
        });
        keys.attach(&inner);
        let offered = engine::offered(&inner);
        inner.state().set_choices(offered, Vec::new());
        work_in_background(&inner, receiver, stopped);
        let workspace = Self { inner };
        for folder in handed {
            workspace.recall_in_background(folder);
        }
        tokio::spawn({
            let workspace = workspace.clone();
            async move { workspace.sweep_attachments(None).await }
        });
        Ok(workspace)
    }

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

    /// The window begins to show a page. Whoever listened until now was the page before it and is told nothing more:
    /// what changes waits until the new one subscribes.
    pub fn page_begins(&self) {
        self.inner.feed.unsubscribe();
        self.inner.snippets.stop_all();
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

    /// What is remembered of the engine. Held for moments.
    pub(crate) fn diagnosis(&self) -> MutexGuard<'_, Diagnosis> {
        self.diagnosis.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a window is told next. Everything in it is on disk before it is told, if it can be.
    async fn next_batch(&self) -> Option<feed::Batch> {
        let _whole = self.journal.lock().await;
        let (update, lasting, reads, unkept) = {
            let mut state = self.state();
            let update = state.update(self.snippets.take());
            let lasting = state.lasting_in(update.iter().flat_map(|update| &update.notices));
            let reads = state
                .open
                .as_mut()
                .map(crate::open::Open::take_reads)
                .unwrap_or_default();
            (update, lasting, reads, state.take_unkept())
        };
        self.write_journal(unkept).await;
        update.map(|update| feed::Batch {
            update,
            reads,
            lasting,
        })
    }

    /// Writes what of the answers is not on disk yet.
    pub(crate) async fn keep_now(&self) {
        let _whole = self.journal.lock().await;
        let batch = self.state().take_unkept();
        self.write_journal(batch).await;
    }

    async fn write_journal(&self, batch: Batch) {
        if batch.is_empty() {
            return;
        }
        let store = self.store.clone();
        let written = blocking(move || {
            let outcome = index::write_journal(&store, &batch, now());
            (batch, outcome)
        })
        .await;
        let (batch, outcome) = match written {
            Ok(written) => written,
            // The task was cut off: the runtime is ending.
            Err(error) => return tracing::error!(%error, "writing the journal"),
        };
        let mut state = self.state();
        let reason = match outcome {
            Ok(()) => {
                state.unkept.written(batch);
                None
            }
            Err(error) => {
                state.unkept.not_written(batch);
                Some(format!("{error:#}"))
            }
        };
        let not_saving = reason.clone();
        if state.set_not_saving(reason) {
            if let Some(error) = not_saving {
                tracing::error!(error, "what is on screen is not being saved");
                state.notice(view::NoticeKind::NotSaved, error, now());
            } else {
                tracing::info!("what is on screen is being saved again");
            }
            drop(state);
            self.feed.changed();
        }
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

    /// Carries out what changes of the state ask for, and wakes the feed.
    pub(crate) fn carry_out(self: &Arc<Self>, effects: Vec<Effect>) {
        self.feed.changed();
        let mut others = Vec::new();
        {
            let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
            for effect in effects {
                match effect {
                    Effect::Store(row) => {
                        unsaved.insert(row.id.clone(), Some(row));
                    }
                    Effect::Remove(session) => {
                        unsaved.insert(session, None);
                    }
                    other => others.push(other),
                }
            }
            if !unsaved.is_empty() {
                self.save.notify_one();
            }
        }
        if others.is_empty() {
            return;
        }
        let inner = self.clone();
        // Not awaited: the event stream must wait neither for the engine nor for the disk.
        tokio::spawn(async move {
            for effect in others {
                inner.carry_out_one(effect).await;
            }
        });
    }

    /// Keeps the index in step, one write at a time so that none overtakes another; runs for ever.
    async fn save_rows(&self) {
        loop {
            self.save.notified().await;
            if !self.save_now().await {
                tokio::time::sleep(SAVE_AGAIN).await;
                self.save.notify_one();
            }
        }
    }

    /// Brings the index up to date. False when it could not be: what was to be written is kept for the next time, unless
    /// something newer is known of it by then.
    pub(crate) async fn save_now(&self) -> bool {
        let _whole = self.saving.lock().await;
        let rows = std::mem::take(&mut *self.unsaved.lock().unwrap_or_else(PoisonError::into_inner));
        if rows.is_empty() {
            return true;
        }
        let rows: Vec<_> = {
            let state = self.state();
            rows.into_iter()
                .map(|(id, row)| (id, row.map(|row| (state.folders.kind(&row.folder), row))))
                .collect()
        };
        let store = self.store.clone();
        let written = blocking(move || {
            let outcome = index::save_rows(&store, &rows);
            (rows, outcome)
        })
        .await;
        let (rows, outcome) = match written {
            Ok((rows, outcome)) => (rows, Ok(outcome)),
            // The task was cut off: the runtime is ending.
            Err(error) => (Vec::new(), Err(error)),
        };
        let saved = matches!(outcome, Ok(Ok(())));
        if !saved {
            let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
            for (id, row) in rows {
                unsaved.entry(id).or_insert(row.map(|(_, row)| row));
            }
        }
        self.saved(outcome);
        saved
    }

    async fn carry_out_one(self: &Arc<Self>, effect: Effect) {
        match effect {
            Effect::Store(_) | Effect::Remove(_) => {}
            Effect::Allow { ask, folder, rules } => self.allow(*ask, &folder, &rules).await,
            Effect::Refuse { ask, folder, reason } => {
                tracing::warn!(permission = ?ask.kind, reason, "an ask was refused by policy");
                self.refuse(&ask, &folder, &reason).await;
                if let cowork_engine::PermissionKind::Other(_) = ask.kind {
                    self.state()
                        .notice(view::NoticeKind::UnknownPermissionDenied, reason, now());
                    self.feed.changed();
                }
            }
            Effect::Returned(session, message) => {
                let (store, returned) = (self.store.clone(), message.clone());
                self.saved(blocking(move || index::prompt_returned(&store, &returned)).await);
                let workspace = Workspace { inner: self.clone() };
                workspace.return_attachments(&message, session.as_str()).await;
            }
            Effect::TurnEnded(session) => {
                let inner = self.clone();
                // By itself: the next prompt may wait for an engine that starts, and what comes next may be an answer that a
                // turn waits for.
                tokio::spawn(async move { composing::turn_ended(&inner, &session).await });
            }
            Effect::Quiet(folder) => engine::quiet(self, &folder).await,
            Effect::ReadOlder(session) => {
                let workspace = Workspace { inner: self.clone() };
                // By itself: an engine takes seconds for them, or is away, and what comes next may be an answer that a
                // turn waits for.
                tokio::spawn(async move {
                    // The window knows that there are older ones, and can ask for them.
                    if let Err(error) = workspace.read_older(&session, true).await {
                        tracing::warn!(%error, "the messages before those that are gone could not be read");
                    }
                    workspace.inner.feed.changed();
                });
            }
        }
    }

    /// Answers an ask by a rule of the person's. Where that cannot be said the person is asked after all.
    async fn allow(self: &Arc<Self>, ask: PermissionAsk, folder: &Path, rules: &[i64]) {
        // The engine that asked, not the one that may come after it.
        let engine = self.engine.borrow().clone();
        let answered = match engine {
            Some(engine) => engine
                .answer_permission(folder, &ask.id, PermissionReply::Once)
                .await
                .map_err(WorkspaceError::from),
            None => Err(WorkspaceError::EngineNotReady(
                "The engine that asked is gone.".into(),
            )),
        };
        if answered.is_ok() {
            self.rules_used(rules).await;
        }
        // One that is gone was answered already, or went with its engine.
        let gone = matches!(
            answered,
            Err(WorkspaceError::Engine(EngineError::NotFound(_)) | WorkspaceError::EngineNotReady(_))
        );
        if let Err(error) = answered
            && !gone
        {
            tracing::warn!(%error, "an ask that a rule allows could not be answered");
            let mut effects = Vec::new();
            self.state().show_ask(ask, now(), &mut effects);
            self.carry_out(effects);
        }
    }

    /// Answers an ask with no; where that cannot be said, the turn that waits for it is stopped.
    async fn refuse(&self, ask: &PermissionAsk, folder: &Path, reason: &str) {
        let engine = self.engine.borrow().clone();
        let Some(engine) = engine else { return };
        let reply = PermissionReply::Reject {
            feedback: Some(reason.to_owned()),
        };
        let answered = engine.answer_permission(folder, &ask.id, reply).await;
        if let Err(error) = answered
            && !matches!(error, EngineError::NotFound(_))
        {
            tracing::warn!(%error, "refusing a permission; its turn is stopped");
            if let Err(error) = engine.abort(folder, &ask.session).await {
                tracing::error!(%error, "stopping a turn that asks for what is refused");
            }
        }
    }

    /// Tells the person when something could not be saved; what is in memory stays usable.
    pub(crate) fn saved(&self, outcome: anyhow::Result<anyhow::Result<()>>) {
        if let Err(error) = outcome.and_then(std::convert::identity) {
            tracing::error!(error = format!("{error:#}"), "saving failed");
            self.state()
                .notice(view::NoticeKind::NotSaved, format!("{error:#}"), now());
            self.feed.changed();
        }
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
