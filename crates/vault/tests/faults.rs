//! Whatever happens between two writes, a secret that was there can be read, or it is said that it cannot.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::{Behaviour, LONG, World, get, large, name, set};
use cowork_vault::{Kept, Reason, Unreadable, VaultError};

/// More writes than any operation makes.
const WRITES: usize = 8;
/// A data key alone in its item: version, id, key.
const ONE_KEY: usize = 1 + 8 + 32;

/// Sets `before`, then lets the power go after each possible number of writes while `after` is set, and looks with
/// a new app. Whether each of the two was seen.
async fn interrupted_set(before: Option<&str>, after: &str) {
    let mut seen = [false; 2];
    for writes in 0..WRITES {
        let world = World::new();
        if let Some(before) = before {
            set(&world.app(LONG), "anthropic", before).await.unwrap();
        }
        world.power(Some(writes));
        let outcome = set(&world.app(LONG), "anthropic", after).await;
        world.power(None);
        let app = world.app(LONG);
        let found = get(&app, "anthropic").await.unwrap();
        assert!(
            found.as_deref() == before || found.as_deref() == Some(after),
            "after {writes} writes it is neither what was there nor what was set"
        );
        if outcome.is_ok() {
            assert_eq!(found.as_deref(), Some(after), "what was confirmed is there");
        }
        seen[usize::from(found.as_deref() == Some(after))] = true;
        // Whatever is left is in nobody's way.
        set(&app, "anthropic", "the last one").await.unwrap();
        app.delete(&name("anthropic")).await.unwrap();
        let mut left = world.item_names();
        left.retain(|item| item != "data-key");
        assert!(left.is_empty(), "items left after {writes} writes: {left:?}");
        assert_eq!(get(&app, "anthropic").await.unwrap(), None);
    }
    assert_eq!(seen, [true, true], "the power went both before and after");
}

#[tokio::test]
async fn a_set_that_is_interrupted_leaves_the_old_value_or_the_new_one() {
    interrupted_set(None, "small").await;
    interrupted_set(Some("small before"), "small after").await;
    interrupted_set(None, &large("after")).await;
    interrupted_set(Some(&large("before")), &large("after")).await;
    interrupted_set(Some("small"), &large("after")).await;
    interrupted_set(Some(&large("before")), "small").await;
}

#[tokio::test]
async fn a_delete_that_is_interrupted_can_be_made_again() {
    for value in ["small".to_owned(), large("large")] {
        for writes in 0..WRITES {
            let world = World::new();
            set(&world.app(LONG), "anthropic", &value).await.unwrap();
            world.power(Some(writes));
            let outcome = world.app(LONG).delete(&name("anthropic")).await;
            world.power(None);
            let app = world.app(LONG);
            match get(&app, "anthropic").await {
                Ok(Some(found)) => assert!(outcome.is_err() && found == value),
                Ok(None) => assert!(world.record("anthropic").is_none()),
                Err(VaultError::CannotBeRead { reason, .. }) => {
                    assert_eq!(reason, Unreadable::Missing);
                    assert!(outcome.is_err());
                }
                Err(other) => panic!("{other}"),
            }
            app.delete(&name("anthropic")).await.unwrap();
            assert_eq!(get(&app, "anthropic").await.unwrap(), None);
            assert!(!world.item_names().contains(&"anthropic".to_owned()));
        }
    }
}

#[tokio::test]
async fn a_rotation_that_is_interrupted_loses_nothing_and_is_finished_later() {
    let mut unfinished = 0;
    for writes in 0..WRITES {
        let world = World::new();
        let app = world.app(LONG);
        set(&app, "one", &large("one")).await.unwrap();
        set(&app, "two", &large("two")).await.unwrap();
        set(&app, "small", "small").await.unwrap();
        let key = world.items.lock().unwrap()["data-key"].clone();

        world.power(Some(writes));
        let outcome = world.app(LONG).rotate().await;
        // Reading without power to write works too, and finishes nothing.
        assert_eq!(get(&world.app(LONG), "one").await.unwrap().unwrap(), large("one"));
        world.power(None);
        unfinished += usize::from(world.items.lock().unwrap()["data-key"].len() > ONE_KEY);

        let app = world.app(LONG);
        for text in ["one", "two"] {
            assert_eq!(
                get(&app, text).await.unwrap().unwrap(),
                large(text),
                "after {writes} writes"
            );
        }
        assert_eq!(get(&app, "small").await.unwrap().unwrap(), "small");
        let kept = world.items.lock().unwrap()["data-key"].clone();
        assert_eq!(
            kept.len(),
            ONE_KEY,
            "the former key is let go after {writes} writes"
        );
        if let Ok(count) = outcome {
            assert_eq!(count, 2);
            assert_ne!(kept, key, "the key is another one");
        }
        assert_eq!(app.rotate().await.unwrap(), 2);
        assert_eq!(get(&world.app(LONG), "two").await.unwrap().unwrap(), large("two"));
    }
    assert!(unfinished > 0, "some rotations were interrupted");
}

