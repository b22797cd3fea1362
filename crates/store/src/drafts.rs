//! What a person began to write.

use rusqlite::OptionalExtension;

use crate::error::bounded;
use crate::{Store, StoreError};

/// The longest draft in bytes. It is written while a person types, so it has to stay cheap to write; a longer
/// text belongs into a file that is attached.
pub const DRAFT_LIMIT: usize = 256 * 1024;

impl Store {
    /// Keeps what is in a session's composer; an empty text forgets it.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`DRAFT_LIMIT`]; the draft before it stays.
    pub fn set_draft(&self, session: &str, text: &str) -> Result<(), StoreError> {
        bounded("the draft", text, DRAFT_LIMIT)?;
        let connection = self.connection();
        if text.is_empty() {
            connection
                .prepare_cached("DELETE FROM drafts WHERE session = ?1")?
                .execute([session])?;
        } else {
            connection
                .prepare_cached(
                    "INSERT INTO drafts (session, text) VALUES (?1, ?2) ON CONFLICT (session) DO UPDATE SET \
                     text = excluded.text",
                )?
                .execute([session, text])?;
        }
        Ok(())
    }

    /// What was in a session's composer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn draft(&self, session: &str) -> Result<Option<String>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT text FROM drafts WHERE session = ?1")?;
        Ok(statement.query_row([session], |row| row.get(0)).optional()?)
    }
}
