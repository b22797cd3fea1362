//! The way to the network of each folder, and what is said when it is refused.

use std::path::PathBuf;
use std::sync::Arc;

use cowork_gateway::{FolderId, GatewayEvent, Source, Why};
use cowork_policy::confinement::{Network, Rules};
use cowork_toolbox::Yard;
use tokio::sync::{mpsc, watch};

use super::lock;
use crate::folders;
use crate::view;
use crate::workspace::{Inner, now};

pub(crate) type Events = mpsc::Receiver<GatewayEvent>;

/// An open gate and its rules.
pub(super) struct Gate {
    network: watch::Sender<Network>,
    /// Closes when it goes.
    #[cfg(unix)]
    _open: cowork_gateway::FolderGate,
}

/// Opens a gate for each folder that has none, closes those of folders that are gone, and tells the others what changed.
///
/// A gate is open where there is no network too: it says so to the program, and the app hears what it wanted.
pub(super) fn follow(inner: &Inner, yard: &Yard, rules: &Rules) {
    let mut gates = lock(&inner.boxes.gates);
    gates.retain(|path, _| rules.folders.iter().any(|folder| folder.path == *path));
    for folder in &rules.folders {
        if let Some(gate) = gates.get(&folder.path) {
            gate.network.send_if_modified(|network| {
                let changed = *network != folder.network;
                network.clone_from(&folder.network);
                changed
            });
        } else if let Some(gate) = open(inner, yard, &folder.id, &folder.network) {
            gates.insert(folder.path.clone(), gate);
        }
    }
}

#[cfg(unix)]
fn open(inner: &Inner, yard: &Yard, id: &str, network: &Network) -> Option<Gate> {
    let (sender, rules) = watch::channel(network.clone());
    let opened = inner
        .boxes
        .gateway
        .serve_folder(&yard.gateway(id), FolderId::new(id), rules);
    match opened {
        Ok(open) => Some(Gate {
            network: sender,
            _open: open,
        }),
        Err(error) => {
            tracing::error!(%error, "a folder has no way to the network");
            None
        }
    }
}

/// Boxes have no network there.
#[cfg(not(unix))]
fn open(_inner: &Inner, _yard: &Yard, _id: &str, network: &Network) -> Option<Gate> {
    Some(Gate {
        network: watch::channel(network.clone()).0,
    })
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
