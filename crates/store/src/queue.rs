//! Prompts that wait for a turn to end, and the commands whose templates a person trusts.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};

use crate::error::bounded;
use crate::outbox::{self, DeliveryState, OutboxPrompt, PROMPT_LIMIT};
use crate::{Store, StoreError, attachments};

/// Prompts that wait in one thread. More than these nobody has in mind, and each is a turn of its own.
pub const QUEUE_LIMIT: u32 = 20;
/// Templates that are trusted, in all folders together.
pub const TRUSTED_LIMIT: u32 = 1_000;

/// A prompt that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedPrompt {
    /// Its id.
    pub id: String,
    /// The session it is for.
    pub session: String,
    /// What the person wrote.
    pub text: String,
    /// The agent to ask.
    pub agent: Option<String>,
    /// The model to ask.
    pub model: Option<String>,
    /// When it was written, in milliseconds since the epoch.
    pub created: i64,
    /// The message it went out as when nobody could tell whether that arrived; looked for before it goes out again.
    pub message: Option<String>,
}

impl QueuedPrompt {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            session: row.get("session")?,
            text: row.get("text")?,
            agent: row.get("agent")?,
            model: row.get("model")?,
            created: row.get("created")?,
            message: row.get("message")?,
        })
    }
}

const COLUMNS: &str = "id, session, text, agent, model, created, message";

fn take(connection: &Connection, session: &str, id: &str) -> rusqlite::Result<Option<QueuedPrompt>> {
    let mut statement = connection.prepare_cached(&format!(
        "DELETE FROM queued_prompts WHERE session = ?1 AND id = ?2 RETURNING {COLUMNS}"
    ))?;
    statement.query_row([session, id], QueuedPrompt::read).optional()
}

impl Store {
    /// Puts a prompt at the end of a session's queue.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`PROMPT_LIMIT`], [`StoreError::TooMany`] beyond [`QUEUE_LIMIT`].
    pub fn queue_put(&self, prompt: &QueuedPrompt) -> Result<(), StoreError> {
        self.queue_put_with(prompt, &[])
    }

    /// Puts a prompt at the end of a session's queue and gives it attachments, both or neither.
    ///
    /// # Errors
    /// As [`Store::queue_put`].
    pub fn queue_put_with(&self, prompt: &QueuedPrompt, attached: &[String]) -> Result<(), StoreError> {
        bounded("the prompt", &prompt.text, PROMPT_LIMIT)?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (waiting, last): (u32, i64) = transaction.query_row(
            "SELECT count(*), coalesce(max(place), 0) FROM queued_prompts WHERE session = ?1",
            [&prompt.session],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        if waiting >= QUEUE_LIMIT {
            return Err(StoreError::TooMany {
                what: "prompts that wait in this thread",
                limit: QUEUE_LIMIT,
            });
        }
        transaction.execute(
            "INSERT INTO queued_prompts (id, session, place, text, agent, model, created) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                &prompt.id,
                &prompt.session,
                last + 1,
                &prompt.text,
                &prompt.agent,
                &prompt.model,
                prompt.created,
            ),
        )?;
        attachments::give(&transaction, attached, &prompt.session, &prompt.id)?;
        transaction.commit()?;
        Ok(())
    }

