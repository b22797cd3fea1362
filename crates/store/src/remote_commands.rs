//! What came from afar, and what became of it: so that a command takes effect once, whatever is told again and whenever
//! the app ends.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, Transaction, TransactionBehavior, named_params};

use crate::error::bounded;
use crate::pairings::WHO_LIMIT;
use crate::remote_audit::{self, NewAuditRow};
use crate::remote_events::{self, Appended, NewRemoteEvent};
use crate::{Store, StoreError};

/// Commands of one pairing that are kept.
pub const COMMANDS_LIMIT: u32 = 10_000;
/// Days they are kept: longer than any server gives one again.
pub const COMMAND_DAYS: i64 = 30;
/// Bytes of a command: what a request of the protocol may have.
const COMMAND_LIMIT: usize = 1024 * 1024;
/// Bytes of what a command came to. The list of sessions is the longest there is.
pub const RESULT_LIMIT: usize = 512 * 1024;
/// Bytes of a command's name: what a desktop takes.
const ID_LIMIT: usize = 1_024;
/// Bytes of what a command asks for. Those that are known are short, and of one that is not no more is shown.
const KIND_LIMIT: usize = 64;
const DAY: i64 = 86_400_000;

/// How far a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommandState {
    /// It was written down, and nothing was done.
    Received,
    /// It is about to take effect, or does, or did: nobody knows who reads this after an end of the app.
    Doing,
    /// It is known what it came to, and the server is to be told.
    Done,
    /// The server was told, or wants to hear no more of it.
    Answered,
}

impl CommandState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Doing => "doing",
            Self::Done => "done",
            Self::Answered => "answered",
        }
    }
}

impl ToSql for CommandState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for CommandState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let found = value.as_str()?;
        [Self::Received, Self::Doing, Self::Done, Self::Answered]
            .into_iter()
            .find(|state| state.as_str() == found)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// A command that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteCommand {
    /// Its id.
    pub id: String,
    /// Its number.
    pub sequence: u64,
    /// What it asks for, as the protocol spells it.
    pub kind: String,
    /// Who gave it, as the server says.
    pub who: Option<String>,
    /// How far it is.
    pub state: CommandState,
    /// When it came first, in milliseconds since the epoch.
    pub received: i64,
    /// What it is known by where it took effect: a message, a session.
    pub mark: Option<String>,
    /// The command as JSON of the caller's, as it came last.
    pub command: String,
    /// What it came to, as JSON of the caller's.
    pub result: Option<String>,
}

impl RemoteCommand {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            sequence: row.get::<_, i64>("sequence")?.unsigned_abs(),
            kind: row.get("kind")?,
            who: row.get("who")?,
            state: row.get("state")?,
            received: row.get("received")?,
            mark: row.get("mark")?,
            command: row.get("command")?,
            result: row.get("result")?,
        })
    }
}

/// What happens to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandStep<'a> {
    /// It came, for the first time or again. The last command that is known of its pairing goes with it; one that was
    /// answered is to be answered again.
    Received {
        /// Its number.
        sequence: u64,
        /// What it asks for.
        kind: &'a str,
        /// Who gave it.
        who: Option<&'a str>,
        /// All of it.
        command: &'a str,
        /// Now, in milliseconds since the epoch.
        now: i64,
    },
    /// It is about to take effect.
    Doing,
    /// It is known that it took none.
    NotDone,
    /// What it came to. The first that is said stays.
    Done(&'a str),
    /// The server was told.
    Answered,
}

impl Store {
    /// Notes what happens to a command, and with it, in one step, what leaves and what is written down of that.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] where a text is; then nothing of it is noted.
    pub fn command_step(
        &self,
        pairing: &str,
        id: &str,
        step: CommandStep<'_>,
        events: &[NewRemoteEvent],
        audit: &[NewAuditRow],
    ) -> Result<Appended, StoreError> {
        bounded("the name of a command", id, ID_LIMIT)?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match step {
            CommandStep::Received {
                sequence,
                kind,
                who,
                command,
                now,
            } => {
                bounded("a command", command, COMMAND_LIMIT)?;
                let sequence = i64::try_from(sequence).unwrap_or(i64::MAX);
                transaction
                    .prepare_cached(
                        "INSERT INTO remote_commands (pairing, id, sequence, kind, who, state, received, command) \
                         VALUES (:pairing, :id, :sequence, :kind, :who, 'received', :now, :command) \
                         ON CONFLICT (pairing, id) DO UPDATE SET command = excluded.command, \
                         state = CASE state WHEN 'answered' THEN 'done' ELSE state END",
                    )?
                    .execute(named_params! {
                        ":pairing": pairing, ":id": id, ":sequence": sequence,
                        ":kind": &kind[..kind.floor_char_boundary(KIND_LIMIT)],
                        ":who": who.map(|who| &who[..who.floor_char_boundary(WHO_LIMIT)]),
                        ":now": now, ":command": command,
                    })?;
                transaction
                    .prepare_cached("UPDATE pairings SET claimed = max(claimed, ?2) WHERE id = ?1")?
                    .execute((pairing, sequence))?;
                forget_old(&transaction, pairing, now)?;
            }
            CommandStep::Doing => to_state(&transaction, pairing, id, CommandState::Doing)?,
            CommandStep::NotDone => to_state(&transaction, pairing, id, CommandState::Received)?,
            CommandStep::Done(result) => {
                bounded("what a command came to", result, RESULT_LIMIT)?;
                transaction
                    .prepare_cached(
                        "UPDATE remote_commands SET state = 'done', result = coalesce(result, ?3) \
                         WHERE pairing = ?1 AND id = ?2 AND state <> 'answered'",
                    )?
                    .execute((pairing, id, result))?;
            }
            CommandStep::Answered => {
                transaction
                    .prepare_cached(
                        "UPDATE remote_commands SET state = 'answered' WHERE pairing = ?1 AND id = ?2 \
                         AND state = 'done'",
                    )?
                    .execute((pairing, id))?;
            }
        }
        let appended = if events.is_empty() {
            Appended::Kept
        } else {
            remote_events::append(&transaction, pairing, events)?
        };
        remote_audit::add(&transaction, audit)?;
        transaction.commit()?;
        Ok(appended)
    }

