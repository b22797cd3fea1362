//! How much of the disk the database takes, and for what.

use std::fs;

use crate::open::beside;
use crate::{Store, StoreError};

/// The tables that are there to search in.
const INDEX: [&str; 22] = [
    "messages",
    "messages_by_session",
    "message_texts",
    "names",
    "changed_files",
    "title_index_data",
    "title_index_idx",
    "title_index_docsize",
    "title_index_config",
    "prompt_index_data",
    "prompt_index_idx",
    "prompt_index_docsize",
    "prompt_index_config",
    "answer_index_data",
    "answer_index_idx",
    "answer_index_docsize",
    "answer_index_config",
    "sessions_to_index",
    "sessions_needing_you",
    "sessions_to_narrow",
    "search_filters",
    "session_tags",
];

/// The tables of pairings.
const PAIRING: [&str; 14] = [
    "pairings",
    "sqlite_autoindex_pairings_1",
    "shared_folders",
    "shared_threads",
    "told_threads",
    "remote_events",
    "remote_events_by_place",
    "remote_events_by_sequence",
    "remote_commands",
    "remote_commands_by_time",
    "remote_commands_by_sequence",
    "remote_commands_open",
    "remote_audit",
    "remote_audit_by_pairing",
];

/// What the database takes, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DatabaseSizes {
    /// The file.
    pub file: u64,
    /// The log beside it, of what is not in the file yet.
    pub log: u64,
    /// Of the file, what is there to search in.
    pub index: u64,
    /// Of the file, unfinished answers.
    pub journal: u64,
    /// Of the file, what answers took.
    pub usage: u64,
    /// Of the file, what was answered and by whom.
    pub answered: u64,
    /// Of the file, pairings with what leaves over them, what came and the audit.
    pub pairing: u64,
    /// Of the file, room that will be used again before it grows.
    pub free: u64,
}

impl Store {
    /// What the database takes. It passes over the whole file, a second for each gigabyte, and no writer waits for
    /// it: for `spawn_blocking`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sizes(&self) -> Result<DatabaseSizes, StoreError> {
        let reader = self.reader()?;
        let of = |table: &str| -> Result<u64, StoreError> {
            let bytes: Option<i64> = reader
                .prepare_cached("SELECT sum(pgsize) FROM dbstat WHERE name = ?1 AND aggregate = TRUE")?
                .query_row([table], |row| row.get(0))?;
            Ok(bytes.unwrap_or(0).unsigned_abs())
        };
        let mut index = 0;
        for table in INDEX {
            index += of(table)?;
        }
        let mut pairing = 0;
        for table in PAIRING {
            pairing += of(table)?;
        }
        let pragma = |name: &str| -> Result<u64, StoreError> {
            let value: i64 = reader.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))?;
            Ok(value.unsigned_abs())
        };
        let length = |path: &std::path::Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        Ok(DatabaseSizes {
            file: length(&self.inner.path),
            log: length(&beside(&self.inner.path, "-wal")),
            index,
            journal: of("journal")?,
            usage: of("answer_usage")? + of("answer_usage_by_time")?,
            answered: of("answered")? + of("answered_by_time")? + of("sqlite_autoindex_answered_1")?,
            pairing,
            free: pragma("freelist_count")? * pragma("page_size")?,
        })
    }
}
