//! Which program is meant by a name, now that the wrapper stands under the names of some.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::Refusal;
use crate::wanted::Real;
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

/// The program of this name.
pub(crate) fn real(name: &str) -> Result<Real, Refusal> {
    let kept = |place: PathBuf| {
        let here = of_engine(&place);
        here.is_file().then_some(Real { here, in_box: place })
    };
    // The wrapper is called in the very place of a program, or by a name alone.
    let own = fs::read_link("/proc/self/exe").ok().and_then(kept);
    if let Some(real) = own.or_else(|| places(name).into_iter().find_map(kept)) {
        return Ok(real);
    }
    let found = system(name).ok_or_else(|| Refusal::missing_program(name))?;
    Ok(Real {
        here: found.clone(),
        in_box: found,
    })
}

/// Where the engine's outer box keeps the program that belongs to a place.
fn of_engine(place: &Path) -> PathBuf {
    Path::new(REAL_PROGRAMS).join(place.strip_prefix("/").unwrap_or(place))
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
    let mut moved = Vec::new();
    let mut left = vec![PathBuf::from(REAL_PROGRAMS)];
    while let Some(directory) = left.pop() {
        // There is none outside of an engine's box.
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                left.push(path);
            } else if let Ok(relative) = path.strip_prefix(REAL_PROGRAMS) {
                moved.push((path.clone(), Path::new("/").join(relative)));
            }
        }
    }
    moved.sort();
    moved
}

/// Where programs of this name are, links resolved, the one that is found first before the others.
pub(crate) fn places(name: &str) -> Vec<PathBuf> {
    let mut places = Vec::new();
    for directory in SYSTEM {
        if let Ok(place) = fs::canonicalize(Path::new(directory).join(name))
            && !places.contains(&place)
        {
            places.push(place);
        }
    }
    places
}
