//! The way to the network of each folder, and what is said when it is refused.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[cfg(unix)]
use cowork_gateway::FolderId;
use cowork_gateway::{GatewayEvent, Source, Why};
use cowork_policy::confinement::{Network, Rules};
use cowork_toolbox::Yard;
use tokio::sync::{mpsc, watch};

use super::lock;
use crate::folders;
use crate::view;
use crate::workspace::{Inner, now};

pub(crate) type Events = mpsc::Receiver<GatewayEvent>;

/// Bytes that a socket's path may have; the system keeps one more for its end.
#[cfg(unix)]
const LONGEST_SOCKET: usize = if cfg!(target_os = "macos") { 103 } else { 107 };

/// A folder's gate and its rules.
pub(super) struct Gate {
    network: watch::Sender<Network>,
    /// Closes when it goes. None when it could not be opened.
    open: Option<Open>,
}

#[cfg(unix)]
type Open = cowork_gateway::FolderGate;
/// Boxes have no network there.
#[cfg(not(unix))]
type Open = ();

impl Gate {
    /// What went through it; none where it could not be opened.
    #[cfg(unix)]
    pub(super) fn traffic(&self) -> Option<cowork_gateway::Traffic> {
        self.open.as_ref().map(cowork_gateway::FolderGate::traffic)
    }

    /// Boxes have no network there.
    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "called alike on every system")]
    pub(super) fn traffic(&self) -> Option<cowork_gateway::Traffic> {
        None
    }
}

/// A folder that is to have a gate.
struct Wanted<'a> {
    id: &'a str,
    path: &'a Path,
    network: &'a Network,
}

/// Opens a gate for each folder that has none, closes those of folders that are gone, and tells the others what changed.
///
/// A gate is open where there is no network too: it says so to the program, and the app hears what it wanted. One that
/// could not be opened is tried again each time.
///
/// Called for one change after the other.
pub(super) fn follow(inner: &Inner, yard: &Yard, rules: &Rules) {
    let wanted = rules.folders.iter().map(|folder| Wanted {
        id: &folder.id,
        path: &folder.path,
        network: &folder.network,
    });
    follow_all(inner, yard, &wanted.collect::<Vec<_>>());
}

fn follow_all(inner: &Inner, yard: &Yard, wanted: &[Wanted<'_>]) {
    // Opening and closing touch the disk, and who asks about a gate must not wait for that.
    let (gone, missing) = sort(&mut lock(&inner.boxes.gates), wanted);
    drop(gone);
    for folder in missing {
        let (network, rules) = watch::channel(folder.network.clone());
        let opened = open(inner, &yard.gateway(folder.id), folder, rules);
        let reason = opened.as_ref().err().cloned();
        if let Some(reason) = &reason {
            tracing::error!(
                folder = %folder.path.display(),
                reason,
                "a folder has no way to the network"
            );
        }
        tell(inner, folder.path, reason);
        let gate = Gate {
            network,
            open: opened.ok(),
        };
        lock(&inner.boxes.gates).insert(folder.path.to_owned(), gate);
    }
}

/// Has the window say beside the folder's box why it has no way to the network.
fn tell(inner: &Inner, folder: &Path, reason: Option<String>) {
    let mut state = inner.state();
    if state.folders.set_unconnected(folder, reason) {
        let proof = state.folders.proof(folder);
        if proof != view::BoxProof::Unknown {
            state.set_proof(folder.to_owned(), proof);
        }
        drop(state);
        inner.feed.changed();
    }
}

/// Tells open gates what changed. Gives back those of folders that are gone, and the folders that have none.
fn sort<'a>(
    gates: &mut HashMap<PathBuf, Gate>,
    wanted: &'a [Wanted<'a>],
) -> (Vec<Gate>, Vec<&'a Wanted<'a>>) {
    let is_gone = |path: &PathBuf| !wanted.iter().any(|folder| folder.path == *path);
    let gone = gates
        .extract_if(|path, _| is_gone(path))
        .map(|(_, gate)| gate)
        .collect();
    let missing = wanted.iter().filter(|folder| {
        let Some(gate) = gates.get(folder.path) else {
            return true;
        };
        gate.network.send_if_modified(|network| {
            let changed = network != folder.network;
            network.clone_from(folder.network);
            changed
        });
        gate.open.is_none()
    });
    let missing = missing.collect();
    (gone, missing)
}