#[tokio::test]
async fn a_rotation_can_be_made_over_one_that_was_interrupted() {
    for writes in 1..3 {
        let world = World::new();
        set(&world.app(LONG), "one", &large("one")).await.unwrap();
        world.power(Some(writes));
        world.app(LONG).rotate().await.unwrap_err();
        world.power(None);
        assert_eq!(world.app(LONG).rotate().await.unwrap(), 1);
        assert_eq!(get(&world.app(LONG), "one").await.unwrap().unwrap(), large("one"));
        assert_eq!(world.items.lock().unwrap()["data-key"].len(), ONE_KEY);
    }
}

#[tokio::test]
async fn what_is_damaged_does_not_keep_the_rest_from_a_new_key() {
    let world = World::new();
    let app = world.app(LONG);
    set(&app, "whole", &large("whole")).await.unwrap();
    set(&app, "damaged", &large("damaged")).await.unwrap();
    change_envelope(&world, "damaged", |envelope| envelope[100] ^= 1);
    assert_eq!(app.rotate().await.unwrap(), 1);
    let app = world.app(LONG);
    assert_eq!(get(&app, "whole").await.unwrap().unwrap(), large("whole"));
    assert_unreadable(get(&app, "damaged").await, Unreadable::Missing);
}

#[tokio::test]
async fn a_value_whose_record_cannot_be_written_is_not_set() {
    for (before, after) in [("before", "after".to_owned()), ("before", large("after"))] {
        let world = World::new();
        let app = world.app(LONG);
        set(&app, "old", before).await.unwrap();
        world.behave(Behaviour::RecordsFail);
        assert!(matches!(
            set(&app, "old", &after).await,
            Err(VaultError::Records(_))
        ));
        assert!(matches!(
            set(&app, "new", &after).await,
            Err(VaultError::Records(_))
        ));
        world.behave(Behaviour::Works);
        let app = world.app(LONG);
        assert_eq!(get(&app, "old").await.unwrap().unwrap(), before);
        assert_eq!(get(&app, "new").await.unwrap(), None);
        assert!(
            !world.item_names().contains(&"new".to_owned()),
            "what was not set is not left in the keychain"
        );
    }
}

#[tokio::test]
async fn not_set_and_not_there_any_more_are_different_answers() {
    let world = World::new();
    let app = world.app(LONG);
    assert_eq!(get(&app, "anthropic").await.unwrap(), None);
    set(&app, "anthropic", "small").await.unwrap();
    set(&app, "tokens", &large("large")).await.unwrap();
    world.items.lock().unwrap().clear();
    let app = world.app(LONG);
    assert_unreadable(get(&app, "anthropic").await, Unreadable::Missing);
    assert_unreadable(get(&app, "tokens").await, Unreadable::Missing);
    assert!(
        app.rotate().await.is_err(),
        "a key that is gone seals nothing anew"
    );
    // Entered again, both are there again.
    set(&app, "anthropic", "small again").await.unwrap();
    set(&app, "tokens", &large("again")).await.unwrap();
    let app = world.app(LONG);
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "small again");
    assert_eq!(get(&app, "tokens").await.unwrap().unwrap(), large("again"));
}

#[tokio::test]
async fn an_empty_answer_is_not_believed_of_a_keychain_that_takes_nothing() {
    let world = World::new();
    set(&world.app(LONG), "anthropic", "small").await.unwrap();
    set(&world.app(LONG), "tokens", &large("large")).await.unwrap();
    world.behave(Behaviour::HasNoCollection);
    let app = world.app(LONG);
    let reason = Reason::NoCollection;
    assert_unreadable(get(&app, "anthropic").await, Unreadable::Keychain(reason));
    assert_unreadable(get(&app, "tokens").await, Unreadable::Keychain(reason));
    let refused = app.delete(&name("anthropic")).await;
    assert!(matches!(
        refused,
        Err(VaultError::Unavailable {
            reason: Reason::NoCollection
        })
    ));
    world.behave(Behaviour::Works);
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "small");
}

