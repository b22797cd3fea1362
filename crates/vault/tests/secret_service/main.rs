//! The vault and a real key ring, in every situation a person's computer can be in.

// gnome-keyring's daemon, on a bus of each test's own.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod session;

use std::sync::Arc;
use std::time::Duration;

use common::{LONG, SERVICE, get, large, name, set};
use cowork_vault::{
    Kept, MemoryRecords, Reason, Record, Records, Unreadable, Vault, VaultError, VaultOptions, VaultState,
};
use session::{Daemon, in_a_session, without_a_bus};

/// How long callers wait for a daemon that was stopped.
const SHORT: Duration = Duration::from_secs(1);

fn vault(records: &Arc<MemoryRecords>, patience: Duration) -> Vault {
    let mut options = VaultOptions::new(SERVICE, "Example");
    options.patience = patience;
    Vault::new(options, Arc::clone(records) as Arc<dyn Records>)
}

fn reason(state: &VaultState) -> Option<Reason> {
    match state {
        VaultState::Unavailable { reason, advice } => {
            assert!(!advice.is_empty());
            Some(*reason)
        }
        _ => None,
    }
}

/// Nothing can be set, nothing is written, and what was set is known to be set.
async fn assert_closed(vault: &Vault, records: &Arc<MemoryRecords>, expected: Reason) {
    assert_eq!(reason(&vault.recheck().await), Some(expected));
    let before = records.list().unwrap();
    for value in ["sk-new".to_owned(), large("new")] {
        match set(vault, "new", &value).await {
            Err(VaultError::Unavailable { reason }) => assert_eq!(reason, expected),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(records.list().unwrap(), before);
    assert_eq!(get(vault, "new").await.unwrap(), None);
    for record in before {
        match vault.get(&record.name).await {
            Err(VaultError::CannotBeRead {
                reason: Unreadable::Keychain(reason),
                ..
            }) => assert_eq!(reason, expected),
            Err(other) => panic!("{other}"),
            Ok(found) => panic!("`{}` was read: {}", record.name, found.is_some()),
        }
        if record.kept == Kept::Keychain {
            assert!(
                vault.delete(&record.name).await.is_err(),
                "what cannot be deleted is not forgotten"
            );
        }
    }
    assert_eq!(reason(&vault.state().await), Some(expected));
}

/// Two secrets, as an earlier run of the app left them.
async fn filled() -> Arc<MemoryRecords> {
    let records = Arc::default();
    let vault = vault(&records, LONG);
    set(&vault, "anthropic", "sk-the-old-value").await.unwrap();
    set(&vault, "sign-in/tokens", &large("old tokens "))
        .await
        .unwrap();
    records
}

async fn assert_both_are_there(vault: &Vault) {
    assert_eq!(vault.recheck().await, VaultState::Encrypted);
    assert_eq!(
        get(vault, "anthropic").await.unwrap().unwrap(),
        "sk-the-old-value"
    );
    assert_eq!(
        get(vault, "sign-in/tokens").await.unwrap().unwrap(),
        large("old tokens ")
    );
}

#[test]
fn an_unlocked_key_ring_keeps_secrets_across_runs_and_restarts() {
    in_a_session(
        "an_unlocked_key_ring_keeps_secrets_across_runs_and_restarts",
        || async {
            let daemon = Daemon::unlocked();
            let records = filled().await;
            assert_both_are_there(&vault(&records, LONG)).await;
            // What is on disk outside of the key ring does not have the values.
            let written = format!("{:?}", records.list().unwrap());
            assert!(
                !written.contains("sk-the-old") && !written.contains("old tokens"),
                "{written}"
            );
            drop(daemon);
            let _daemon = Daemon::unlocked();
            let app = vault(&records, LONG);
            assert_both_are_there(&app).await;
            assert_eq!(app.rotate().await.unwrap(), 1);
            assert_both_are_there(&vault(&records, LONG)).await;
            assert_eq!(items().await, ["Example: anthropic", "Example: data-key"]);
            app.forget_all().await.unwrap();
            assert!(items().await.is_empty(), "nothing is left in the key ring");
            assert!(app.list().await.unwrap().is_empty());
        },
    );
}

/// What a person sees of this app in their key ring.
async fn items() -> Vec<String> {
    use secret_service::{EncryptionType, blocking::SecretService};
    let look = || {
        let key_ring = SecretService::connect(EncryptionType::Plain).unwrap();
        let found = key_ring.search_items([("service", SERVICE)].into()).unwrap();
        assert!(found.locked.is_empty());
        let mut labels: Vec<_> = found
            .unlocked
            .iter()
            .map(|item| item.get_label().unwrap())
            .collect();
        labels.sort();
        labels
    };
    tokio::task::spawn_blocking(look).await.unwrap()
}

/// A record of a secret whose item is not there, or not in reach.
fn remembered() -> Arc<MemoryRecords> {
    let records = MemoryRecords::default();
    let record = Record {
        name: name("anthropic"),
        kept: Kept::Keychain,
        hint: "…alue".to_owned(),
        sealed: None,
        created: 1,
        changed: 2,
    };
    records.put(&record).unwrap();
    Arc::new(records)
}

#[test]
fn without_a_bus_there_is_no_service() {
    without_a_bus("without_a_bus_there_is_no_service", || async {
        let records = remembered();
        assert_closed(&vault(&records, LONG), &records, Reason::NoService).await;
    });
}

#[test]
fn on_a_bus_without_a_key_ring_there_is_no_service_until_one_is_started() {
    in_a_session(
        "on_a_bus_without_a_key_ring_there_is_no_service_until_one_is_started",
        || async {
            let records = remembered();
            let app = vault(&records, LONG);
            assert_closed(&app, &records, Reason::NoService).await;
            let _daemon = Daemon::unlocked();
            assert_eq!(app.recheck().await, VaultState::Encrypted);
            set(&app, "anthropic", "sk-value").await.unwrap();
            assert_eq!(
                get(&vault(&records, LONG), "anthropic").await.unwrap().unwrap(),
                "sk-value"
            );
        },
    );
}

#[test]
fn a_key_ring_without_a_collection_is_not_taken_for_an_empty_one() {
    in_a_session(
        "a_key_ring_without_a_collection_is_not_taken_for_an_empty_one",
        || async {
            let _daemon = Daemon::locked();
            let records = remembered();
            assert_closed(&vault(&records, LONG), &records, Reason::NoCollection).await;
        },
    );
}

#[test]
fn a_locked_key_ring_loses_nothing() {
    in_a_session("a_locked_key_ring_loses_nothing", || async {
        let daemon = Daemon::unlocked();
        let records = filled().await;
        let app = vault(&records, LONG);
        assert_both_are_there(&app).await;
        drop(daemon);
        let daemon = Daemon::locked();
        assert_closed(&app, &records, Reason::Locked).await;
        assert_closed(&vault(&records, LONG), &records, Reason::Locked).await;
        drop(daemon);
        let _daemon = Daemon::unlocked();
        assert_both_are_there(&app).await;
    });
}

#[test]
fn a_key_ring_that_is_slow_freezes_nothing_and_its_late_answer_counts() {
    in_a_session(
        "a_key_ring_that_is_slow_freezes_nothing_and_its_late_answer_counts",
        || async {
            let daemon = Daemon::unlocked();
            let records = filled().await;
            let app = vault(&records, SHORT);
            assert_eq!(app.state().await, VaultState::Encrypted);
            daemon.stop();
            let waiting = |answer: &Result<(), VaultError>| {
                matches!(
                    answer,
                    Err(VaultError::Unavailable {
                        reason: Reason::WaitingForPerson
                    })
                )
            };
            assert!(waiting(&set(&app, "anthropic", "sk-the-late-value").await));
            assert!(waiting(&set(&app, "openai", "sk-refused-at-once").await));
            assert_eq!(reason(&app.state().await), Some(Reason::WaitingForPerson));
            assert_eq!(app.list().await.unwrap().len(), 2, "the list needs no key ring");
            daemon.go_on();
            while app.state().await != VaultState::Encrypted {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert_eq!(
                get(&app, "anthropic").await.unwrap().unwrap(),
                "sk-the-late-value"
            );
            assert_eq!(
                get(&vault(&records, LONG), "anthropic").await.unwrap().unwrap(),
                "sk-the-late-value"
            );
            assert_eq!(get(&app, "openai").await.unwrap(), None);
            assert_eq!(
                get(&app, "sign-in/tokens").await.unwrap().unwrap(),
                large("old tokens ")
            );
        },
    );
}

#[test]
fn a_key_ring_that_dies_in_a_call_and_comes_back_works_again() {
    in_a_session(
        "a_key_ring_that_dies_in_a_call_and_comes_back_works_again",
        || async {
            let daemon = Daemon::unlocked();
            let records = filled().await;
            let app = vault(&records, SHORT);
            assert_eq!(app.state().await, VaultState::Encrypted);
            daemon.stop();
            assert!(set(&app, "anthropic", "sk-never-arrived").await.is_err());
            drop(daemon);
            // The call ends with the daemon, and says so.
            while reason(&app.state().await) != Some(Reason::NoService) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let _daemon = Daemon::unlocked();
            assert_both_are_there(&app).await;
        },
    );
}

#[test]
fn a_key_ring_that_was_restarted_between_two_calls_is_not_noticed() {
    in_a_session(
        "a_key_ring_that_was_restarted_between_two_calls_is_not_noticed",
        || async {
            let daemon = Daemon::unlocked();
            let records = filled().await;
            let app = vault(&records, LONG);
            assert_both_are_there(&app).await;
            drop(daemon);
            let _daemon = Daemon::unlocked();
            set(&app, "openai", "sk-other").await.unwrap();
            assert_eq!(get(&app, "openai").await.unwrap().unwrap(), "sk-other");
            assert_both_are_there(&app).await;
        },
    );
}

#[test]
fn a_key_ring_that_never_answers_does_not_keep_the_app_from_ending() {
    in_a_session(
        "a_key_ring_that_never_answers_does_not_keep_the_app_from_ending",
        || async {
            let daemon = Daemon::unlocked();
            let app = vault(&Arc::default(), SHORT);
            daemon.stop_for_ever();
            assert_eq!(reason(&app.state().await), Some(Reason::WaitingForPerson));
        },
    );
}

#[test]
fn two_items_of_one_name_are_one_again_when_it_is_set() {
    in_a_session("two_items_of_one_name_are_one_again_when_it_is_set", || async {
        let _daemon = Daemon::unlocked();
        let records = filled().await;
        let twin = || {
            use secret_service::{EncryptionType, blocking::SecretService};
            let key_ring = SecretService::connect(EncryptionType::Plain).unwrap();
            let collection = key_ring.get_default_collection().unwrap();
            let attributes = [("service", SERVICE), ("username", "anthropic"), ("other", "1")].into();
            collection
                .create_item("twin", attributes, b"sk-twin", false, "text/plain")
                .unwrap();
        };
        tokio::task::spawn_blocking(twin).await.unwrap();
        let app = vault(&records, LONG);
        let refused = get(&app, "anthropic").await;
        assert!(matches!(
            refused,
            Err(VaultError::CannotBeRead {
                reason: Unreadable::Keychain(Reason::Failed),
                ..
            })
        ));
        set(&app, "anthropic", "sk-chosen").await.unwrap();
        assert_eq!(
            get(&vault(&records, LONG), "anthropic").await.unwrap().unwrap(),
            "sk-chosen"
        );
        assert_eq!(items().await, ["Example: anthropic", "Example: data-key"]);
    });
}
