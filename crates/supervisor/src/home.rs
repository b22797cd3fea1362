//! The private home: one directory tree that an engine lives in, and the claim of one process on it.
//!
//! The engine keeps its database, its configuration and its snapshots here instead of in the person's own
//! directories. Two engines over one database would spoil it, hence the claim: an operating-system lock, which the
//! system itself releases when its holder dies, however it dies.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::process_table::look_up;

/// The locked file. It stays empty, so that no reader ever meets a locked range on Windows.
const LOCK_FILE: &str = "claim.lock";
/// Beside it: who holds the lock. A note for people, never the claim itself.
const RECORD_FILE: &str = "claim.json";
/// A record is about 80 bytes; whatever is longer was not written by us and is not worth reading.
const RECORD_BYTES: u64 = 4096;

/// What is waited for a holder's last children to follow it: they are killed with it, and a busy system takes a moment.
const DYING: Duration = Duration::from_secs(2);
const DYING_PAUSE: Duration = Duration::from_millis(20);

/// Which of our programs claims a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    /// The desktop app.
    #[serde(rename = "app")]
    App,
    /// The command-line twin.
    #[serde(rename = "cli")]
    CommandLine,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::App => "the app's window",
            Self::CommandLine => "the command line",
        })
    }
}

/// What the holder of a home wrote down about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderRecord {
    /// Which program.
    pub holder: Holder,
    /// Its process id.
    pub pid: u32,
    /// When it claimed the home.
    pub since: Timestamp,
}

/// Why a home could not be claimed.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Another process holds it.
    #[error("{}", held_message(root, by.as_ref()))]
    Held {
        /// The home.
        root: PathBuf,
        /// What the holder says about itself; `None` when its record is missing or unreadable. A record can be
        /// stale for the instant between another process taking the lock and writing its own.
        by: Option<HolderRecord>,
    },
    /// The directory belongs to another user, who could read or change everything in it.
    #[error("{root} belongs to another user: remove it or choose another data folder, then start again", root = root.display())]
    Foreign {
        /// The home.
        root: PathBuf,
    },
    /// The directory tree could not be made, opened or locked.
    #[error("cannot use {path} ({source}): check that the disk has room and that the folder is yours to write, then start again", path = path.display())]
    Unusable {
        /// What could not be used.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

fn held_message(root: &Path, by: Option<&HolderRecord>) -> String {
    let root = root.display();
    match by {
        Some(HolderRecord { holder, pid, since }) => format!(
            "{root} is in use by {holder} (process {pid}, since {since}): go on there, or close it and start again"
        ),
        None => format!("{root} is in use by another process of the app: close it and start again"),
    }
}

/// The paths of a private home. Knows names only; that the directories exist is the claim's and the start's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeLayout {
    root: PathBuf,
}

impl HomeLayout {
    /// The layout under `root`.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The top of the tree. For a claimed home it is absolute and free of symbolic links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the engine takes for the person's home directory.
    #[must_use]
    pub fn home_directory(&self) -> PathBuf {
        self.root.join("home")
    }

    /// Configuration (`XDG_CONFIG_HOME`).
    #[must_use]
    pub fn config_directory(&self) -> PathBuf {
        self.root.join("config")
    }

    /// The database and what else must last (`XDG_DATA_HOME`).
    #[must_use]
    pub fn data_directory(&self) -> PathBuf {
        self.root.join("data")
    }

