//! What a person opens to the commands of a folder, and what they say to what was stopped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cowork_policy::confinement::{Grant, Network};

use crate::boxes::{self, BoxSettings, settings::MOST_HOSTS};
use crate::error::{Result, WorkspaceError};
use crate::folders::{self, Folders};
use crate::index;
use crate::view::{BoxSettingsView, NetworkMode};
use crate::workspace::{Workspace, blocking};

/// Folders a person may open to those of one folder. Each is a mount of every command there.
const MOST_GRANTS: usize = 50;

impl Workspace {
    /// Sets what commands of a folder may reach beside it. With `agreed` the person agreed where no page can answer;
    /// taking something back needs no consent.
    ///
    /// # Errors
    /// When consent is missing, the folder is not known, a host is none, or it cannot be saved.
    pub async fn set_box(&self, folder: &str, wanted: BoxSettingsView, agreed: bool) -> Result<()> {
        self.inner.state().folders.resolve(folder)?;
        let wanted = blocking(move || judged(wanted))
            .await
            .map_err(WorkspaceError::Internal)??;
        // One change after the other, or the second would bring back what the first took away.
        let _whole = self.inner.changing_boxes.lock().await;
        let (path, known) = self.box_of(folder)?;
        let widened = widened(&known, &wanted);
        if !widened.is_empty() && !agreed {
            return Err(WorkspaceError::ConsentNeeded(format!(
                "Commands the agent runs in {} can then also {}. What they read there can be sent to the model.",
                path.display(),
                widened.join(", and ")
            )));
        }
        self.change_box(path, wanted).await
    }

    /// Opens a folder that the person picked in the system's dialog to the commands of another.
    ///
    /// # Errors
    /// When it cannot be read, or cannot be saved.
    pub async fn grant_to_box(&self, folder: &str, picked: PathBuf, writable: bool) -> Result<()> {
        self.inner.state().folders.resolve(folder)?;
        let picked = blocking(move || folders::readable(&picked))
            .await
            .map_err(WorkspaceError::Internal)??;
        let _whole = self.inner.changing_boxes.lock().await;
        // As it is now: picking a folder in the system's dialog is the consent to that folder, and to nothing that was
        // open before somebody closed it.
        let (path, mut wanted) = self.box_of(folder)?;
        put(
            &mut wanted.granted,
            Grant {
                path: picked,
                writable,
            },
        );
        within_bounds(0, wanted.granted.len())?;
        self.change_box(path, wanted).await
    }

    /// What a folder is, and what is open to it now.
    fn box_of(&self, folder: &str) -> Result<(PathBuf, BoxSettings)> {
        let state = self.inner.state();
        let path = state.folders.resolve(folder)?;
        let settings = state.folders.settings.get(&path).cloned();
        Ok((path, settings.unwrap_or_default()))
    }

    /// Makes a change that the person agreed to. `changing_boxes` has to be held.
    async fn change_box(&self, path: PathBuf, wanted: BoxSettings) -> Result<()> {
        let (before, mut all) = {
            let state = self.inner.state();
            (needed(&state.folders), state.folders.settings.clone())
        };
        all.insert(path.clone(), wanted.clone());
        let store = self.inner.store.clone();
        blocking(move || index::save_box_settings(&store, &all))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        let after = {
            let mut state = self.inner.state();
            // A folder that was forgotten meanwhile comes back with nothing open to it.
            let id = folders::folder_id(&path);
            state.folders.resolve(&id)?;
            state.folders.settings.insert(path, wanted.clone());
            state.forget_stopped(|stopped| stopped.folder == id && wanted.network.allows(&stopped.host));
            needed(&state.folders)
        };
        let moves = moves(&before, &after);
        // Before the rules name them.
        for grant in &wanted.granted {
            if !moves.out.contains(&grant.path) {
                boxes::bring_into_reach(&self.inner, &grant.path).await;
            }
        }
        let written = boxes::write_rules(&self.inner).await;
        // Whether or not: what was taken back is out of the running engine's reach as well.
        for path in &moves.out {
            boxes::take_out_of_reach(&self.inner, path).await;
        }
        for path in &moves.back {
            boxes::bring_into_reach(&self.inner, path).await;
        }
        written.map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        self.tell_folders().await.map(drop)
    }

