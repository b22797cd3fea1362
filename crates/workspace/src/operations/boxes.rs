//! What a person opens to the commands of a folder, and what they say to what was stopped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cowork_policy::confinement::Grant;

use super::box_wishes::{judged, put, widened, within_bounds};
use crate::boxes::{self, BoxSettings};
use crate::consent::Consent;
use crate::error::{Result, WorkspaceError};
use crate::folders::{self, Folders};
use crate::index;
use crate::view::BoxSettingsView;
use crate::workspace::{Workspace, blocking};

impl Workspace {
    /// Sets what commands of a folder may reach beside it. Taking something back needs no consent.
    ///
    /// # Errors
    /// When consent is missing, the folder is not known, a host is none, or it cannot be saved.
    pub async fn set_box(&self, folder: &str, wanted: BoxSettingsView, consent: Consent) -> Result<()> {
        self.inner.state().folders.resolve(folder)?;
        let wanted = blocking(move || judged(wanted))
            .await
            .map_err(WorkspaceError::Internal)??;
        // One change after the other, or the second would bring back what the first took away.
        let _whole = self.inner.changing_boxes.lock().await;
        let (path, known) = self.box_of(folder)?;
        let widened = widened(&known, &wanted);
        if !widened.is_empty() {
            consent.covers(&format!(
                "Commands the agent runs in {} can then also {}. What they read there can be sent to the model.",
                path.display(),
                widened.join(", and ")
            ))?;
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
            state.forget_stopped_files(|stopped| {
                let offered = stopped.offered.as_ref();
                stopped.folder == id
                    && offered.is_some_and(|offered| {
                        let grants = wanted
                            .granted
                            .iter()
                            .filter(|grant| grant.writable || !offered.writable);
                        grants
                            .map(|grant| &grant.path)
                            .any(|path| Path::new(&offered.path).starts_with(path))
                    })
            });
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

    /// Lets go of what boxes stopped lately: one host or the path of one file, of a folder, or all.
    pub fn forget_stopped(&self, which: Option<(&str, &str)>) {
        let mut state = self.inner.state();
        state.forget_stopped(|stopped| {
            which.is_none_or(|(folder, host)| stopped.folder == folder && stopped.host == host)
        });
        state.forget_stopped_files(|stopped| {
            which.is_none_or(|(folder, path)| stopped.folder == folder && stopped.path == path)
        });
        drop(state);
        self.inner.feed.changed();
    }
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use cowork_policy::confinement::Network;

    use super::*;
    use crate::providers::testing::{Ring, open};
    use crate::view::FolderKind;

    fn box_with(network: Network, granted: &[(&Path, bool)]) -> BoxSettings {
        let grant = |(path, writable): &(&Path, bool)| Grant {
            path: path.to_path_buf(),
            writable: *writable,
        };
        BoxSettings {
            network,
            granted: granted.iter().map(grant).collect(),
            ..BoxSettings::default()
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

    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_that_leads_elsewhere_after_the_person_agreed_opens_nothing() {
        let (root, workspace) = open(&Ring::default()).await;
        let root = root.path().canonicalize().unwrap();
        for name in ["work", "harmless", "private"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        let (work, link) = (root.join("work"), root.join("work/link"));
        let lead_to = |name: &str| {
            std::fs::remove_file(&link).ok();
            std::os::unix::fs::symlink(root.join(name), &link).unwrap();
        };
        let folder = workspace.grant_folder(work.clone()).await.unwrap().id;
        let wanted = BoxSettingsView {
            granted: vec![crate::view::GrantView {
                path: link.display().to_string(),
                writable: true,
            }],
            ..BoxSettingsView::default()
        };
        let asked = async |consent| workspace.set_box(&folder, wanted.clone(), consent).await;
        lead_to("harmless");
        let words = asked(Consent::Missing).await.unwrap_err().to_string();
        assert!(words.contains("harmless"), "{words}");
        lead_to("private");
        let changed = asked(Consent::To(words.clone())).await.unwrap_err();
        assert!(
            matches!(&changed, WorkspaceError::ConsentNeeded(why) if why.contains("private")),
            "{changed}"
        );
        let open_now = || workspace.inner.state().folders.settings.get(&work).cloned();
        assert_eq!(open_now(), None);
        lead_to("harmless");
        asked(Consent::To(words)).await.unwrap();
        assert_eq!(
            open_now(),
            Some(box_with(Network::Off, &[(&root.join("harmless"), true)]))
        );
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
