//! What a person opened to the commands of a folder, and the rules that follow from it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cowork_policy::confinement::{
    FolderRules, Grant, Means, Network, OpenedSocket, OwnLimits, RULES_VERSION, Rules, TOOLCHAINS,
};
use cowork_supervisor::docker;
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
    /// How much they may use, where it differs from what is usual.
    pub(crate) limits: OwnLimits,
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
            limits: self
                .limits
                .0
                .iter()
                .map(|(limit, amount)| ((*limit).into(), *amount))
                .collect(),
        }
    }
}

/// The rules as the wrapper reads them. Reads the disk.
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
        let git =
            cowork_toolbox::repository::elsewhere(&granted_path, inner.options.home_directory.as_deref());
        FolderRules {
            home: homes.join(&id),
            gateway: Some(gateways.gateway(&id)),
            path: granted.path,
            granted: granted.settings.granted,
            git,
            network: granted.settings.network,
            sockets: sockets.clone(),
            limits: granted.settings.limits.limits(),
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
        opened: inner.shelter().opened_to_change(),
        opened_to_read: inner.shelter().opened_to_read(),
        snapshots: snapshots(inner),
        environment: super::identity::of_person(inner)
            .into_iter()
            .chain(installs_of_person())
            .collect(),
        // Where there is none nothing asks how.
        means: laid.means.unwrap_or(Means::Landlock),
        no_box: laid.means.is_none().then(|| super::why_not_laid(inner)),
        links_barred: laid.bars_links,
        folders: granted.into_iter().chain([trial]).map(folder).collect(),
    }
}

/// Where the person has tools install to, as far as their session says. The wrapper judges whether a box has that place.
fn installs_of_person() -> impl Iterator<Item = (String, String)> {
    let installs = cowork_toolbox::environment::INSTALLS.iter();
    installs.filter_map(|install| Some((install.name.to_owned(), std::env::var(install.name).ok()?)))
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
    // The engine loads code from its home, so in the person's own no command may write there either.
    let machine = inner.shelter().machine_places();
    own.into_iter().chain(machine).chain(credentials).collect()
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

/// Bytes of a list of known hosts; what is longer is not one.
const MOST_HOSTS_KNOWN: u64 = 1 << 20;

/// What the person's SSH knows of hosts, when their agent was opened: without it nothing in a box signs in anywhere. Reads
/// the disk.
pub(super) fn known_hosts(rules: &Rules) -> Option<Vec<u8>> {
    let home = rules.person_home.as_deref()?;
    if !rules.folders.iter().any(FolderRules::has_ssh_agent) {
        return None;
    }
    let mut hosts = Vec::new();
    for name in ["known_hosts", "known_hosts2"] {
        let list = home.join(".ssh").join(name);
        // With the consent to it commands may write there.
        match cowork_toolbox::plain_file::read(&list, MOST_HOSTS_KNOWN) {
            Ok(known) => hosts.extend(known),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(%error, name, "hosts that the person knows are not known in boxes"),
        }
        if hosts.last().is_some_and(|last| *last != b'\n') {
            hosts.push(b'\n');
        }
    }
    (!hosts.is_empty()).then_some(hosts)
}

/// What a consent opened that is a socket.
fn sockets(inner: &Inner) -> Vec<OpenedSocket> {
    let shelter = inner.shelter();
    let agent = std::env::var_os("SSH_AUTH_SOCK").filter(|_| shelter.opened.contains(&Category::SshAgent));
    let agent = agent.map(|path| OpenedSocket {
        path: path.into(),
        variable: Some("SSH_AUTH_SOCK".to_owned()),
    });
    let docker = shelter
        .docker(|name| std::env::var_os(name))
        .map(|socket| OpenedSocket {
            path: socket.path,
            variable: (!socket.is_usual).then(|| docker::VARIABLE.to_owned()),
        });
    agent.into_iter().chain(docker).collect()
}

#[cfg(test)]
mod tests {
    use cowork_policy::confinement::{Limit, Limits};
    use cowork_toolbox::Yard;

    use super::*;
    use crate::providers::testing::{Ring, open, open_as};
    use crate::view::{BoxSettingsView, LimitName};

    #[test]
    fn settings_from_before_there_were_limits_have_none_of_their_own() {
        let kept = r#"{"network":{"mode":"open"},"granted":[{"path":"/x","writable":true}]}"#;
        let settings: BoxSettings = serde_json::from_str(kept).unwrap();
        assert_eq!(settings.network, Network::Open);
        assert_eq!(settings.limits.limits(), Limits::default());
    }

    #[tokio::test]
    async fn a_limit_that_is_raised_stands_in_the_rules_of_its_folder_alone() {
        let (root, workspace) = open(&Ring::default()).await;
        let place = |name: &str| {
            let path = root.path().canonicalize().unwrap().join(name);
            std::fs::create_dir(&path).unwrap();
            path
        };
        let (raised, other) = (place("raised"), place("other"));
        let folder = workspace.grant_folder(raised.clone()).await.unwrap().id;
        workspace.grant_folder(other.clone()).await.unwrap();
        let wanted = BoxSettingsView {
            limits: BTreeMap::from([(LimitName::Memory, 40 << 30)]),
            ..BoxSettingsView::default()
        };
        workspace
            .set_box(&folder, wanted.clone(), crate::consent::Consent::Missing)
            .await
            .expect("it opens nothing, and so needs no consent");
        let wrapper = root.path().join("wrapper");
        std::fs::write(&wrapper, "").unwrap();
        let laid = Laid {
            yard: Yard::create(&root.path().join("yard"), &wrapper).unwrap(),
            means: Some(Means::Namespaces),
            engine_is_boxed: false,
            bars_links: false,
        };
        let rules = rules(&workspace.inner, &laid);
        let memory = |path: &Path| rules.folder_of(path).unwrap().limits.memory;
        assert_eq!(memory(&raised), 40 << 30);
        assert_eq!(memory(&other), Limit::Memory.range().usual);
        let kept = crate::index::box_settings(&workspace.inner.store).unwrap();
        assert_eq!(kept[&raised].view(), wanted);
    }

    #[tokio::test]
    async fn what_the_engine_loads_code_from_is_hidden_from_commands_while_it_lives_there() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        let (root, workspace) = open_as(&Ring::default(), |options| {
            options.home_directory = Some(home.clone());
        })
        .await;
        let wrapper = root.path().join("wrapper");
        std::fs::write(&wrapper, "").unwrap();
        let laid = Laid {
            yard: Yard::create(&root.path().join("yard"), &wrapper).unwrap(),
            means: Some(Means::Namespaces),
            engine_is_boxed: true,
            bars_links: false,
        };
        for (lives_in, is_hidden) in [
            (view::EngineHome::Private, false),
            (view::EngineHome::Machine, true),
        ] {
            workspace.inner.running_surroundings().home = lives_in;
            let rules = rules(&workspace.inner, &laid);
            for place in [".config/opencode", ".cache/opencode", ".local/share/opencode"] {
                let place = home.join(place);
                assert_eq!(rules.hidden.contains(&place), is_hidden, "{}", place.display());
                assert!(!rules.opened.iter().any(|opened| place.starts_with(opened)));
            }
        }
    }
}
