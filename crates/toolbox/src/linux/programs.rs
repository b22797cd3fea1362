//! Which program is meant by a name, now that the wrapper stands under the names of some.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::Refusal;
use crate::yard::REAL_PROGRAMS;

/// Where programs of the system are. Not the engine's search path: that begins with the wrapper, and what else is on it
/// a command may have written.
const SYSTEM: &[&str] = &[
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
    "/usr/sbin",
    "/sbin",
    "/run/current-system/sw/bin",
    "/nix/var/nix/profiles/default/bin",
    "/opt/homebrew/bin",
];

/// A program that the wrapper stands in front of.
#[derive(Clone, Debug)]
pub(crate) struct Real {
    /// Where it is now.
    pub(crate) here: PathBuf,
    /// Where it is in a box, which has everything in its place again.
    pub(crate) in_box: PathBuf,
}

/// The program of this name.
pub(crate) fn real(name: &str) -> Result<Real, Refusal> {
    let kept = Path::new(REAL_PROGRAMS).join(name);
    if kept.exists()
        && let Some(place) = places(name).next()
    {
        return Ok(Real {
            here: kept,
            in_box: place,
        });
    }
    let found = system(name).ok_or_else(|| Refusal::missing_program(name))?;
    Ok(Real {
        here: found.clone(),
        in_box: found,
    })
}

/// A program of the system that is not the wrapper.
pub(crate) fn system(name: &str) -> Option<PathBuf> {
    let identity = |path: &Path| {
        let metadata = fs::metadata(path).ok()?;
        metadata
            .is_file()
            .then_some((metadata.dev(), metadata.ino(), metadata.mode()))
    };
    let own = identity(Path::new("/proc/self/exe"));
    SYSTEM
        .iter()
        .map(|directory| Path::new(directory).join(name))
        .find(|path| identity(path).is_some_and(|found| found.2 & 0o111 != 0 && Some(found) != own))
}

/// What the engine's outer box moved away, and the places it belongs to.
pub(crate) fn moved() -> Vec<(PathBuf, PathBuf)> {
    let entries = fs::read_dir(REAL_PROGRAMS).into_iter().flatten().flatten();
    let mut moved = Vec::new();
    for entry in entries {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        moved.extend(places(name).map(|place| (entry.path(), place)));
    }
    moved.sort();
    moved.dedup();
    moved
}

/// Where a program of this name belongs, links resolved.
fn places(name: &str) -> impl Iterator<Item = PathBuf> {
    SYSTEM[..3]
        .iter()
        .filter_map(move |directory| fs::canonicalize(Path::new(directory).join(name)).ok())
}
