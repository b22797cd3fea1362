//! How far the index of messages is, and beginning it anew.

use std::sync::atomic::Ordering;

use rusqlite::TransactionBehavior;

use crate::documents::{facet_word, plain};
use crate::{Store, StoreError};

/// A session whose messages are not, or not all, in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToIndex {
    /// Its id.
    pub session: String,
    /// The folder it works in.
    pub folder: String,
    /// When it last changed, to be handed to [`Store::set_indexed`].
    pub updated: i64,
}

/// How far the index is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Indexing {
    /// Sessions there are.
    pub sessions: u64,
    /// Of them, those whose messages are not all in the index.
    pub waiting: u64,
}

impl Store {
    /// Counts how often the index was emptied: what was put into one before says nothing of the one there is now.
    #[must_use]
    pub fn index_made(&self) -> u64 {
        self.inner.index_made.load(Ordering::Acquire)
    }

    /// Says that everything of a session up to `updated` is in the index, when that is still the one it was put into.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_indexed(&self, session: &str, updated: i64, index_made: u64) -> Result<(), StoreError> {
        self.extend_indexed(session, i64::MIN, updated, index_made)
    }

    /// Says that everything of a session from `since` up to `updated` is in the index. That is all of it only when
    /// everything up to `since` is there already; else it waits to be read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn extend_indexed(
        &self,
        session: &str,
        since: i64,
        updated: i64,
        index_made: u64,
    ) -> Result<(), StoreError> {
        let connection = self.connection();
        // It is emptied under the same lock.
        if self.index_made() != index_made {
            return Ok(());
        }
        connection
            .prepare_cached("UPDATE sessions SET indexed = max(indexed, ?2) WHERE id = ?1 AND indexed >= ?3")?
            .execute((session, updated, since))?;
        Ok(())
    }

    /// Has a session wait to be read whole, because not all that was put into the index holds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_indexed(&self, session: &str) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("UPDATE sessions SET indexed = -1 WHERE id = ?1")?
            .execute([session])?;
        Ok(())
    }

    /// Sessions whose messages are not all in the index, those that changed last first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sessions_to_index(&self, limit: u32) -> Result<Vec<ToIndex>, StoreError> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT id, folder, updated FROM sessions WHERE indexed < updated ORDER BY updated DESC LIMIT ?1",
        )?;
        let rows = statement.query_map([limit], |row| {
            Ok(ToIndex {
                session: row.get("id")?,
                folder: row.get("folder")?,
                updated: row.get("updated")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How far the index is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn indexing(&self) -> Result<Indexing, StoreError> {
        let reader = self.reader()?;
        let count = |query: &str| -> Result<u64, StoreError> {
            let count: i64 = reader.prepare_cached(query)?.query_row([], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        };
        Ok(Indexing {
            sessions: count("SELECT count(*) FROM sessions")?,
            waiting: count("SELECT count(*) FROM sessions WHERE indexed < updated")?,
        })
    }
}

impl Store {
    /// Empties the index and begins it anew: titles are in it at once, and every session waits for its messages to be
    /// read again. What a person put there (tags, saved searches) and what answers took stays. Other writers wait for
    /// it, about a second for a hundred thousand sessions.
    ///
    /// # Errors
    /// [`StoreError`]; then the index is as it was.
    pub fn clear_index(&self) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(
            "DELETE FROM messages; DELETE FROM message_texts; DELETE FROM changed_files; \
             INSERT INTO title_index (title_index) VALUES ('delete-all'); \
             INSERT INTO prompt_index (prompt_index) VALUES ('delete-all'); \
             INSERT INTO answer_index (answer_index) VALUES ('delete-all'); \
             UPDATE sessions SET messages = 0, tokens = 0, changed_files = 0, indexed = -1;",
        )?;
        {
            let mut titles =
                transaction.prepare("SELECT key, title, folder_name FROM sessions ORDER BY key")?;
            let mut rows = titles.query([])?;
            while let Some(row) = rows.next()? {
                let (key, title, folder): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                transaction
                    .prepare_cached("INSERT INTO title_index (rowid, title, facet) VALUES (?1, ?2, ?3)")?
                    .execute((key, plain(&title), facet_word('f', folder)))?;
            }
        }
        transaction.commit()?;
        self.inner.index_made.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }
}