    /// What a command is known by where it takes effect, written down before it does.
    ///
    /// # Errors
    /// [`StoreError`]; then it must not take effect.
    pub fn mark_command(&self, pairing: &str, id: &str, mark: &str) -> Result<(), StoreError> {
        bounded("the mark of a command", mark, 4 * WHO_LIMIT)?;
        self.connection()
            .prepare_cached("UPDATE remote_commands SET mark = ?3 WHERE pairing = ?1 AND id = ?2")?
            .execute((pairing, id, mark))?;
        Ok(())
    }

    /// What is known of a command.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remote_command(&self, pairing: &str, id: &str) -> Result<Option<RemoteCommand>, StoreError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT * FROM remote_commands WHERE pairing = ?1 AND id = ?2")?;
        let found = statement.query_row((pairing, id), RemoteCommand::read);
        Ok(found.optional()?)
    }

    /// The command that takes effect as this, by its mark.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn marked_command(&self, mark: &str) -> Result<Option<RemoteCommand>, StoreError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT * FROM remote_commands WHERE mark = ?1 LIMIT 1")?;
        Ok(statement.query_row([mark], RemoteCommand::read).optional()?)
    }

    /// What is known of the command with this number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remote_command_at(
        &self,
        pairing: &str,
        sequence: u64,
    ) -> Result<Option<RemoteCommand>, StoreError> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT * FROM remote_commands WHERE pairing = ?1 AND sequence = ?2 LIMIT 1")?;
        let sequence = i64::try_from(sequence).unwrap_or(i64::MAX);
        let found = statement.query_row((pairing, sequence), RemoteCommand::read);
        Ok(found.optional()?)
    }

    /// Commands whose outcome the server was not told, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_commands(&self, pairing: &str) -> Result<Vec<RemoteCommand>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT * FROM remote_commands WHERE pairing = ?1 AND state <> 'answered' ORDER BY sequence, id",
        )?;
        let rows = statement.query_map([pairing], RemoteCommand::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The command that came last over a pairing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_command(&self, pairing: &str) -> Result<Option<RemoteCommand>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT * FROM remote_commands WHERE pairing = ?1 ORDER BY received DESC, sequence DESC LIMIT 1",
        )?;
        Ok(statement.query_row([pairing], RemoteCommand::read).optional()?)
    }

    /// The last command of a pairing that is known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn claimed_through(&self, pairing: &str) -> Result<u64, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT claimed FROM pairings WHERE id = ?1")?;
        let claimed: i64 = statement.query_row([pairing], |row| row.get(0))?;
        Ok(claimed.unsigned_abs())
    }
}

fn to_state(
    transaction: &Transaction<'_>,
    pairing: &str,
    id: &str,
    state: CommandState,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE remote_commands SET state = ?3 WHERE pairing = ?1 AND id = ?2 AND state IN ('received', 'doing')",
        )?
        .execute((pairing, id, state))?;
    Ok(())
}

/// Those whose outcome is not told are never forgotten: they end with their pairing.
fn forget_old(transaction: &Transaction<'_>, pairing: &str, now: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "DELETE FROM remote_commands WHERE pairing = ?1 AND state = 'answered' AND received < ?2",
        )?
        .execute((pairing, now - COMMAND_DAYS * DAY))?;
    transaction
        .prepare_cached(
            "DELETE FROM remote_commands WHERE pairing = ?1 AND state = 'answered' AND received < (SELECT received \
             FROM remote_commands WHERE pairing = ?1 ORDER BY received DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute((pairing, COMMANDS_LIMIT - 1))?;
    Ok(())
}
