//! Removing everything the app keeps, at a person's word.
//!
//! What is open cannot be taken away from under those who use it, so the word is written down, the app ends, and what is
//! to go goes last of all; where that is cut off, the next start does it before it opens anything. It goes by what stays:
//! the person's folders are nowhere in it, the engine's own home with its conversations and the throw-away folders lie
//! beside what goes and are passed over.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use cowork_brand::Places;

use crate::consent::Consent;
use crate::engine::write_private;
use crate::error::WorkspaceError;
use crate::workspace::{Workspace, blocking};

/// Says that everything is to go.
const MARKER: &str = "remove-everything";

/// Places that cannot be deleted which are named: a person looks at the first ones, and finds the others there.
const NAMED: usize = 5;

impl Workspace {
    /// Has everything the app keeps go when it ends, and all keys at once where that is wanted. The caller ends the app.
    ///
    /// # Errors
    /// When consent is missing, a key cannot be taken out of where it is kept, or the word cannot be written down; then
    /// nothing but keys went.
    pub async fn remove_everything(&self, keys: bool, consent: Consent) -> crate::Result<()> {
        let places = self.inner.options.places.clone();
        consent.covers(&words(&places, keys))?;
        if keys {
            self.forget_all_keys().await?;
        }
        blocking(move || write_private(&marker(&places), b"at the next end or start"))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))
    }
}

/// What a person agrees to: what goes, and what stays where.
fn words(places: &Places, keys: bool) -> String {
    let keys = if keys {
        "All keys and sign-ins go out of the keychain, too."
    } else {
        "Keys stay in the keychain, and have to be given again to be used."
    };
    format!(
        "The app ends now, with what runs in it, and deletes its settings, its list of threads and what is found in them, \
         drafts and what is attached to them, rules of \"always allow\", connected models, what was used and answered, the \
         homes of commands, and its logs. This cannot be undone. {keys}\n\n\
         What stays: your folders and all files in them, the engine's conversations in {}, and throw-away folders in {}.",
        places.private_home.display(),
        places.sandbox_folder_root.display()
    )
}

fn marker(places: &Places) -> PathBuf {
    places.data.join(MARKER)
}

/// Whether everything is to go, and has not yet.
#[must_use]
pub fn removal_is_owed(places: &Places) -> bool {
    marker(places).exists()
}

/// Which logs go along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogsToRemove {
    /// All of them: nothing is written any more.
    All,
    /// All but the one that was written last, which is open.
    Earlier,
}

/// Deletes what is to go. The data has to be claimed, and nothing of it open. What cannot be deleted stays, and is said
/// once: no later start tries again, since there may be something new by then.
///
/// # Errors
/// When something could not be deleted, with its places.
pub fn remove_what_is_owed(places: &Places, logs: LogsToRemove) -> Result<()> {
    let mut left = Vec::new();
    let stays = stays(places);
    let kept = |path: &Path| stays.iter().any(|other| other == path);
    for path in entries(&places.data) {
        if path != marker(places) && !kept(&path) {
            remove(&path, &mut left);
        }
    }
    for path in entries(&places.cache) {
        if !kept(&path) {
            remove(&path, &mut left);
        }
    }
    let is_log = |path: &PathBuf| path.extension() == Some(OsStr::new("log"));
    let mut files: Vec<_> = entries(&places.logs).into_iter().filter(is_log).collect();
    if logs == LogsToRemove::Earlier {
        let written = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok();
        files.sort_by_key(written);
        files.pop();
    }
    for path in files {
        remove(&path, &mut left);
    }
    let told = fs::remove_file(marker(places)).context("deleting the word that everything is to go");
    if left.is_empty() {
        return told;
    }
    let first: Vec<_> = left.iter().take(NAMED).map(String::as_str).collect();
    bail!(
        "Not everything could be deleted. What is left can be deleted by hand: {}",
        first.join("; ")
    )
}

/// Finishes at a start what the last end did not. What cannot be deleted does not keep the app from beginning.
pub(crate) async fn finish(places: &Places) -> Result<()> {
    if !removal_is_owed(places) {
        return Ok(());
    }
    let places = places.clone();
    let removed = blocking(move || remove_what_is_owed(&places, LogsToRemove::Earlier)).await?;
    if let Err(error) = removed {
        tracing::error!(
            error = format!("{error:#}"),
            "what was to be removed is still there"
        );
    }
    Ok(())
}

/// What lies among the data and stays. Logs may lie there, too, and are told by what they are.
fn stays(places: &Places) -> Vec<PathBuf> {
    let processes = cowork_supervisor::HomeLayout::new(places.private_home.clone()).registry_directory();
    vec![
        places.private_home.clone(),
        processes,
        places.sandbox_folder_root.clone(),
        places.logs.clone(),
        places.data.clone(),
        places.config.clone(),
        places.cache.clone(),
    ]
}

