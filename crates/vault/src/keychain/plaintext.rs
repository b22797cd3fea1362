//! Files in the place of a keychain, for developing on a computer that has none. A release build does not have this
//! module.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Keychain, KeychainError};
use crate::error::Reason;

/// One file for each item, that only its owner may read.
pub(crate) struct PlaintextKeychain {
    folder: PathBuf,
}

impl PlaintextKeychain {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn file(&self, item: &str) -> PathBuf {
        // A name has slashes and no percent signs, so no two names meet in one file and none leaves the folder.
        self.folder.join(format!("secret-{}", item.replace('/', "%2F")))
    }
}

impl Keychain for PlaintextKeychain {
    fn get(&mut self, item: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        match fs::read(self.file(item)) {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    fn set(&mut self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        let file = self.file(item);
        // No name has a percent sign but for a slash: this is the file of no item.
        let beside = file.with_file_name("%new");
        let written = fs::create_dir_all(&self.folder)
            .and_then(|()| write_privately(&beside, bytes))
            .and_then(|()| fs::rename(&beside, &file));
        written.map_err(|error| failed(&error))
    }

    fn delete(&mut self, item: &str) -> Result<bool, KeychainError> {
        match fs::remove_file(self.file(item)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed(&error)),
        }
    }
}

fn failed(error: &io::Error) -> KeychainError {
    KeychainError {
        reason: Reason::Failed,
        detail: error.to_string(),
    }
}

/// A file that is closed to others from its first moment.
fn write_privately(file: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}
