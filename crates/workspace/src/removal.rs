//! Removing everything the app keeps, at a person's word.
//!
//! What is open cannot be taken away from under those who use it, so the word is written down, the app ends, and what is
//! to go goes last of all; where that is cut off, the next start does it before it opens anything. It goes by the names
//! that the app gives; what else lies there, a folder of the person's say, is passed over.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use cowork_brand::Places;
use cowork_redact::log::is_log_file;

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
        self.end_all_pairings().await;
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
         drafts and what is attached to them, pairings with servers, rules of \"always allow\", connected models, what was used and answered, the \
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

/// Folders that the app makes among its data, and what of them is out of the way already.
const FOLDERS: [&str; 8] = [
    ASIDE,
    "attachments",
    "box-homes",
    "box-homes-forgotten",
    "box-trial",
    "reverted",
    "snippets",
    "toolbox",
];

/// Files that the app makes there, beside the database and what lies beside that.
const FILES: [&str; 2] = ["engine-state.json", "log-settings.json"];

/// Folders that the app makes in its cache.
const CACHED: [&str; 1] = ["snippets"];

/// Where a folder is put before it is taken apart.
const ASIDE: &str = "removed";

/// Deletes what is to go, by the names that the app gives: what else lies there is not the app's. The data has to be
/// claimed. What cannot be deleted stays, and is said once: no later start tries again, since there may be something new by
/// then.
///
/// # Errors
/// When something could not be deleted, with its places.
pub fn remove_what_is_owed(places: &Places, logs: LogsToRemove) -> Result<()> {
    let mut removal = Removal {
        aside: places.data.join(ASIDE),
        left: Vec::new(),
    };
    let database = places.database.file_name().unwrap_or_default();
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        FILES.iter().any(|file| name == *file) || cowork_store::is_own_file(database, name)
    };
    for file in removal.files(&places.data).into_iter().filter(is_ours) {
        removal.file(&file);
    }
    for name in FOLDERS {
        removal.folder(&places.data.join(name));
    }
    for name in CACHED {
        removal.folder(&places.cache.join(name));
    }
    let mut written = removal.files(&places.logs);
    written.retain(|path| path.file_name().is_some_and(is_log_file));
    if logs == LogsToRemove::Earlier {
        written.sort_by_key(|path| fs::metadata(path).and_then(|file| file.modified()).ok());
        written.pop();
    }
    for file in written {
        removal.file(&file);
    }
    // Empty by now, where there was anything.
    if let Err(error) = fs::remove_dir(&removal.aside)
        && error.kind() != io::ErrorKind::NotFound
    {
        removal.failed(&places.data.join(ASIDE), &error);
    }
    let told = fs::remove_file(marker(places)).context("deleting the word that everything is to go");
    if removal.left.is_empty() {
        return told;
    }
    let first: Vec<_> = removal.left.iter().take(NAMED).map(String::as_str).collect();
    bail!(
        "Not everything could be deleted. What is left can be deleted by hand: {}",
        first.join("; ")
    )
}

/// Finishes at a start what the last end did not. What cannot be deleted does not keep the app from beginning: what is
/// left is given, to be said.
pub(crate) async fn finish(places: &Places) -> Result<Option<String>> {
    if !removal_is_owed(places) {
        return Ok(None);
    }
    let places = places.clone();
    let removed = blocking(move || remove_what_is_owed(&places, LogsToRemove::Earlier)).await?;
    Ok(removed.err().map(|error| format!("{error:#}")))
}

/// Deleting, and what it left.
struct Removal {
    aside: PathBuf,
    left: Vec<String>,
}

impl Removal {
    fn failed(&mut self, path: &Path, error: &io::Error) {
        tracing::error!(path = %path.display(), %error, "what was to be removed is still there");
        self.left.push(format!("{} ({error})", path.display()));
    }

