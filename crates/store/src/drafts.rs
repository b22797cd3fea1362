//! What a person began to write.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::error::bounded;
use crate::{Store, StoreError, outbox};

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
        Ok(set(&self.connection(), session, text)?)
    }

    /// Keeps what a composer holds. A prompt that came back is then no longer kept for itself when whoever sent it was told and
    /// changed it since, or when the composer `took` what came back.
    ///
    /// # Errors
    /// As [`Store::set_draft`].
    pub fn keep_draft(&self, session: &str, text: &str, took: bool) -> Result<(), StoreError> {
        bounded("the draft", text, DRAFT_LIMIT)?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = get(&transaction, session)?.unwrap_or_default();
        set(&transaction, session, text)?;
        for prompt in outbox::failed(&transaction, session)? {
            // Of one that came back later nobody was told: what is saved may have been written before.
            let changed = prompt.error.is_some() && before != text && holds(&before, &prompt.text);
            if changed || took && holds(text, &prompt.text) {
                transaction.execute("DELETE FROM outbox WHERE message = ?1", [&prompt.message])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// What was in a session's composer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn draft(&self, session: &str) -> Result<Option<String>, StoreError> {
        Ok(get(&self.connection(), session)?)
    }
}

fn get(connection: &Connection, session: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT text FROM drafts WHERE session = ?1")?
        .query_row([session], |row| row.get(0))
        .optional()
}

fn set(connection: &Connection, session: &str, text: &str) -> rusqlite::Result<()> {
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

/// Clears a draft that is this prompt; one that says anything else stays.
pub(crate) fn clear(connection: &Connection, session: &str, prompt: &str) -> rusqlite::Result<()> {
    let draft = get(connection, session)?;
    if draft.is_some_and(|draft| draft.trim() == prompt.trim()) {
        set(connection, session, "")?;
    }
    Ok(())
}

/// Has the draft be a prompt that its composer holds, unless that went on with something else or a draft may not be so long.
pub(crate) fn begin_with(connection: &Connection, session: &str, prompt: &str) -> rusqlite::Result<()> {
    let draft = get(connection, session)?.unwrap_or_default();
    if prompt.len() <= DRAFT_LIMIT && prompt.starts_with(draft.trim()) {
        set(connection, session, prompt)?;
    }
    Ok(())
}

/// Whether a text has a prompt in it: as a whole, or as paragraphs of their own, which is how one is added to what is
/// written. A word that begins as another one does is not in it.
#[must_use]
pub fn holds(text: &str, prompt: &str) -> bool {
    let (text, prompt) = (text.trim(), prompt.trim());
    text.match_indices(prompt).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + prompt.len()..]);
        (before.is_empty() || before.ends_with("\n\n")) && (after.is_empty() || after.starts_with("\n\n"))
    })
}
