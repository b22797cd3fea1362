//! Whether what was covered when a box was made still is.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Cover, Shelter};

/// What stood at each covered place in the person's home when the box was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seal(std::collections::BTreeMap<PathBuf, Identity>);

/// Tells a file from another that took its place.
type Identity = (u64, u64);

impl Shelter {
    /// What stands at the covered places of the person's home now. A box whose seal differs from the one it was made
    /// with has a place that is not covered.
    #[must_use]
    pub fn seal(&self) -> Seal {
        let without_sockets = |_: &str| None;
        let Some(home) = &self.person_home else {
            return Seal::default();
        };
        let Ok(home) = fs::canonicalize(home) else {
            return Seal::default();
        };
        let covers = self.covers(without_sockets);
        let below = covers
            .iter()
            .map(Cover::path)
            .filter(|path| path.starts_with(&home) && self.is_within_reach(path));
        Seal(
            below
                .filter_map(|path| Some((path.to_owned(), identity(path)?)))
                .collect(),
        )
    }
}

impl Seal {
    /// A place that `now` shows to be covered no more, if there is one: it is new, or something else stands there.
    #[must_use]
    pub fn broken_at<'a>(&self, now: &'a Self) -> Option<&'a Path> {
        now.0
            .iter()
            .find(|(path, identity)| self.0.get(*path) != Some(identity))
            .map(|(path, _)| path.as_path())
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// There is no box that could be broken.
#[cfg(not(unix))]
fn identity(_path: &Path) -> Option<Identity> {
    None
}
