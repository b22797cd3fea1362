//! Files of a folder, reached from it one name after the other. No link is followed on the way, and what is no plain file
//! is neither read nor waited for; a file is written beside and renamed, so that it is the old one or the new one, whole.

use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// What is at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing.
    Nothing,
    /// A file that may be read.
    File(Content),
    /// A file that is larger than what was asked for.
    Large(u64),
    /// A link, a folder, a pipe.
    Other,
}

/// A file's bytes, and the rights on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) bytes: Vec<u8>,
    pub(crate) mode: u32,
}

impl Content {
    /// The text, when it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        (!text.contains('\0')).then_some(text)
    }
}

/// Stands for what is at a place.
pub(crate) fn stamp(found: &Found) -> String {
    let mut hash = Sha256::new();
    match found {
        Found::Nothing => hash.update(b"nothing"),
        Found::File(content) => {
            hash.update(b"file");
            hash.update(content.mode.to_le_bytes());
            hash.update(&content.bytes);
        }
        Found::Large(bytes) => {
            hash.update(b"large");
            hash.update(bytes.to_le_bytes());
        }
        Found::Other => hash.update(b"other"),
    }
    let digest = hash.finalize();
    hex::encode(&digest[..16])
}

/// A path below a folder: names alone, none of them git's own.
pub(crate) fn below(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let plain = path.components().all(|part| match part {
        Component::Normal(name) => !name.eq_ignore_ascii_case(".git"),
        _ => false,
    });
    (plain && path.file_name().is_some()).then(|| path.to_owned())
}

/// Reads what is at `path` below `root`, of a file up to `most` bytes.
pub(crate) fn read(root: &Path, path: &Path, most: u64) -> io::Result<Found> {
    let opened = match system::open(root, path) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) if system::is_no_file(&error) => return Ok(Found::Other),
        Err(error) => return Err(error),
    };
    let metadata = opened.metadata()?;
    if !metadata.is_file() {
        return Ok(Found::Other);
    }
    if metadata.len() > most {
        return Ok(Found::Large(metadata.len()));
    }
    let mut bytes = Vec::new();
    opened.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Ok(Found::Large(metadata.len().max(bytes.len() as u64)));
    }
    Ok(Found::File(Content {
        bytes,
        mode: system::mode(&metadata),
    }))
}

/// Puts a file in the place of what is there, which `expected` stands for; folders on the way are made.
///
/// # Errors
/// When something else is there by now, or it cannot be written.
pub(crate) fn write(root: &Path, path: &Path, content: &Content, expected: &str) -> io::Result<()> {
    system::write(root, path, content, || is(root, path, expected))
}

/// Takes a file away, which `expected` stands for.
///
/// # Errors
/// When something else is there by now, or it cannot be removed.
pub(crate) fn remove(root: &Path, path: &Path, expected: &str) -> io::Result<()> {
    is(root, path, expected)?;
    system::remove(root, path)
}

/// Whether what is at a place is still what was seen there.
fn is(root: &Path, path: &Path, expected: &str) -> io::Result<()> {
    let found = read(root, path, super::MOST_KEPT)?;
    if stamp(&found) == expected {
        return Ok(());
    }
    Err(io::Error::other(CHANGED))
}

/// Said where a file is another one by now.
pub(crate) const CHANGED: &str = "it changed meanwhile";

#[cfg(unix)]
mod system {
    use std::ffi::OsStr;
    use std::fs::{File, Metadata};
    use std::io::{self, Write as _};
    use std::os::fd::OwnedFd;
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;

    use rustix::fs::{AtFlags, Mode, OFlags};

    use super::Content;

    const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

    /// The folder a file lies in, and its name.
    fn parent<'a>(root: &Path, path: &'a Path, make: bool) -> io::Result<(OwnedFd, &'a OsStr)> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut current = rustix::fs::open(root, FOLDER, Mode::empty())?;
        for step in path.parent().into_iter().flat_map(Path::iter) {
            let open = || rustix::fs::openat(&current, step, FOLDER | OFlags::NOFOLLOW, Mode::empty());
            let next = match open() {
                Err(rustix::io::Errno::NOENT) if make => {
                    match rustix::fs::mkdirat(&current, step, Mode::from_raw_mode(0o777)) {
                        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
                        Err(error) => return Err(error.into()),
                    }
                    open()?
                }
                opened => opened?,
            };
            current = next;
        }
        Ok((current, name))
    }

    pub(super) fn open(root: &Path, path: &Path) -> io::Result<File> {
        let (folder, name) = parent(root, path, false)?;
        // Opening a pipe that nobody writes to would wait for ever, but for `NONBLOCK`, which a plain file does not heed.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&folder, name, flags, Mode::empty())?.into())
    }

    /// A link where none is followed, a file where a folder is looked for, a socket.
    pub(super) fn is_no_file(error: &io::Error) -> bool {
        use rustix::io::Errno;
        let number = error.raw_os_error();
        [Errno::LOOP, Errno::NOTDIR, Errno::NXIO]
            .iter()
            .any(|known| number == Some(known.raw_os_error()))
    }

    pub(super) fn mode(metadata: &Metadata) -> u32 {
        metadata.mode() & 0o7777
    }

    pub(super) fn write(
        root: &Path,
        path: &Path,
        content: &Content,
        check: impl Fn() -> io::Result<()>,
    ) -> io::Result<()> {
        check()?;
        let (folder, name) = parent(root, path, true)?;
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let beside = format!(".{:016x}.part", u64::from_le_bytes(random));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&folder, &beside, flags, Mode::from_raw_mode(0o600))?;
        let written = (|| {
            let mut file = File::from(file);
            file.write_all(&content.bytes)?;
            // Neither another's rights nor a set-id bit come back.
            rustix::fs::fchmod(&file, Mode::from_raw_mode(content.mode & 0o777))?;
            file.sync_all()?;
            // Once more, just before: what was written into it meanwhile would be lost.
            check()?;
            rustix::fs::renameat(&folder, &beside, &folder, name)?;
            Ok(())
        })();
        if written.is_err() {
            // It is nobody's; where even that fails it is left beside, under a name that says what it is.
            rustix::fs::unlinkat(&folder, &beside, AtFlags::empty()).ok();
        }
        written
    }

    pub(super) fn remove(root: &Path, path: &Path) -> io::Result<()> {
        let (folder, name) = parent(root, path, false)?;
        Ok(rustix::fs::unlinkat(&folder, name, AtFlags::empty())?)
    }
}

