//! The file a folder's gate, or another service of the app for one folder, is reached by.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// A socket's file. Dropped, it is removed, unless another has taken its place.
pub struct SocketFile {
    path: PathBuf,
    /// Device and number.
    identity: (u64, u64),
}

impl SocketFile {
    /// Listens at `path`, for this user alone. Must be called in a runtime of tokio.
    ///
    /// # Errors
    /// [`io::ErrorKind::AddrInUse`] where something else is there: a file, or a gate that answers. What a crash left
    /// behind is replaced. Others of the operating system.
    pub fn bind(path: &Path) -> io::Result<(Self, UnixListener)> {
        if let Ok(there) = fs::symlink_metadata(path) {
            let dead = there.file_type().is_socket()
                && std::os::unix::net::UnixStream::connect(path)
                    .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
            if !dead {
                return Err(io::ErrorKind::AddrInUse.into());
            }
            fs::remove_file(path)?;
        }
        let listener = UnixListener::bind(path)?;
        let metadata = fs::symlink_metadata(path)?;
        let file = Self {
            path: path.to_owned(),
            identity: (metadata.dev(), metadata.ino()),
        };
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        Ok((file, listener))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = fs::symlink_metadata(&self.path)
            .is_ok_and(|metadata| (metadata.dev(), metadata.ino()) == self.identity);
        if ours && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "a gate's socket was not removed");
        }
    }
}
