//! What is remembered about secrets outside of the keychain.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::name::SecretName;

/// Where a secret's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In the keychain, as an item of its own.
    Keychain,
    /// In the records, sealed with the key that is in the keychain.
    Sealed,
    /// In the memory of this run. No record says this.
    ThisRun,
    /// In a file anyone with the person's rights can read. Builds for development alone write it.
    Plaintext,
}

impl Kept {
    /// The word for a table's column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::Sealed => "sealed",
            Self::ThisRun => "this-run",
            Self::Plaintext => "plaintext",
        }
    }

    /// The other way round; `None` when it is no such word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Keychain, Self::Sealed, Self::ThisRun, Self::Plaintext]
            .into_iter()
            .find(|kept| kept.as_str() == word)
    }
}

/// What is remembered about one secret: one row of a table whose key is the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is called.
    pub name: SecretName,
    /// Where its value is.
    pub kept: Kept,
    /// What may be shown of it: `sk-…abcd`.
    pub hint: String,
    /// The envelope, when it is [`Kept::Sealed`]: below 65 KB.
    pub sealed: Option<Vec<u8>>,
    /// When it was first set, in milliseconds since 1970.
    pub created: i64,
    /// When it was last set, in milliseconds since 1970.
    pub changed: i64,
}

/// The records could not be read or written. What was written before is not touched.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RecordsError(pub Box<dyn std::error::Error + Send + Sync>);

/// Where records are kept. The calls block and come from threads that may. Each is on disk, or has not happened, when
/// it returns.
///
/// The ids of data keys need no place of their own: an envelope names its key and the keychain's item names its keys,
/// and a third note could only contradict them.
pub trait Records: Send + Sync {
    /// Writes a record in the place of the one with its name.
    ///
    /// # Errors
    /// When it cannot be written.
    fn put(&self, record: &Record) -> Result<(), RecordsError>;

    /// Takes a record out. One that is not there is taken out already.
    ///
    /// # Errors
    /// When it cannot be written.
    fn remove(&self, name: &SecretName) -> Result<(), RecordsError>;

    /// The record with a name.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get(&self, name: &SecretName) -> Result<Option<Record>, RecordsError>;

    /// All records.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list(&self) -> Result<Vec<Record>, RecordsError>;

    /// Puts new envelopes in the place of old ones, all or none of them. Records that are not sealed stay as they
    /// are, and so does when a record was changed: the value is the same.
    ///
    /// # Errors
    /// When it cannot be written; none is changed then.
    fn replace_all_sealed(&self, envelopes: &[(SecretName, Vec<u8>)]) -> Result<(), RecordsError>;
}

/// Records that end with the process, for tests and for an app without a database.
#[derive(Debug, Default)]
pub struct MemoryRecords(Mutex<BTreeMap<SecretName, Record>>);

impl MemoryRecords {
    fn map(&self) -> std::sync::MutexGuard<'_, BTreeMap<SecretName, Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Records for MemoryRecords {
    fn put(&self, record: &Record) -> Result<(), RecordsError> {
        self.map().insert(record.name.clone(), record.clone());
        Ok(())
    }

    fn remove(&self, name: &SecretName) -> Result<(), RecordsError> {
        self.map().remove(name);
        Ok(())
    }

    fn get(&self, name: &SecretName) -> Result<Option<Record>, RecordsError> {
        Ok(self.map().get(name).cloned())
    }

    fn list(&self) -> Result<Vec<Record>, RecordsError> {
        Ok(self.map().values().cloned().collect())
    }

    fn replace_all_sealed(&self, envelopes: &[(SecretName, Vec<u8>)]) -> Result<(), RecordsError> {
        let mut map = self.map();
        for (name, envelope) in envelopes {
            if let Some(record) = map.get_mut(name)
                && record.kept == Kept::Sealed
            {
                record.sealed = Some(envelope.clone());
            }
        }
        Ok(())
    }
}
