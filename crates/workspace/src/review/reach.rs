//! What of a folder may be looked at and put back.

use std::path::{Path, PathBuf};

use super::place;
use crate::error::{Result, WorkspaceError};
use crate::workspace::Inner;

/// The reach of a folder's threads as it is at one moment. To find it out reads directories of the person's home, so that
/// who looks at many files does it once.
pub(crate) struct Reach {
    folder: PathBuf,
    covered: Vec<PathBuf>,
}

impl Reach {
    /// What can be reached of a folder now. It reads directories.
    pub(crate) fn of(inner: &Inner, folder: &Path) -> Self {
        let throw_away = &inner.options.places.sandbox_folder_root;
        // Where there is none no folder lies in it.
        let throw_away = std::fs::canonicalize(throw_away).unwrap_or_else(|_| throw_away.clone());
        Self::without(folder, inner.shelter().covered_paths(), &throw_away)
    }

    /// Threads' own folders lie in `throw_away`, among what is covered because it is the app's.
    fn without(folder: &Path, mut covered: Vec<PathBuf>, throw_away: &Path) -> Self {
        let is_own = folder != throw_away && folder.starts_with(throw_away);
        // What lies elsewhere covers none of its files.
        covered.retain(|cover| {
            cover.starts_with(folder)
                || (folder.starts_with(cover) && !(is_own && throw_away.starts_with(cover)))
        });
        Self {
            folder: folder.to_owned(),
            covered,
        }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path of the folder that is neither outside of it, nor git's own, nor covered.
    pub(crate) fn within(&self, path: &str) -> Result<PathBuf> {
        let within = place::below(path).ok_or_else(|| {
            WorkspaceError::NotAllowed(
                "Only files of the folder itself can be looked at and put back here.".to_owned(),
            )
        })?;
        let whole = self.folder.join(&within);
        if self.covered.iter().any(|covered| whole.starts_with(covered)) {
            return Err(WorkspaceError::NotAllowed(
                "This file is kept out of reach of threads, because it opens other doors.".to_owned(),
            ));
        }
        Ok(within)
    }

    /// A file of the folder as it is, up to so many bytes.
    pub(crate) fn read(&self, path: &str, most: u64) -> Result<place::Found> {
        place::read(&self.folder, &self.within(path)?, most)
            .map_err(|error| WorkspaceError::NotAllowed(format!("The file cannot be read: {error}.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_covered_outside_and_git_s_own_is_out_of_reach() {
        let covered = ["/home/ada/.ssh", "/home/ada/work/keys", "/srv"].map(PathBuf::from);
        let away = Path::new("/srv/app/sandboxes");
        let reach = Reach::without(Path::new("/home/ada/work"), covered.to_vec(), away);
        assert_eq!(reach.covered.len(), 1, "no other can be met");
        assert_eq!(reach.within("src/a.rs").unwrap(), Path::new("src/a.rs"));
        for path in ["keys", "keys/a", "../.ssh/id", "/etc/passwd", ".git/config", ""] {
            assert!(reach.within(path).is_err(), "{path}");
        }
        let inside = Reach::without(Path::new("/srv/work"), covered.to_vec(), away);
        assert!(inside.within("a").is_err(), "a folder in what is covered");
        let own = Reach::without(&away.join("one"), covered.to_vec(), away);
        assert!(
            own.within("a").is_ok(),
            "a thread's own folder among the app's data"
        );
        let all = Reach::without(away, covered.to_vec(), away);
        assert!(all.within("one/a").is_err(), "and not all of them at once");
    }
}