/// What lies in a folder; nothing where there is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Deletes a file, a link or a folder with all that is in it, and goes on where something cannot be.
fn remove(path: &Path, left: &mut Vec<String>) {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return;
    };
    if metadata.is_dir() {
        // Tools of commands make folders that nothing can be deleted in.
        open_up(path);
        for entry in entries(path) {
            remove(&entry, left);
        }
    }
    let gone = if metadata.is_dir() {
        fs::remove_dir(path)
    } else {
        fs::remove_file(path)
    };
    match gone {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            left.push(format!("{} ({error})", path.display()));
        }
        _ => {}
    }
}

#[cfg(unix)]
fn open_up(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    // What cannot be opened cannot be deleted, which is said then.
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
}

#[cfg(not(unix))]
fn open_up(_folder: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::testing::{Ring, open_as};

    /// Places with something of each kind in them.
    fn places(root: &Path) -> Places {
        let places = Places::under(root).unwrap();
        for file in [
            "data/cowork.db",
            "data/cowork.db-wal",
            "data/cowork.db.corrupt-5",
            "data/attachments/one",
            "data/box-homes/work/.cache/deep",
            "data/engine-home/data/opencode/conversation",
            "data/engine-processes/1",
            "data/sandboxes/one/work.txt",
            "data/log-settings.json",
            "cache/snippets/one",
            "config/by-hand",
            "logs/cowork.2026-01-01.log",
            "logs/cowork.2026-01-02.log",
            "logs/notes.txt",
        ] {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "something").unwrap();
        }
        places
    }

    /// All files that are there, from a root on.
    fn files(root: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for path in entries(&folder) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let path = path.strip_prefix(root).unwrap();
                    found.push(path.display().to_string().replace('\\', "/"));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn what_is_the_apps_goes_and_conversations_folders_and_what_is_the_persons_stay() {
        let root = tempfile::tempdir().unwrap();
        let places = places(root.path());
        assert!(!removal_is_owed(&places));
        write_private(&marker(&places), b"x").unwrap();
        assert!(removal_is_owed(&places));
        remove_what_is_owed(&places, LogsToRemove::All).unwrap();
        assert_eq!(
            files(root.path()),
            [
                "config/by-hand",
                "data/engine-home/data/opencode/conversation",
                "data/engine-processes/1",
                "data/sandboxes/one/work.txt",
                "logs/notes.txt",
            ]
        );
        assert!(!removal_is_owed(&places));
    }

    #[test]
    fn the_log_that_is_open_stays_where_a_start_finishes_it() {
        let root = tempfile::tempdir().unwrap();
        let places = places(root.path());
        let earlier = std::time::SystemTime::UNIX_EPOCH;
        let old = fs::File::options()
            .write(true)
            .open(root.path().join("logs/cowork.2026-01-01.log"));
        old.unwrap().set_modified(earlier).unwrap();
        write_private(&marker(&places), b"x").unwrap();
        remove_what_is_owed(&places, LogsToRemove::Earlier).unwrap();
        let logs: Vec<_> = files(&places.logs);
        assert_eq!(logs, ["cowork.2026-01-02.log", "notes.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_deleted_beyond_a_link_and_what_is_closed_is_opened() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("mine"), "mine").unwrap();
        let places = places(root.path());
        symlink(outside.path(), places.data.join("box-homes/work/link")).unwrap();
        let closed = places.data.join("box-homes/work/.cache");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
        write_private(&marker(&places), b"x").unwrap();
        remove_what_is_owed(&places, LogsToRemove::All).unwrap();
        assert!(!places.data.join("box-homes").exists());
        assert_eq!(files(outside.path()), ["mine"]);
    }

    #[tokio::test]
    async fn nothing_goes_without_consent_to_what_is_said() {
        let (_root, workspace) = open_as(&Ring::default(), |_| {}).await;
        let places = &workspace.inner.options.places;
        let asked = workspace.remove_everything(false, Consent::Missing).await;
        let Err(WorkspaceError::ConsentNeeded(said)) = asked else {
            panic!("{asked:?}");
        };
        assert!(
            said.contains("engine's conversations in") && said.contains("Keys stay"),
            "{said}"
        );
        let other = Consent::To(words(places, true));
        assert!(workspace.remove_everything(false, other).await.is_err());
        assert!(!removal_is_owed(places));
        workspace
            .remove_everything(false, Consent::To(said))
            .await
            .unwrap();
        assert!(removal_is_owed(places));
        assert!(places.database.exists(), "nothing goes while it is used");
    }

    #[tokio::test]
    async fn a_start_finishes_what_was_cut_off() {
        let (_root, workspace) = open_as(&Ring::default(), |options| {
            let places = &options.places;
            fs::create_dir_all(&places.data).unwrap();
            fs::write(places.data.join("cowork.db-left"), "of before").unwrap();
            fs::write(marker(places), "x").unwrap();
        })
        .await;
        let places = &workspace.inner.options.places;
        assert!(!removal_is_owed(places));
        assert!(!places.data.join("cowork.db-left").exists());
    }
}
