//! Prompts on their way to the engine, so that none is lost when it could not be delivered.
//!
//! A prompt is put here before it is sent and settled when the engine was seen to have it, not when it said that it took
//! it. What still says *sending* at a start was cut off in between: the engine may have it, and whoever finds it asks by
//! the message's id. So does whoever finds one that came back when nobody could tell.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, named_params};

use crate::error::bounded;
use crate::{DRAFT_HOLDER, Store, StoreError, attachments, drafts};

/// The longest prompt in bytes: four times the longest draft, as what is attached as text is added to it.
pub const PROMPT_LIMIT: usize = 1024 * 1024;
/// How many prompts that were delivered are kept, in all sessions together. They only serve to recognise a
/// repeat; the conversation itself is the engine's.
pub const SENT_KEPT: u32 = 200;

/// How far a prompt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Handed over; that it arrived was not seen yet.
    Sending,
    /// The engine has it.
    Sent,
    /// It came back: the engine does not have it, or nobody can tell.
    Failed,
}

impl DeliveryState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

impl ToSql for DeliveryState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for DeliveryState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let found = value.as_str()?;
        [Self::Sending, Self::Sent, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == found)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// One prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxPrompt {
    /// The id its message has, so that a repeat is not a second prompt.
    pub message: String,
    /// The session it is for.
    pub session: String,
    /// What the person wrote.
    pub text: String,
    /// The agent to ask.
    pub agent: Option<String>,
    /// The model to ask.
    pub model: Option<String>,
    /// How far it is.
    pub state: DeliveryState,
    /// Why it came back, when whoever sent it was told and holds what it was made of.
    pub error: Option<String>,
    /// When it was written, in milliseconds since the epoch.
    pub created: i64,
}

impl OutboxPrompt {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            message: row.get("message")?,
            session: row.get("session")?,
            text: row.get("text")?,
            agent: row.get("agent")?,
            model: row.get("model")?,
            state: row.get("state")?,
            error: row.get("error")?,
            created: row.get("created")?,
        })
    }
}

const COLUMNS: &str = "message, session, text, agent, model, state, error, created";

/// Puts a prompt into the outbox, within what else is done at once.
pub(crate) fn put(connection: &Connection, prompt: &OutboxPrompt) -> Result<(), StoreError> {
    bounded("the prompt", &prompt.text, PROMPT_LIMIT)?;
    connection
        .prepare_cached(
            "INSERT INTO outbox (message, session, text, agent, model, state, error, created) VALUES \
             (:message, :session, :text, :agent, :model, :state, :error, :created) ON CONFLICT (message) DO \
             UPDATE SET session = excluded.session, text = excluded.text, agent = excluded.agent, \
             model = excluded.model, state = excluded.state, error = excluded.error, \
             created = excluded.created",
        )?
        .execute(named_params! {
            ":message": prompt.message, ":session": prompt.session, ":text": prompt.text,
            ":agent": prompt.agent, ":model": prompt.model, ":state": prompt.state,
            ":error": prompt.error, ":created": prompt.created,
        })?;
    Ok(())
}

fn pending(connection: &Connection, message: &str) -> rusqlite::Result<Option<OutboxPrompt>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox WHERE message = ?1 AND state <> 'sent'"
        ))?
        .query_row([message], OutboxPrompt::read)
        .optional()
}

/// The prompts of a session that came back, oldest first.
pub(crate) fn failed(connection: &Connection, session: &str) -> rusqlite::Result<Vec<OutboxPrompt>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox WHERE session = ?1 AND state = 'failed' ORDER BY created, rowid"
        ))?
        .query_map([session], OutboxPrompt::read)?
        .collect()
}

fn forget_sent(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM outbox WHERE rowid IN (SELECT rowid FROM outbox WHERE state = 'sent' \
         ORDER BY created DESC LIMIT -1 OFFSET ?1)",
        [SENT_KEPT],
    )?;
    Ok(())
}

