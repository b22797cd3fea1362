//! Where a path that an ask is about really leads.
//!
//! The engine compares paths as they are spelled. A link that a command planted in the folder makes a file elsewhere look
//! like one of the folder's.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cowork_engine::{EngineEvent, Envelope, PermissionAsk, PermissionKind};

use crate::workspace::blocking;

/// A drive that does not answer must not hold up everything else that the engine says.
const PATIENCE: Duration = Duration::from_secs(1);

/// Fills in where the asks among some events lead.
pub(crate) async fn resolve_events(events: &mut [Envelope]) {
    for envelope in events {
        if let EngineEvent::PermissionAsked(ask) = &mut envelope.event {
            let folder = envelope.folder.clone().unwrap_or_default();
            resolve(ask, &folder).await;
        }
    }
}

/// Fills in where asks of a folder lead.
pub(crate) async fn resolve_asks(asks: &mut [PermissionAsk], folder: &Path) {
    for ask in asks {
        resolve(ask, folder).await;
    }
}

async fn resolve(ask: &mut PermissionAsk, folder: &Path) {
    let Some(path) = subject(ask) else { return };
    let (spelled, folder) = (folder.join(path), folder.to_owned());
    let looked = tokio::time::timeout(PATIENCE, blocking(move || leads_out(&spelled, &folder))).await;
    ask.leads_to = match looked {
        Ok(Ok(out)) => out.map(|path| path.display().to_string()),
        // Nobody knows where it leads; nothing is let through unseen then.
        _ => Some("an unknown place: the drive does not answer".to_owned()),
    };
}

/// The file or folder that an ask is about, as the engine spells it.
fn subject(ask: &PermissionAsk) -> Option<&str> {
    match ask.kind {
        PermissionKind::Edit | PermissionKind::Read => {
            ask.path.as_deref().or(ask.patterns.first().map(String::as_str))
        }
        PermissionKind::ExternalFolder => ask.path.as_deref().or_else(|| {
            ask.patterns
                .first()
                .map(|pattern| pattern.trim_end_matches(['*', '/']))
        }),
        _ => None,
    }
}

/// Where a path leads when that is not where it is spelled, or not in the folder.
fn leads_out(spelled: &Path, folder: &Path) -> Option<PathBuf> {
    let real = real(spelled);
    let folder = real_or_same(folder);
    (!real.starts_with(&folder) && real != *spelled).then_some(real)
}

fn real_or_same(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// With links resolved as far as it is there: a file that is to be made has a folder that is.
fn real(path: &Path) -> PathBuf {
    let mut rest = PathBuf::new();
    let mut at = path;
    loop {
        if let Ok(real) = at.canonicalize() {
            return if rest.as_os_str().is_empty() {
                real
            } else {
                real.join(rest)
            };
        }
        // A link to what is not there yet: what is written goes there.
        if let Ok(target) = std::fs::read_link(at) {
            let target = at.parent().unwrap_or(at).join(target);
            let target =
                real_or_same(target.parent().unwrap_or(&target)).join(target.file_name().unwrap_or_default());
            return if rest.as_os_str().is_empty() {
                target
            } else {
                target.join(rest)
            };
        }
        let (Some(parent), Some(name)) = (at.parent(), at.file_name()) else {
            return path.to_owned();
        };
        rest = if rest.as_os_str().is_empty() {
            PathBuf::from(name)
        } else {
            Path::new(name).join(rest)
        };
        at = parent;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_out_of_the_folder_is_seen_through_and_one_within_it_is_not_minded() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let (folder, other) = (root.join("folder"), root.join("other"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::create_dir(&other).unwrap();
        std::fs::write(other.join("secret"), "").unwrap();
        std::fs::write(folder.join("plain"), "").unwrap();
        symlink(&other, folder.join("link")).unwrap();
        symlink(other.join("new"), folder.join("dangling")).unwrap();
        symlink(folder.join("plain"), folder.join("inner")).unwrap();
        let out = |path: &str| leads_out(&folder.join(path), &folder);
        assert_eq!(out("link/secret"), Some(other.join("secret")));
        assert_eq!(out("link/made/below"), Some(other.join("made/below")));
        assert_eq!(out("dangling"), Some(other.join("new")));
        assert_eq!(out("plain"), None);
        assert_eq!(out("inner"), None);
        assert_eq!(out("new/deep/file"), None);
        assert_eq!(
            leads_out(&other.join("secret"), &folder),
            None,
            "it is spelled as what it is"
        );
    }
}