#[tokio::test]
async fn nothing_is_written_where_the_keychain_refuses() {
    for reason in [
        Reason::NoService,
        Reason::Locked,
        Reason::NoCollection,
        Reason::Failed,
    ] {
        let world = World::new();
        world.behave(Behaviour::Refuses(reason));
        let app = world.app(LONG);
        for value in ["small".to_owned(), large("large")] {
            match set(&app, "anthropic", &value).await {
                Err(VaultError::Unavailable { reason: said }) => assert_eq!(said, reason),
                other => panic!("{other:?}"),
            }
        }
        assert!(world.item_names().is_empty());
        assert!(app.list().await.unwrap().is_empty());
        assert_eq!(get(&app, "anthropic").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_large_value_is_not_sealed_with_a_key_that_was_not_kept() {
    let world = World::new();
    world.behave(Behaviour::Forgets);
    assert!(set(&world.app(LONG), "tokens", &large("large")).await.is_err());
    assert!(world.record("tokens").is_none());
}

#[tokio::test]
async fn a_data_key_of_a_newer_version_is_not_written_over() {
    let world = World::new();
    set(&world.app(LONG), "tokens", &large("large")).await.unwrap();
    let newer = vec![2; 100];
    world
        .items
        .lock()
        .unwrap()
        .insert("data-key".to_owned(), newer.clone());
    let app = world.app(LONG);
    assert_unreadable(get(&app, "tokens").await, Unreadable::Damaged);
    let refused = set(&app, "tokens", &large("other")).await;
    assert!(matches!(refused, Err(VaultError::UnknownDataKey)));
    assert!(matches!(app.rotate().await, Err(VaultError::UnknownDataKey)));
    assert_eq!(world.items.lock().unwrap()["data-key"], newer);
}

#[tokio::test]
async fn an_envelope_under_another_name_is_not_opened() {
    let world = World::new();
    let app = world.app(LONG);
    set(&app, "one", &large("one")).await.unwrap();
    set(&app, "two", &large("two")).await.unwrap();
    let moved = world.record("one").unwrap().sealed.unwrap();
    change_envelope(&world, "two", |envelope| *envelope = moved.clone());
    assert_unreadable(get(&world.app(LONG), "two").await, Unreadable::Damaged);
}

#[tokio::test]
async fn a_sealed_value_can_be_deleted_while_the_keychain_is_away() {
    let world = World::new();
    set(&world.app(LONG), "tokens", &large("large")).await.unwrap();
    set(&world.app(LONG), "small", "small").await.unwrap();
    world.behave(Behaviour::Refuses(Reason::NoService));
    let app = world.app(LONG);
    app.delete(&name("tokens")).await.unwrap();
    assert_eq!(get(&app, "tokens").await.unwrap(), None);
    assert!(
        app.delete(&name("small")).await.is_err(),
        "what is in the keychain is there still"
    );
    assert_eq!(app.list().await.unwrap()[0].kept, Kept::Keychain);
}

#[tokio::test]
async fn a_keychain_that_panics_is_asked_again_the_next_time() {
    let world = World::new();
    let app = world.app(LONG);
    set(&app, "anthropic", "small").await.unwrap();
    let app = world.app(LONG);
    for _ in 0..20 {
        world.behave(Behaviour::Panics);
        assert_unreadable(get(&app, "anthropic").await, Unreadable::Keychain(Reason::Failed));
        assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "small");
        app.recheck().await;
    }
}

fn change_envelope(world: &Arc<World>, text: &str, change: impl Fn(&mut Vec<u8>)) {
    use cowork_vault::Records as _;
    let mut record = world.record(text).unwrap();
    change(record.sealed.as_mut().unwrap());
    world.records.put(&record).unwrap();
}

#[track_caller]
fn assert_unreadable(answer: Result<Option<String>, VaultError>, expected: Unreadable) {
    match answer {
        Err(VaultError::CannotBeRead { reason, .. }) => assert_eq!(reason, expected),
        Err(other) => panic!("{other}"),
        Ok(found) => panic!("it was read: {}", found.is_some()),
    }
}
