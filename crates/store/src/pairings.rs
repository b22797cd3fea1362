//! Pairings with servers through which other people see this desktop: what each is and what it shares. Their tokens
//! are not here but in the keychain.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, named_params};

use crate::error::bounded;
use crate::{Store, StoreError};

/// Pairings there may be. Each keeps a connection open and a journal of up to 32 MB; a person has one for each
/// organization they work with.
pub const PAIRINGS_LIMIT: u32 = 8;
/// Bytes of what a desktop is called, of an address and of a policy.
pub const PAIRING_LABEL_LIMIT: usize = 256;
const ADDRESS_LIMIT: usize = 2_048;
const POLICY_LIMIT: usize = 4_096;
/// Folders one pairing may share: as many as a person opens.
pub const SHARED_FOLDERS_LIMIT: u32 = 200;
/// Threads one pairing may share by themselves, those begun from afar included: who shares more shares their folders.
pub const SHARED_THREADS_LIMIT: u32 = 1_000;
/// Bytes of who answered or commanded, as a server says it.
pub(crate) const WHO_LIMIT: usize = 256;

/// How far a pairing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PairingState {
    /// Its token was not entered at the server yet.
    Waiting,
    /// The server answered to it.
    Paired,
    /// Its token was not entered in time.
    Expired,
    /// It is over here, and the server is to be told.
    Revoking,
    /// The server ended it.
    Revoked,
}

impl PairingState {
    const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Paired,
        Self::Expired,
        Self::Revoking,
        Self::Revoked,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Paired => "paired",
            Self::Expired => "expired",
            Self::Revoking => "revoking",
            Self::Revoked => "revoked",
        }
    }
}

impl ToSql for PairingState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for PairingState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let found = value.as_str()?;
        let known = Self::ALL.into_iter().find(|state| state.as_str() == found);
        known.ok_or(FromSqlError::InvalidType)
    }
}

/// A pairing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// Its id, made here.
    pub id: String,
    /// What the server calls this desktop in it, made here.
    pub device: String,
    /// The server's address.
    pub broker: String,
    /// What this desktop is called there. At most [`PAIRING_LABEL_LIMIT`].
    pub label: String,
    /// What it lets in and out, as JSON of the caller's.
    pub policy: String,
    /// How far it is.
    pub state: PairingState,
    /// The person paused it.
    pub paused: bool,
    /// It goes past the proxy.
    pub past_proxy: bool,
    /// When the token is void unless it was entered, in milliseconds since the epoch.
    pub expires: Option<i64>,
    /// When it was made.
    pub created: i64,
    /// When the person, or the server, last changed how far it is.
    pub changed: i64,
    /// When the server answered last; kept now and then.
    pub last_answer: Option<i64>,
    /// The last command that is known.
    pub claimed: u64,
}

impl Pairing {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            device: row.get("device")?,
            broker: row.get("broker")?,
            label: row.get("label")?,
            policy: row.get("policy")?,
            state: row.get("state")?,
            paused: row.get("paused")?,
            past_proxy: row.get("past_proxy")?,
            expires: row.get("expires")?,
            created: row.get("created")?,
            changed: row.get("changed")?,
            last_answer: row.get("last_answer")?,
            claimed: row.get::<_, i64>("claimed")?.unsigned_abs(),
        })
    }
}

/// A thread that is shared by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedThread {
    /// Its session.
    pub session: String,
    /// It was begun from afar.
    pub from_afar: bool,
    /// Since when it is shared, in milliseconds since the epoch.
    pub shared_at: i64,
}

fn count(connection: &Connection, query: &str, of: &str) -> rusqlite::Result<u32> {
    connection
        .prepare_cached(query)?
        .query_row([of], |row| row.get(0))
}

impl Store {
    /// All pairings, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn pairings(&self) -> Result<Vec<Pairing>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT * FROM pairings ORDER BY created, id")?;
        let rows = statement.query_map([], Pairing::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn pairing(&self, id: &str) -> Result<Option<Pairing>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT * FROM pairings WHERE id = ?1")?;
        Ok(statement.query_row([id], Pairing::read).optional()?)
    }

    /// Writes a pairing down, in the place of what is known of it. The last command that is known never goes back.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] when it is a further one beyond [`PAIRINGS_LIMIT`], [`StoreError::TooLong`] where a text
    /// of it is.
    pub fn put_pairing(&self, pairing: &Pairing) -> Result<(), StoreError> {
        bounded("the name of this desktop", &pairing.label, PAIRING_LABEL_LIMIT)?;
        bounded("the address of a server", &pairing.broker, ADDRESS_LIMIT)?;
        bounded("the policy of a pairing", &pairing.policy, POLICY_LIMIT)?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let others = count(
            &transaction,
            "SELECT count(*) FROM pairings WHERE id <> ?1",
            &pairing.id,
        )?;
        if others >= PAIRINGS_LIMIT {
            return Err(StoreError::TooMany {
                what: "pairings",
                limit: PAIRINGS_LIMIT,
            });
        }
        transaction
            .prepare_cached(
                "INSERT INTO pairings (id, device, broker, label, policy, state, paused, past_proxy, expires, created, \
                 changed, last_answer, claimed) VALUES (:id, :device, :broker, :label, :policy, :state, :paused, \
                 :past_proxy, :expires, :created, :changed, :last_answer, :claimed) ON CONFLICT (id) DO UPDATE SET \
                 device = excluded.device, broker = excluded.broker, label = excluded.label, \
                 policy = excluded.policy, state = excluded.state, paused = excluded.paused, \
                 past_proxy = excluded.past_proxy, expires = excluded.expires, changed = excluded.changed, \
                 last_answer = excluded.last_answer, claimed = max(claimed, excluded.claimed)",
            )?
            .execute(named_params! {
                ":id": pairing.id, ":device": pairing.device, ":broker": pairing.broker,
                ":label": pairing.label, ":policy": pairing.policy, ":state": pairing.state,
                ":paused": pairing.paused, ":past_proxy": pairing.past_proxy, ":expires": pairing.expires,
                ":created": pairing.created, ":changed": pairing.changed,
                ":last_answer": pairing.last_answer,
                ":claimed": i64::try_from(pairing.claimed).unwrap_or(i64::MAX),
            })?;
        transaction.commit()?;
        Ok(())
    }

