//! Which secrets there are: their names, where each is kept, and those that are sealed by a key of the keychain.
//!
//! No value is here that can be read without the system's keychain.

use rusqlite::{OptionalExtension, Row, TransactionBehavior, named_params};

use crate::{Store, StoreError};

/// The longest sealed value in bytes: tokens of a sign-in take a few thousand.
pub const SEALED_LIMIT: usize = 72 * 1024;
/// The most secrets that are remembered; a person has a few dozen accounts.
pub const SECRETS_LIMIT: u32 = 2_000;

/// A secret, without its value.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretRecord {
    /// Its name.
    pub name: String,
    /// Where its value is, as the vault calls it.
    pub kept: String,
    /// Enough of it to recognise it by.
    pub hint: String,
    /// Its value, sealed; none when it is elsewhere.
    pub sealed: Option<Vec<u8>>,
    /// When it was first put there, in milliseconds since the epoch.
    pub created: i64,
    /// When it was last changed, in milliseconds since the epoch.
    pub changed: i64,
}

impl std::fmt::Debug for SecretRecord {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SecretRecord")
            .field("name", &self.name)
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<SecretRecord> {
    Ok(SecretRecord {
        name: row.get("name")?,
        kept: row.get("kept")?,
        hint: row.get("hint")?,
        sealed: row.get("sealed")?,
        created: row.get("created")?,
        changed: row.get("changed")?,
    })
}

const COLUMNS: &str = "name, kept, hint, sealed, created, changed";

fn fits(sealed: &[u8]) -> Result<(), StoreError> {
    if sealed.len() > SEALED_LIMIT {
        return Err(StoreError::TooLong {
            what: "the sealed value",
            length: sealed.len(),
            limit: SEALED_LIMIT,
        });
    }
    Ok(())
}

impl Store {
    /// Adds a secret, or replaces the one of the same name; when that was first put there stays.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`SEALED_LIMIT`], [`StoreError::TooMany`] beyond [`SECRETS_LIMIT`].
    pub fn put_secret(&self, record: &SecretRecord) -> Result<(), StoreError> {
        fits(record.sealed.as_deref().unwrap_or_default())?;
        let connection = self.connection();
        let others: i64 = connection.query_row(
            "SELECT count(*) FROM secrets WHERE name <> ?1",
            [&record.name],
            |row| row.get(0),
        )?;
        if others >= i64::from(SECRETS_LIMIT) {
            return Err(StoreError::TooMany {
                what: "secrets",
                limit: SECRETS_LIMIT,
            });
        }
        connection
            .prepare_cached(
                "INSERT INTO secrets (name, kept, hint, sealed, created, changed) \
                 VALUES (:name, :kept, :hint, :sealed, :created, :changed) ON CONFLICT (name) DO UPDATE SET \
                 kept = excluded.kept, hint = excluded.hint, sealed = excluded.sealed, changed = excluded.changed",
            )?
            .execute(named_params! {
                ":name": record.name, ":kept": record.kept, ":hint": record.hint, ":sealed": record.sealed,
                ":created": record.created, ":changed": record.changed,
            })?;
        Ok(())
    }

    /// One secret.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn secret(&self, name: &str) -> Result<Option<SecretRecord>, StoreError> {
        Ok(self
            .connection()
            .prepare_cached(&format!("SELECT {COLUMNS} FROM secrets WHERE name = ?1"))?
            .query_row([name], read)
            .optional()?)
    }

    /// All secrets by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn secrets(&self) -> Result<Vec<SecretRecord>, StoreError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM secrets ORDER BY name"))?;
        let rows = statement.query_map([], read)?.collect::<Result<Vec<_>, _>>()?;
        Ok(rows)
    }

    /// Removes a secret. Answers whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remove_secret(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self
            .connection()
            .execute("DELETE FROM secrets WHERE name = ?1", [name])?
            > 0)
    }

    /// Puts other sealed values in the place of those of these names, all or none. A name that is gone stays gone.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] beyond [`SEALED_LIMIT`].
    pub fn reseal_secrets(&self, sealed: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut statement = transaction
                .prepare_cached("UPDATE secrets SET sealed = ?2 WHERE name = ?1 AND sealed IS NOT NULL")?;
            for (name, value) in sealed {
                fits(value)?;
                statement.execute((name, value))?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}
