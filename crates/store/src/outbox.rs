//! Prompts on their way to the engine, so that none is lost when it could not be delivered.
//!
//! A prompt is put here before it is sent and settled when its fate is known. What still says *sending* at a
//! start was cut off in between: the engine may have it, and whoever finds it asks by the message's id.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, TransactionBehavior, named_params};

use crate::error::bounded;
use crate::{Store, StoreError};

/// The longest prompt in bytes: four times the longest draft, as what is attached as text is added to it.
pub const PROMPT_LIMIT: usize = 1024 * 1024;
/// How many prompts that were delivered are kept, in all sessions together. They only serve to recognise a
/// repeat; the conversation itself is the engine's.
pub const SENT_KEPT: u32 = 200;

/// How far a prompt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Handed over; whether it arrived is not known yet.
    Sending,
    /// The engine has it.
    Sent,
    /// The engine does not have it.
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
    /// Why it failed.
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

impl Store {
    /// Puts a prompt into the outbox, or replaces the one of the same message (when it is sent again).
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`PROMPT_LIMIT`]. On any error the prompt must not be sent, since it
    /// could be lost.
    pub fn outbox_put(&self, prompt: &OutboxPrompt) -> Result<(), StoreError> {
        bounded("the prompt", &prompt.text, PROMPT_LIMIT)?;
        self.connection()
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
            transaction.execute(
                "DELETE FROM outbox WHERE rowid IN (SELECT rowid FROM outbox WHERE state = 'sent' \
                 ORDER BY created DESC LIMIT -1 OFFSET ?1)",
                [SENT_KEPT],
            )?;
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