    /// Tries the box of a folder again.
    ///
    /// # Errors
    /// When the folder is not known.
    pub async fn prove_box(&self, folder: &str) -> Result<()> {
        let path = self.inner.state().folders.resolve(folder)?;
        boxes::prove(&self.inner, &path).await;
        Ok(())
    }

    /// Lets go of what boxes stopped lately, one host of a folder or all.
    pub fn forget_stopped(&self, which: Option<(&str, &str)>) {
        self.inner.state().forget_stopped(|stopped| {
            which.is_none_or(|(folder, host)| stopped.folder == folder && stopped.host == host)
        });
        self.inner.feed.changed();
    }
}

/// What a page asked for, made into what can be kept. Looks at the disk.
fn judged(wanted: BoxSettingsView) -> Result<BoxSettings> {
    within_bounds(wanted.hosts.len(), wanted.granted.len())?;
    let mut hosts = Vec::new();
    for host in wanted.hosts {
        let host = host.trim().to_ascii_lowercase();
        if !is_host(&host) {
            return Err(WorkspaceError::InvalidInput(format!(
                "\"{host}\" is no host. Write a name such as example.org, or .example.org for all below it."
            )));
        }
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    let mut granted: Vec<Grant> = Vec::new();
    for grant in wanted.granted {
        let path = folders::readable(Path::new(&grant.path))?;
        let writable = grant.writable;
        put(&mut granted, Grant { path, writable });
    }
    Ok(BoxSettings {
        network: match wanted.network {
            NetworkMode::Off => Network::Off,
            NetworkMode::Listed => Network::Listed(hosts),
            NetworkMode::Open => Network::Open,
        },
        granted,
    })
}

/// Adds a grant, in the place of one for the same folder.
fn put(granted: &mut Vec<Grant>, grant: Grant) {
    granted.retain(|known| known.path != grant.path);
    granted.push(grant);
}

fn within_bounds(hosts: usize, granted: usize) -> Result<()> {
    if hosts > MOST_HOSTS || granted > MOST_GRANTS {
        return Err(WorkspaceError::InvalidInput(format!(
            "A folder has up to {MOST_HOSTS} hosts and {MOST_GRANTS} other folders. Remove some first."
        )));
    }
    Ok(())
}

/// What the engine's box has to have, and whether to change it: the folders, and what was opened to them.
fn needed(folders: &Folders) -> BTreeMap<PathBuf, bool> {
    let mut needed = BTreeMap::new();
    for folder in folders.snapshot() {
        needed.insert(folder.path, true);
        for grant in folder.settings.granted {
            *needed.entry(grant.path).or_default() |= grant.writable;
        }
    }
    needed
}

/// What has to be done to the box of an engine that runs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Moves {
    /// To be taken out, the innermost first.
    out: Vec<PathBuf>,
    /// To be put in after that, the outermost first.
    back: Vec<PathBuf>,
}

fn moves(before: &BTreeMap<PathBuf, bool>, after: &BTreeMap<PathBuf, bool>) -> Moves {
    // What may be changed no longer, or now, has to be mounted anew.
    let changed = before
        .iter()
        .filter(|(path, writable)| after.get(*path) != Some(writable));
    let changed: Vec<&PathBuf> = changed.map(|(path, _)| path).collect();
    // What is mounted within a folder goes out with it.
    let within = |path: &PathBuf| changed.iter().any(|changed| path.starts_with(changed));
    Moves {
        out: before.keys().rev().filter(|path| within(path)).cloned().collect(),
        back: after
            .keys()
            .filter(|path| before.contains_key(*path) && within(path))
            .cloned()
            .collect(),
    }
}

