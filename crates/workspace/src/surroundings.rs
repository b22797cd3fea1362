//! What of the person's own the engine may use: its home, categories of configuration, the search path.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError};

use cowork_supervisor::Holder;
use cowork_supervisor::shelter::{Category, Shelter};
use cowork_supervisor::{docker, login_path};
use serde::{Deserialize, Serialize};

use crate::boxes;
use crate::consent::Consent;
use crate::error::{Result, WorkspaceError};
use crate::index;
use crate::view::{Bridge, BridgeRow, EngineHome};
use crate::workspace::{Inner, Workspace, blocking};

/// The search path of the person's login shell, or that it did not say one.
pub(crate) type LoginPath = Option<OsString>;

/// What the person opened to the engine. Not part of the settings a page can save: each change is agreed to in a
/// dialog of the system's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct EngineSurroundings {
    pub(crate) home: EngineHome,
    pub(crate) opened: BTreeSet<Bridge>,
}

fn category(bridge: Bridge) -> Category {
    match bridge {
        Bridge::SshAgent => Category::SshAgent,
        Bridge::SshKeys => Category::SshKeys,
        Bridge::Gpg => Category::Gpg,
        Bridge::Cloud => Category::Cloud,
        Bridge::Developer => Category::Developer,
        Bridge::Docker => Category::Docker,
    }
}

const BRIDGES: [Bridge; 6] = [
    Bridge::SshAgent,
    Bridge::SshKeys,
    Bridge::Gpg,
    Bridge::Cloud,
    Bridge::Developer,
    Bridge::Docker,
];

impl Inner {
    /// The category of secrets that a place (links resolved) belongs to, if it is one the person did not open. Looks at the
    /// disk.
    pub(crate) fn bridge_of(&self, path: &Path) -> Option<Bridge> {
        let home = self.options.home_directory.as_deref()?;
        let opened = self.shelter().opened;
        BRIDGES.into_iter().find(|bridge| {
            let category = category(*bridge);
            let places = category.found(home).into_iter().map(|place| home.join(place));
            !opened.contains(&category)
                && places
                    .filter_map(|place| place.canonicalize().ok())
                    .any(|place| path.starts_with(place))
        })
    }
}

/// Asks the login shell once, when the window has drawn its first picture.
pub(crate) async fn find_login_path(inner: Arc<Inner>) {
    // A command line was started from a shell and has its search path.
    let found = match login_path::shell() {
        Some(shell) if inner.options.holder == Holder::App => {
            inner.feed.has_drawn().await;
            login_path::discover(&shell, login_path::PATIENCE).await
        }
        _ => None,
    };
    inner.login_path.send_replace(Some(found));
}

impl Inner {
    pub(crate) fn surroundings(&self) -> MutexGuard<'_, EngineSurroundings> {
        self.surroundings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of the engine that runs, or is being started.
    pub(crate) fn running_surroundings(&self) -> MutexGuard<'_, EngineSurroundings> {
        self.running_surroundings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whether the engine has to be started anew for what the person changed.
    pub(crate) fn tell_whether_restart_is_needed(&self) {
        let wanted = self.surroundings().clone();
        // An engine that is not there needs no restart: its next start has it all.
        let runs = self.engine.borrow().is_some();
        let running = self.running_surroundings().clone();
        let needed = runs
            && (wanted != running || crate::engine::sign_ins_changed(self) || self.boxes.has_other_folders());
        self.state().set_restart_needed(needed);
        self.feed.changed();
    }

    /// What is kept from the engine that runs, or is being started.
    pub(crate) fn shelter(&self) -> Shelter {
        let surroundings = self.running_surroundings().clone();
        let places = &self.options.places;
        let granted = self.state().folders.snapshot();
        let (made_by_us, folders): (Vec<_>, Vec<_>) = granted
            .into_iter()
            .partition(|folder| folder.path.starts_with(&places.data));
        let grants = folders
            .iter()
            .chain(&made_by_us)
            .flat_map(|folder| &folder.settings.granted);
        let (to_change, to_read): (Vec<_>, Vec<_>) = grants
            .map(|grant| grant.path.clone())
            .partition(|path| self.is_writable(path));
        Shelter {
            person_home: self.options.home_directory.clone(),
            app_directories: vec![
                places.data.clone(),
                places.config.clone(),
                places.cache.clone(),
                places.logs.clone(),
            ],
            folders: folders
                .iter()
                .map(|folder| folder.path.clone())
                .chain(to_change)
                .collect(),
            toolchains: boxes::settings::read_only(self.options.home_directory.as_deref()),
            read_only: to_read,
            reachable: made_by_us
                .into_iter()
                .map(|folder| folder.path)
                .chain([boxes::homes(self)])
                .collect(),
            opened: surroundings.opened.into_iter().map(category).collect(),
            machine_home: surroundings.home == EngineHome::Machine,
        }
    }
}

