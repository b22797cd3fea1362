//! A keychain that waits for a person freezes nobody, and what it comes to in the end is kept.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{Behaviour, LONG, World, get, name, set};
use cowork_vault::{Kept, Reason, Sensitive, Unreadable, Vault, VaultError, VaultState};

/// How long callers wait in these tests.
const SHORT: Duration = Duration::from_millis(300);

fn is_waiting<T>(answer: &Result<T, VaultError>) -> bool {
    matches!(
        answer,
        Err(VaultError::Unavailable {
            reason: Reason::WaitingForPerson
        } | VaultError::CannotBeRead {
            reason: Unreadable::Keychain(Reason::WaitingForPerson),
            ..
        })
    )
}

fn state_reason(state: &VaultState) -> Option<Reason> {
    match state {
        VaultState::Unavailable { reason, advice } => {
            assert_eq!(advice, reason.advice());
            Some(*reason)
        }
        _ => None,
    }
}

/// Until a call that hung has come to its end and the vault answers again.
async fn until_encrypted(vault: &Vault) {
    while vault.state().await != VaultState::Encrypted {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_set_that_succeeds_after_the_wait_is_kept() {
    let world = World::new();
    let app = world.app(SHORT);
    world.hang();
    assert!(is_waiting(&set(&app, "anthropic", "sk-value").await));
    assert_eq!(state_reason(&app.state().await), Some(Reason::WaitingForPerson));
    assert!(app.list().await.unwrap().is_empty(), "it is not set yet");
    world.release();
    until_encrypted(&app).await;
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "sk-value");
    assert_eq!(app.list().await.unwrap()[0].kept, Kept::Keychain);
}

#[tokio::test]
async fn a_set_that_succeeds_after_the_person_chose_this_run_alone_is_undone() {
    let world = World::new();
    let app = world.app(SHORT);
    world.hang();
    assert!(is_waiting(&set(&app, "anthropic", "sk-first").await));
    app.keep_for_this_run(&name("anthropic"), Sensitive::new("sk-second"));
    world.release();
    until_encrypted(&app).await;
    // The worker has taken the late answer back when it answers the next call.
    set(&app, "openai", "sk-other").await.unwrap();
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "sk-second");
    let next = world.app(LONG);
    assert_eq!(get(&next, "anthropic").await.unwrap(), None, "it was to be gone");
}

#[tokio::test]
async fn while_a_call_hangs_others_are_refused_at_once_and_asked_of_nobody() {
    let world = World::new();
    set(&world.app(LONG), "anthropic", "sk-value").await.unwrap();
    let app = world.app(SHORT);
    world.hang();
    assert!(is_waiting(&set(&app, "openai", "sk-other").await));
    let calls = world.calls();
    // Four hundred waits would be two minutes.
    let refused = async {
        for _ in 0..400 {
            assert!(is_waiting(&get(&app, "anthropic").await));
        }
    };
    tokio::time::timeout(LONG, refused)
        .await
        .expect("nobody waits again");
    assert!(is_waiting(&app.delete(&name("anthropic")).await));
    assert!(is_waiting(&app.rotate().await));
    assert_eq!(state_reason(&app.recheck().await), Some(Reason::WaitingForPerson));
    assert_eq!(
        get(&app, "never-set").await.unwrap(),
        None,
        "what is not set is not set"
    );
    assert_eq!(app.list().await.unwrap().len(), 1);
    assert_eq!(world.calls(), calls);
    world.release();
    until_encrypted(&app).await;
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "sk-value");
}

#[tokio::test]
async fn what_had_not_begun_when_its_caller_gave_up_is_not_done() {
    let world = World::new();
    let app = world.app(SHORT);
    world.hang();
    let (one, two) = tokio::join!(set(&app, "one", "value"), set(&app, "two", "value"));
    assert!(is_waiting(&one) && is_waiting(&two));
    world.release();
    until_encrypted(&app).await;
    // Whatever was in line is through when this is answered.
    set(&app, "three", "value").await.unwrap();
    assert!(get(&app, "one").await.unwrap().is_some());
    assert_eq!(get(&app, "two").await.unwrap(), None);
}

#[tokio::test]
async fn a_line_that_is_full_refuses_at_once() {
    let world = World::new();
    let app = world.app(LONG);
    world.hang();
    let waiting: Vec<_> = (0..200)
        .map(|number| {
            let app = app.clone();
            tokio::spawn(async move { set(&app, &format!("secret-{number}"), "value").await })
        })
        .collect();
    let mut refused = 0;
    while refused < 200 - 65 {
        refused = waiting.iter().filter(|task| task.is_finished()).count();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.release();
    let mut kept = 0;
    for task in waiting {
        kept += usize::from(task.await.unwrap().is_ok());
    }
    assert_eq!(app.list().await.unwrap().len(), kept);
    assert!(kept >= 64, "those in line were served: {kept}");
}

#[tokio::test]
async fn a_thread_that_never_comes_back_is_replaced_and_writes_nothing_any_more() {
    let world = World::new();
    set(&world.app(LONG), "anthropic", "before").await.unwrap();
    let app = world.app(SHORT);
    world.hang();
    assert!(is_waiting(&set(&app, "anthropic", "late").await));
    assert_eq!(
        state_reason(&app.recheck().await),
        Some(Reason::WaitingForPerson),
        "it may still answer"
    );
    tokio::time::sleep(SHORT * 11).await;
    // The new thread hangs as well, until the keychain answers both.
    assert_eq!(state_reason(&app.recheck().await), Some(Reason::WaitingForPerson));
    world.release();
    until_encrypted(&app).await;
    set(&app, "other", "value").await.unwrap();
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "before");
}

