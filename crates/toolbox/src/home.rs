//! A folder's own home: what the wrapper itself keeps in it.
//!
//! Commands write there, so whatever the wrapper finds may be a link that they left, and none is followed.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use cowork_policy::confinement::{FolderRules, Rules};
use rustix::fs::{AtFlags, Mode, OFlags};

use crate::environment::INSTALLED;
use crate::refusal::complain;
use crate::removal::enter;

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
    enter(rustix::fs::CWD, temporary.as_os_str()).map(drop)
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

/// By this file Python looks at the person's packages after the folder's own, since it has one place for them.
const PYTHON_PATH_FILE: &str = "of-the-person.pth";

/// Has the Python of the folder find what the person installed for theirs. A convenience: whatever a command left in the
/// way keeps no other from running.
pub(crate) fn see_person_s_python(rules: &Rules, folder: &FolderRules) {
    if let Err(error) = write_python_paths(rules, folder) {
        complain(&format!(
            "Python packages of the person are not found here ({error}): something stands in their way in ~/{INSTALLED}, and \
             can be removed."
        ));
    }
}

fn write_python_paths(rules: &Rules, folder: &FolderRules) -> io::Result<()> {
    let Some(home) = &rules.person_home else {
        return Ok(());
    };
    let libraries = home.join(".local/lib");
    if !rules.read_only.iter().any(|place| libraries.starts_with(place)) {
        return Ok(());
    }
    for version in fs::read_dir(&libraries).into_iter().flatten().flatten() {
        let packages = version.path().join("site-packages");
        let is_python = version.file_name().as_bytes().starts_with(b"python");
        let mut line = packages.as_os_str().as_bytes().to_vec();
        // Python runs a line that begins with a word of its own, and takes each line for itself.
        if !is_python || line.contains(&b'\n') || !packages.is_dir() {
            continue;
        }
        line.push(b'\n');
        let place = Path::new(INSTALLED)
            .join("lib")
            .join(version.file_name())
            .join("site-packages");
        let directory = directory_below(folder, &place)?;
        let mut written = Vec::new();
        let reading = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        // Whatever else is there is replaced.
        if let Ok(file) = rustix::fs::openat(&directory, PYTHON_PATH_FILE, reading, Mode::empty()) {
            let most = line.len() as u64 + 1;
            let _unreadable = fs::File::from(file).take(most).read_to_end(&mut written);
        }
        if written == line {
            continue;
        }
        match rustix::fs::unlinkat(&directory, PYTHON_PATH_FILE, AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let making = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&directory, PYTHON_PATH_FILE, making, Mode::RUSR | Mode::WUSR) {
            Ok(file) => fs::File::from(file).write_all(&line)?,
            // Another command of the folder begins at the same time.
            Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A directory of the home, made step by step. A file or a link on the way is taken away.
fn directory_below(folder: &FolderRules, place: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut directory = rustix::fs::open(&folder.home, flags, Mode::empty())?;
    for step in place {
        let errno = |error: &io::Error| error.raw_os_error().map(rustix::io::Errno::from_raw_os_error);
        let opened = match enter(&directory, step) {
            Ok(opened) => Some(opened),
            Err(error) => match errno(&error) {
                Some(rustix::io::Errno::NOTDIR | rustix::io::Errno::LOOP) => {
                    rustix::fs::unlinkat(&directory, step, AtFlags::empty())?;
                    None
                }
                Some(rustix::io::Errno::NOENT) => None,
                _ => return Err(error),
            },
        };
        directory = if let Some(opened) = opened {
            opened
        } else {
            match rustix::fs::mkdirat(&directory, step, Mode::RWXU) {
                Ok(()) | Err(rustix::io::Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
            rustix::fs::openat(&directory, step, flags, Mode::empty())?
        };
    }
    Ok(directory)
}
