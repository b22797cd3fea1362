//! Files in the place of a keychain: for development, asked for by name, and closed to everyone else.

// A release build has no such thing; `VaultOptions::in_plaintext` has an example that must not compile there.
#![cfg(debug_assertions)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;
use std::sync::Arc;

use common::{SERVICE, get, large, name, set};
use cowork_vault::{Kept, MemoryRecords, Records, Vault, VaultOptions, VaultState};

fn app(folder: &Path, records: &Arc<MemoryRecords>) -> Vault {
    let options = VaultOptions::new(SERVICE, "Example").in_plaintext(folder);
    Vault::new(options, Arc::clone(records) as Arc<dyn Records>)
}

#[tokio::test]
async fn secrets_are_files_of_their_owner_and_the_state_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("secrets");
    let records = Arc::default();
    let vault = app(&folder, &records);
    assert_eq!(vault.state().await, VaultState::Plaintext);
    set(&vault, "anthropic", "one").await.unwrap();
    set(&vault, "anthropic", "two").await.unwrap();
    set(&vault, "sign-in/copilot", &large("large")).await.unwrap();
    for entry in vault.list().await.unwrap() {
        assert_eq!(entry.kept, Kept::Plaintext);
    }
    let next = app(&folder, &records);
    assert_eq!(get(&next, "anthropic").await.unwrap().unwrap(), "two");
    assert_eq!(
        get(&next, "sign-in/copilot").await.unwrap().unwrap(),
        large("large")
    );
    #[cfg(unix)]
    for file in std::fs::read_dir(&folder).unwrap() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
    next.delete(&name("sign-in/copilot")).await.unwrap();
    next.delete(&name("anthropic")).await.unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[tokio::test]
async fn what_one_kind_of_build_kept_is_set_but_missing_in_the_other() {
    let directory = tempfile::tempdir().unwrap();
    let world = common::World::new();
    set(&world.app(common::LONG), "anthropic", "small").await.unwrap();
    let records = Arc::new(MemoryRecords::default());
    records.put(&world.record("anthropic").unwrap()).unwrap();
    let refused = get(&app(directory.path(), &records), "anthropic")
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("cannot be read"));
}
