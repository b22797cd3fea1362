//! Mounting a folder into an engine's outer box while it runs, and keeping the engine's own tools from following links
//! out of the folders it has.
//!
//! The mount is cloned from this process's view of files, in which the folder is, and put into the box's view by way of
//! the user namespace that owns it. Both need a process of one thread, which is why it is a command and not a call.

use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{MoveMountFlags, OpenTreeFlags, UnmountFlags};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

use super::mounts;
use crate::Refusal;

/// Asks a namespace for the user namespace that owns it.
const OWNER: libc::c_ulong = 0xb701;

/// Puts `folder` at its own place in the view of the process.
///
/// What runs there may exchange directories on the way for links at any time, so the place is walked to and held, and
/// looked at again when the folder lies on it.
///
/// With `bars_links` the engine's own tools follow no link in it, as [`bar_links`] says.
pub(crate) fn grant(process: u32, folder: &Path, writable: bool, bars_links: bool) -> Result<(), Refusal> {
    let failed = |what: &'static str| {
        let folder = folder.display().to_string();
        move |error: Errno| refused(&folder, what, error)
    };
    // Held from here on: whatever is put in its place meanwhile is not what is mounted.
    let held = walk(folder, false).map_err(failed("opening it"))?;
    let view = open_namespace(process, "mnt").map_err(failed("the engine's view of files"))?;
    let owner = owner(&view).map_err(failed("who owns it"))?;
    move_into_link_name_space(owner.as_fd(), Some(LinkNameSpaceType::User))
        .map_err(failed("the engine's user namespace"))?;
    // SAFETY: this process has one thread and shares its view of files with nobody who relies on it.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) }.map_err(failed("a view of our own"))?;
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE
        | OpenTreeFlags::AT_EMPTY_PATH;
    let tree = match rustix::mount::open_tree(&held, "", flags) {
        Ok(tree) => tree,
        // What was opened before belongs to the view that was left; by its name it is found in the new one, and that
        // it is the same is checked.
        Err(Errno::INVAL) => {
            let again = walk(folder, false).map_err(failed("opening it again"))?;
            same(&held, &again).map_err(failed("opening it again"))?;
            rustix::mount::open_tree(&again, "", flags).map_err(failed("copying its mount"))?
        }
        Err(error) => return Err(failed("copying its mount")(error)),
    };
    let mut barred = 0;
    if !writable {
        barred |= libc::MOUNT_ATTR_RDONLY;
    }
    if bars_links {
        barred |= libc::MOUNT_ATTR_NOSYMFOLLOW;
    }
    mounts::set(&tree, barred).map_err(failed("closing it to changes and links"))?;
    move_into_link_name_space(view.as_fd(), Some(LinkNameSpaceType::Mount))
        .map_err(failed("entering the engine's view of files"))?;
    let place = walk(folder, true).map_err(failed("making its place"))?;
    let onto = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    rustix::mount::move_mount(&tree, "", &place, "", onto).map_err(failed("mounting it"))?;
    // A directory that was moved away while it was held took the mount along.
    let arrived = walk(folder, false).and_then(|found| same(&held, &found));
    if arrived.is_err() {
        detach(&tree).map_err(failed("taking it from where it was moved"))?;
    }
    arrived.map_err(failed("finding it in its place"))
}

/// Takes it away again. What has it open keeps it until it closes it.
pub(crate) fn revoke(process: u32, folder: &Path) -> Result<(), Refusal> {
    let failed = |what: &'static str| {
        let folder = folder.display().to_string();
        move |error: Errno| refused(&folder, what, error)
    };
    // One that is gone can be taken away all the same.
    let meant = walk(folder, false).ok();
    let view = open_namespace(process, "mnt").map_err(failed("the engine's view of files"))?;
    let owner = owner(&view).map_err(failed("who owns it"))?;
    for (namespace, kind) in [
        (&owner, LinkNameSpaceType::User),
        (&view, LinkNameSpaceType::Mount),
    ] {
        move_into_link_name_space(namespace.as_fd(), Some(kind))
            .map_err(failed("entering the engine's view of files"))?;
    }
    let place = walk(folder, false).map_err(failed("finding its mount"))?;
    // One that was removed leaves nothing to mistake it for, whatever was made anew under its name.
    let is_gone = rustix::fs::fstat(&place).is_ok_and(|found| found.st_nlink == 0);
    if let Some(meant) = meant.as_ref().filter(|_| !is_gone) {
        // Directories around mounts can be moved, so that another one lies there now.
        same(meant, &place).map_err(failed("finding its mount"))?;
    }
    detach(&place).map_err(failed("taking its mount away"))?;
    // One that was opened twice lies on itself. The first that is no mount is what lay below.
    for _ in 0..MOST_LAYERS {
        let below = walk(folder, false).ok();
        let is_same = |found: &OwnedFd| meant.as_ref().is_some_and(|meant| same(meant, found).is_ok());
        match below.filter(is_same).map(|found| detach(&found)) {
            Some(Ok(())) => {}
            _ => break,
        }
    }
    Ok(())
}

