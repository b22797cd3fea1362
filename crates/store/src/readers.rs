//! Connections that only read. With a write-ahead log they see what was committed when they began, wait for no
//! writer, and no writer waits for them.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OpenFlags};

use crate::open::PATIENCE;
use crate::{StoreError, search};

/// Connections kept for the next reader; each holds a few megabytes of pages. A search and something beside it.
const KEPT: usize = 2;
/// Pages each keeps, in KiB: the upper pages of the lists a search walks along.
const CACHE: i64 = 8 * 1024;

/// Those that wait for a next use.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    connections: Vec<Connection>,
    /// Counts the files that were at the path: what was opened on one before is not used again.
    file: u64,
}

/// A connection that only reads.
pub(crate) struct Reader<'a> {
    readers: &'a Readers,
    /// There until it is dropped.
    connection: Option<Connection>,
    file: u64,
}

impl Readers {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            idle: Mutex::default(),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        // Nothing is done under the lock that could leave it half done.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection for one piece of reading.
    pub(crate) fn reader(&self) -> Result<Reader<'_>, StoreError> {
        let (known, file) = {
            let mut idle = self.idle();
            (idle.connections.pop(), idle.file)
        };
        let connection = match known {
            Some(connection) => connection,
            None => self.open()?,
        };
        Ok(Reader {
            readers: self,
            connection: Some(connection),
            file,
        })
    }

    fn open(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "cache_size", -CACHE)?;
        connection.set_prepared_statement_cache_capacity(64);
        search::prepare(&connection)?;
        Ok(connection)
    }

    /// Another file takes the place: what is open on the one before is let go of.
    pub(crate) fn forget(&self) {
        let mut idle = self.idle();
        idle.connections.clear();
        idle.file += 1;
    }
}

impl Deref for Reader<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("a reader holds its connection until it is dropped"),
        }
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut idle = self.readers.idle();
        if let Some(connection) = self.connection.take()
            && idle.file == self.file
            && idle.connections.len() < KEPT
        {
            idle.connections.push(connection);
        }
    }
}
