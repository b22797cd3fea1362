//! What a person allowed for good.
//!
//! An allowance holds for one folder and one agent, and perhaps in one thread alone. It is kept with what was asked when
//! it was given, where, and how often it was used since, so that a person who looks through the list later can tell what
//! each was for and which nobody needs.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, named_params};

use crate::error::bounded;
use crate::{Store, StoreError};

/// How many allowances are kept, in all folders together. Every ask is held against those of its folder, and a
/// list beyond this length is looked through by nobody.
pub const ALLOWANCE_LIMIT: u32 = 2_000;
/// How many of them one thread may have for itself. A thread in which a person allows more is better served by a rule of
/// its folder.
pub const THREAD_ALLOWANCE_LIMIT: u32 = 100;
/// The longest name of a thread that is kept with an allowance, in bytes: more is not shown in a line.
pub const THREAD_NAME_LIMIT: usize = 400;
/// The longest origin in bytes: a card's worth, by which a person recognises what was asked.
pub const ORIGIN_LIMIT: usize = 4 * 1024;
/// The longest pattern in bytes: twice the longest path of a Linux system, as a pattern goes on behind a path.
/// Every ask is matched against it, in up to the product of both lengths.
pub const PATTERN_LIMIT: usize = 8 * 1024;

/// What is to be allowed from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAllowance {
    /// The folder it holds in, spelled as its grant is.
    pub folder: String,
    /// The agent it holds for.
    pub agent: String,
    /// The permission's name, as the engine spells it.
    pub permission: String,
    /// Which commands, paths or addresses it allows.
    pub pattern: String,
    /// What was asked when it was given. At most [`ORIGIN_LIMIT`]; whoever gives it cuts it.
    pub origin: String,
    /// The session that asked. It may be gone since.
    pub session: String,
    /// When it was given, in milliseconds since the epoch.
    pub created: i64,
    /// The thread it lives as long as; none when it is for its folder.
    pub only_in: Option<String>,
    /// What the thread that asked was called. At most [`THREAD_NAME_LIMIT`]; whoever gives it cuts it.
    pub thread: String,
    /// The person wrote the pattern, instead of taking the one that was proposed.
    pub edited: bool,
}

/// What is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Its number, by which it is taken back. None is given twice.
    pub id: i64,
    /// The folder it holds in, spelled as its grant is.
    pub folder: String,
    /// The agent it holds for.
    pub agent: String,
    /// The permission's name, as the engine spells it.
    pub permission: String,
    /// Which commands, paths or addresses it allows.
    pub pattern: String,
    /// What was asked when it was given.
    pub origin: String,
    /// The session that asked. It may be gone since.
    pub session: String,
    /// When it was given, in milliseconds since the epoch.
    pub created: i64,
    /// The thread it lives as long as; none when it is for its folder.
    pub only_in: Option<String>,
    /// What the thread that asked was called. At most [`THREAD_NAME_LIMIT`]; whoever gives it cuts it.
    pub thread: String,
    /// The person wrote the pattern, instead of taking the one that was proposed.
    pub edited: bool,
    /// How often it has answered an ask.
    pub uses: u32,
    /// When it answered last, in milliseconds since the epoch.
    pub last_used: Option<i64>,
}

impl Allowance {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            folder: row.get("folder")?,
            agent: row.get("agent")?,
            permission: row.get("permission")?,
            pattern: row.get("pattern")?,
            origin: row.get("origin")?,
            session: row.get("session")?,
            created: row.get("created")?,
            only_in: Some(row.get("only_in")?).filter(|session: &String| !session.is_empty()),
            thread: row.get("thread")?,
            edited: row.get("edited")?,
            uses: row.get("uses")?,
            last_used: row.get("last_used")?,
        })
    }
}