#[cfg(unix)]
fn open(
    inner: &Inner,
    socket: &Path,
    folder: &Wanted<'_>,
    rules: watch::Receiver<Network>,
) -> Result<Open, String> {
    fits(socket)?;
    let gateway = &inner.boxes.gateway;
    gateway
        .serve_folder(socket, FolderId::new(folder.id), rules)
        .map_err(|error| {
            format!(
                "Commands have no network: their way to it could not be opened at {}: {error}. Start the app again.",
                socket.display()
            )
        })
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn open(
    _inner: &Inner,
    _socket: &Path,
    _folder: &Wanted<'_>,
    _rules: watch::Receiver<Network>,
) -> Result<Open, String> {
    Ok(())
}

/// The system's own message for a path that is too long does not say what to do.
#[cfg(unix)]
fn fits(socket: &Path) -> Result<(), String> {
    let length = socket.as_os_str().len();
    if length <= LONGEST_SOCKET {
        return Ok(());
    }
    Err(format!(
        "Commands have no network: their way to it would be at {}, which has {length} bytes, and the system takes \
         {LONGEST_SOCKET} at most. Keep the app's data in a place with a shorter path.",
        socket.display()
    ))
}

/// Tells the person what was stopped, with what it would take to let it through; runs for ever.
pub(crate) async fn watch_refusals(inner: Arc<Inner>, mut events: Events) {
    while let Some(event) = events.recv().await {
        let GatewayEvent::Refused {
            source,
            host,
            port,
            why,
        } = event;
        tracing::info!(?source, host, port, ?why, "a connection was stopped");
        let Source::Folder(id) = source else { continue };
        let mut state = inner.state();
        let Ok(path) = state.folders.resolve(id.as_str()) else {
            continue;
        };
        let stopped = view::StoppedConnection {
            folder: id.as_str().to_owned(),
            label: folders::label(&PathBuf::from(&path)),
            widening: match why {
                Why::NetworkOff if Network::Listed(Vec::new()).allows(&host) => view::Widening::Registries,
                Why::NetworkOff | Why::NotListed => view::Widening::Host,
                Why::Port | Why::Address => view::Widening::Open,
                Why::Near => view::Widening::None,
            },
            host,
            port,
            at: now(),
        };
        state.connection_stopped(stopped);
        drop(state);
        inner.feed.changed();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::providers::testing::{Ring, open as open_app};
    use crate::view::{BoxProof, FolderKind};
    use crate::workspace::Workspace;

    /// The app with a folder whose box holds.
    async fn app(folder: &Path) -> (tempfile::TempDir, Workspace) {
        let (root, workspace) = open_app(&Ring::default()).await;
        let mut state = workspace.inner.state();
        state.folders.grant(folder.to_owned(), FolderKind::Project);
        state.set_proof(folder.to_owned(), BoxProof::Proven { reduced: None });
        drop(state);
        (root, workspace)
    }

    #[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    fn yard(root: &Path) -> Yard {
        let yard = Yard::at(root);
        std::fs::create_dir_all(yard.gateways()).unwrap();
        yard
    }

    fn shown(workspace: &Workspace) -> Option<String> {
        let proofs = workspace.inner.state().folders.proofs();
        match &proofs[0].proof {
            BoxProof::Proven { reduced } => reduced.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn gates_open_hear_of_changes_and_close() {
        let path = Path::new("/granted");
        let (root, workspace) = app(path).await;
        let (inner, yard) = (&workspace.inner, yard(&root.path().join("yard")));
        let id = folders::folder_id(path);
        let wanted = |network| Wanted {
            id: &id,
            path,
            network,
        };
        follow_all(inner, &yard, &[wanted(&Network::Off)]);
        assert!(yard.gateway(&id).exists());
        follow_all(inner, &yard, &[wanted(&Network::Open)]);
        assert_eq!(*lock(&inner.boxes.gates)[path].network.borrow(), Network::Open);
        assert_eq!(shown(&workspace), None);
        follow_all(inner, &yard, &[]);
        assert!(lock(&inner.boxes.gates).is_empty());
        // The one who answers there sees that it was closed.
        crate::providers::testing::until("the socket to go", || !yard.gateway(&id).exists()).await;
    }

    #[tokio::test]
    async fn a_gate_that_cannot_be_opened_is_told_of_and_tried_again() {
        let path = Path::new("/granted");
        let (root, workspace) = app(path).await;
        let inner = &workspace.inner;
        let id = folders::folder_id(path);
        let wanted = [Wanted {
            id: &id,
            path,
            network: &Network::Off,
        }];
        let deep = yard(&root.path().join("x".repeat(100)));
        follow_all(inner, &deep, &wanted);
        let reason = shown(&workspace).unwrap();
        assert!(reason.contains("shorter path"), "{reason}");
        let good = yard(&root.path().join("yard"));
        std::fs::write(good.gateway(&id), "in the way").unwrap();
        follow_all(inner, &good, &wanted);
        let reason = shown(&workspace).unwrap();
        assert!(reason.contains("Start the app again"), "{reason}");
        std::fs::remove_file(good.gateway(&id)).unwrap();
        follow_all(inner, &good, &wanted);
        assert_eq!(shown(&workspace), None);
        assert!(good.gateway(&id).exists());
    }

    #[test]
    fn a_socket_fits_to_the_last_byte() {
        let path = |length: usize| PathBuf::from(format!("/{}", "x".repeat(length - 1)));
        assert!(fits(&path(LONGEST_SOCKET)).is_ok());
        assert!(fits(&path(LONGEST_SOCKET + 1)).is_err());
    }
}
