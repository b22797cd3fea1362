//! Files and folders reached one name after the other. No link is followed on the way and no pipe waited for, so that what
//! is read is what was looked at before, whatever a program puts in its place meanwhile.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path};

/// An entry of a folder.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) is_folder: bool,
}

/// Opens what is at a path of plain names below `root`; `root` itself is followed wherever it leads.
pub(crate) fn open(root: &Path, path: &Path) -> io::Result<File> {
    system::open(root, path)
}

/// Opens what a canonical path names.
pub(crate) fn open_canonical(path: &Path) -> io::Result<File> {
    let root = path.ancestors().last().ok_or(io::ErrorKind::InvalidInput)?;
    let below = path.strip_prefix(root).map_err(io::Error::other)?;
    system::open(root, below)
}

/// The bytes of a plain file; an error where it is none or has more than `most`.
pub(crate) fn read(root: &Path, path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(root, path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    // It may grow while it is read.
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(bytes)
}

/// The plain files and folders of a folder, of its first `most` entries.
pub(crate) fn entries(root: &Path, path: &Path, most: usize) -> io::Result<Vec<Entry>> {
    let mut found = system::entries(root, path, most)?;
    found.sort();
    Ok(found)
}

/// Whether a path is made of names alone.
fn is_plain(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};

    use super::{Entry, is_plain};

    /// Folders on the way are passed and not read: many may be passed alone.
    #[cfg(target_os = "linux")]
    const WAY: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
    #[cfg(not(target_os = "linux"))]
    const WAY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

    fn step_by_step(root: &Path, path: &Path, last: OFlags) -> io::Result<OwnedFd> {
        if !is_plain(path) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut current = rustix::fs::open(root, WAY, Mode::empty())?;
        let mut steps = path.iter().peekable();
        if steps.peek().is_none() {
            return Ok(rustix::fs::open(root, last, Mode::empty())?);
        }
        while let Some(step) = steps.next() {
            let flags = if steps.peek().is_some() { WAY } else { last };
            current = rustix::fs::openat(&current, step, flags | OFlags::NOFOLLOW, Mode::empty())?;
        }
        Ok(current)
    }

    pub(super) fn open(root: &Path, path: &Path) -> io::Result<File> {
        // Opening a pipe that nobody writes to would wait for ever, but for `NONBLOCK`, which a plain file does not heed.
        let last = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        Ok(step_by_step(root, path, last)?.into())
    }

    pub(super) fn entries(root: &Path, path: &Path, most: usize) -> io::Result<Vec<Entry>> {
        let last = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = step_by_step(root, path, last)?;
        let mut found = Vec::new();
        // Two more: those for the folder itself and the one above.
        for entry in Dir::read_from(&folder)?.take(most + 2) {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else {
                continue;
            };
            if matches!(name, "." | "..") {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => {
                    let Ok(found) = rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) else {
                        continue;
                    };
                    FileType::from_raw_mode(found.st_mode)
                }
                known => known,
            };
            if matches!(kind, FileType::RegularFile | FileType::Directory) {
                found.push(Entry {
                    name: name.to_owned(),
                    is_folder: kind == FileType::Directory,
                });
            }
        }
        Ok(found)
    }
}

/// Elsewhere a link takes rights to make that commands do not have, and pipes are no files.
#[cfg(not(unix))]
mod system {
    use std::fs::{self, File};
    use std::io;
    use std::path::{Path, PathBuf};

    use super::{Entry, is_plain};

    fn step_by_step(root: &Path, path: &Path) -> io::Result<PathBuf> {
        if !is_plain(path) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut current = root.to_owned();
        for step in path.iter() {
            current.push(step);
            if fs::symlink_metadata(&current)?.is_symlink() {
                return Err(io::ErrorKind::InvalidInput.into());
            }
        }
        Ok(current)
    }

    pub(super) fn open(root: &Path, path: &Path) -> io::Result<File> {
        File::open(step_by_step(root, path)?)
    }

    pub(super) fn entries(root: &Path, path: &Path, most: usize) -> io::Result<Vec<Entry>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(step_by_step(root, path)?)?.take(most) {
            let entry = entry?;
            let (Ok(name), kind) = (entry.file_name().into_string(), entry.file_type()?) else {
                continue;
            };
            if kind.is_file() || kind.is_dir() {
                let is_folder = kind.is_dir();
                found.push(Entry { name, is_folder });
            }
        }
        Ok(found)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn no_link_is_followed_no_pipe_waited_for_and_no_more_read_than_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("real")).unwrap();
        std::fs::write(root.join("real/file"), "words").unwrap();
        symlink("real", root.join("way")).unwrap();
        symlink("real/file", root.join("link")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(root.join("pipe"))
            .status();
        assert!(made.unwrap().success());
        assert_eq!(read(&root, Path::new("real/file"), 5).unwrap(), b"words");
        for path in ["way/file", "link", "pipe", "real", "real/../real/file", "gone"] {
            assert!(read(&root, Path::new(path), 5).is_err(), "{path}");
        }
        assert!(read(&root, Path::new("real/file"), 4).is_err());
        assert!(
            open_canonical(&root.join("real/file"))
                .unwrap()
                .metadata()
                .unwrap()
                .is_file()
        );
        assert!(open_canonical(&root.join("way/file")).is_err());
        let found = entries(&root, Path::new(""), 10).unwrap();
        let names: Vec<_> = found.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["real"]);
        assert!(entries(&root, Path::new("way"), 10).is_err());
        assert_eq!(entries(&root, Path::new("real"), 10).unwrap().len(), 1);
    }
}
