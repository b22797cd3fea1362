//! What a person calls sessions by, to find them again.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::error::bounded;
use crate::{Store, StoreError};

/// The longest list of a session's tags, in bytes of JSON.
pub const TAGS_LIMIT: usize = 4 * 1024;
/// Tags that are listed: more than anybody tells apart.
const LISTED: u32 = 200;

/// The tags in a session's row.
pub(crate) fn read(column: ValueRef<'_>) -> Vec<String> {
    match column {
        // Nearly all sessions have none, and a search reads hundreds of them.
        ValueRef::Text(b"[]") => Vec::new(),
        // Written by this room alone; a list that is none is as good as an empty one.
        ValueRef::Text(text) => serde_json::from_slice(text).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Tags as they stand in a row.
pub(crate) fn written(tags: &[String]) -> rusqlite::Result<String> {
    serde_json::to_string(tags).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// Has a session found by its tags, which are new to it.
pub(crate) fn put(connection: &Connection, session: i64, tags: &[String]) -> rusqlite::Result<()> {
    for tag in tags {
        connection
            .prepare_cached("INSERT OR IGNORE INTO session_tags (tag, session) VALUES (?1, ?2)")?
            .execute((tag, session))?;
    }
    Ok(())
}

/// Has a session no longer found by tags.
pub(crate) fn take_out(connection: &Connection, session: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM session_tags WHERE session = ?1")?
        .execute([session])?;
    Ok(())
}

impl Store {
    /// Puts tags on a session, in the place of those it has. A tag that other sessions have in other letters is
    /// written as they have it. The tags as they are now; none when the session is not there.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`TAGS_LIMIT`]; then the tags stay, as on any other error.
    pub fn set_tags(&self, id: &str, tags: &[String]) -> Result<Option<Vec<String>>, StoreError> {
        bounded("the list of tags", &written(tags)?, TAGS_LIMIT)?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(session) = crate::documents::session_key(&transaction, id)? else {
            return Ok(None);
        };
        take_out(&transaction, session)?;
        let mut spelled = Vec::new();
        for tag in tags {
            let known: Option<String> = transaction
                .prepare_cached("SELECT tag FROM session_tags WHERE tag = ?1 LIMIT 1")?
                .query_row([tag], |row| row.get(0))
                .optional()?;
            let tag = known.unwrap_or_else(|| tag.clone());
            if !spelled.contains(&tag) {
                spelled.push(tag);
            }
        }
        put(&transaction, session, &spelled)?;
        transaction.execute(
            "UPDATE sessions SET tags = ?2 WHERE key = ?1",
            (session, written(&spelled)?),
        )?;
        transaction.commit()?;
        Ok(Some(spelled))
    }

    /// The tags there are, each with how many sessions have it; those of the most first, and at most 200.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn tags(&self) -> Result<Vec<(String, u32)>, StoreError> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT tag, count(*) FROM session_tags GROUP BY tag ORDER BY count(*) DESC, tag LIMIT ?1",
        )?;
        let rows = statement.query_map([LISTED], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