    /// What can be made again (`XDG_CACHE_HOME`).
    #[must_use]
    pub fn cache_directory(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// State that is neither data nor cache (`XDG_STATE_HOME`).
    #[must_use]
    pub fn state_directory(&self) -> PathBuf {
        self.root.join("state")
    }

    /// Temporary files (`TMPDIR`): emptied before each start, since each leaves a library of 5.6 MB there.
    #[must_use]
    pub fn temporary_directory(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// Where it is written down which processes were started: beside the home, because the engine can write in it.
    #[must_use]
    pub fn registry_directory(&self) -> PathBuf {
        self.root.with_file_name("engine-processes")
    }

    pub(crate) fn claim_files(&self) -> [PathBuf; 2] {
        [LOCK_FILE, RECORD_FILE].map(|file| self.root.join(file))
    }

    fn lasting_directories(&self) -> [PathBuf; 5] {
        [
            self.home_directory(),
            self.config_directory(),
            self.data_directory(),
            self.cache_directory(),
            self.state_directory(),
        ]
    }
}

/// A claimed home. The claim ends when this value and every engine started in it are gone, or with the process.
#[derive(Debug)]
pub struct PrivateHome {
    claim: Arc<Claim>,
}

/// A claim that is held on, with no way to what it claims: nobody else may use the home meanwhile.
#[derive(Debug)]
pub struct HeldClaim(#[expect(dead_code, reason = "it is there to be dropped")] Arc<Claim>);

impl PrivateHome {
    /// Makes the tree under `root` where it is missing, mode 0700, and claims it for this process.
    ///
    /// # Errors
    /// See [`ClaimError`].
    pub fn claim(root: &Path, holder: Holder) -> Result<Self, ClaimError> {
        let unusable = |path: &Path, source| ClaimError::Unusable {
            path: path.to_owned(),
            source,
        };
        fs::create_dir_all(root).map_err(|source| unusable(root, source))?;
        // One home must have one lock, whichever way its path is spelled.
        let root = fs::canonicalize(root).map_err(|source| unusable(root, source))?;
        if !belongs_to_us(&root).map_err(|source| unusable(&root, source))? {
            return Err(ClaimError::Foreign { root });
        }
        restrict_directory(&root).map_err(|source| unusable(&root, source))?;

        let lock_path = root.join(LOCK_FILE);
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(|source| unusable(&lock_path, source))?;
        match take(&lock, &root) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let by = read_record(&root);
                return Err(ClaimError::Held { root, by });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(&lock_path, source)),
        }
        let layout = HomeLayout::new(root);
        write_record(layout.root(), holder)
            .map_err(|source| unusable(&layout.root().join(RECORD_FILE), source))?;
        for directory in layout
            .lasting_directories()
            .into_iter()
            .chain([layout.temporary_directory()])
        {
            make_private_directory(&directory).map_err(|source| unusable(&directory, source))?;
        }
        Ok(Self {
            claim: Arc::new(Claim {
                layout,
                lock,
                occupied: AtomicBool::new(false),
            }),
        })
    }

    /// Holds the claim for as long as what is given lives, whatever becomes of this value.
    #[must_use]
    pub fn hold(&self) -> HeldClaim {
        HeldClaim(self.claim.clone())
    }

    /// Where everything is.
    #[must_use]
    pub fn layout(&self) -> &HomeLayout {
        &self.claim.layout
    }

    /// Whether an engine is started, runs or is just ending in this home.
    #[must_use]
    pub fn is_occupied(&self) -> bool {
        self.claim.occupied.load(Ordering::Acquire)
    }

    /// The one seat for an engine in this home; `None` while an engine sits in it.
    pub(crate) fn take_seat(&self) -> Option<Seat> {
        let was_occupied = self.claim.occupied.swap(true, Ordering::AcqRel);
        (!was_occupied).then(|| Seat {
            claim: Arc::clone(&self.claim),
        })
    }
}

#[derive(Debug)]
struct Claim {
    layout: HomeLayout,
    lock: File,
    occupied: AtomicBool,
}

impl Drop for Claim {
    fn drop(&mut self) {
        // The record first: while the lock still holds, nobody else can have written theirs. Neither failure does
        // harm: a stale record is only read while someone holds the lock, and closing the file unlocks it too.
        if let Err(error) = fs::remove_file(self.layout.root().join(RECORD_FILE)) {
            tracing::debug!(%error, "removing the record of who holds the engine's home");
        }
        if let Err(error) = self.lock.unlock() {
            tracing::debug!(%error, "unlocking the engine's home");
        }
    }
}

/// The right to run an engine in a home. It keeps the claim, so a home is never given away under a living engine.
#[derive(Debug)]
pub(crate) struct Seat {
    claim: Arc<Claim>,
}

impl Seat {
    pub(crate) fn layout(&self) -> &HomeLayout {
        &self.claim.layout
    }

