//! What a person opened to the commands of a folder, and the rules that follow from it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cowork_policy::confinement::{
    FolderRules, Grant, Limits, Network, OpenedSocket, RULES_VERSION, Rules, TOOLCHAINS,
};
use cowork_supervisor::shelter::Category;
use serde::{Deserialize, Serialize};

use super::Laid;
use crate::folders::{Granted, folder_id};
use crate::view;
use crate::workspace::Inner;

/// Hosts a person may name for one folder. A list that is longer is not read by anyone.
pub(crate) const MOST_HOSTS: usize = 200;

/// What a person opened to the commands of one folder. Nothing, until they do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct BoxSettings {
    pub(crate) network: Network,
    pub(crate) granted: Vec<Grant>,
}

/// By folder.
pub(crate) type AllBoxSettings = BTreeMap<PathBuf, BoxSettings>;

impl BoxSettings {
    pub(crate) fn view(&self) -> view::BoxSettingsView {
        let (network, hosts) = match &self.network {
            Network::Off => (view::NetworkMode::Off, Vec::new()),
            Network::Listed(hosts) => (view::NetworkMode::Listed, hosts.clone()),
            Network::Open => (view::NetworkMode::Open, Vec::new()),
        };
        let granted = self.granted.iter().map(|grant| view::GrantView {
            path: grant.path.display().to_string(),
            writable: grant.writable,
        });
        view::BoxSettingsView {
            network,
            hosts,
            granted: granted.collect(),
        }
    }
}

/// The rules as the wrapper reads them.
pub(super) fn rules(inner: &Inner, laid: &Laid) -> Rules {
    // The wrapper reads them where the engine is.
    let seen = super::as_engine_sees(inner);
    let gateways = seen.as_ref().unwrap_or(&laid.yard);
    let homes = super::homes(inner);
    let granted = inner.state().folders.snapshot();
    let sockets = sockets(inner);
    let folder = |granted: Granted| {
        let id = folder_id(&granted.path);
        let granted_path = granted.path.clone();
        FolderRules {
            home: homes.join(&id),
            gateway: Some(gateways.gateway(&id)),
            path: granted.path,
            granted: granted.settings.granted,
            network: granted.settings.network,
            sockets: sockets.clone(),
            limits: Limits::default(),
            unboxed: granted.unboxed,
            proven: super::is_proven(inner, &granted_path),
            id,
        }
    };
    let trial = Granted {
        path: super::trial_folder(inner),
        kind: view::FolderKind::Sandbox,
        unboxed: false,
        settings: BoxSettings::default(),
    };
    Rules {
        version: RULES_VERSION,
        person_home: inner.options.home_directory.clone(),
        hidden: hidden(inner, laid),
        read_only: read_only(inner.options.home_directory.as_deref()),
        opened: inner.shelter().opened_paths(),
        snapshots: snapshots(inner),
        environment: super::identity::of_person(inner),
        means: laid.means,
        folders: granted.into_iter().chain([trial]).map(folder).collect(),
    }
}

/// What is out of reach in every box. In the engine's box credentials are covered already; where there is none, here.
fn hidden(inner: &Inner, laid: &Laid) -> Vec<PathBuf> {
    let own = [
        inner.home.layout().root().to_owned(),
        super::homes(inner),
        laid.yard.root().to_owned(),
    ];
    let credentials = if laid.engine_is_boxed {
        Vec::new()
    } else {
        // The app's own directories hold folders that it made for threads.
        let mut shelter = inner.shelter();
        shelter.app_directories = Vec::new();
        shelter.covered_paths()
    };
    own.into_iter().chain(credentials).collect()
}

/// Where the engine that runs keeps copies of what it changed.
fn snapshots(inner: &Inner) -> Option<PathBuf> {
    let data = match inner.running_surroundings().home {
        view::EngineHome::Private => inner.home.layout().data_directory(),
        view::EngineHome::Machine => inner.options.home_directory.as_ref()?.join(".local/share"),
    };
    Some(data.join("opencode/snapshot"))
}

/// The toolchains of a home that are there.
pub(crate) fn read_only(home: Option<&Path>) -> Vec<PathBuf> {
    let Some(home) = home else { return Vec::new() };
    let places = TOOLCHAINS.iter().map(|place| home.join(place));
    places.filter(|place| place.exists()).collect()
}

/// What a consent opened that is a socket.
fn sockets(inner: &Inner) -> Vec<OpenedSocket> {
    let shelter = inner.shelter();
    let agent = std::env::var_os("SSH_AUTH_SOCK").filter(|_| shelter.opened.contains(&Category::SshAgent));
    agent
        .map(|path| OpenedSocket {
            path: path.into(),
            variable: Some("SSH_AUTH_SOCK".to_owned()),
        })
        .into_iter()
        .collect()
}
