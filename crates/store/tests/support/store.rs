//! A database to begin with.

use cowork_store::Store;
use tempfile::TempDir;

/// A fresh database, gone with its folder.
pub(crate) fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(&folder.path().join("data/cowork.db"), 0).unwrap();
    (folder, store)
}
