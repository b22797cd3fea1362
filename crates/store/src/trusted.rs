//! The commands whose templates a person trusts, to be looked through and taken back.

use crate::{Store, StoreError};

/// A command that is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedCommand {
    /// The folder it is trusted in.
    pub folder: String,
    /// Its name, as it was when it was trusted.
    pub name: String,
    /// When that was, in milliseconds since the epoch.
    pub trusted_at: i64,
}

impl Store {
    /// All commands that are trusted, by folder and name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn all_trusted_commands(&self) -> Result<Vec<TrustedCommand>, StoreError> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT folder, name, trusted_at FROM trusted_commands ORDER BY folder, name")?;
        let rows = statement.query_map([], |row| {
            Ok(TrustedCommand {
                folder: row.get("folder")?,
                name: row.get("name")?,
                trusted_at: row.get("trusted_at")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Trusts a command no longer. Answers whether it was trusted.
    ///
    /// # Errors
    /// [`StoreError`]; then it still is.
    pub fn distrust_command(&self, folder: &str, name: &str) -> Result<bool, StoreError> {
        Ok(self.connection().execute(
            "DELETE FROM trusted_commands WHERE folder = ?1 AND name = ?2",
            (folder, name),
        )? > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TRUSTED_LIMIT;

    #[test]
    fn trust_is_listed_and_taken_back_and_given_anew_where_there_is_no_room_for_more() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(&folder.path().join("index.db"), 0).unwrap();
        for number in 0..TRUSTED_LIMIT {
            store
                .trust_command("/work", &format!("folder/{number:04}"), "one", 5)
                .unwrap();
        }
        assert!(store.trust_command("/work", "folder/more", "one", 6).is_err());
        store.trust_command("/work", "folder/0001", "two", 7).unwrap();
        let listed = store.all_trusted_commands().unwrap();
        assert_eq!(listed.len(), TRUSTED_LIMIT as usize);
        assert_eq!(
            listed[1],
            TrustedCommand {
                folder: "/work".to_owned(),
                name: "folder/0001".to_owned(),
                trusted_at: 7
            }
        );
        assert!(store.distrust_command("/work", "folder/0001").unwrap());
        assert!(!store.distrust_command("/work", "folder/0001").unwrap());
        let trusted = store.trusted_commands("/work").unwrap();
        assert!(trusted.iter().all(|(name, _)| name != "folder/0001"));
        store.trust_command("/work", "folder/more", "one", 8).unwrap();
    }
}