    /// Files and links in a folder; nothing where there is no folder.
    fn files(&mut self, folder: &Path) -> Vec<PathBuf> {
        let files = fs::read_dir(folder).and_then(|entries| {
            let mut files = Vec::new();
            for entry in entries {
                let entry = entry?;
                if !entry.file_type()?.is_dir() {
                    files.push(entry.path());
                }
            }
            Ok(files)
        });
        files.unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                self.failed(folder, &error);
            }
            Vec::new()
        })
    }

    fn file(&mut self, path: &Path) {
        if let Err(error) = fs::remove_file(path)
            && error.kind() != io::ErrorKind::NotFound
        {
            self.failed(path, &error);
        }
    }

    /// Commands may write in it while it goes, and may have made anything of it.
    fn folder(&mut self, path: &Path) {
        #[cfg(unix)]
        let gone = if path == self.aside {
            fs::remove_dir_all(path)
        } else {
            cowork_toolbox::removal::remove(path, &self.aside)
        };
        #[cfg(not(unix))]
        let gone = fs::remove_dir_all(path);
        if let Err(error) = gone
            && error.kind() != io::ErrorKind::NotFound
        {
            self.failed(path, &error);
        }
    }
}

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
            "data/my-project/work.txt",
            "data/notes.txt",
            "data/cowork.db.bak",
            "data/cowork.db.corrupt-mine",
            "cache/snippets/one",
            "cache/other/mine.txt",
            "config/by-hand",
            "logs/cowork.2026-01-01.log",
            "logs/cowork.2026-01-02.log",
            "logs/notes.txt",
            "logs/build.log",
        ] {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "something").unwrap();
        }
        places
    }

    fn entries(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
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
                "cache/other/mine.txt",
                "config/by-hand",
                "data/cowork.db.bak",
                "data/cowork.db.corrupt-mine",
                "data/engine-home/data/opencode/conversation",
                "data/engine-processes/1",
                "data/my-project/work.txt",
                "data/notes.txt",
                "data/sandboxes/one/work.txt",
                "logs/build.log",
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
        assert_eq!(logs, ["build.log", "cowork.2026-01-02.log", "notes.txt"]);
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

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_deleted_is_said() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let places = places(root.path());
        // In the place of a folder of the app's, where something else is meant to be deleted.
        symlink(root.path(), places.data.join("toolbox")).unwrap();
        write_private(&marker(&places), b"x").unwrap();
        let told = remove_what_is_owed(&places, LogsToRemove::All)
            .unwrap_err()
            .to_string();
        assert!(told.contains("toolbox"), "{told}");
        assert!(!removal_is_owed(&places) && !places.data.join("attachments").exists());
        assert!(root.path().join("config/by-hand").exists());
    }

    /// Whatever the app comes to make among its data is known to go, or to stay.
    #[tokio::test]
    async fn all_that_the_app_makes_among_its_data_goes_or_is_known_to_stay() {
        let (_root, workspace) = open_as(&Ring::default(), |_| {}).await;
        crate::providers::testing::given_up(&workspace).await;
        let places = workspace.inner.options.places.clone();
        let stays = [
            &places.private_home,
            &places.sandbox_folder_root,
            &places.logs,
            &places.config,
            &places.cache,
        ];
        let stays = |path: &PathBuf| {
            stays.contains(&path) || path.file_name().is_some_and(|name| name == "engine-processes")
        };
        let before: Vec<_> = entries(&places.data)
            .into_iter()
            .filter(|path| !stays(path))
            .collect();
        assert!(before.contains(&places.database), "{before:?}");
        write_private(&marker(&places), b"x").unwrap();
        remove_what_is_owed(&places, LogsToRemove::All).unwrap();
        let left: Vec<_> = entries(&places.data)
            .into_iter()
            .filter(|path| !stays(path))
            .collect();
        assert!(left.is_empty(), "{left:?}");
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
            fs::write(places.data.join("cowork.db.corrupt-5"), "of before").unwrap();
            fs::write(marker(places), "x").unwrap();
        })
        .await;
        let places = &workspace.inner.options.places;
        assert!(!removal_is_owed(places));
        assert!(!places.data.join("cowork.db.corrupt-5").exists());
    }
}