/// Elsewhere a link takes rights to make that commands do not have, and pipes are no files.
#[cfg(not(unix))]
mod system {
    use std::fs::{self, File, Metadata};
    use std::io::{self, Write as _};
    use std::path::{Path, PathBuf};

    use super::Content;

    fn plain(root: &Path, path: &Path) -> io::Result<PathBuf> {
        let mut current = root.to_owned();
        for step in path.iter() {
            current.push(step);
            match fs::symlink_metadata(&current) {
                Ok(found) if found.is_symlink() => return Err(io::ErrorKind::InvalidInput.into()),
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(current)
    }

    pub(super) fn open(root: &Path, path: &Path) -> io::Result<File> {
        let path = plain(root, path)?;
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        File::open(path)
    }

    pub(super) fn is_no_file(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::InvalidInput
    }

    pub(super) fn mode(_: &Metadata) -> u32 {
        0o644
    }

    pub(super) fn write(
        root: &Path,
        path: &Path,
        content: &Content,
        check: impl Fn() -> io::Result<()>,
    ) -> io::Result<()> {
        check()?;
        let path = plain(root, path)?;
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&content.bytes)?;
        check()?;
        file.persist(path)?;
        Ok(())
    }

    pub(super) fn remove(root: &Path, path: &Path) -> io::Result<()> {
        fs::remove_file(plain(root, path)?)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn file(text: &str) -> Content {
        Content {
            bytes: text.as_bytes().to_vec(),
            mode: 0o640,
        }
    }

    #[test]
    fn only_plain_names_below_the_folder_are_paths() {
        for good in ["a", "a/b.txt", "a/.github/x", ".gitignore"] {
            assert!(below(good).is_some(), "{good}");
        }
        for bad in ["", "/a", "../a", "a/../../b", ".git/config", "a/.GIT/hooks/x"] {
            assert!(below(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_file_is_written_whole_where_it_is_still_what_was_seen() {
        let root = tempfile::tempdir().unwrap();
        let path = Path::new("a/b");
        let none = stamp(&Found::Nothing);
        write(root.path(), path, &file("one"), &none).unwrap();
        assert!(write(root.path(), path, &file("two"), &none).is_err());
        let found = read(root.path(), path, 100).unwrap();
        assert_eq!(found, Found::File(file("one")));
        write(root.path(), path, &file("two"), &stamp(&found)).unwrap();
        assert!(remove(root.path(), path, &stamp(&found)).is_err());
        let found = read(root.path(), path, 100).unwrap();
        remove(root.path(), path, &stamp(&found)).unwrap();
        assert_eq!(read(root.path(), path, 100).unwrap(), Found::Nothing);
        let left = std::fs::read_dir(root.path().join("a")).unwrap().count();
        assert_eq!(left, 0, "nothing is left beside");
    }

    #[test]
    fn no_link_is_followed_and_no_pipe_waited_for() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "secret").unwrap();
        symlink(outside.path(), root.path().join("way")).unwrap();
        symlink(outside.path().join("secret"), root.path().join("link")).unwrap();
        for path in ["way/secret", "link"] {
            assert_eq!(
                read(root.path(), Path::new(path), 100).unwrap(),
                Found::Other,
                "{path}"
            );
        }
        let other = stamp(&Found::Other);
        assert!(write(root.path(), Path::new("way/secret"), &file("x"), &other).is_err());
        // The link itself is replaced, and what it leads to is not touched.
        write(root.path(), Path::new("link"), &file("x"), &other).unwrap();
        assert_eq!(
            std::fs::read_to_string(outside.path().join("secret")).unwrap(),
            "secret"
        );
        let made = std::process::Command::new("mkfifo")
            .arg(root.path().join("pipe"))
            .status()
            .unwrap();
        assert!(made.success());
        assert_eq!(read(root.path(), Path::new("pipe"), 100).unwrap(), Found::Other);
        assert_eq!(read(root.path(), Path::new("way"), 100).unwrap(), Found::Other);
        std::fs::write(root.path().join("large"), "12345").unwrap();
        assert_eq!(read(root.path(), Path::new("large"), 4).unwrap(), Found::Large(5));
    }
}