    /// A session's queue, the next one first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn queue(&self, session: &str) -> Result<Vec<QueuedPrompt>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM queued_prompts WHERE session = ?1 ORDER BY place"
        ))?;
        let rows = statement.query_map([session], QueuedPrompt::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Gives a prompt that waits another text. Whether it waits. It then is another prompt than the one that may have gone
    /// out.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`PROMPT_LIMIT`].
    pub fn queue_edit(&self, session: &str, id: &str, text: &str) -> Result<bool, StoreError> {
        bounded("the prompt", text, PROMPT_LIMIT)?;
        Ok(self.connection().execute(
            "UPDATE queued_prompts SET text = ?3, message = NULL WHERE session = ?1 AND id = ?2",
            (session, id, text),
        )? > 0)
    }

    /// Takes a prompt out of the queue. Whether it waited.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn queue_take(&self, session: &str, id: &str) -> Result<Option<QueuedPrompt>, StoreError> {
        let connection = self.connection();
        Ok(take(&connection, session, id)?)
    }

    /// Moves a prompt that waits into the outbox as `message`, with what goes with it: all of it or nothing, so that it is
    /// in one of the two at every moment. None when it waits no more.
    ///
    /// # Errors
    /// [`StoreError`]; then it waits as before.
    pub fn queue_to_outbox(
        &self,
        session: &str,
        id: &str,
        message: &str,
        now: i64,
    ) -> Result<Option<QueuedPrompt>, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(prompt) = take(&transaction, session, id)? else {
            return Ok(None);
        };
        outbox::put(
            &transaction,
            &OutboxPrompt {
                message: message.to_owned(),
                session: session.to_owned(),
                text: prompt.text.clone(),
                agent: prompt.agent.clone(),
                model: prompt.model.clone(),
                state: DeliveryState::Sending,
                error: None,
                created: now,
            },
        )?;
        attachments::pass(&transaction, id, message)?;
        transaction.commit()?;
        Ok(Some(prompt))
    }

    /// Moves a prompt that went out as `message` back to where the next one is taken from, with what goes with it.
    ///
    /// # Errors
    /// [`StoreError`]; then it is in the outbox as before.
    pub fn outbox_to_queue(&self, message: &str, prompt: &QueuedPrompt) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // One that became the draft meanwhile must not be there twice.
        if transaction.execute("DELETE FROM outbox WHERE message = ?1", [message])? == 0 {
            return Ok(());
        }
        transaction.execute(
            "INSERT OR IGNORE INTO queued_prompts (id, session, place, text, agent, model, created, message) \
             SELECT ?1, ?2, coalesce(min(place), 1) - 1, ?3, ?4, ?5, ?6, ?7 FROM queued_prompts WHERE session = ?2",
            (
                &prompt.id,
                &prompt.session,
                &prompt.text,
                &prompt.agent,
                &prompt.model,
                prompt.created,
                &prompt.message,
            ),
        )?;
        attachments::pass(&transaction, message, &prompt.id)?;
        transaction.commit()?;
        Ok(())
    }

    /// Puts a session's queue into an order; what is not named comes after, as it stood.
    ///
    /// # Errors
    /// [`StoreError`]; then the order is as it was.
    pub fn queue_order(&self, session: &str, ids: &[String]) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let waiting: Vec<String> = transaction
            .prepare_cached("SELECT id FROM queued_prompts WHERE session = ?1 ORDER BY place")?
            .query_map([session], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let named = ids.iter().filter(|id| waiting.contains(id));
        let others = waiting.iter().filter(|id| !ids.contains(id));
        for (id, place) in named.chain(others).zip(1_i64..) {
            transaction.execute("UPDATE queued_prompts SET place = ?2 WHERE id = ?1", (id, place))?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Remembers that a person trusts a template in a folder. Of one command the last one that was trusted counts.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] beyond [`TRUSTED_LIMIT`].
    pub fn trust_command(&self, folder: &str, name: &str, hash: &str, now: i64) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // One that is trusted anew takes its own place.
        let kept: u32 = transaction.query_row(
            "SELECT count(*) FROM trusted_commands WHERE NOT (folder = ?1 AND name = ?2)",
            (folder, name),
            |row| row.get(0),
        )?;
        if kept >= TRUSTED_LIMIT {
            return Err(StoreError::TooMany {
                what: "trusted commands",
                limit: TRUSTED_LIMIT,
            });
        }
        transaction.execute(
            "INSERT INTO trusted_commands (folder, name, hash, trusted_at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (folder, name) DO UPDATE SET hash = excluded.hash, trusted_at = excluded.trusted_at",
            (folder, name, hash, now),
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// The templates that are trusted in a folder: names and what each says, as a hash.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn trusted_commands(&self, folder: &str) -> Result<Vec<(String, String)>, StoreError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT name, hash FROM trusted_commands WHERE folder = ?1")?;
        let rows = statement.query_map([folder], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