impl Workspace {
    /// What of the person's own configuration the engine may use.
    ///
    /// # Errors
    /// When a background task was cut off.
    pub async fn bridges(&self) -> Result<Vec<BridgeRow>> {
        let opened = self.inner.surroundings().opened.clone();
        let home = self.inner.options.home_directory.clone();
        let agent = std::env::var("SSH_AUTH_SOCK").ok();
        blocking(move || {
            let found = |bridge| match (bridge, &home) {
                (Bridge::SshAgent, _) => agent.clone().into_iter().collect(),
                (Bridge::Docker, home) => docker::socket(home.as_deref(), |name| std::env::var_os(name))
                    .map(|socket| socket.path.display().to_string())
                    .into_iter()
                    .collect(),
                (bridge, Some(home)) => category(bridge).found(home),
                (_, None) => Vec::new(),
            };
            BRIDGES
                .map(|bridge| BridgeRow {
                    bridge,
                    allowed: opened.contains(&bridge),
                    found: found(bridge),
                })
                .to_vec()
        })
        .await
        .map_err(WorkspaceError::Internal)
    }

    /// Opens a category of the person's own configuration to the engine, or closes it, from its next start on.
    ///
    /// # Errors
    /// When consent is missing, or it cannot be saved.
    pub async fn set_bridge(&self, bridge: Bridge, allowed: bool, consent: Consent) -> Result<()> {
        if allowed {
            consent.covers(opens(bridge))?;
        }
        self.change_surroundings(|surroundings| {
            if allowed {
                surroundings.opened.insert(bridge);
            } else {
                surroundings.opened.remove(&bridge);
            }
        })
        .await
    }

    /// Chooses the home the engine lives in, from its next start on.
    ///
    /// # Errors
    /// When consent is missing for the person's own, or it cannot be saved.
    pub async fn set_engine_home(&self, home: EngineHome, consent: Consent) -> Result<()> {
        if home == EngineHome::Machine {
            consent.covers(
                "The engine then lives in your own OpenCode home: it uses your settings, your sign-ins and your \
                 plugins, and threads made there are OpenCode's own. Keys kept there can be read by the agent's tools, and by \
                 its commands in folders without a box; what this app promises about keys does not hold.",
            )?;
        }
        self.change_surroundings(|surroundings| surroundings.home = home)
            .await
    }

    async fn change_surroundings(&self, change: impl FnOnce(&mut EngineSurroundings)) -> Result<()> {
        // One change after the other, or the second would bring back what the first took away.
        let _whole = self.inner.changing_surroundings.lock().await;
        let mut changed = self.inner.surroundings().clone();
        change(&mut changed);
        let (store, saved) = (self.inner.store.clone(), changed.clone());
        blocking(move || index::save_engine_surroundings(&store, &saved))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        *self.inner.surroundings() = changed;
        self.inner.tell_whether_restart_is_needed();
        Ok(())
    }
}

/// What a person agrees to, in words.
fn opens(bridge: Bridge) -> &'static str {
    match bridge {
        Bridge::SshAgent => {
            "Every command the agent runs can then use your SSH agent: sign in to servers and sign commits as you, while \
             the agent is unlocked. It cannot read the keys."
        }
        Bridge::SshKeys => {
            "Every command the agent runs can then read and change your SSH keys and settings (~/.ssh). What it writes there \
             can run programs as you, outside of every box, when you next use SSH."
        }
        Bridge::Gpg => {
            "Every command the agent runs can then read and change your GPG keys and settings (~/.gnupg). What it writes \
             there can run programs as you, outside of every box, when you next use GPG."
        }
        Bridge::Cloud => {
            "Every command the agent runs can then act in your clouds and clusters with your credentials (AWS, Azure, \
             Google Cloud, Kubernetes, Docker and others). It can read the files and not change them, so a tool that keeps a new \
             token beside them fails to save it: sign in again in a terminal of your own."
        }
        Bridge::Developer => {
            "Every command the agent runs can then use your settings of git, npm, pip, cargo and the like, with the \
             tokens in them. It can read the files and not change them."
        }
        Bridge::Docker => {
            "Every command the agent runs can then give orders to docker (or podman). This undoes the box: docker can be \
             told to start a container that has all of your disk in it, and so a command can read and change every file \
             you can, connect everywhere, and leave its box; where docker runs as root, it is root on this computer. \
             Allow it only for an agent and folders that you trust as yourself."
        }
    }
}
