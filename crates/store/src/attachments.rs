//! What is attached to prompts that were not taken by the engine yet: what each is, and for whom it is kept. The bytes
//! are in files beside the database, so that a draft with pictures does not make every backup and check of it long.

use rusqlite::{OptionalExtension, Row, TransactionBehavior};

use crate::error::bounded;
use crate::{Store, StoreError};

/// Bytes of the small picture of an attachment, as text that a window shows. One of 96 pixels takes some five.
pub const THUMBNAIL_LIMIT: usize = 48 * 1024;
/// Bytes of an attachment's name: what file systems take for one.
pub const ATTACHMENT_NAME_LIMIT: usize = 255;
/// How many are kept in all threads together. Their bytes are bound by whoever keeps the files.
pub const ATTACHMENTS_LIMIT: u32 = 1_000;

/// Who holds an attachment that waits in a composer.
pub const DRAFT_HOLDER: &str = "";

/// One attached file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its id, and the name of the file its bytes are in.
    pub id: String,
    /// The session it is for; a composer that belongs to no session yet has a name of its own.
    pub session: String,
    /// [`DRAFT_HOLDER`], or the prompt it goes with: one that is queued, or one that is on its way.
    pub holder: String,
    /// What it is called.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// A small picture of it as a `data:` address.
    pub thumbnail: Option<String>,
    /// It was made smaller than it was.
    pub scaled: bool,
    /// When it was attached, in milliseconds since the epoch.
    pub created: i64,
}

impl Attachment {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            session: row.get("session")?,
            holder: row.get("holder")?,
            name: row.get("name")?,
            media_type: row.get("media_type")?,
            bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
            thumbnail: row.get("thumbnail")?,
            scaled: row.get("scaled")?,
            created: row.get("created")?,
        })
    }
}

/// Gives attachments to a prompt, within what else is done at once.
pub(crate) fn give(
    connection: &rusqlite::Connection,
    ids: &[String],
    session: &str,
    holder: &str,
) -> Result<(), StoreError> {
    for id in ids {
        connection.execute(
            "UPDATE attachments SET session = ?2, holder = ?3 WHERE id = ?1",
            (id, session, holder),
        )?;
    }
    Ok(())
}

/// What one prompt holds, another one holds from now on.
pub(crate) fn pass(connection: &rusqlite::Connection, from: &str, to: &str) -> rusqlite::Result<()> {
    connection.execute("UPDATE attachments SET holder = ?2 WHERE holder = ?1", (from, to))?;
    Ok(())
}

const COLUMNS: &str = "id, session, holder, name, media_type, bytes, thumbnail, scaled, created";

impl Store {
    /// Keeps an attachment.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] for a name or picture beyond its bound, [`StoreError::TooMany`] beyond
    /// [`ATTACHMENTS_LIMIT`].
    pub fn attachment_put(&self, attachment: &Attachment) -> Result<(), StoreError> {
        bounded(
            "the name of an attached file",
            &attachment.name,
            ATTACHMENT_NAME_LIMIT,
        )?;
        let thumbnail = attachment.thumbnail.as_deref().unwrap_or_default();
        bounded(
            "the small picture of an attached file",
            thumbnail,
            THUMBNAIL_LIMIT,
        )?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let kept: u32 = transaction.query_row("SELECT count(*) FROM attachments", [], |row| row.get(0))?;
        if kept >= ATTACHMENTS_LIMIT {
            return Err(StoreError::TooMany {
                what: "attached files",
                limit: ATTACHMENTS_LIMIT,
            });
        }
        transaction.execute(
            &format!("INSERT INTO attachments ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
            (
                &attachment.id,
                &attachment.session,
                &attachment.holder,
                &attachment.name,
                &attachment.media_type,
                attachment.bytes.cast_signed(),
                &attachment.thumbnail,
                attachment.scaled,
                attachment.created,
            ),
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// One attachment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn attachment(&self, id: &str) -> Result<Option<Attachment>, StoreError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM attachments WHERE id = ?1"))?;
        Ok(statement.query_row([id], Attachment::read).optional()?)
    }

    /// What is attached in a session, whoever holds it, in the order it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn attachments_of(&self, session: &str) -> Result<Vec<Attachment>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM attachments WHERE session = ?1 ORDER BY created, rowid"
        ))?;
        let rows = statement.query_map([session], Attachment::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What a prompt holds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn attachments_held(&self, holder: &str) -> Result<Vec<Attachment>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM attachments WHERE holder = ?1 ORDER BY created, rowid"
        ))?;
        let rows = statement.query_map([holder], Attachment::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Bytes of all that is attached.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn attachment_bytes(&self) -> Result<u64, StoreError> {
        let sum: i64 =
            self.connection()
                .query_row("SELECT coalesce(sum(bytes), 0) FROM attachments", [], |row| {
                    row.get(0)
                })?;
        Ok(sum.unsigned_abs())
    }

    /// Gives attachments to a prompt of a session, or back to its composer.
    ///
    /// # Errors
    /// [`StoreError`]; then none is given.
    pub fn attachments_give(&self, ids: &[String], session: &str, holder: &str) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        give(&transaction, ids, session, holder)?;
        transaction.commit()?;
        Ok(())
    }

    /// What one prompt holds, another one holds from now on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn attachments_pass(&self, from: &str, to: &str) -> Result<(), StoreError> {
        Ok(pass(&self.connection(), from, to)?)
    }

    /// Forgets attachments; the files with their bytes are the caller's to remove.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn attachments_forget(&self, ids: &[String]) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for id in ids {
            transaction.execute("DELETE FROM attachments WHERE id = ?1", [id])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The ids of all there are, so that files without one can be removed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn attachment_ids(&self) -> Result<Vec<String>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT id FROM attachments")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
