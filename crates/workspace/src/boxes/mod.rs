//! The box that the agent's commands run in: what each folder's may reach, whether it was proven, what it stopped.
//!
//! `toolbox` makes the boxes and attacks them, `gateway` is their way out, `policy` has the rules as data. Here the rules
//! are composed of what a person chose, written for the wrapper, and proven for each folder before a command runs there.

mod gates;
mod identity;
mod proof;
mod reach;
pub(crate) mod settings;
mod targets;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use anyhow::Context as _;
use cowork_gateway::{EngineGate, Gateway};
use cowork_policy::confinement::Means;
use cowork_supervisor::Running;
use cowork_toolbox::Yard;
use tokio::sync::watch;

pub(crate) use settings::{AllBoxSettings, BoxSettings};

use crate::folders;
use crate::view;
use crate::workspace::{Inner, blocking};

/// How boxes are made in this run of the engine.
#[derive(Clone, Debug)]
pub(crate) struct Laid {
    /// Where the wrapper is.
    pub(crate) yard: Yard,
    pub(crate) means: Means,
    /// The engine is in a box itself, and finds the wrapper in another place.
    pub(crate) engine_is_boxed: bool,
}

/// What the app keeps of the boxes.
pub(crate) struct Boxes {
    /// Where the wrapper was laid out, and how it makes boxes; none while that was not done, or could not be.
    laid: Mutex<Option<Laid>>,
    /// Why it is not laid out, and what to do.
    why_not: Mutex<Option<String>>,
    /// Who the person is to git; asked once.
    identity: OnceLock<BTreeMap<String, String>>,
    /// One writing of the rules after the other, so that the last one writes the last change.
    writing: tokio::sync::Mutex<()>,
    gateway: Gateway,
    engine_gate: EngineGate,
    gates: Mutex<HashMap<PathBuf, gates::Gate>>,
    /// Folders that the running engine's box has, each with what stood there when it was put in.
    in_reach: Mutex<HashMap<PathBuf, reach::Identity>>,
    /// Folders that could not be put into it.
    lacking: Mutex<BTreeSet<PathBuf>>,
    running: Mutex<Weak<Running>>,
    /// Where each folder's proof stands in this run of the engine.
    proofs: watch::Sender<HashMap<PathBuf, proof::Standing>>,
    /// Counts runs of the engine.
    run: AtomicU64,
}

impl Boxes {
    pub(crate) async fn new(outward: cowork_outward::Outward) -> anyhow::Result<(Self, Events)> {
        let (gateway, events) = Gateway::new(Arc::new(outward), cowork_gateway::Limits::default());
        // Nothing of this machine: what of ours the engine needs it reaches directly.
        let (_, none) = watch::channel(cowork_gateway::Exceptions::new([]));
        let engine_gate = gateway
            .serve_engine(none)
            .await
            .context("opening the engine's way to the network")?;
        let boxes = Self {
            laid: Mutex::default(),
            why_not: Mutex::default(),
            identity: OnceLock::new(),
            writing: tokio::sync::Mutex::default(),
            gateway,
            engine_gate,
            gates: Mutex::default(),
            in_reach: Mutex::default(),
            lacking: Mutex::default(),
            running: Mutex::default(),
            proofs: watch::Sender::new(HashMap::new()),
            run: AtomicU64::new(0),
        };
        Ok((boxes, events))
    }

    /// Where the wrapper is, and how it makes boxes.
    pub(crate) fn laid(&self) -> Option<Laid> {
        lock(&self.laid).clone()
    }

    /// A folder could not be put into the box of the engine that runs.
    pub(crate) fn lacks_folder(&self) -> bool {
        !lock(&self.lacking).is_empty()
    }

