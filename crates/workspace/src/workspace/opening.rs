//! How the application comes to be: its data is claimed and read, and what goes on in the background begins.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use cowork_key_proxy::{KeyProxy, Limits};
use cowork_outward::Outward;
use cowork_scripted_model::Server as ScriptedModel;
use cowork_store::{Opened, Rebuilt, Store};
use cowork_supervisor::PrivateHome;
use tokio::sync::{Notify, RwLock, mpsc, watch};

use super::{Inner, OpenError, blocking, now};
use crate::boxes::{self, Boxes};
use crate::composing::Composing;
use crate::engine::{self, Wish};
use crate::feed::Feed;
use crate::operations::changes::OpenedChanges;
use crate::operations::outputs::OpenedOutput;
use crate::options::Options;
use crate::providers::keys::{Keys, SignIns};
use crate::providers::offered::Offered;
use crate::providers::sign_in::RunningSignIn;
use crate::providers::test::RunningTest;
use crate::providers::{secrets, sign_out, usage};
use crate::remote::Remote;
use crate::review::opened::OpenedReview;
use crate::settings::Misfit;
use crate::snippets::Snippets;
use crate::state::State;
use crate::{Workspace, folders, index, keeping, remote, removal, search, surroundings, view};

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

/// Says which settings were left out, and what of the last run's data was to be deleted and could not be.
fn tell_what_is_amiss(state: &mut State, misfits: Vec<Misfit>, not_removed: Option<String>) {
    for Misfit { name, why } in misfits {
        tracing::warn!(name, why, "a setting was left out");
        state.notice(view::NoticeKind::SettingIgnored, format!("{name}: {why}"), now());
    }
    if let Some(left) = not_removed {
        state.notice(view::NoticeKind::NotRemoved, left, now());
    }
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
    tokio::spawn(remote::tell(inner.clone()));
    tokio::spawn(remote::run(inner.clone()));
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
        let not_removed = removal::finish(&options.places).await?;
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
        tell_what_is_amiss(&mut state, misfits, not_removed);
        let surroundings = index::engine_surroundings(&store)?;
        state.set_home(surroundings.home);
        load_index(&store, opened, &mut state).await?;
        let handed = hand_over(&options.folders, &store, &mut state).await?;
        let offered = Offered::new(&options.brand);
        let outward =
            Outward::new(cowork_outward::Options::default()).context("preparing encrypted connections")?;
        let (boxes, stopped) = Boxes::new(outward.clone()).await?;
        state.folders.settings = index::box_settings(&store)?;
        remote::begin(&store, &options.brand, &mut state)?;
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
            remote: Remote::default(),
            composing: Composing::default(),
            opened_output: OpenedOutput::default(),
            opened_changes: OpenedChanges::default(),
            opened_review: OpenedReview::default(),
            changing_boxes: tokio::sync::Mutex::default(),
            lookups: boxes::Lookups::default(),
            told_sign_ins: Mutex::default(),
            changing_providers: tokio::sync::Mutex::default(),
            changing_allowances: tokio::sync::Mutex::default(),
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
            async move { workspace.sweep_attachments().await }
        });
        Ok(workspace)
    }
}
