//! Putting folders into the box of an engine that runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cowork_supervisor::{Containment, Running};

use super::lock;
use crate::engine::Wish;
use crate::folders::Folders;
use crate::workspace::{Inner, blocking};

/// For an engine to be taken back after a new one was wished for.
const ENDING: Duration = Duration::from_secs(5);

/// Tells a folder from another that took its place.
pub(super) type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// No box there has to be told of folders.
#[cfg(not(unix))]
fn identity(_path: &Path) -> Option<Identity> {
    None
}

/// An engine runs, with the folders in its box that it was started with.
pub(crate) async fn engine_runs(inner: &Inner, running: &Arc<Running>) {
    *lock(&inner.boxes.running) = Arc::downgrade(running);
    lock(&inner.boxes.lacking).clear();
    lock(&inner.boxes.left).clear();
    super::proof::restate(inner);
    let shelter = running.shelter();
    let folders: Vec<_> = shelter
        .folders
        .iter()
        .chain(&shelter.reachable)
        .chain(&shelter.read_only)
        .cloned()
        .collect();
    let known = blocking(move || {
        let known = folders
            .into_iter()
            .filter_map(|path| Some((path.clone(), identity(&path)?)));
        known.collect()
    });
    *lock(&inner.boxes.in_reach) = known.await.unwrap_or_default();
}

/// Makes sure that the engine's box has a folder, as it stands now. One that was made anew is another one.
///
/// Where it cannot be put into the box that stands, the engine is said to need a new start.
pub(crate) async fn bring_into_reach(inner: &Arc<Inner>, folder: &Path) {
    let Some(running) = lock(&inner.boxes.running).upgrade() else {
        // The next start takes all folders in.
        return;
    };
    if running.containment() != Containment::Box {
        return;
    }
    let path = folder.to_owned();
    let Ok(Some(now)) = blocking(move || identity(&path)).await else {
        return;
    };
    let before = lock(&inner.boxes.in_reach).get(folder).copied();
    if before == Some(now) {
        return;
    }
    if before.is_some()
        && let Err(error) = running.revoke(folder).await
    {
        // What stood there is gone, and nothing can be mounted over what is gone.
        tracing::warn!(
            error = format!("{error:#}"),
            "a folder's former self is still in the engine's box"
        );
    }
    let shelter = inner.shelter();
    let path = folder.to_owned();
    // Folders that the app makes lie in its own data, which is covered around them.
    let made_by_us = folder.starts_with(&inner.options.places.sandbox_folder_root);
    let is_plain = made_by_us || blocking(move || shelter.is_plain(&path)).await.unwrap_or(false);
    let granted = if is_plain {
        running.grant(folder, inner.is_writable(folder)).await
    } else {
        Err(anyhow::anyhow!(
            "something in it, or around it, has to stay covered"
        ))
    };
    match granted {
        Ok(()) => {
            lock(&inner.boxes.in_reach).insert(folder.to_owned(), now);
            // It is open again, and need not be taken out any more.
            lock(&inner.boxes.left).remove(folder);
        }
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "a folder is not in the engine's box yet"
            );
            lock(&inner.boxes.lacking).insert(folder.to_owned());
            start_anew(inner).await;
        }
    }
}

impl Inner {
    /// Whether anything granted a folder to be changed.
    pub(crate) fn is_writable(&self, folder: &Path) -> bool {
        let folders = self.state().folders.snapshot();
        folders.iter().any(|granted| {
            let grants = &granted.settings.granted;
            granted.path == folder || grants.iter().any(|grant| grant.path == folder && grant.writable)
        })
    }
}

impl Folders {
    /// What can be changed in the engine's box: folders that are open, those that were opened to them, and what a consent
    /// opened of the home.
    pub(crate) fn in_engines_box(&self) -> Vec<PathBuf> {
        let granted = self.snapshot().into_iter().flat_map(|granted| {
            let grants = granted.settings.granted.into_iter().map(|grant| grant.path);
            std::iter::once(granted.path).chain(grants)
        });
        granted.chain(self.opened.iter().cloned()).collect()
    }
}

/// Takes a folder that was forgotten out of the box of the engine that runs.
pub(crate) async fn take_out_of_reach(inner: &Inner, folder: &Path) {
    let running = lock(&inner.boxes.running).upgrade();
    let had = lock(&inner.boxes.in_reach).remove(folder).is_some();
    if let Some(running) = running.filter(|running| had && running.containment() == Containment::Box)
        && let Err(error) = running.revoke(folder).await
    {
        tracing::warn!(
            error = format!("{error:#}"),
            "a forgotten folder stays in the engine's box until its next start"
        );
        // The engine's own tools still reach it.
        lock(&inner.boxes.left).insert(folder.to_owned());
        inner.tell_whether_restart_is_needed();
    }
}

/// Starts the engine anew when nothing runs that would be cut off; otherwise the window says that it has to be.
async fn start_anew(inner: &Arc<Inner>) {
    let is_quiet = inner.state().running().is_empty();
    if !is_quiet {
        inner.tell_whether_restart_is_needed();
        return;
    }
    let mut engine = inner.engine.subscribe();
    if inner.wishes.send(Wish::Start).await.is_err() {
        return;
    }
    // Whoever asks for the engine next must not be given the one that is ending.
    let ended = engine.wait_for(Option::is_none);
    if tokio::time::timeout(ENDING, ended).await.is_err() {
        tracing::warn!("the engine that a folder is missing in did not end in time");
    }
}

#[cfg(test)]
mod tests {
    use cowork_engine::{PermissionAsk, PermissionKind};

    use super::*;
    use crate::view::FolderKind;

    #[test]
    fn a_change_that_a_consent_allows_is_not_refused() {
        let mut folders = Folders::default();
        folders.grant("/home/ada/work".into(), FolderKind::Project);
        let refused = |folders: &Folders, path: &str| {
            let ask = PermissionAsk {
                id: "per_1".into(),
                session: "ses_1".into(),
                kind: PermissionKind::Edit,
                patterns: Vec::new(),
                always: Vec::new(),
                command: None,
                path: Some(path.to_owned()),
                leads_to: None,
                diff: None,
                call: None,
            };
            let open = folders.in_engines_box();
            let open = open.iter().map(PathBuf::as_path);
            cowork_policy::refused_change(&ask, Path::new("/home/ada/work"), open).is_some()
        };
        assert!(refused(&folders, "/home/ada/.ssh/config"));
        folders.opened = vec!["/home/ada/.ssh".into()];
        assert!(!refused(&folders, "/home/ada/.ssh/config"));
        assert!(refused(&folders, "/home/ada/.npmrc"));
    }
}