#[tokio::test]
async fn a_dismissed_dialog_does_not_come_back_with_each_request() {
    let world = World::new();
    set(&world.app(LONG), "anthropic", "sk-value").await.unwrap();
    let app = world.app(LONG);
    world.behave(Behaviour::Refuses(Reason::Locked));
    assert!(get(&app, "anthropic").await.is_err());
    let calls = world.calls();
    for _ in 0..10 {
        let refused = get(&app, "anthropic").await.unwrap_err();
        assert!(refused.to_string().contains(Reason::Locked.advice()));
    }
    assert_eq!(world.calls(), calls, "nobody is asked again");
    assert_eq!(state_reason(&app.state().await), Some(Reason::Locked));
    world.behave(Behaviour::Works);
    assert_eq!(app.recheck().await, VaultState::Encrypted);
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "sk-value");
}

#[tokio::test]
async fn a_person_who_has_unlocked_is_not_told_for_a_minute_that_it_is_locked() {
    let world = World::new();
    set(&world.app(LONG), "anthropic", "sk-value").await.unwrap();
    set(&world.app(LONG), "openai", "sk-other").await.unwrap();
    let app = world.app(LONG);
    assert_eq!(get(&app, "openai").await.unwrap().unwrap(), "sk-other");
    world.behave(Behaviour::Refuses(Reason::Locked));
    assert!(get(&app, "anthropic").await.is_err());
    world.behave(Behaviour::Works);
    assert!(get(&app, "anthropic").await.is_err(), "what is automatic rests");
    let calls = world.calls();
    app.ask_again();
    assert_eq!(world.calls(), calls, "it is asked when something is needed");
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "sk-value");
    let calls = world.calls();
    app.ask_again();
    for text in ["anthropic", "openai"] {
        assert!(get(&app, text).await.unwrap().is_some());
    }
    assert_eq!(world.calls(), calls, "what was read stays at hand");
}

#[tokio::test]
async fn a_locked_keychain_is_asked_again_after_a_minute() {
    let world = World::new();
    set(&world.app(LONG), "anthropic", "sk-value").await.unwrap();
    let app = world.app(LONG);
    world.behave(Behaviour::Refuses(Reason::Locked));
    assert!(get(&app, "anthropic").await.is_err());
    world.behave(Behaviour::Works);
    assert!(get(&app, "anthropic").await.is_err());
    pass(Duration::from_mins(1)).await;
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "sk-value");
}

#[tokio::test]
async fn a_burst_of_reads_asks_the_keychain_once() {
    let world = World::new();
    let app = world.app(LONG);
    set(&app, "anthropic", "sk-value").await.unwrap();
    set(&app, "tokens", &common::large("large")).await.unwrap();
    assert_eq!(app.recheck().await, VaultState::Encrypted);
    for text in ["anthropic", "tokens"] {
        let before = world.calls();
        for _ in 0..50 {
            assert!(get(&app, text).await.unwrap().is_some());
        }
        assert_eq!(world.calls(), before + 1, "{text}");
    }
    let before = world.calls();
    pass(Duration::from_secs(61)).await;
    assert!(get(&app, "anthropic").await.unwrap().is_some());
    assert_eq!(world.calls(), before + 1, "after a minute it is asked again");
}

#[tokio::test]
async fn a_value_that_changed_is_never_read_from_before() {
    let world = World::new();
    let app = world.app(LONG);
    set(&app, "anthropic", "one").await.unwrap();
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "one");
    set(&app, "anthropic", "two").await.unwrap();
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "two");
    // Changed by somebody else: another look sees it.
    world
        .items
        .lock()
        .unwrap()
        .insert("anthropic".to_owned(), b"three".to_vec());
    app.recheck().await;
    assert_eq!(get(&app, "anthropic").await.unwrap().unwrap(), "three");
    app.delete(&name("anthropic")).await.unwrap();
    assert_eq!(get(&app, "anthropic").await.unwrap(), None);
}

#[tokio::test]
async fn a_new_vault_asks_the_keychain_nothing_until_it_must() {
    let world = World::new();
    let app = world.app(LONG);
    app.list().await.unwrap();
    assert_eq!(get(&app, "anthropic").await.unwrap(), None);
    app.keep_for_this_run(&name("openai"), Sensitive::new("value"));
    get(&app, "openai").await.unwrap();
    app.delete(&name("openai")).await.unwrap();
    assert_eq!(world.calls(), 0);
    assert_eq!(app.state().await, VaultState::Encrypted);
    let calls = world.calls();
    assert!(calls > 0);
    assert_eq!(app.state().await, VaultState::Encrypted);
    assert_eq!(world.calls(), calls, "what is known is not asked again");
    assert!(world.item_names().is_empty(), "a look leaves nothing behind");
}

/// Lets the runtime's clock run ahead; what happens on other threads takes the time it takes.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}
