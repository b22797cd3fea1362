//! Reading files in places where commands may write.
//!
//! What is there may be a link to what the reader has and the command has not, or a pipe that nobody writes to, which keeps
//! whoever opens it waiting; and it may become one between a look and the opening. So it is opened without following or
//! waiting, and what was opened is looked at.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;

/// The first `most` bytes of a file.
///
/// # Errors
/// When there is none, or something else.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOFOLLOW);
    // Without following a link; what is no file is told below.
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::custom_flags(&mut options, OPEN_REPARSE_POINT);
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `FILE_FLAG_OPEN_REPARSE_POINT`.
#[cfg(windows)]
const OPEN_REPARSE_POINT: u32 = 0x0020_0000;
