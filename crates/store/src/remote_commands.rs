//! What came from afar, and what became of it: so that a command takes effect once, whatever is told again and whenever
//! the app ends.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, TransactionBehavior, named_params};

use crate::error::bounded;
use crate::pairings::WHO_LIMIT;
use crate::{Store, StoreError};

/// Commands of one pairing that are kept.
pub const COMMANDS_LIMIT: u32 = 10_000;
/// Days they are kept: longer than any server gives one again.
pub const COMMAND_DAYS: i64 = 30;
/// Bytes of what a command came to. The list of sessions is the longest there is.
pub const RESULT_LIMIT: usize = 512 * 1024;
const DAY: i64 = 86_400_000;

/// How far a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommandState {
    /// It was written down, and nothing was done.
    Received,
    /// It is about to take effect, or does, or did: nobody knows who reads this after an end of the app.
    Doing,
    /// It is known what it came to.
    Done,
}

impl CommandState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Doing => "doing",
            Self::Done => "done",
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
        [Self::Received, Self::Doing, Self::Done]
            .into_iter()
            .find(|state| state.as_str() == found)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// A command that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRemoteCommand {
    /// Its id.
    pub id: String,
    /// Its number.
    pub sequence: u64,
    /// What it asks for, as the protocol spells it.
    pub kind: String,
    /// The session it is for.
    pub session: Option<String>,
    /// Who gave it, as the server says.
    pub who: Option<String>,
    /// The lease it is answered under.
    pub lease: Option<String>,
}

/// A command that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteCommand {
    /// What came. Its lease is the one it was given last.
    pub command: NewRemoteCommand,
    /// How far it is.
    pub state: CommandState,
    /// The server took what it came to.
    pub taken: bool,
    /// When it came, in milliseconds since the epoch.
    pub received: i64,
    /// What it is known by where it took effect: a message, a session.
    pub mark: Option<String>,
    /// What it came to, as JSON of the caller's.
    pub result: Option<String>,
}

impl RemoteCommand {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            command: NewRemoteCommand {
                id: row.get("id")?,
                sequence: row.get::<_, i64>("sequence")?.unsigned_abs(),
                kind: row.get("kind")?,
                session: row.get("session")?,
                who: row.get("who")?,
                lease: row.get("lease")?,
            },
            state: row.get("state")?,
            taken: row.get("taken")?,
            received: row.get("received")?,
            mark: row.get("mark")?,
            result: row.get("result")?,
        })
    }
}

impl Store {
    /// Writes a command down that came, with the last that is known of its pairing, in one step; what is known of it
    /// already where it came before: then its lease is the new one. Old ones that are done go.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] where a text of it is; then it is not known.
    pub fn receive_command(
        &self,
        pairing: &str,
        command: &NewRemoteCommand,
        now: i64,
    ) -> Result<RemoteCommand, StoreError> {
        for text in [&command.id, &command.kind] {
            bounded("the name of a command", text, WHO_LIMIT)?;
        }
        for text in [&command.session, &command.who, &command.lease] {
            bounded("a name", text.as_deref().unwrap_or_default(), 4 * WHO_LIMIT)?;
        }
        let sequence = i64::try_from(command.sequence).unwrap_or(i64::MAX);
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached(
                "INSERT INTO remote_commands (pairing, id, sequence, kind, session, who, state, taken, received, lease) \
                 VALUES (:pairing, :id, :sequence, :kind, :session, :who, 'received', 0, :now, :lease) \
                 ON CONFLICT (pairing, id) DO UPDATE SET lease = excluded.lease, taken = 0",
            )?
            .execute(named_params! {
                ":pairing": pairing, ":id": command.id, ":sequence": sequence, ":kind": command.kind,
                ":session": command.session, ":who": command.who, ":now": now, ":lease": command.lease,
            })?;
        transaction
            .prepare_cached("UPDATE pairings SET claimed = max(claimed, ?2) WHERE id = ?1")?
            .execute((pairing, sequence))?;
        transaction
            .prepare_cached(
                "DELETE FROM remote_commands WHERE pairing = ?1 AND state = 'done' AND received < ?2 AND id <> ?3",
            )?
            .execute((pairing, now - COMMAND_DAYS * DAY, &command.id))?;
        transaction
            .prepare_cached(
                "DELETE FROM remote_commands WHERE pairing = ?1 AND state = 'done' AND received < (SELECT received \
                 FROM remote_commands WHERE pairing = ?1 ORDER BY received DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute((pairing, COMMANDS_LIMIT - 1))?;
        let known = transaction
            .prepare_cached("SELECT * FROM remote_commands WHERE pairing = ?1 AND id = ?2")?
            .query_row((pairing, &command.id), RemoteCommand::read)?;
        transaction.commit()?;
        Ok(known)
    }

    /// What is known of a command.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remote_command(&self, pairing: &str, id: &str) -> Result<Option<RemoteCommand>, StoreError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT * FROM remote_commands WHERE pairing = ?1 AND id = ?2")?;
        Ok(statement
            .query_row((pairing, id), RemoteCommand::read)
            .optional()?)
    }

    /// A command is about to take effect, and will be known by `mark`.
    ///
    /// # Errors
    /// [`StoreError`]; then it must not take effect.
    pub fn begin_command(&self, pairing: &str, id: &str, mark: Option<&str>) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached(
                "UPDATE remote_commands SET state = 'doing', mark = coalesce(?3, mark) \
                 WHERE pairing = ?1 AND id = ?2 AND state <> 'done'",
            )?
            .execute((pairing, id, mark))?;
        Ok(())
    }

    /// What a command came to. The first that is said stays.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`RESULT_LIMIT`].
    pub fn finish_command(&self, pairing: &str, id: &str, result: &str) -> Result<(), StoreError> {
        bounded("what a command came to", result, RESULT_LIMIT)?;
        self.connection()
            .prepare_cached(
                "UPDATE remote_commands SET state = 'done', result = ?3 \
                 WHERE pairing = ?1 AND id = ?2 AND state <> 'done'",
            )?
            .execute((pairing, id, result))?;
        Ok(())
    }

    /// The server took what a command came to, or will not take it any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn command_taken(&self, pairing: &str, id: &str) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("UPDATE remote_commands SET taken = 1 WHERE pairing = ?1 AND id = ?2")?
            .execute((pairing, id))?;
        Ok(())
    }

    /// Commands whose outcome the server has not taken, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_commands(&self, pairing: &str) -> Result<Vec<RemoteCommand>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT * FROM remote_commands WHERE pairing = ?1 AND taken = 0 ORDER BY sequence, id",
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
}