    /// Makes the directories, and empties the temporary one. What cannot be taken away there takes room, and keeps no
    /// engine from starting.
    pub(crate) fn refresh_directories(&self) -> io::Result<()> {
        let layout = self.layout();
        for directory in layout.lasting_directories() {
            make_private_directory(&directory)?;
        }
        let temporary = layout.temporary_directory();
        if let Err(error) = remove(&temporary)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the engine's temporary directory could not be emptied");
        }
        make_private_directory(&temporary)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.claim.occupied.store(false, Ordering::Release);
    }
}

/// Takes a directory away with all that is in it. A directory without rights for its owner keeps its files, and programs
/// leave such ones (the caches of Go are made that way): the rights are given back then.
fn remove(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            give_rights_below(directory);
            fs::remove_dir_all(directory)
        }
        removed => removed,
    }
}

/// As far as they can be given: what is another user's stays as it is. Links are not followed.
fn give_rights_below(directory: &Path) {
    let mut left = vec![directory.to_owned()];
    while let Some(directory) = left.pop() {
        if let Err(error) = restrict_directory(&directory) {
            tracing::debug!(%error, "a directory was left without rights");
        }
        let entries = fs::read_dir(&directory).into_iter().flatten().flatten();
        let directories = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        left.extend(directories.map(|entry| entry.path()));
    }
}

/// Makes one directory, or takes the one that is there, and closes it to everyone else.
///
/// A symbolic link is refused: the engine can write here, and a link of its making must not lead our writes elsewhere.
pub(crate) fn make_private_directory(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if !fs::symlink_metadata(path)?.is_dir() {
                return Err(io::Error::new(
                    io::ErrorKind::NotADirectory,
                    "something else than a directory is there",
                ));
            }
        }
        Err(error) => return Err(error),
    }
    restrict_directory(path)
}

#[cfg(unix)]
fn restrict_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// On Windows the tree lies in the profile directory, whose access list already names its owner alone.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "one signature on all systems")]
fn restrict_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn belongs_to_us(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(fs::metadata(path)?.uid() == rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "one signature on all systems")]
fn belongs_to_us(_path: &Path) -> io::Result<bool> {
    Ok(true)
}

fn write_record(root: &Path, holder: Holder) -> io::Result<()> {
    let record = HolderRecord {
        holder,
        pid: std::process::id(),
        since: Timestamp::now(),
    };
    crate::seed::write_atomically(&root.join(RECORD_FILE), &serde_json::to_vec(&record)?)
}

/// Takes the lock. What a holder that was killed had just begun to start shares its lock until it is gone, too: so long it
/// is waited for, and for nobody who lives. It may block for [`DYING`].
fn take(lock: &File, root: &Path) -> Result<(), TryLockError> {
    let lives = || read_record(root).map(|record| look_up(record.pid).is_some());
    let taken = lock.try_lock();
    if !matches!(taken, Err(TryLockError::WouldBlock)) || lives() != Some(false) {
        return taken;
    }
    let until = Instant::now() + DYING;
    loop {
        std::thread::sleep(DYING_PAUSE);
        let taken = lock.try_lock();
        let goes_on = matches!(taken, Err(TryLockError::WouldBlock)) && Instant::now() < until;
        // Somebody else may have been quicker.
        if !goes_on || lives() == Some(true) {
            return taken;
        }
    }
}

/// Whatever is wrong with the record, the lock is what counts, so nothing here is an error.
fn read_record(root: &Path) -> Option<HolderRecord> {
    use std::io::Read as _;
    let mut contents = Vec::new();
    File::open(root.join(RECORD_FILE))
        .ok()?
        .take(RECORD_BYTES)
        .read_to_end(&mut contents)
        .ok()?;
    serde_json::from_slice(&contents).ok()
}