    /// Notes when the server of a pairing answered last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn pairing_answered(&self, id: &str, at: i64) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("UPDATE pairings SET last_answer = ?2 WHERE id = ?1")?
            .execute((id, at))?;
        Ok(())
    }

    /// Forgets all of what a pairing shares, what waits to leave over it and what came: it is over. Its own row and the
    /// audit stay.
    ///
    /// # Errors
    /// [`StoreError`]; then all of it stays.
    pub fn empty_pairing(&self, id: &str) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        empty(&transaction, id)?;
        transaction.execute("UPDATE pairings SET rows = 0, bytes = 0 WHERE id = ?1", [id])?;
        transaction.commit()?;
        Ok(())
    }

    /// Forgets a pairing with everything that belongs to it, but for the audit.
    ///
    /// # Errors
    /// [`StoreError`]; then all of it stays.
    pub fn forget_pairing(&self, id: &str) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        empty(&transaction, id)?;
        transaction.execute("DELETE FROM pairings WHERE id = ?1", [id])?;
        transaction.commit()?;
        Ok(())
    }

    /// The folders all of whose threads a pairing shares, by their paths.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn shared_folders(&self, pairing: &str) -> Result<Vec<String>, StoreError> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT folder FROM shared_folders WHERE pairing = ?1 ORDER BY folder")?;
        let rows = statement.query_map([pairing], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Says which folders a pairing shares: these and no others.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] beyond [`SHARED_FOLDERS_LIMIT`].
    pub fn share_folders(&self, pairing: &str, folders: &[String]) -> Result<(), StoreError> {
        if u32::try_from(folders.len()).map_or(true, |count| count > SHARED_FOLDERS_LIMIT) {
            return Err(StoreError::TooMany {
                what: "shared folders",
                limit: SHARED_FOLDERS_LIMIT,
            });
        }
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM shared_folders WHERE pairing = ?1", [pairing])?;
        for folder in folders {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO shared_folders (pairing, folder) VALUES (?1, ?2)")?
                .execute((pairing, folder))?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The threads that a pairing shares by themselves, those shared last first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn shared_threads(&self, pairing: &str) -> Result<Vec<SharedThread>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT session, from_afar, shared_at FROM shared_threads WHERE pairing = ?1 \
             ORDER BY shared_at DESC, session",
        )?;
        let rows = statement.query_map([pairing], |row| {
            Ok(SharedThread {
                session: row.get(0)?,
                from_afar: row.get(1)?,
                shared_at: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Shares a thread by itself.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] beyond [`SHARED_THREADS_LIMIT`].
    pub fn share_thread(&self, pairing: &str, thread: &SharedThread) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let shared = count(
            &transaction,
            "SELECT count(*) FROM shared_threads WHERE pairing = ?1",
            pairing,
        )?;
        if shared >= SHARED_THREADS_LIMIT {
            return Err(StoreError::TooMany {
                what: "shared threads",
                limit: SHARED_THREADS_LIMIT,
            });
        }
        transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO shared_threads (pairing, session, from_afar, shared_at) \
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((pairing, &thread.session, thread.from_afar, thread.shared_at))?;
        transaction.commit()?;
        Ok(())
    }

    /// Shares a thread by itself no longer. Whether it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn unshare_thread(&self, pairing: &str, session: &str) -> Result<bool, StoreError> {
        let gone = self
            .connection()
            .prepare_cached("DELETE FROM shared_threads WHERE pairing = ?1 AND session = ?2")?
            .execute((pairing, session))?;
        Ok(gone > 0)
    }
}

fn empty(connection: &Connection, pairing: &str) -> rusqlite::Result<()> {
    // A prompt that is cut off by this was written by nobody here, and must not become somebody's draft.
    let cut_off =
        "(SELECT mark FROM remote_commands WHERE pairing = ?1 AND state = 'doing' AND mark IS NOT NULL)";
    connection.execute(
        &format!("DELETE FROM outbox WHERE state <> 'sent' AND message IN {cut_off}"),
        [pairing],
    )?;
    for table in [
        "shared_folders",
        "shared_threads",
        "told_threads",
        "remote_events",
        "remote_commands",
    ] {
        connection.execute(&format!("DELETE FROM {table} WHERE pairing = ?1"), [pairing])?;
    }
    Ok(())
}
