//! Taking away what commands wrote, whatever they made of it.
//!
//! A directory without rights for its owner keeps its files (the caches of Go are made that way), links lead elsewhere, and
//! what still runs may write meanwhile. So what goes is first renamed out of the way, and then taken apart without
//! following anything.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags};
use rustix::io::Errno;

/// Files and directories that are taken away at once: more than ten large caches of packages have. What is left then, and
/// what is written faster than it is taken away, goes at the next time.
const MOST: usize = 20_000_000;

const FLAGS: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Takes `directory` away: at once from its place, into `aside`, and then with all that is in it, and in `aside` from before.
/// `aside` has to be on the same file system, and in no command's reach.
///
/// # Errors
/// When it cannot be taken from its place, or something of it cannot be removed.
pub fn remove(directory: &Path, aside: &Path) -> io::Result<()> {
    crate::yard::private_directory(aside)?;
    let aside = rustix::fs::open(aside, FLAGS, Mode::empty())?;
    let mut names = Names::new()?;
    // Who may not write to a directory may not move it either.
    match enter(CWD, directory.as_os_str()) {
        Ok(_) => rustix::fs::renameat(CWD, directory, &aside, names.next())?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    empty(&aside, &mut names)
}

/// Names that nothing has.
struct Names(u64, usize);

impl Names {
    fn new() -> io::Result<Self> {
        let random = getrandom::u64().map_err(io::Error::other)?;
        Ok(Self(random, 0))
    }

    fn next(&mut self) -> OsString {
        self.1 += 1;
        format!("{:016x}-{}", self.0, self.1).into()
    }
}

/// Deep directories are moved up instead of followed down: neither paths nor open files grow with what a command made.
fn empty(aside: &OwnedFd, names: &mut Names) -> io::Result<()> {
    let mut left = entries(aside)?;
    let mut seen = 0;
    while let Some(name) = left.pop() {
        if is_unlinked(aside, &name)? {
            continue;
        }
        let directory = enter(aside, &name)?;
        for entry in entries(&directory)? {
            seen += 1;
            if seen > MOST {
                return Err(io::Error::other("there is more than is taken away at once"));
            }
            if is_unlinked(&directory, &entry)?
                || rustix::fs::unlinkat(&directory, &*entry, AtFlags::REMOVEDIR).is_ok()
            {
                continue;
            }
            enter(&directory, &entry)?;
            let above = names.next();
            rustix::fs::renameat(&directory, &*entry, aside, &*above)?;
            left.push(above);
        }
        match rustix::fs::unlinkat(aside, &*name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => {}
            // Somebody wrote there meanwhile.
            Err(Errno::NOTEMPTY | Errno::EXIST) => left.push(name),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Whether it was no directory, and is gone.
fn is_unlinked(directory: &OwnedFd, name: &OsStr) -> io::Result<bool> {
    match rustix::fs::unlinkat(directory, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(true),
        // What systems say of a directory.
        Err(Errno::ISDIR | Errno::PERM) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn entries(directory: &OwnedFd) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(OsStr::from_bytes(name).to_owned());
        }
    }
    Ok(names)
}

/// Opens a directory that is no link, and gives its owner the rights to it that a command may have taken.
pub(crate) fn enter(around: impl AsFd + Copy, name: &OsStr) -> io::Result<OwnedFd> {
    let opened = match rustix::fs::openat(around, name, FLAGS, Mode::empty()) {
        Err(Errno::ACCESS) => {
            give_rights(around, name)?;
            rustix::fs::openat(around, name, FLAGS, Mode::empty())?
        }
        opened => opened?,
    };
    rustix::fs::fchmod(&opened, Mode::RWXU)?;
    Ok(opened)
}

#[cfg(target_os = "linux")]
fn give_rights(around: impl AsFd, name: &OsStr) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;
    let held = rustix::fs::openat(around, name, FLAGS | OFlags::PATH, Mode::empty())?;
    // What is held by its name alone has its rights changed by this way: no link that takes its place is followed.
    let place = format!("/proc/self/fd/{}", held.as_raw_fd());
    Ok(rustix::fs::chmod(place, Mode::RWXU)?)
}

#[cfg(not(target_os = "linux"))]
fn give_rights(around: impl AsFd, name: &OsStr) -> io::Result<()> {
    Ok(rustix::fs::chmodat(
        around,
        name,
        Mode::RWXU,
        AtFlags::SYMLINK_NOFOLLOW,
    )?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    /// For the administrator rights of directories mean nothing; this test tells more as an ordinary user.
    #[test]
    fn what_has_no_rights_is_deep_or_leads_elsewhere_goes_and_what_links_lead_to_stays() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let (home, aside, outside) = (root.join("home"), root.join("aside"), root.join("outside"));
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("kept"), "").unwrap();
        fs::set_permissions(&outside, fs::Permissions::from_mode(0o755)).unwrap();
        let module = home.join("go/pkg/mod/one");
        fs::create_dir_all(&module).unwrap();
        fs::write(module.join("file"), "").unwrap();
        symlink(&outside, home.join("link")).unwrap();
        symlink(&outside, module.join("link")).unwrap();
        let mut deep = home.clone();
        for _ in 0..300 {
            deep.push("d".repeat(10));
        }
        fs::create_dir_all(&deep).unwrap();
        for (place, mode) in [(&module, 0o555), (&home.join("go/pkg"), 0o000), (&home, 0o000)] {
            fs::set_permissions(place, fs::Permissions::from_mode(mode)).unwrap();
        }
        remove(&home, &aside).unwrap();
        assert!(fs::symlink_metadata(&home).is_err());
        assert_eq!(fs::read_dir(&aside).unwrap().count(), 0);
        assert!(outside.join("kept").exists());
        let mode = fs::metadata(&outside).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755, "nothing was done behind a link");
        remove(&home, &aside).expect("what is gone is no failure");
        symlink(&outside, &home).unwrap();
        assert!(remove(&home, &aside).is_err());
        assert!(outside.join("kept").exists());
    }
}
