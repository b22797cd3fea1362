//! Attributes of mounts.

use std::os::fd::{AsRawFd as _, OwnedFd};

use rustix::io::Errno;

/// Gives a mount that is held by its root, and all below it, attributes (`MOUNT_ATTR_…`).
pub(crate) fn set(root: &OwnedFd, attributes: u64) -> rustix::io::Result<()> {
    change(
        root.as_raw_fd(),
        c"",
        libc::AT_EMPTY_PATH | libc::AT_RECURSIVE,
        attributes,
        0,
    )
}

/// Changes the attributes of every mount in this process's view. Safe between fork and exec.
pub(crate) fn change_all(given: u64, taken: u64) -> rustix::io::Result<()> {
    change(libc::AT_FDCWD, c"/", libc::AT_RECURSIVE, given, taken)
}

fn change(
    directory: libc::c_int,
    path: &std::ffi::CStr,
    how: libc::c_int,
    given: u64,
    taken: u64,
) -> rustix::io::Result<()> {
    let wanted = libc::mount_attr {
        attr_set: given,
        attr_clr: taken,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: the kernel reads the path and as many bytes of `wanted` as it is told of; both outlive the call.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            directory,
            path.as_ptr(),
            how,
            &raw const wanted,
            size_of::<libc::mount_attr>(),
        )
    };
    if answer < 0 { Err(last_error()) } else { Ok(()) }
}

/// Why the last call of the C library failed.
pub(crate) fn last_error() -> Errno {
    let error = std::io::Error::last_os_error().raw_os_error();
    Errno::from_raw_os_error(error.unwrap_or(libc::EIO))
}
