//! Why the database did not do what was asked.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the database did not do what was asked. What was committed before is not touched by any of these.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database's folder could not be made or used.
    #[error(
        "the folder {} could not be made ready for the database: {source}; check that it, or its parent, can be \
         written to", folder.display()
    )]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database file could not be opened or written.
    #[error("the database {} could not be opened for writing: {detail}; check the file's rights", path.display())]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// A newer version of the app wrote the file.
    #[error(
        "the database {} was written by a newer version of the app (its schema is {found}, this version knows up \
         to {known}); update the app, or move the file away to begin anew", path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// The schema in the file.
        found: i64,
        /// The newest schema this version knows.
        known: i64,
    },
    /// A damaged file could not be set aside.
    #[error("the damaged database {} could not be set aside: {source}; move it away by hand", path.display())]
    NotSetAside {
        /// The damaged file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The disk is full, or the database reached its bound.
    #[error(
        "the database could not be written because the disk, or the room it may take, is full; free some space"
    )]
    Full,
    /// The file is damaged. Opening it anew sets it aside.
    #[error("the database is damaged; restart the app to set it aside and begin a new one")]
    Corrupt,
    /// Another process held the file for too long.
    #[error("another process is using the database; close it and try again")]
    Busy,
    /// A text is too long to be kept.
    #[error("{what} is {length} bytes long, and at most {limit} are kept; shorten it")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The bound in bytes.
        limit: usize,
    },
    /// There are as many rows of a kind as are kept.
    #[error("there are {limit} {what} already, and no more are kept; take some back first")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// The bound in rows.
        limit: u32,
    },
    /// A value could not be turned into JSON, or what is stored is not what the caller expects.
    #[error("the stored value of {what} could not be read or written: {source}; reset it")]
    Value {
        /// Whose value.
        what: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Anything else SQLite reports.
    #[error("the database did not answer: {0}")]
    Database(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Database(error),
        }
    }
}

/// Refuses a text that is too long.
pub(crate) fn bounded(what: &'static str, text: &str, limit: usize) -> Result<(), StoreError> {
    let length = text.len();
    if length > limit {
        Err(StoreError::TooLong { what, length, limit })
    } else {
        Ok(())
    }
}
