//! The box that the agent's commands run in: what each folder's may reach, whether it was proven, what it stopped.
//!
//! `toolbox` makes the boxes and attacks them, `gateway` is their way out, `policy` has the rules as data. Here the rules
//! are composed of what a person chose, written for the wrapper, and proven for each folder before a command runs there.

mod gates;
mod identity;
mod kept;
mod proof;
mod reach;
mod servers;
pub(crate) mod settings;
mod targets;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use anyhow::Context as _;
use cowork_gateway::{EngineGate, Gateway};
use cowork_policy::confinement::{Means, Rules};
use cowork_preview::Previews;
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
    /// None where no box can be made: then the wrapper runs nothing but what runs without one.
    pub(crate) means: Option<Means>,
    /// The engine is in a box itself, and finds the wrapper in another place.
    pub(crate) engine_is_boxed: bool,
    /// The engine's own tools follow no links in the folders that its box has.
    pub(crate) bars_links: bool,
}

/// What the app keeps of the boxes.
pub(crate) struct Boxes {
    /// Where the wrapper was laid out, and how it makes boxes; none while that was not done, or could not be, and then no
    /// engine is started.
    laid: Mutex<Option<Laid>>,
    /// Why no box can be made, and what to do.
    why_not: Mutex<Option<String>>,
    /// Who the person is to git; asked once.
    identity: OnceLock<BTreeMap<String, String>>,
    /// One writing of the rules after the other, so that the last one writes the last change.
    writing: tokio::sync::Mutex<()>,
    gateway: Gateway,
    engine_gate: EngineGate,
    gates: Mutex<HashMap<PathBuf, gates::Gate>>,
    /// What serves in boxes, and where each folder's say so.
    pub(crate) previews: Previews,
    ways_in: Mutex<HashMap<PathBuf, servers::Open>>,
    /// Folders that the running engine's box has, each with what stood there when it was put in.
    in_reach: Mutex<HashMap<PathBuf, reach::Identity>>,
    /// Folders that could not be put into it.
    lacking: Mutex<BTreeSet<PathBuf>>,
    /// Folders that could not be taken out of it.
    left: Mutex<BTreeSet<PathBuf>>,
    running: Mutex<Weak<Running>>,
    /// Where each folder's proof stands in this run of the engine.
    proofs: watch::Sender<HashMap<PathBuf, proof::Standing>>,
    /// Held while what was found out is told and written where commands are let in.
    settling: tokio::sync::Mutex<()>,
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
            previews: Previews::new(cowork_preview::Limits::default()),
            ways_in: Mutex::default(),
            in_reach: Mutex::default(),
            lacking: Mutex::default(),
            left: Mutex::default(),
            running: Mutex::default(),
            proofs: watch::Sender::new(HashMap::new()),
            settling: tokio::sync::Mutex::default(),
            run: AtomicU64::new(0),
        };
        Ok((boxes, events))
    }

    /// Where the wrapper is, and how it makes boxes.
    pub(crate) fn laid(&self) -> Option<Laid> {
        lock(&self.laid).clone()
    }

    /// A folder could not be put into the box of the engine that runs, or not be taken out of it.
    pub(crate) fn has_other_folders(&self) -> bool {
        !lock(&self.lacking).is_empty() || !lock(&self.left).is_empty()
    }

    /// What went through the ways out that are open now: of the folders' boxes and of the engine.
    pub(crate) fn traffic(&self) -> cowork_gateway::Traffic {
        let mut all = self.engine_gate.traffic();
        for folder in lock(&self.gates).values().filter_map(gates::Gate::traffic) {
            all.open += folder.open;
            all.connections += folder.connections;
            all.refused += folder.refused;
            all.sent += folder.sent;
            all.received += folder.received;
        }
        all
    }

    /// Where the engine finds its way out.
    pub(crate) fn gate_address(&self) -> std::net::SocketAddr {
        self.engine_gate.address()
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
/// what was left in it. No rules may name it any more.
pub(crate) async fn forget_home(inner: &Inner, folder: &Path) {
    let home = homes(inner).join(folders::folder_id(folder));
    let aside = inner.options.places.data.join("box-homes-forgotten");
    let removed = blocking(move || {
        #[cfg(unix)]
        return cowork_toolbox::removal::remove(&home, &aside);
        // Without removing it is out of the way.
        #[cfg(not(unix))]
        {
            private_directory(&aside).map_err(std::io::Error::other)?;
            let place = tempfile::tempdir_in(&aside)?.keep();
            match std::fs::rename(&home, place.join("home")) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => std::fs::remove_dir_all(&aside),
            }
        }
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
pub(crate) fn why_not_laid(inner: &Inner) -> String {
    lock(&inner.boxes.why_not)
        .clone()
        .unwrap_or_else(|| "The engine was not started yet.".to_owned())
}

/// Lays out the wrapper with the rules of now, before an engine is started.
///
/// The wrapper stands in front of shells and of git also where no box can be made: there it runs nothing, but what the
/// person chose to run without one. git that it does not stand before runs the programs a folder's settings name, beside the
/// engine's password.
///
/// # Errors
/// When the wrapper is not there, or rules of before are: no engine may be started then.
pub(crate) async fn lay_out(inner: &Arc<Inner>) -> anyhow::Result<()> {
    // What an attack of the run before finds out counts no more.
    inner.boxes.run.fetch_add(1, Ordering::AcqRel);
    inner.boxes.proofs.send_replace(HashMap::new());
    {
        let mut state = inner.state();
        state.folders.forget_proofs();
        state.set_tools_box(view::BoxProof::Proving);
    }
    let (laid, why_not) = match lay_out_anew(inner).await {
        Ok((laid, why_not)) => (Some(laid), why_not.map(|error| format!("{error:#}"))),
        Err(error) => {
            no_box(inner, format!("{error:#}"));
            *lock(&inner.boxes.laid) = None;
            return Err(error);
        }
    };
    let yard = laid.as_ref().map(|laid| laid.yard.clone());
    *lock(&inner.boxes.laid) = laid;
    match why_not {
        Some(reason) => no_box(inner, reason),
        None => *lock(&inner.boxes.why_not) = None,
    }
    if let Err(error) = write_rules(inner).await {
        let are_left = blocking(move || yard.is_none_or(|yard| yard.rules_file().symlink_metadata().is_ok()));
        anyhow::ensure!(!are_left.await?, "{error:#}");
    } else {
        // Beside the engine's own start, which takes longer.
        tokio::spawn(prove_at_start(inner.clone()));
    }
    Ok(())
}

/// Says that no box can be made.
fn no_box(inner: &Inner, reason: String) {
    tracing::error!(reason, "no box for commands");
    *lock(&inner.boxes.why_not) = Some(reason.clone());
    inner.state().set_tools_box(view::BoxProof::Failed { reason });
}

/// The wrapper, and why it can make no box.
async fn lay_out_anew(inner: &Arc<Inner>) -> anyhow::Result<(Laid, Option<anyhow::Error>)> {
    let built = inner.options.box_program.clone();
    let (root, trial) = (yard_directory(inner), trial_folder(inner));
    let shared = inner.clone();
    let engine_is_boxed = cowork_supervisor::makes_box(inner.options.confinement).await;
    blocking(move || {
        shared.boxes.identity.get_or_init(identity::ask);
        let yard = Yard::create(&root, &built)
            .with_context(|| format!("laying out {} in {}", built.display(), root.display()))?;
        let possible = cowork_toolbox::means::means(&built);
        let means = private_directory(&trial)
            .and_then(|()| possible.means.ok_or(anyhow::Error::msg(possible.reason)));
        let (means, why_not) = match means {
            Ok(means) => (Some(means), None),
            Err(error) => (None, Some(error)),
        };
        let laid = Laid {
            yard,
            bars_links: possible.bars_links && engine_is_boxed && means.is_some(),
            means,
            engine_is_boxed,
        };
        Ok((laid, why_not))
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
    let (shared, seen) = (inner.clone(), laid.clone());
    // It looks at folders, in which commands may write and which may be far away.
    let rules = blocking(move || settings::rules(&shared, &seen)).await;
    let written = match rules {
        Ok(rules) => {
            gates::follow(inner, &laid.yard, &rules);
            servers::follow(inner, &laid.yard, &rules);
            let yard = laid.yard.clone();
            let written = blocking(move || write_to_yard(&yard, &rules)).await;
            written.and_then(std::convert::identity)
        }
        Err(error) => Err(error),
    };
    if written.is_err() {
        match std::fs::remove_file(laid.yard.rules_file()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::error!(%error, "rules of before are still there, and allow what they allowed");
            }
            _ => {}
        }
    }
    if let Err(error) = &written {
        // What comes to be written later lets nothing into a box that was not proven since.
        if let Some(laid) = lock(&inner.boxes.laid).as_mut() {
            laid.means = None;
        }
        no_box(
            inner,
            format!("The rules of the boxes could not be written: {error:#}."),
        );
    }
    written
}

fn write_to_yard(yard: &Yard, rules: &Rules) -> anyhow::Result<()> {
    let known_hosts = settings::known_hosts(rules);
    for folder in &rules.folders {
        private_directory(&folder.home)?;
    }
    yard.write_known_hosts(known_hosts.as_deref())
        .context("writing the known hosts")?;
    yard.write_rules(rules).context("writing the rules")
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
pub(crate) use kept::{Lookups, notice_kept};
pub(crate) use proof::{await_proof, forget_proof, prove};
use proof::{is_proven, prove_at_start};
pub(crate) use reach::{bring_into_reach, engine_runs, take_out_of_reach};
pub(crate) use servers::watch as watch_servers;
pub(crate) use targets::{resolve_asks, resolve_events};

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::providers::testing::{Ring, given_up, open, open_as};

    #[tokio::test]
    async fn where_no_box_can_be_made_the_wrapper_stands_all_the_same_and_without_one_no_engine_is_started() {
        let (_root, workspace) = open(&Ring::default()).await;
        assert_eq!(given_up(&workspace).await, "noWrapper");
        let error = lay_out(&workspace.inner).await.unwrap_err();
        assert!(format!("{error:#}").contains("no-box"), "{error:#}");

        let (root, workspace) = open_as(&Ring::default(), |options| {
            // It can say nothing of boxes.
            options.box_program = "/bin/false".into();
        })
        .await;
        assert_eq!(given_up(&workspace).await, "missing");
        let inner = &workspace.inner;
        lay_out(inner).await.unwrap();
        let laid = inner.boxes.laid().unwrap();
        assert_eq!(laid.means, None);
        assert!(laid.yard.programs().join("git").symlink_metadata().is_ok());
        let rules = laid.yard.read_rules().unwrap();
        assert!(rules.no_box.unwrap().contains("could not be asked"));
        assert!(matches!(
            inner.state().safety().tools,
            view::BoxProof::Failed { .. }
        ));

        // Rules that cannot be written leave none of before, and the wrapper.
        let home = homes(inner);
        std::fs::remove_dir_all(&home).unwrap();
        std::fs::write(&home, "in the way").unwrap();
        lay_out(inner).await.unwrap();
        let laid = inner.boxes.laid().unwrap();
        assert!(laid.yard.read_rules().is_err());
        assert!(laid.yard.programs().join("git").symlink_metadata().is_ok());

        // Those of before that cannot be removed either allow what was taken back since.
        std::fs::create_dir(laid.yard.rules_file()).unwrap();
        assert!(lay_out(inner).await.is_err());
        drop(root);
    }
}