impl Store {
    /// Allows something for good and answers its number. What is allowed already stays as it was given first,
    /// and keeps its number.
    ///
    /// # Errors
    /// As [`allow_all`](Self::allow_all).
    pub fn allow(&self, allowance: &NewAllowance) -> Result<i64, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id = insert(&transaction, allowance)?;
        transaction.commit()?;
        Ok(id)
    }

    /// Allows several things at once, as [`allow`](Self::allow) does one, and answers everything that is allowed then.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`PATTERN_LIMIT`], [`ORIGIN_LIMIT`] or [`THREAD_NAME_LIMIT`],
    /// [`StoreError::TooMany`] when [`ALLOWANCE_LIMIT`] are there already, or [`THREAD_ALLOWANCE_LIMIT`] of its thread. On
    /// any error none of them is allowed.
    pub fn allow_all(&self, allowances: &[NewAllowance]) -> Result<Vec<Allowance>, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for allowance in allowances {
            insert(&transaction, allowance)?;
        }
        // Read before it is kept: what cannot be told is not to hold in silence.
        let all = all(&transaction)?;
        transaction.commit()?;
        Ok(all)
    }

    /// Gives an allowance back that was taken back, as it was, and answers everything that is allowed then. Where one like
    /// it was given meanwhile, that one stays.
    ///
    /// # Errors
    /// As [`allow_all`](Self::allow_all).
    pub fn give_back(&self, allowance: &Allowance) -> Result<Vec<Allowance>, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let only_in = allowance.only_in.as_deref().unwrap_or_default();
        has_room(&transaction, only_in)?;
        transaction
            .prepare_cached(
                "INSERT INTO allowances (id, folder, agent, permission, pattern, origin, session, created, only_in, thread, \
                 edited, uses, last_used) VALUES (:id, :folder, :agent, :permission, :pattern, :origin, :session, :created, \
                 :only_in, :thread, :edited, :uses, :last_used) ON CONFLICT DO NOTHING",
            )?
            .execute(named_params! {
                ":id": allowance.id, ":folder": allowance.folder, ":agent": allowance.agent,
                ":permission": allowance.permission, ":pattern": allowance.pattern, ":origin": allowance.origin,
                ":session": allowance.session, ":created": allowance.created, ":only_in": only_in,
                ":thread": allowance.thread, ":edited": allowance.edited, ":uses": allowance.uses,
                ":last_used": allowance.last_used,
            })?;
        let all = all(&transaction)?;
        transaction.commit()?;
        Ok(all)
    }

    /// Writes down that allowances answered an ask. Those that are gone by now are passed over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn allowances_used(&self, ids: &[i64], at: i64) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for id in ids {
            transaction
                .prepare_cached("UPDATE allowances SET uses = uses + 1, last_used = ?2 WHERE id = ?1")?
                .execute((id, at))?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Everything that is allowed for good, by folder in the order of their spelling, and in each what was
    /// given last first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn allowances(&self) -> Result<Vec<Allowance>, StoreError> {
        Ok(all(&self.connection())?)
    }

    /// Takes an allowance back. Answers whether there was one of this number.
    ///
    /// # Errors
    /// [`StoreError`]; then it still holds.
    pub fn revoke(&self, id: i64) -> Result<bool, StoreError> {
        Ok(self
            .connection()
            .execute("DELETE FROM allowances WHERE id = ?1", [id])?
            > 0)
    }
}

fn all(connection: &Connection) -> rusqlite::Result<Vec<Allowance>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, folder, agent, permission, pattern, origin, session, created, only_in, thread, edited, uses, \
         last_used FROM allowances ORDER BY folder, created DESC, id DESC",
    )?;
    statement.query_map([], Allowance::read)?.collect()
}

/// Its number, or that of the one that allows the same already.
fn insert(transaction: &Transaction<'_>, allowance: &NewAllowance) -> Result<i64, StoreError> {
    bounded("the allowed pattern", &allowance.pattern, PATTERN_LIMIT)?;
    bounded("what was asked", &allowance.origin, ORIGIN_LIMIT)?;
    bounded("the thread's name", &allowance.thread, THREAD_NAME_LIMIT)?;
    let only_in = allowance.only_in.as_deref().unwrap_or_default();
    let known = alike(
        transaction,
        &allowance.folder,
        &allowance.agent,
        (&allowance.permission, &allowance.pattern),
        only_in,
    )?;
    if let Some(id) = known {
        return Ok(id);
    }
    has_room(transaction, only_in)?;
    transaction
        .prepare_cached(
            "INSERT INTO allowances (folder, agent, permission, pattern, origin, session, created, only_in, thread, \
             edited) VALUES (:folder, :agent, :permission, :pattern, :origin, :session, :created, :only_in, :thread, \
             :edited)",
        )?
        .execute(named_params! {
            ":folder": allowance.folder, ":agent": allowance.agent, ":permission": allowance.permission,
            ":pattern": allowance.pattern, ":origin": allowance.origin, ":session": allowance.session,
            ":created": allowance.created, ":only_in": only_in, ":thread": allowance.thread,
            ":edited": allowance.edited,
        })?;
    Ok(transaction.last_insert_rowid())
}

/// The allowance that allows the same already.
fn alike(
    transaction: &Transaction<'_>,
    folder: &str,
    agent: &str,
    (permission, pattern): (&str, &str),
    only_in: &str,
) -> rusqlite::Result<Option<i64>> {
    transaction
        .prepare_cached(
            "SELECT id FROM allowances WHERE folder = ?1 AND agent = ?2 AND permission = ?3 AND pattern = ?4 \
             AND only_in = ?5",
        )?
        .query_row((folder, agent, permission, pattern, only_in), |row| row.get(0))
        .optional()
}

/// Whether one more may be kept, in a thread or in its folder.
fn has_room(transaction: &Transaction<'_>, only_in: &str) -> Result<(), StoreError> {
    let all: u32 = transaction.query_row("SELECT count(*) FROM allowances", [], |row| row.get(0))?;
    if all >= ALLOWANCE_LIMIT {
        return Err(StoreError::TooMany {
            what: "allowances",
            limit: ALLOWANCE_LIMIT,
        });
    }
    if only_in.is_empty() {
        return Ok(());
    }
    let own: u32 = transaction
        .prepare_cached("SELECT count(*) FROM allowances WHERE only_in = ?1")?
        .query_row([only_in], |row| row.get(0))?;
    if own >= THREAD_ALLOWANCE_LIMIT {
        return Err(StoreError::TooMany {
            what: "allowances of one thread",
            limit: THREAD_ALLOWANCE_LIMIT,
        });
    }
    Ok(())
}