impl Store {
    /// Puts a prompt into the outbox, or replaces the one of the same message (when it is sent again).
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`PROMPT_LIMIT`]. On any error the prompt must not be sent, since it
    /// could be lost.
    pub fn outbox_put(&self, prompt: &OutboxPrompt) -> Result<(), StoreError> {
        put(&self.connection(), prompt)
    }

    /// Puts a prompt into the outbox in place of `old`, the message it was to be, with what goes with it.
    ///
    /// # Errors
    /// As [`Store::outbox_put`]; then everything is as it was.
    pub fn outbox_rename(&self, old: &str, prompt: &OutboxPrompt) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        attachments::pass(&transaction, old, &prompt.message)?;
        transaction.execute("DELETE FROM outbox WHERE message = ?1", [old])?;
        put(&transaction, prompt)?;
        transaction.commit()?;
        Ok(())
    }

    /// The engine took a prompt: the draft it was is none any more. It stays *sending* until the engine is seen to have it.
    ///
    /// # Errors
    /// [`StoreError`]; then everything is as it was.
    pub fn outbox_accepted(&self, message: &str) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sent = pending(&transaction, message)?.filter(|sent| sent.state == DeliveryState::Sending);
        // One that came back meanwhile is in nobody's hands but the draft's.
        if let Some(sent) = sent {
            drafts::clear(&transaction, &sent.session, &sent.text)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The engine has a prompt, whatever was thought of it before: it is neither the draft nor waits, and what came back of
    /// it before is not written again.
    ///
    /// # Errors
    /// [`StoreError`]; then everything is as it was.
    pub fn outbox_delivered(&self, session: &str, message: &str) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "DELETE FROM queued_prompts WHERE session = ?1 AND message = ?2",
            (session, message),
        )?;
        if let Some(sent) = pending(&transaction, message)? {
            transaction.execute(
                "UPDATE outbox SET state = 'sent', error = NULL WHERE message = ?1",
                [message],
            )?;
            drafts::clear(&transaction, session, &sent.text)?;
            for failed in failed(&transaction, session)? {
                // It was sent again, as it was or with more.
                if drafts::holds(&sent.text, &failed.text) {
                    transaction.execute("DELETE FROM outbox WHERE message = ?1", [&failed.message])?;
                }
            }
            forget_sent(&transaction)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The engine does not have a prompt, or nobody can tell. `told` is why, when whoever sent it was told of that and holds
    /// what it was made of. What is attached to it is the composer's again.
    ///
    /// # Errors
    /// [`StoreError`]; then everything is as it was.
    pub fn outbox_returned(&self, message: &str, told: Option<&str>) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        attachments::pass(&transaction, message, DRAFT_HOLDER)?;
        if let Some(prompt) = pending(&transaction, message)? {
            let again: bool = transaction.query_row(
                "SELECT EXISTS (SELECT 1 FROM outbox WHERE session = ?1 AND message <> ?2 AND text = ?3 AND \
                 state <> 'failed' AND created >= ?4)",
                (&prompt.session, message, &prompt.text, prompt.created),
                |row| row.get(0),
            )?;
            if again {
                // Nobody waited to hear what became of it: the same was sent once more since.
                transaction.execute("DELETE FROM outbox WHERE message = ?1", [message])?;
            } else {
                transaction.execute(
                    "UPDATE outbox SET state = 'failed', error = ?2 WHERE message = ?1",
                    (message, told),
                )?;
                if told.is_some() {
                    drafts::begin_with(&transaction, &prompt.session, &prompt.text)?;
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Says what became of a prompt; `error` says why it failed. Answers whether the outbox knows it.
    ///
    /// # Errors
    /// [`StoreError`]; then the prompt stays as it was.
    pub fn outbox_settle(
        &self,
        message: &str,
        state: DeliveryState,
        error: Option<&str>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known = transaction.execute(
            "UPDATE outbox SET state = ?2, error = ?3 WHERE message = ?1",
            (message, state, error),
        )?;
        if state == DeliveryState::Sent {
            forget_sent(&transaction)?;
        }
        transaction.commit()?;
        Ok(known > 0)
    }

    /// One prompt, delivered or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn outbox_prompt(&self, message: &str) -> Result<Option<OutboxPrompt>, StoreError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox WHERE message = ?1"))?;
        Ok(statement.query_row([message], OutboxPrompt::read).optional()?)
    }

    /// The prompts of a session that are not known to be delivered, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn outbox_pending(&self, session: &str) -> Result<Vec<OutboxPrompt>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox WHERE session = ?1 AND state <> 'sent' ORDER BY created, rowid"
        ))?;
        let rows = statement.query_map([session], OutboxPrompt::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Throws a prompt away, when the person says so. Answers whether the outbox knew it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn outbox_forget(&self, message: &str) -> Result<bool, StoreError> {
        Ok(self
            .connection()
            .execute("DELETE FROM outbox WHERE message = ?1", [message])?
            > 0)
    }
}
