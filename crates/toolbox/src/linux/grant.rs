//! Mounting a folder into an engine's outer box while it runs.
//!
//! The mount is cloned from this process's view of files, in which the folder is, and put into the box's view by way of
//! the user namespace that owns it. Both need a process of one thread, which is why it is a command and not a call.

use std::os::fd::OwnedFd;
use std::path::{Component, Path};

use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::{MoveMountFlags, OpenTreeFlags, UnmountFlags};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

use crate::Refusal;

/// Asks a namespace for the user namespace that owns it.
const OWNER: libc::c_ulong = 0xb701;

/// Puts `folder` at its own place in the view of the process.
pub(crate) fn grant(process: u32, folder: &Path) -> Result<(), Refusal> {
    let failed = |what: &'static str| {
        let folder = folder.display().to_string();
        move |error: rustix::io::Errno| refused(&folder, what, error)
    };
    // Held from here on: whatever is put in its place meanwhile is not what is mounted.
    let held = open_canonical(folder).map_err(failed("opening it"))?;
    let view = open_namespace(process, "mnt").map_err(failed("the engine's view of files"))?;
    let owner = owner(&view).map_err(failed("who owns it"))?;
    move_into_link_name_space(std::os::fd::AsFd::as_fd(&owner), Some(LinkNameSpaceType::User))
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
        Err(rustix::io::Errno::INVAL) => {
            let again = open_canonical(folder).map_err(failed("opening it again"))?;
            same(&held, &again).map_err(failed("opening it again"))?;
            rustix::mount::open_tree(&again, "", flags).map_err(failed("copying its mount"))?
        }
        Err(error) => return Err(failed("copying its mount")(error)),
    };
    move_into_link_name_space(std::os::fd::AsFd::as_fd(&view), Some(LinkNameSpaceType::Mount))
        .map_err(failed("entering the engine's view of files"))?;
    std::fs::create_dir_all(folder)
        .map_err(|error| refused(&folder.display().to_string(), "making its place", error))?;
    rustix::mount::move_mount(&tree, "", CWD, folder, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
        .map_err(failed("mounting it"))
}

/// Takes it away again. What has it open keeps it until it closes it.
pub(crate) fn revoke(process: u32, folder: &Path) -> Result<(), Refusal> {
    let failed = |what: &'static str| {
        let folder = folder.display().to_string();
        move |error: rustix::io::Errno| refused(&folder, what, error)
    };
    let view = open_namespace(process, "mnt").map_err(failed("the engine's view of files"))?;
    let owner = owner(&view).map_err(failed("who owns it"))?;
    for (namespace, kind) in [
        (&owner, LinkNameSpaceType::User),
        (&view, LinkNameSpaceType::Mount),
    ] {
        move_into_link_name_space(std::os::fd::AsFd::as_fd(namespace), Some(kind))
            .map_err(failed("entering the engine's view of files"))?;
    }
    rustix::mount::unmount(folder, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW)
        .map_err(failed("taking its mount away"))
}

fn refused(folder: &str, what: &str, error: impl std::fmt::Display) -> Refusal {
    Refusal::new(
        format!("{folder} could not be opened to the running engine: {what}: {error}"),
        "Start the engine again, and it will have the folder",
    )
}

/// Opens a directory step by step without following a link anywhere.
fn open_canonical(folder: &Path) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut at = rustix::fs::open("/", flags, Mode::empty())?;
    let mut components = folder.components();
    if components.next() != Some(Component::RootDir) {
        return Err(rustix::io::Errno::INVAL);
    }
    for component in components {
        let Component::Normal(name) = component else {
            return Err(rustix::io::Errno::INVAL);
        };
        at = rustix::fs::openat(&at, name, flags, Mode::empty())?;
    }
    Ok(at)
}

fn same(one: &OwnedFd, other: &OwnedFd) -> rustix::io::Result<()> {
    let (one, other) = (rustix::fs::fstat(one)?, rustix::fs::fstat(other)?);
    if (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino) {
        Ok(())
    } else {
        Err(rustix::io::Errno::STALE)
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
        let error = std::io::Error::last_os_error()
            .raw_os_error()
            .unwrap_or(libc::EIO);
        return Err(rustix::io::Errno::from_raw_os_error(error));
    }
    // SAFETY: the kernel just made this descriptor for us, and nothing else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(answer) })
}
