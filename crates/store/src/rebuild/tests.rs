//! Renamings that are refused half-way.

use std::cell::RefCell;

use tempfile::TempDir;

use super::*;
use crate::Opened;

const NOW: i64 = 7;

thread_local! {
    /// Files that cannot be renamed, each as often as it is named.
    static REFUSED: RefCell<Vec<PathBuf>> = const { RefCell::new(Vec::new()) };
}

/// Refuses to rename a file that a test names.
pub(super) fn refuse(from: &Path) -> io::Result<()> {
    REFUSED.with_borrow_mut(|refused| {
        let Some(place) = refused.iter().position(|path| path == from) else {
            return Ok(());
        };
        refused.remove(place);
        Err(io::ErrorKind::PermissionDenied.into())
    })
}

/// A database with a draft in it, whose files with these suffixes cannot be renamed, each as often as it is named.
fn store(refused: &[&str]) -> (TempDir, PathBuf, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cowork.db");
    let (store, _) = Store::open(&path, NOW).unwrap();
    store.set_draft("s", "a draft").unwrap();
    REFUSED.set(refused.iter().map(|suffix| beside(&path, suffix)).collect());
    (folder, path, store)
}

fn draft(store: &Store) -> Option<String> {
    store.draft("s").unwrap()
}

#[test]
fn a_file_whose_place_could_not_be_taken_is_used_on() {
    let (folder, path, store) = store(&[MAKING]);
    let refused = store.rebuild(NOW);
    assert!(
        matches!(refused, Err(StoreError::NotSetAside { .. })),
        "{refused:?}"
    );
    assert_eq!(draft(&store).as_deref(), Some("a draft"));
    store.set_draft("s", "a later one").unwrap();
    drop(store);
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "nothing lies beside it");
    let (store, opened) = Store::open(&path, NOW).unwrap();
    assert_eq!(opened, Opened::Existing);
    assert_eq!(draft(&store).as_deref(), Some("a later one"));
}

#[test]
fn a_file_that_is_put_back_has_its_log_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cowork.db");
    let set_aside = beside(&path, ".corrupt-7");
    for suffix in ["", "-wal", "-shm"] {
        fs::write(beside(&path, suffix), format!("damaged{suffix}")).unwrap();
    }
    let missing = beside(&path, MAKING);
    assert!(put_in_place(&path, &missing, &set_aside).is_err());
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(
            fs::read_to_string(beside(&path, suffix)).unwrap(),
            format!("damaged{suffix}")
        );
        assert!(!beside(&set_aside, suffix).exists());
    }
}

#[test]
fn the_new_file_is_taken_up_where_the_damaged_one_cannot_be_put_back() {
    let (_folder, path, store) = store(&[MAKING, ".corrupt-7"]);
    let rebuilt = store.rebuild(NOW).unwrap();
    assert_eq!(rebuilt.set_aside, beside(&path, ".corrupt-7"));
    assert_eq!(store.index_made(), 1);
    assert_eq!(draft(&store).as_deref(), Some("a draft"));
    store.set_draft("s", "a later one").unwrap();
    drop(store);
    let (store, opened) = Store::open(&path, NOW).unwrap();
    assert!(matches!(opened, Opened::Rebuilt { .. }), "{opened:?}");
    assert_eq!(draft(&store).as_deref(), Some("a later one"));
}

#[test]
fn nothing_is_taken_for_written_while_no_file_can_be_had() {
    let (_folder, path, store) = store(&[MAKING, MAKING, ".corrupt-7", ".corrupt-7"]);
    let refused = store.rebuild(NOW);
    assert!(
        matches!(refused, Err(StoreError::NotSetAside { .. })),
        "{refused:?}"
    );
    assert!(store.set_draft("s", "a later one").is_err());
    drop(store);
    let (store, opened) = Store::open(&path, NOW).unwrap();
    assert!(matches!(opened, Opened::Rebuilt { .. }), "{opened:?}");
    assert_eq!(draft(&store).as_deref(), Some("a draft"));
}
