//! A view of files in which links are followed again.
//!
//! The engine's box follows no links in the folders it has, and a bind keeps that attribute. It only takes away, so whoever
//! owns a view of files may drop it there; a command's box is made within such a view, and has nothing that a link could
//! lead to but what it may have.

use std::io;
use std::process::Command;
use std::process::Stdio;

use rustix::thread::UnshareFlags;

/// What a process needs to know to get a view of its own, put together while memory may still be asked for.
pub(crate) struct OwnView {
    users: Vec<u8>,
    groups: Vec<u8>,
}

impl OwnView {
    /// Keeps the person and their group.
    pub(crate) fn new() -> Self {
        let (user, group) = (
            rustix::process::geteuid().as_raw(),
            rustix::process::getegid().as_raw(),
        );
        Self {
            users: format!("{user} {user} 1").into_bytes(),
            groups: format!("{group} {group} 1").into_bytes(),
        }
    }

    /// Gives this process, which has one thread, a view in which links are followed. To be called between fork and exec:
    /// it asks for no memory and takes no locks. With the program that follows its rights over the view are gone.
    pub(crate) fn enter(&self) -> io::Result<()> {
        // SAFETY: the process has one thread, and nothing else relies on its view.
        unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWUSER | UnshareFlags::NEWNS) }?;
        write(c"/proc/self/setgroups", b"deny")?;
        write(c"/proc/self/uid_map", &self.users)?;
        write(c"/proc/self/gid_map", &self.groups)?;
        super::mounts::change_all(0, libc::MOUNT_ATTR_NOSYMFOLLOW)?;
        Ok(())
    }
}

fn write(path: &std::ffi::CStr, bytes: &[u8]) -> io::Result<()> {
    use rustix::fs::{Mode, OFlags};
    let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::io::write(&file, bytes)?;
    Ok(())
}

/// Whether the system lets a program of ours have such a view. Some let bubblewrap alone.
pub(crate) fn is_possible(program: &std::path::Path) -> bool {
    use std::os::unix::process::CommandExt as _;
    let view = OwnView::new();
    let mut command = Command::new(program);
    command
        .arg("--version")
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // SAFETY: the closure runs between fork and exec and makes system calls that are async-signal-safe.
    unsafe { command.pre_exec(move || view.enter()) };
    command.status().is_ok_and(|status| status.success())
}