/// Letters, digits, hyphens and dots, as names of hosts are made of. An address is none: a name on the list is judged by
/// where it leads.
fn is_host(host: &str) -> bool {
    let name = host.strip_prefix('.').unwrap_or(host);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
            && !label.starts_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.contains('.')
        && name.split('.').all(is_label)
        && last.chars().any(|letter| letter.is_ascii_alphabetic())
}

/// What `wanted` opens that was closed, in words.
fn widened(known: &BoxSettings, wanted: &BoxSettings) -> Vec<String> {
    let mut widened = Vec::new();
    match (&known.network, &wanted.network) {
        (Network::Open, _) | (_, Network::Off) => {}
        (_, Network::Open) => widened.push("connect to everything on the internet".to_owned()),
        (known, Network::Listed(hosts)) => {
            let new: Vec<&str> = match known {
                Network::Listed(known) => hosts.iter().filter(|host| !known.contains(host)).collect(),
                _ => hosts.iter().collect::<Vec<_>>(),
            }
            .into_iter()
            .map(String::as_str)
            .collect();
            if *known == Network::Off {
                widened.push("connect to package registries".to_owned());
            }
            if !new.is_empty() {
                widened.push(format!("connect to {}", new.join(", ")));
            }
        }
    }
    for grant in &wanted.granted {
        let had = known.granted.iter().find(|known| known.path == grant.path);
        match had {
            Some(had) if had.writable || !grant.writable => {}
            _ if grant.writable => widened.push(format!("read and change {}", grant.path.display())),
            _ => widened.push(format!("read {}", grant.path.display())),
        }
    }
    widened
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::testing::{Ring, open};
    use crate::view::FolderKind;

    #[test]
    fn hosts_are_names_and_no_addresses() {
        for host in [
            "example.org",
            ".example.org",
            "a-b.c0.museum",
            "xn--bcher-kva.example",
        ] {
            assert!(is_host(host), "{host}");
        }
        for other in [
            "",
            ".",
            "org",
            "127.0.0.1",
            "[::1]",
            "http://x.org",
            "x.org:80",
            "a..b",
            "*.x.org",
            "-a.org",
        ] {
            assert!(!is_host(other), "{other}");
        }
    }

    #[test]
    fn what_is_opened_is_said_and_what_is_closed_needs_no_consent() {
        let off = BoxSettings::default();
        let listed = |hosts: &[&str]| BoxSettings {
            network: Network::Listed(hosts.iter().map(|host| (*host).to_owned()).collect()),
            granted: Vec::new(),
        };
        let open = BoxSettings {
            network: Network::Open,
            granted: Vec::new(),
        };
        assert!(widened(&open, &off).is_empty());
        assert!(widened(&open, &listed(&["a.org"])).is_empty());
        assert_eq!(widened(&off, &listed(&[])), ["connect to package registries"]);
        assert_eq!(
            widened(&listed(&["a.org"]), &listed(&["a.org", "b.org"])),
            ["connect to b.org"]
        );
        assert!(widened(&listed(&["a.org", "b.org"]), &listed(&["b.org"])).is_empty());
        assert_eq!(
            widened(&listed(&[]), &open),
            ["connect to everything on the internet"]
        );
        let read = BoxSettings {
            granted: vec![Grant {
                path: "/x".into(),
                writable: false,
            }],
            ..BoxSettings::default()
        };
        let write = BoxSettings {
            granted: vec![Grant {
                path: "/x".into(),
                writable: true,
            }],
            ..BoxSettings::default()
        };
        assert_eq!(widened(&off, &read), ["read /x"]);
        assert_eq!(widened(&read, &write), ["read and change /x"]);
        assert!(widened(&write, &read).is_empty());
    }

    fn box_with(network: Network, granted: &[(&Path, bool)]) -> BoxSettings {
        let grant = |(path, writable): &(&Path, bool)| Grant {
            path: path.to_path_buf(),
            writable: *writable,
        };
        BoxSettings {
            network,
            granted: granted.iter().map(grant).collect(),
        }
    }

    #[test]
    fn what_no_folder_needs_any_more_goes_out_and_what_lies_within_comes_back() {
        let folders = |granted: &[(&str, &[(&str, bool)])]| {
            let mut folders = Folders::default();
            for (path, grants) in granted {
                let grants: Vec<_> = grants
                    .iter()
                    .map(|(path, writable)| (Path::new(*path), *writable))
                    .collect();
                folders.grant(path.into(), FolderKind::Project);
                folders
                    .settings
                    .insert(path.into(), box_with(Network::Off, &grants));
            }
            needed(&folders)
        };
        let paths = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
        let before = folders(&[
            ("/a", &[("/data", true), ("/b", true), ("/c", false)]),
            ("/b", &[("/c", false)]),
        ]);
        let after = folders(&[("/a", &[]), ("/b", &[("/c", false)])]);
        let moved = moves(&before, &after);
        assert_eq!(moved.out, paths(&["/data"]), "others need the other two");
        assert_eq!(moved.back, paths(&[]));
        assert_eq!(
            moves(&after, &before),
            Moves::default(),
            "what is new is brought for itself"
        );

        let before = folders(&[("/home/ada/work", &[("/home/ada", false)])]);
        let after = folders(&[("/home/ada/work", &[])]);
        let moved = moves(&before, &after);
        assert_eq!(
            moved.out,
            paths(&["/home/ada/work", "/home/ada"]),
            "the innermost first"
        );
        assert_eq!(moved.back, paths(&["/home/ada/work"]));

        let before = folders(&[("/a", &[("/data", true)])]);
        let after = folders(&[("/a", &[("/data", false)])]);
        let moved = moves(&before, &after);
        assert_eq!(moved.out, paths(&["/data"]), "it may not be changed any more");
        assert_eq!(moved.back, paths(&["/data"]));
    }

    #[tokio::test]
    async fn a_picked_folder_is_all_that_a_pick_opens() {
        let (root, workspace) = open(&Ring::default()).await;
        let place = |name: &str| {
            let path = root.path().canonicalize().unwrap().join(name);
            std::fs::create_dir(&path).unwrap();
            path
        };
        let (work, picked) = (place("work"), place("picked"));
        let folder = workspace.grant_folder(work.clone()).await.unwrap().id;
        let set = |settings: BoxSettings| {
            workspace
                .inner
                .state()
                .folders
                .settings
                .insert(work.clone(), settings);
        };
        set(box_with(Network::Open, &[]));
        // Somebody is closing the network as the folder is picked.
        let closing = workspace.inner.changing_boxes.lock().await;
        let picking = workspace.grant_to_box(&folder, picked.clone(), true);
        let mut picking = std::pin::pin!(picking);
        let early = tokio::time::timeout(std::time::Duration::from_millis(200), &mut picking).await;
        assert!(early.is_err(), "it waits for the other change");
        set(box_with(Network::Off, &[]));
        drop(closing);
        picking.await.unwrap();
        let settings = || workspace.inner.state().folders.settings[&work].clone();
        assert_eq!(settings(), box_with(Network::Off, &[(&picked, true)]));
        workspace
            .grant_to_box(&folder, picked.clone(), false)
            .await
            .unwrap();
        assert_eq!(
            settings(),
            box_with(Network::Off, &[(&picked, false)]),
            "one for each folder"
        );
        let kept = index::box_settings(&workspace.inner.store).unwrap();
        assert_eq!(kept[&work], settings());
        let refused = workspace.grant_to_box(&folder, "/etc".into(), false).await;
        assert!(
            matches!(refused, Err(WorkspaceError::NotAllowed(_))),
            "{refused:?}"
        );
    }
}
