//! Compiled code blocks that are kept for the next run of the same source.

use std::fs::{self, FileTimes};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

/// What is being compiled is in a directory whose name begins so.
const UNFINISHED: &str = "new-";
/// Nothing compiles or runs longer, so what was touched within that time may be in use.
const IN_USE: Duration = Duration::from_mins(3);

/// A directory of directories, each the output of one compilation, by what went into it. What is used least goes first.
pub(crate) struct Artifacts {
    root: PathBuf,
    bytes: u64,
    entries: usize,
    /// One at a time tidies up.
    tidying: Mutex<()>,
}

impl Artifacts {
    pub(crate) fn new(root: PathBuf, bytes: u64, entries: usize) -> Self {
        Self {
            root,
            bytes,
            entries,
            tidying: Mutex::new(()),
        }
    }

    /// The name of what comes from all these parts.
    pub(crate) fn key(parts: &[&[u8]]) -> String {
        let mut digest = Sha256::new();
        for part in parts {
            // With its length, so that no two lists of parts are the same bytes.
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        digest
            .finalize()
            .iter()
            .fold(String::with_capacity(64), |mut text, byte| {
                for half in [byte >> 4, byte & 15] {
                    text.push(char::from_digit(half.into(), 16).unwrap_or('0'));
                }
                text
            })
    }

    /// What was compiled before, if it is still there.
    pub(crate) fn get(&self, key: &str) -> Option<PathBuf> {
        let path = self.root.join(key);
        let used = fs::File::open(&path)
            .and_then(|directory| directory.set_times(FileTimes::new().set_modified(SystemTime::now())));
        used.is_ok().then_some(path)
    }

    /// A directory to compile into.
    ///
    /// # Errors
    /// Those of the file system.
    pub(crate) fn begin(&self, nonce: &str) -> io::Result<PathBuf> {
        fs::create_dir_all(&self.root)?;
        restrict(&self.root)?;
        let path = self.root.join(format!("{UNFINISHED}{nonce}"));
        fs::create_dir(&path)?;
        // A container's user is another; nobody gets past the directory above.
        set_mode(&path, 0o777)?;
        Ok(path)
    }

    /// Keeps what was compiled, and makes room.
    ///
    /// # Errors
    /// Those of the file system.
    pub(crate) fn keep(&self, unfinished: &Path, key: &str) -> io::Result<PathBuf> {
        let path = self.root.join(key);
        match fs::rename(unfinished, &path) {
            // Somebody was faster with the same.
            Err(_) if path.is_dir() => fs::remove_dir_all(unfinished)?,
            renamed => renamed?,
        }
        self.tidy(SystemTime::now());
        Ok(path)
    }

    fn tidy(&self, now: SystemTime) {
        let _one = self.tidying.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = Vec::new();
        for entry in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            let used = entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .unwrap_or(SystemTime::UNIX_EPOCH);
            kept.push((used, entry.path(), size(&entry.path())));
        }
        kept.sort();
        let mut bytes: u64 = kept.iter().map(|(_, _, size)| size).sum();
        let mut entries = kept.len();
        for (used, path, size) in kept {
            let old = now.duration_since(used).is_ok_and(|age| age > IN_USE);
            let abandoned = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(UNFINISHED));
            if old && (abandoned || bytes > self.bytes || entries > self.entries) {
                if let Err(error) = fs::remove_dir_all(&path) {
                    tracing::warn!(%error, "a compiled code block was not removed");
                    continue;
                }
                bytes -= size;
                entries -= 1;
            }
        }
    }
}

/// The bytes of a directory's files, links not followed.
pub(crate) fn size(directory: &Path) -> u64 {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

fn restrict(path: &Path) -> io::Result<()> {
    set_mode(path, 0o700)
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(artifacts: &Artifacts, key: &str, bytes: usize, age: u64) {
        let path = artifacts.begin(key).unwrap();
        fs::write(path.join("main"), vec![0; bytes]).unwrap();
        let path = artifacts.keep(&path, key).unwrap();
        let used = SystemTime::now() - Duration::from_secs(age);
        let directory = fs::File::open(path).unwrap();
        directory.set_times(FileTimes::new().set_modified(used)).unwrap();
    }

    #[test]
    fn what_was_used_least_makes_room_and_what_may_be_in_use_does_not() {
        let root = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::new(root.path().join("kept"), 1000, 3);
        for (key, age) in [("a", 4000), ("b", 3000), ("c", 2000)] {
            add(&artifacts, key, 10, age);
        }
        assert!(artifacts.get("a").is_some(), "and so it counts as used");
        add(&artifacts, "d", 10, 1000);
        assert!(artifacts.get("b").is_none());
        for there in ["a", "c", "d"] {
            assert!(artifacts.root.join(there).is_dir(), "{there}");
        }
        add(&artifacts, "e", 990, 0);
        assert!(artifacts.get("a").is_some() && artifacts.get("e").is_some());
        assert!(artifacts.get("c").is_none() && artifacts.get("d").is_none());
    }

    #[test]
    fn a_key_is_that_of_all_parts_in_their_places() {
        let key = Artifacts::key(&[b"ab", b"c"]);
        assert_eq!(key.len(), 64);
        assert_ne!(key, Artifacts::key(&[b"a", b"bc"]));
        assert_eq!(key, Artifacts::key(&[b"ab", b"c"]));
    }
}
