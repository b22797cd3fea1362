//! Handing a program bytes that show neither in the list of processes nor on a disk.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::fs::MemfdFlags;

/// A file that only memory knows, at its beginning.
pub(crate) fn file_of(name: &str, bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file.into())
}

/// Has `command` inherit `file` and gives the number it has there.
pub(crate) fn inherit(command: &mut Command, file: OwnedFd) -> RawFd {
    let number = file.as_raw_fd();
    let keep = move || {
        // Only in the child, so that no other program that is started meanwhile inherits it.
        Ok(rustix::io::fcntl_setfd(
            file.as_fd(),
            rustix::io::FdFlags::empty(),
        )?)
    };
    // SAFETY: the closure runs between fork and exec, where only async-signal-safe calls are allowed. It makes one
    // system call, fcntl, takes no lock and does not allocate; its error holds a plain number.
    unsafe {
        command.pre_exec(keep);
    }
    number
}
