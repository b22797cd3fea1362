//! Opening the file, in whatever state it is found.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::readers::Readers;
use crate::rebuild::{MAKING, Rebuilt, Salvage, begin_anew, take_up, untold};
use crate::schema::{self, SCHEMA_VERSION};
use crate::{Inner, Store, StoreError};

/// How large the database may grow: room for millions of rows, and an end to a runaway before it fills a disk.
pub const DEFAULT_SIZE_LIMIT: u64 = 4 * 1024 * 1024 * 1024;

/// How long a call waits for another process to finish writing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// Up to this size the whole file is checked before it is used; the check takes about a millisecond a megabyte. A
/// larger one would keep the first picture waiting: it is checked beside it, by [`Store::is_sound`].
const CHECKED_AT_ONCE: u64 = 8 * 1024 * 1024;
/// How long the log stays when everything in it is in the file: it grows while somebody reads for long.
const LOG_KEPT: i64 = 16 * 1024 * 1024;
/// SQLite's smallest page count that still holds the schema; a bound below it could not even be opened.
const FEWEST_PAGES: u64 = 64;

/// How to open the database.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How large the file may grow, in bytes; writing beyond it is [`StoreError::Full`]. At least 64 pages
    /// (256 KB) are granted.
    pub size_limit: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            size_limit: DEFAULT_SIZE_LIMIT,
        }
    }
}

/// What was found when the database was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// No file; a new one was made.
    Fresh,
    /// A good file.
    Existing,
    /// A damaged file; it was renamed and a new one made. Tell the person where it is, and say so by
    /// [`Store::told_of_rebuild`]; until then each opening answers this.
    Rebuilt {
        /// The damaged file's new name.
        set_aside: PathBuf,
        /// What of it is in the new one.
        salvage: Salvage,
    },
}

impl Store {
    /// Opens the database at `path`, making it and its folder where they are missing. `now` names a damaged
    /// file that is set aside. See [`Store::open_with`].
    ///
    /// # Errors
    /// As [`Store::open_with`].
    pub fn open(path: &Path, now: i64) -> Result<(Self, Opened), StoreError> {
        Self::open_with(path, now, Options::default())
    }

    /// Opens the database. On Unix the folder is the person's alone (0700) and so is the file (0600).
    ///
    /// # Errors
    /// [`StoreError::Folder`] and [`StoreError::NotWritable`] when the place cannot be written,
    /// [`StoreError::NewerSchema`] when a newer version wrote the file (which is left as it is),
    /// [`StoreError::NotSetAside`] when a damaged file could not be renamed, [`StoreError::Full`] and
    /// [`StoreError::Busy`] for what they say.
    pub fn open_with(path: &Path, now: i64, options: Options) -> Result<(Self, Opened), StoreError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        make_private(folder).map_err(|source| StoreError::Folder {
            folder: folder.to_owned(),
            source,
        })?;
        take_up(path)?;
        let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
        let opened = if length == 0 {
            Opened::Fresh
        } else {
            Opened::Existing
        };
        match connect(path, options, length) {
            Ok(connection) => {
                // Damage elsewhere is found out by who meets it.
                let opened = match untold(&connection).unwrap_or_default() {
                    Some(Rebuilt { set_aside, salvage }) => Opened::Rebuilt { set_aside, salvage },
                    None => opened,
                };
                Ok((Self::over(connection, path, options), opened))
            }
            Err(StoreError::Corrupt) => {
                let (connection, rebuilt) = begin_anew(path, now, options)?;
                let Rebuilt { set_aside, salvage } = rebuilt;
                Ok((
                    Self::over(connection, path, options),
                    Opened::Rebuilt { set_aside, salvage },
                ))
            }
            Err(error) => Err(error),
        }
    }
}

impl Store {
    fn over(connection: Connection, path: &Path, options: Options) -> Self {
        Self {
            inner: Arc::new(Inner {
                connection: Mutex::new(connection),
                readers: Readers::new(path),
                index_made: AtomicU64::new(0),
                path: path.to_owned(),
                options,
            }),
        }
    }
}