    /// The engine's way to the network.
    pub(crate) fn engine_gate(&self) -> &EngineGate {
        &self.engine_gate
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the wrapper and its rules are.
fn yard_directory(inner: &Inner) -> PathBuf {
    inner.options.places.data.join("toolbox")
}

/// What stands in the place of the person's home in boxes, one for each folder.
pub(crate) fn homes(inner: &Inner) -> PathBuf {
    inner.options.places.data.join("box-homes")
}

/// Removes what stood in the place of the person's home in a folder's boxes: who opens a folder there later is not given
/// what was left in it.
pub(crate) async fn forget_home(inner: &Inner, folder: &Path) {
    let home = homes(inner).join(folders::folder_id(folder));
    let removed = blocking(move || match std::fs::remove_dir_all(&home) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    });
    if let Ok(Err(error)) = removed.await {
        tracing::warn!(%error, "the home of a forgotten folder's boxes could not be removed");
    }
}

/// A folder to prove a box in when there is no other.
pub(crate) fn trial_folder(inner: &Inner) -> PathBuf {
    inner.options.places.data.join("box-trial")
}

/// Ports of this machine at which servers of ours answer the engine.
pub(crate) fn own_ports(inner: &Inner) -> Vec<u16> {
    [inner.proxy.base_url("any"), inner.demo.base_url()]
        .iter()
        .filter_map(|address| url::Url::parse(address).ok()?.port())
        .collect()
}

/// The yard as the engine sees it: in its box it is elsewhere.
pub(crate) fn as_engine_sees(inner: &Inner) -> Option<Yard> {
    let laid = inner.boxes.laid()?;
    Some(if laid.engine_is_boxed {
        Yard::at(cowork_toolbox::yard::IN_ENGINES_BOX)
    } else {
        laid.yard
    })
}

/// Why no command can be put into a box.
fn why_not_laid(inner: &Inner) -> String {
    lock(&inner.boxes.why_not)
        .clone()
        .unwrap_or_else(|| "The engine was not started yet.".to_owned())
}

/// Lays out the wrapper with the rules of now, before an engine is started. Without a wrapper that can be laid out no
/// command runs, but where the person chose that none is needed.
pub(crate) async fn lay_out(inner: &Arc<Inner>) {
    // What an attack of the run before finds out counts no more.
    inner.boxes.run.fetch_add(1, Ordering::AcqRel);
    inner.boxes.proofs.send_replace(HashMap::new());
    {
        let mut state = inner.state();
        state.folders.forget_proofs();
        state.set_tools_box(view::BoxProof::Proving);
    }
    let laid = lay_out_anew(inner).await;
    let why_not = laid.as_ref().err().map(|error| format!("{error:#}"));
    if let Some(reason) = &why_not {
        tracing::error!(reason, "no box for commands");
    }
    if let Some(reason) = why_not.clone() {
        inner.state().set_tools_box(view::BoxProof::Failed { reason });
    }
    *lock(&inner.boxes.why_not) = why_not;
    *lock(&inner.boxes.laid) = laid.ok();
    if write_rules(inner).await.is_ok() {
        // Beside the engine's own start, which takes longer.
        tokio::spawn(prove_at_start(inner.clone()));
    }
}

async fn lay_out_anew(inner: &Arc<Inner>) -> anyhow::Result<Laid> {
    let built = inner.options.box_program.clone();
    let (root, trial) = (yard_directory(inner), trial_folder(inner));
    let shared = inner.clone();
    let engine_is_boxed = cowork_supervisor::makes_box(inner.options.confinement).await;
    blocking(move || {
        shared.boxes.identity.get_or_init(identity::ask);
        private_directory(&trial)?;
        let possible = cowork_toolbox::means::means();
        let means = possible.means.ok_or(anyhow::Error::msg(possible.reason))?;
        let yard = Yard::create(&root, &built)
            .with_context(|| format!("laying out {} in {}", built.display(), root.display()))?;
        Ok(Laid {
            yard,
            means,
            engine_is_boxed,
        })
    })
    .await?
}

/// Writes the rules as they are now, and opens and closes gates after them. Where they cannot be written the old ones go:
/// they may allow what was taken back, and without rules nothing runs.
///
/// # Errors
/// Why they could not be written.
pub(crate) async fn write_rules(inner: &Arc<Inner>) -> anyhow::Result<()> {
    let _whole = inner.boxes.writing.lock().await;
    let Some(laid) = inner.boxes.laid() else {
        return Ok(());
    };
    let rules = settings::rules(inner, &laid);
    gates::follow(inner, &laid.yard, &rules);
    let written = blocking(move || {
        let homes = rules.folders.iter().map(|folder| private_directory(&folder.home));
        let written = homes
            .collect::<anyhow::Result<()>>()
            .and_then(|()| laid.yard.write_rules(&rules).context("writing the rules"));
        if written.is_err() {
            // One that is not there is what is wanted.
            std::fs::remove_file(laid.yard.rules_file()).ok();
        }
        written
    });
    let written = written.await.and_then(std::convert::identity);
    if let Err(error) = &written {
        let reason = format!("The rules of the boxes could not be written: {error:#}.");
        tracing::error!(reason, "no box for commands");
        *lock(&inner.boxes.laid) = None;
        *lock(&inner.boxes.why_not) = Some(reason.clone());
        inner.state().set_tools_box(view::BoxProof::Failed { reason });
    }
    written
}

fn private_directory(path: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .with_context(|| format!("making {}", path.display()))
}

pub(crate) use gates::{Events, watch_refusals};
pub(crate) use proof::{await_proof, prove};
use proof::{is_proven, prove_at_start};
pub(crate) use reach::{bring_into_reach, engine_runs, take_out_of_reach};
pub(crate) use targets::{resolve_asks, resolve_events};
