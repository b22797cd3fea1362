//! The folders a person granted, and those in which commands may run without a box.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, TransactionBehavior, named_params};

use crate::{Store, StoreError};

/// Whose folder it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FolderKind {
    /// The person's.
    Project,
    /// Made by the app for a session that works in none of the person's.
    Sandbox,
}

impl FolderKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Sandbox => "sandbox",
        }
    }
}

impl ToSql for FolderKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for FolderKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let found = value.as_str()?;
        [Self::Project, Self::Sandbox]
            .into_iter()
            .find(|kind| kind.as_str() == found)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// A folder the app may work in. It is granted as it is spelled here: whoever grants and whoever asks must
/// spell it the same way, links resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderGrant {
    /// Its absolute path, links resolved.
    pub path: String,
    /// What to call it.
    pub label: String,
    /// Whose it is.
    pub kind: FolderKind,
    /// When it was granted first, in milliseconds since the epoch.
    pub granted_at: i64,
    /// When a session last worked in it, in milliseconds since the epoch.
    pub last_used: i64,
}

impl FolderGrant {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            path: row.get("path")?,
            label: row.get("label")?,
            kind: row.get("kind")?,
            granted_at: row.get("granted_at")?,
            last_used: row.get("last_used")?,
        })
    }
}

impl Store {
    /// Grants a folder. One that is granted already keeps the time of its first grant.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn grant_folder(&self, folder: &FolderGrant) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached(
                "INSERT INTO folders (path, label, kind, granted_at, last_used) VALUES (:path, :label, :kind, \
                 :granted_at, :last_used) ON CONFLICT (path) DO UPDATE SET label = excluded.label, \
                 kind = excluded.kind, last_used = max(last_used, excluded.last_used)",
            )?
            .execute(named_params! {
                ":path": folder.path, ":label": folder.label, ":kind": folder.kind,
                ":granted_at": folder.granted_at, ":last_used": folder.last_used,
            })?;
        Ok(())
    }

    /// The granted folders, those used last first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn folders(&self) -> Result<Vec<FolderGrant>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT path, label, kind, granted_at, last_used FROM folders ORDER BY last_used DESC, path",
        )?;
        let rows = statement.query_map([], FolderGrant::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Takes a grant back, and with it what was allowed in the folder and the choice to run commands there
    /// without a box: a folder that is granted anew begins with nothing allowed. Answers whether there was a
    /// grant.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is taken back.
    pub fn forget_folder(&self, path: &str) -> Result<bool, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known = transaction.execute("DELETE FROM folders WHERE path = ?1", [path])?;
        transaction.execute("DELETE FROM allowances WHERE folder = ?1", [path])?;
        transaction.execute("DELETE FROM unboxed_folders WHERE path = ?1", [path])?;
        transaction.execute("DELETE FROM trusted_commands WHERE folder = ?1", [path])?;
        transaction.commit()?;
        Ok(known > 0)
    }

    /// Says that commands may run in a folder although nothing holds them to it, since when in milliseconds
    /// since the epoch; `None` takes that back. A folder chosen already keeps the time of its first choice. The
    /// path is spelled as in [`FolderGrant`].
    ///
    /// # Errors
    /// [`StoreError`]; then the choice stays as it was.
    pub fn set_unboxed(&self, path: &str, chosen_at: Option<i64>) -> Result<(), StoreError> {
        let connection = self.connection();
        match chosen_at {
            Some(time) => connection.execute(
                "INSERT INTO unboxed_folders (path, chosen_at) VALUES (?1, ?2) ON CONFLICT (path) DO NOTHING",
                (path, time),
            )?,
            None => connection.execute("DELETE FROM unboxed_folders WHERE path = ?1", [path])?,
        };
        Ok(())
    }

    /// The paths of the folders in which commands may run without a box, in the order of their spelling.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn unboxed_folders(&self) -> Result<Vec<String>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT path FROM unboxed_folders ORDER BY path")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
