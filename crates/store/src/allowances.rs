//! What a person allowed for good.
//!
//! An allowance holds for one folder and one agent. It is kept with what was asked when it was given, so that a
//! person who looks through the list later can tell what each was for.

use rusqlite::{OptionalExtension, Row, TransactionBehavior, named_params};

use crate::error::bounded;
use crate::{Store, StoreError};

/// How many allowances are kept, in all folders together. Every ask is held against those of its folder, and a
/// list beyond this length is looked through by nobody.
pub const ALLOWANCE_LIMIT: u32 = 2_000;
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
        })
    }
}

impl Store {
    /// Allows something for good and answers its number. What is allowed already stays as it was given first,
    /// and keeps its number.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`PATTERN_LIMIT`] or [`ORIGIN_LIMIT`], [`StoreError::TooMany`] when
    /// [`ALLOWANCE_LIMIT`] are there already. On any error nothing is allowed.
    pub fn allow(&self, allowance: &NewAllowance) -> Result<i64, StoreError> {
        bounded("the allowed pattern", &allowance.pattern, PATTERN_LIMIT)?;
        bounded("what was asked", &allowance.origin, ORIGIN_LIMIT)?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known: Option<i64> = transaction
            .prepare_cached(
                "SELECT id FROM allowances WHERE folder = ?1 AND agent = ?2 AND permission = ?3 AND pattern = ?4",
            )?
            .query_row(
                (
                    &allowance.folder,
                    &allowance.agent,
                    &allowance.permission,
                    &allowance.pattern,
                ),
                |row| row.get(0),
            )
            .optional()?;
        if let Some(id) = known {
            return Ok(id);
        }
        let count: u32 = transaction.query_row("SELECT count(*) FROM allowances", [], |row| row.get(0))?;
        if count >= ALLOWANCE_LIMIT {
            return Err(StoreError::TooMany {
                what: "allowances",
                limit: ALLOWANCE_LIMIT,
            });
        }
        transaction
            .prepare_cached(
                "INSERT INTO allowances (folder, agent, permission, pattern, origin, session, created) VALUES \
                 (:folder, :agent, :permission, :pattern, :origin, :session, :created)",
            )?
            .execute(named_params! {
                ":folder": allowance.folder, ":agent": allowance.agent, ":permission": allowance.permission,
                ":pattern": allowance.pattern, ":origin": allowance.origin, ":session": allowance.session,
                ":created": allowance.created,
            })?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(id)
    }

    /// Everything that is allowed for good, by folder in the order of their spelling, and in each what was
    /// given last first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn allowances(&self) -> Result<Vec<Allowance>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, folder, agent, permission, pattern, origin, session, created FROM allowances \
             ORDER BY folder, created DESC, id DESC",
        )?;
        let rows = statement.query_map([], Allowance::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
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
