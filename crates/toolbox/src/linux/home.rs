//! A folder's own home: what the wrapper itself keeps in it.
//!
//! Commands write there, so whatever the wrapper finds may be a link that they left, and none is followed.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use cowork_policy::confinement::FolderRules;
use rustix::fs::{Mode, OFlags};

/// Where temporary files of the folder's commands are, which outlive a command: what one writes to `/tmp` the next one
/// reads. Nothing takes them away but the commands, and the app with the home.
pub(crate) const TEMPORARY: &str = ".temporary";

/// What git is told of the person where nothing can be mounted.
const GIT_SETTINGS: &str = ".gitconfig-of-system";

/// Where temporary files go.
pub(crate) fn temporary(folder: &FolderRules) -> PathBuf {
    folder.home.join(TEMPORARY)
}

/// Makes the home and what is in it.
pub(crate) fn prepare(folder: &FolderRules) -> io::Result<()> {
    crate::yard::private_directory(&folder.home)?;
    let temporary = temporary(folder);
    match fs::symlink_metadata(&temporary) {
        Ok(metadata) if metadata.is_dir() => {}
        found => {
            if found.is_ok() {
                fs::remove_file(&temporary)?;
            }
            match fs::create_dir(&temporary) {
                // Another command of the folder begins at the same time.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
        }
    }
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let held = rustix::fs::open(&temporary, flags, Mode::empty())?;
    Ok(rustix::fs::fchmod(held, Mode::RWXU)?)
}

/// Writes what git is told of the person, and gives the place. It replaces what is there, be it a link.
pub(crate) fn write_git_settings(folder: &FolderRules, settings: &str) -> io::Result<PathBuf> {
    let place = folder.home.join(GIT_SETTINGS);
    if fs::symlink_metadata(&place).is_ok_and(|metadata| metadata.is_file())
        && fs::read_to_string(&place).is_ok_and(|written| written == settings)
    {
        return Ok(place);
    }
    let mut file = tempfile::Builder::new()
        .prefix(".git")
        .tempfile_in(&folder.home)?;
    file.write_all(settings.as_bytes())?;
    file.persist(&place)?;
    Ok(place)
}