/// No folder is opened as often to one engine.
const MOST_LAYERS: usize = 64;

/// Takes away the mount whose root is held. A descriptor has no path here, for `/proc` is that of other processes; but
/// this process can stand in it.
fn detach(root: &OwnedFd) -> rustix::io::Result<()> {
    rustix::process::fchdir(root)?;
    rustix::mount::unmount(".", UnmountFlags::DETACH)
}

/// Has the engine's box follow no link in folders that it has, wherever the link leads.
///
/// A command can plant a link in its folder, or swap one while the engine's tools read or write; those would follow it
/// into other folders and into the engine's own home. A command's box is made in a view of its own (`view`), in which they
/// are followed again: there they lead to nothing that the command may not have.
///
/// # Errors
/// Names the first place it could not be done for, having tried all.
pub(crate) fn bar_links(process: u32, folders: &[PathBuf]) -> Result<(), Refusal> {
    let entering = |error: Errno| refused("a folder", "entering the engine's view of files", error);
    let view = open_namespace(process, "mnt").map_err(entering)?;
    let owner = owner(&view).map_err(entering)?;
    for (namespace, kind) in [
        (&owner, LinkNameSpaceType::User),
        (&view, LinkNameSpaceType::Mount),
    ] {
        move_into_link_name_space(namespace.as_fd(), Some(kind)).map_err(entering)?;
    }
    let mut first = Ok(());
    for folder in folders {
        let barred = match walk(folder, false) {
            Ok(place) => mounts::set(&place, libc::MOUNT_ATTR_NOSYMFOLLOW),
            // It was gone when the box was made, so the box does not have it.
            Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = barred
            && first.is_ok()
        {
            first = Err(refused(
                &folder.display().to_string(),
                "closing it to links",
                error,
            ));
        }
    }
    first
}

fn refused(folder: &str, what: &str, error: impl std::fmt::Display) -> Refusal {
    Refusal::new(
        format!("{folder} could not be opened to the running engine: {what}: {error}"),
        "Start the engine again, and it will have the folder",
    )
}

/// Opens a directory step by step without following a link anywhere, and makes what is missing on the way if it may.
fn walk(folder: &Path, make: bool) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut at = rustix::fs::open("/", flags, Mode::empty())?;
    let mut components = folder.components();
    if components.next() != Some(Component::RootDir) {
        return Err(Errno::INVAL);
    }
    for component in components {
        let Component::Normal(name) = component else {
            return Err(Errno::INVAL);
        };
        at = match rustix::fs::openat(&at, name, flags, Mode::empty()) {
            Err(Errno::NOENT) if make => {
                match rustix::fs::mkdirat(&at, name, Mode::from_raw_mode(0o755)) {
                    // Somebody was faster; what it is will be seen.
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(error),
                }
                rustix::fs::openat(&at, name, flags, Mode::empty())?
            }
            found => found?,
        };
    }
    Ok(at)
}

fn same(one: &OwnedFd, other: &OwnedFd) -> rustix::io::Result<()> {
    let (one, other) = (rustix::fs::fstat(one)?, rustix::fs::fstat(other)?);
    if (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino) {
        Ok(())
    } else {
        Err(Errno::STALE)
    }
}

fn open_namespace(process: u32, kind: &str) -> rustix::io::Result<OwnedFd> {
    let path = format!("/proc/{process}/ns/{kind}");
    rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
}

fn owner(namespace: &OwnedFd) -> rustix::io::Result<OwnedFd> {
    use std::os::fd::{AsRawFd as _, FromRawFd as _};
    // SAFETY: this request takes no argument and answers with a new descriptor, or a negative number.
    let answer = unsafe { libc::ioctl(namespace.as_raw_fd(), OWNER) };
    if answer < 0 {
        return Err(mounts::last_error());
    }
    // SAFETY: the kernel just made this descriptor for us, and nothing else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(answer) })
}
