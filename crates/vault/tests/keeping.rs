//! What is kept where, within which bounds, and what is shown of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{LONG, World, get, large, name, set};
use cowork_vault::{Kept, Sensitive, VALUE_BYTES, VaultError};

#[tokio::test]
async fn what_windows_would_not_take_is_sealed() {
    let world = World::new();
    let app = world.app(LONG);
    set(&app, "fits", &"a".repeat(1_280)).await.unwrap();
    set(&app, "does-not", &"a".repeat(1_281)).await.unwrap();
    // What counts is bytes, not characters.
    set(&app, "does-not-either", &"ä".repeat(641)).await.unwrap();
    let kept: Vec<_> = app
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.kept)
        .collect();
    assert_eq!(kept, [Kept::Sealed, Kept::Sealed, Kept::Keychain]);
    for (item, bytes) in &*world.items.lock().unwrap() {
        assert!(bytes.len() <= 1_280, "{item}");
    }
    assert_eq!(world.item_names(), ["data-key", "fits"]);
}

#[tokio::test]
async fn values_beyond_the_bounds_are_refused_with_their_length() {
    let world = World::new();
    let app = world.app(LONG);
    set(&app, "largest", &"a".repeat(VALUE_BYTES)).await.unwrap();
    assert_eq!(
        get(&world.app(LONG), "largest").await.unwrap().unwrap().len(),
        VALUE_BYTES
    );
    let refused = set(&app, "larger", &"a".repeat(VALUE_BYTES + 1)).await;
    assert!(matches!(refused, Err(VaultError::TooLong { bytes }) if bytes == VALUE_BYTES + 1));
    assert!(matches!(set(&app, "empty", "").await, Err(VaultError::Empty)));
    assert_eq!(app.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_value_that_grows_or_shrinks_leaves_nothing_of_the_other_kind() {
    let world = World::new();
    let app = world.app(LONG);
    set(&app, "anthropic", "small").await.unwrap();
    set(&app, "anthropic", &large("large")).await.unwrap();
    assert_eq!(world.item_names(), ["data-key"]);
    assert_eq!(
        get(&world.app(LONG), "anthropic").await.unwrap().unwrap(),
        large("large")
    );
    set(&app, "anthropic", "small again").await.unwrap();
    assert_eq!(world.record("anthropic").unwrap().sealed, None);
    assert_eq!(
        get(&world.app(LONG), "anthropic").await.unwrap().unwrap(),
        "small again"
    );
}

#[tokio::test]
async fn the_list_shows_enough_to_tell_keys_apart_and_no_more() {
    let world = World::new();
    let app = world.app(LONG);
    let key = "sk-ant-api03-0123456789-0123456789-wxyz";
    let entry = app.set(&name("anthropic"), Sensitive::new(key)).await.unwrap();
    assert_eq!(entry.hint, "sk-…wxyz");
    assert_eq!(app.list().await.unwrap(), std::slice::from_ref(&entry));
    let first = world.record("anthropic").unwrap();
    assert_eq!((first.changed, first.sealed), (entry.changed, None));
    set(&app, "anthropic", &large("other")).await.unwrap();
    let second = world.record("anthropic").unwrap();
    assert_eq!(second.created, first.created, "it is the same secret");
    assert!(second.changed >= first.changed);
    for shown in [format!("{:?}", app.list().await.unwrap()), format!("{app:?}")] {
        assert!(
            !shown.contains("0123") && !shown.contains("otherother"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn what_is_kept_for_this_run_is_in_front_and_nowhere_else() {
    let world = World::new();
    let app = world.app(LONG);
    set(&app, "anthropic", "the kept one").await.unwrap();
    let entry = app.keep_for_this_run(&name("anthropic"), Sensitive::new("the one of this run"));
    assert_eq!(entry.kept, Kept::ThisRun);
    app.keep_for_this_run(&name("openai"), Sensitive::new("another"));
    assert_eq!(
        get(&app, "anthropic").await.unwrap().unwrap(),
        "the one of this run"
    );
    let kept: Vec<_> = app
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.kept)
        .collect();
    assert_eq!(kept, [Kept::ThisRun, Kept::ThisRun]);
    // Another run.
    let next = world.app(LONG);
    assert_eq!(get(&next, "anthropic").await.unwrap().unwrap(), "the kept one");
    assert_eq!(get(&next, "openai").await.unwrap(), None);
    // Setting ends it, and so does deleting.
    set(&app, "anthropic", "the new one").await.unwrap();
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "the new one");
    app.delete(&name("openai")).await.unwrap();
    assert_eq!(get(&app, "openai").await.unwrap(), None);
}

#[tokio::test]
async fn everything_can_be_forgotten() {
    let world = World::new();
    let app = world.app(LONG);
    set(&app, "anthropic", "small").await.unwrap();
    set(&app, "tokens", &large("large")).await.unwrap();
    app.keep_for_this_run(&name("openai"), Sensitive::new("another"));
    app.forget_all().await.unwrap();
    assert!(app.list().await.unwrap().is_empty());
    assert!(world.item_names().is_empty());
    for text in ["anthropic", "tokens", "openai"] {
        assert_eq!(get(&app, text).await.unwrap(), None);
    }
}

#[tokio::test]
async fn rotating_without_large_values_changes_nothing() {
    let world = World::new();
    let app = world.app(LONG);
    set(&app, "anthropic", "small").await.unwrap();
    assert_eq!(app.rotate().await.unwrap(), 0);
    assert_eq!(world.item_names(), ["anthropic"]);
}