pub(crate) fn connect(path: &Path, options: Options, length: u64) -> Result<Connection, StoreError> {
    let refused = |detail: String| StoreError::NotWritable {
        path: path.to_owned(),
        detail,
    };
    make_file_private(path).map_err(|error| refused(error.to_string()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let named = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            refused(error.to_string())
        }
        _ => StoreError::from(error),
    };
    let mut connection = Connection::open_with_flags(path, flags).map_err(named)?;
    connection.busy_timeout(PATIENCE)?;

    let found = schema::version(&connection).map_err(named)?;
    if found > SCHEMA_VERSION {
        // Before anything is written: the newer version must find its file as it left it.
        return Err(StoreError::NewerSchema {
            path: path.to_owned(),
            found,
            known: SCHEMA_VERSION,
        });
    }
    if found < 0 || (length > 0 && length <= CHECKED_AT_ONCE && !is_sound(&connection)?) {
        return Err(StoreError::Corrupt);
    }
    // With a write-ahead log a reader does not wait for a writer, and what is committed survives the death of
    // the process; `normal` adds that of the machine up to its last few commits without a wait for the disk.
    connection
        .pragma_update(None, "journal_mode", "wal")
        .map_err(named)?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.query_row(&format!("PRAGMA journal_size_limit = {LOG_KEPT}"), [], |_| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(64);
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = (options.size_limit / u64::try_from(page).unwrap_or(4096).max(1)).max(FEWEST_PAGES);
    connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
    schema::migrate(&mut connection).map_err(named)?;
    Ok(connection)
}

/// Whether the file is whole, as far as SQLite can tell without comparing every index.
pub(crate) fn is_sound(connection: &Connection) -> Result<bool, StoreError> {
    let answer: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(StoreError::from)?;
    Ok(answer == "ok")
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}

/// Whether a file is the database of this name, or one of those that the store makes beside it: its log, a new one while it
/// is made, damaged ones that were set aside. Others whose names begin alike are not the store's.
#[must_use]
pub fn is_own_file(database: &OsStr, file: &OsStr) -> bool {
    let rest = behind(database, file).map(without_log);
    rest.is_some_and(|rest| rest.is_empty() || rest == MAKING || is_aside(rest))
}

/// Whether a file is a damaged database that was set aside, or the log of one.
#[must_use]
pub fn is_set_aside(database: &OsStr, file: &OsStr) -> bool {
    behind(database, file).map(without_log).is_some_and(is_aside)
}

/// What stands in a file's name behind that of the database.
fn behind<'a>(database: &OsStr, file: &'a OsStr) -> Option<&'a str> {
    let rest = file
        .as_encoded_bytes()
        .strip_prefix(database.as_encoded_bytes())?;
    std::str::from_utf8(rest).ok()
}

fn without_log(name: &str) -> &str {
    let logs = ["-wal", "-shm", "-journal"];
    logs.iter().find_map(|log| name.strip_suffix(log)).unwrap_or(name)
}

fn is_aside(rest: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|character| character.is_ascii_digit());
    rest.strip_prefix(".corrupt-")
        .is_some_and(|moment| match moment.split_once('-') {
            Some((moment, count)) => is_number(moment) && is_number(count),
            None => is_number(moment),
        })
}

/// What a damaged database is called when it is set aside, so that somebody can still look into it.
pub(crate) fn name_aside(path: &Path, now: i64) -> io::Result<PathBuf> {
    let free = |count: u32| {
        let count = if count == 0 {
            String::new()
        } else {
            format!("-{count}")
        };
        beside(path, &format!(".corrupt-{now}{count}"))
    };
    (0..100)
        .map(free)
        .find(|target| !target.exists())
        .ok_or_else(|| io::Error::other("a hundred damaged files of this moment are there already"))
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mode = fs::metadata(folder)?.permissions().mode();
    if mode & 0o077 != 0 {
        // Rights are only taken away: a folder that was made read-only on purpose stays so.
        fs::set_permissions(folder, fs::Permissions::from_mode(mode & 0o700))?;
    }
    Ok(())
}

#[cfg(unix)]
fn make_file_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    // Made by us and not by SQLite, so that there is no moment in which others can read it; SQLite gives the
    // log and its index the rights of the file.
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)?;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(mode & 0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    // On Windows the person's profile, where the folder lies, is private already.
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn make_file_private(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_store_are_told_by_their_whole_names() {
        let is_own = |name: &str| is_own_file("cowork.db".as_ref(), name.as_ref());
        let aside = |name: &str| is_set_aside("cowork.db".as_ref(), name.as_ref());
        for name in [
            "cowork.db",
            "cowork.db-wal",
            "cowork.db-shm",
            "cowork.db.new",
            "cowork.db.new-journal",
        ] {
            assert!(is_own(name) && !aside(name), "{name}");
        }
        for name in ["cowork.db.corrupt-5", "cowork.db.corrupt-1790000000000-2-wal"] {
            assert!(is_own(name) && aside(name), "{name}");
        }
        for name in [
            "cowork.db.bak",
            "cowork.db-copy",
            "cowork.db.new.txt",
            "cowork.db.corrupt-mine",
            "cowork.db.corrupt-5-notes.txt",
            "cowork.dbx",
            "cowork",
            "other.db",
        ] {
            assert!(!is_own(name) && !aside(name), "{name}");
        }
    }
}
