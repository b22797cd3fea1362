//! Files that must stand in the private home before the engine starts.

use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use crate::home::{Seat, make_private_directory};
use crate::plan::SeedFile;

/// Writes the seeds into the home of `seat`: directories 0700, files 0600, each file whole or not at all.
///
/// # Errors
/// The path that could not be seeded, and why.
pub(crate) fn plant(
    seat: &Seat,
    directories: &[PathBuf],
    files: &[SeedFile],
) -> Result<(), (PathBuf, io::Error)> {
    let root = seat.layout().root();
    for directory in directories {
        make_way(root, directory).map_err(|error| (directory.clone(), error))?;
    }
    for SeedFile { path, contents } in files {
        let written = make_way(root, path.parent().unwrap_or(Path::new("")))
            .and_then(|()| write_atomically(&root.join(path), contents));
        written.map_err(|error| (path.clone(), error))?;
    }
    Ok(())
}

/// Puts each link in its place below `root`, or takes away one that stands there. Anything else that stands there is
/// the engine's own and stays.
///
/// # Errors
/// The path that could not be linked, and why.
pub(crate) fn link(root: &Path, links: &[(PathBuf, Option<PathBuf>)]) -> Result<(), (PathBuf, io::Error)> {
    for (place, target) in links {
        relink(root, place, target.as_deref()).map_err(|error| (place.clone(), error))?;
    }
    Ok(())
}

fn relink(root: &Path, place: &Path, target: Option<&Path>) -> io::Result<()> {
    let path = root.join(place);
    match std::fs::symlink_metadata(&path) {
        Ok(found) if found.is_symlink() => std::fs::remove_file(&path)?,
        Ok(_) => return Ok(()),
        Err(_) => {}
    }
    let Some(target) = target else { return Ok(()) };
    make_way(root, place.parent().unwrap_or(Path::new("")))?;
    #[cfg(unix)]
    return std::os::unix::fs::symlink(target, &path);
    #[cfg(windows)]
    return if target.is_dir() {
        std::os::windows::fs::symlink_dir(target, &path)
    } else {
        std::os::windows::fs::symlink_file(target, &path)
    };
}

/// Makes each directory on the way from `root` down `relative`, which must stay below `root`.
fn make_way(root: &Path, relative: &Path) -> io::Result<()> {
    let mut directory = root.to_owned();
    for component in relative.components() {
        let Component::Normal(name) = component else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the path leaves the private home",
            ));
        };
        directory.push(name);
        make_private_directory(&directory)?;
    }
    Ok(())
}

/// Writes beside and renames, mode 0600: a reader sees the old file or the new one, and a symbolic link that stands
/// in the place is replaced, not followed.
pub(crate) fn write_atomically(path: &Path, contents: &[u8]) -> io::Result<()> {
    let directory = path
        .parent()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut beside = tempfile::NamedTempFile::new_in(directory)?;
    beside.write_all(contents)?;
    beside.persist(path).map(drop).map_err(|error| error.error)
}
