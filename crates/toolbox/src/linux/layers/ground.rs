//! What layers lie on in the world outside: what stands there, and places that are made for them.

use std::fs;
use std::path::{Path, PathBuf};

use super::Layer;

/// Tells a file from another that took its place.
pub(super) type Identity = (u64, u64);

/// What stands at a path on which there is no link. One that leads elsewhere was put there after the person opened it.
pub(super) fn plain_identity(path: &Path) -> std::io::Result<Identity> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    use std::os::unix::fs::MetadataExt as _;
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    match openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
        Ok(held) => {
            let metadata = fs::File::from(held).metadata()?;
            Ok((metadata.dev(), metadata.ino()))
        }
        // Before Linux 5.6, and where containers allow no new calls. A parent exchanged in this moment is not seen there.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => {
            if fs::canonicalize(path)? != path {
                return Err(std::io::Error::other("a link leads elsewhere"));
            }
            let metadata = fs::symlink_metadata(path)?;
            Ok((metadata.dev(), metadata.ino()))
        }
        Err(error) => Err(error.into()),
    }
}

/// The directories on the way to `relative`, each a real one. Where they must not be made they were all there a moment
/// ago, so one that is not was exchanged meanwhile.
///
/// In a home that is the box's own a link on the way is taken away: a mount on it would be somewhere else.
pub(super) fn firm_steps(from: &Path, relative: &Path, make: bool) -> std::io::Result<Vec<PathBuf>> {
    let mut steps = Vec::new();
    let Some(way) = relative.parent() else {
        return Ok(steps);
    };
    let mut step = PathBuf::new();
    for component in way.components() {
        step.push(component);
        let path = from.join(&step);
        match fs::symlink_metadata(&path) {
            // A command may have taken its rights away, and with them every later command's box.
            Ok(metadata) if metadata.is_dir() && make => {
                crate::removal::enter(rustix::fs::CWD, path.as_os_str())?;
            }
            Ok(metadata) if metadata.is_dir() => {}
            _ if !make => return Err(std::io::Error::other("it was exchanged meanwhile")),
            found => {
                if found.is_ok() {
                    fs::remove_file(&path)?;
                }
                fs::create_dir(&path)?;
            }
        }
        steps.push(step.clone());
    }
    Ok(steps)
}

/// Makes what a layer can lie on: a directory for a directory, a file for anything else.
pub(super) fn make_mount_point(path: &Path, layer: &Layer) -> std::io::Result<()> {
    let directory = match layer {
        Layer::Empty | Layer::Temporary { .. } => true,
        Layer::Blank | Layer::Handed { .. } => false,
        Layer::Bound { from, .. } => fs::metadata(from)?.is_dir(),
    };
    if let Ok(metadata) = fs::symlink_metadata(path) {
        if metadata.is_dir() == directory && !metadata.is_symlink() {
            return Ok(());
        }
        // A command put it there, in a home of its own: an empty directory or a file may go.
        if metadata.is_dir() {
            fs::remove_dir(path)?;
        } else {
            fs::remove_file(path)?;
        }
    }
    if directory {
        fs::create_dir(path)
    } else {
        fs::File::create_new(path).map(drop)
    }
}
