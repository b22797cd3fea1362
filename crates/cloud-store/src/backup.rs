//! Copies, while the server runs.

use std::path::Path;

use crate::{Dialect, Store, StoreError};

impl Store {
    /// Writes a copy of SQLite's database, as it is at one moment, into a file that is not there yet and that nobody
    /// else can read. PostgreSQL has its own programs for this.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        if self.dialect() != Dialect::Sqlite {
            return Err(StoreError::Conflict(
                "PostgreSQL is backed up with its own pg_dump",
            ));
        }
        let invalid = |why: String| StoreError::Invalid {
            what: "the backup's file",
            why,
        };
        let name = file
            .to_str()
            .ok_or_else(|| invalid("has a name that is no Unicode text".to_owned()))?;
        make_private(file).map_err(|error| invalid(format!("cannot be made: {error}")))?;
        // Into one that is there and empty it writes; so nobody saw it with other rights for a moment.
        let written = sqlx::query("VACUUM INTO $1")
            .bind(name.to_owned())
            .execute(self.database().writing())
            .await;
        if let Err(error) = written {
            // What is there of it is of no use to anybody; that it stays is less than why it is not whole.
            let _ = std::fs::remove_file(file);
            return Err(error.into());
        }
        Ok(())
    }
}

fn make_private(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}
