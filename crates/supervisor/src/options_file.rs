//! Handing bubblewrap its options without showing them in the list of processes.

use std::ffi::OsString;
use std::io::{self, Seek as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::fs::MemfdFlags;

/// Puts `options` into a file that only memory knows, and has `command` inherit it and be told of it.
///
/// # Errors
/// When the operating system gives no such file, or an option holds a zero byte.
pub(crate) fn hand_over(command: &mut Command, options: &[OsString]) -> io::Result<()> {
    let mut file = std::fs::File::from(rustix::fs::memfd_create("box-options", MemfdFlags::CLOEXEC)?);
    for option in options {
        let bytes = option.as_bytes();
        if bytes.contains(&0) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "an option holds a zero byte",
            ));
        }
        file.write_all(bytes)?;
        file.write_all(&[0])?;
    }
    file.rewind()?;
    command.arg("--args").arg(file.as_raw_fd().to_string());
    let inherit = move || {
        // Only in the child, so that no other program that is started meanwhile inherits it.
        Ok(rustix::io::fcntl_setfd(
            file.as_fd(),
            rustix::io::FdFlags::empty(),
        )?)
    };
    // SAFETY: the closure runs between fork and exec, where only async-signal-safe calls are allowed. It makes one
    // system call, fcntl, takes no lock and does not allocate; its error holds a plain number.
    unsafe {
        command.pre_exec(inherit);
    }
    Ok(())
}
