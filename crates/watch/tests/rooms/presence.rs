//! Whether a desktop is there, and the life of its room.

use std::time::Duration;

use cowork_pairing_protocol::session::{DesktopStatus, SessionEvent, SharedAgent, SharedFolder, TurnEnd};
use cowork_pairing_protocol::wire::{EventType, Policy};
use cowork_watch::{Presence, bounds};

use crate::browser::Browser;
use crate::memory::{After, Memory, key};
use crate::story::{self, SESSION};

#[tokio::test(start_paused = true)]
async fn a_desktop_is_there_away_paused_or_over_and_that_is_told() {
    let memory = Memory::new();
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.read().await;
    assert_eq!(browser.desktop["state"], "never");
    let status = DesktopStatus {
        v: 1,
        version: "1.2.3".to_owned(),
        engine_ready: true,
        policy: Policy::default(),
        agents: vec![SharedAgent {
            name: "build".to_owned(),
            description: "Builds.".to_owned(),
        }],
        folders: vec![SharedFolder {
            id: "fld_1".to_owned(),
            label: "project".to_owned(),
        }],
    };
    memory.raw(
        "desk",
        None,
        EventType::Status,
        std::iter::once(serde_json::to_value(&status).unwrap()),
    );
    memory.set_now(1_000);
    let mut presence = Presence {
        seen: Some(1_000),
        ..Presence::default()
    };
    memory.stands("desk", presence);
    browser.read().await;
    assert_eq!(
        (&browser.desktop["state"], &browser.desktop["engineReady"]),
        (&"online".into(), &true.into())
    );
    assert_eq!(browser.desktop["policy"]["approvals"], "local_confirmation");
    assert!(browser.watcher.offers_folder("fld_1").await.unwrap());
    assert!(!browser.watcher.offers_folder("named:project").await.unwrap());

    memory.set_now(1_001 + bounds::ONLINE);
    tokio::time::sleep(Duration::from_secs(30)).await;
    browser.read().await;
    assert_eq!(
        (&browser.desktop["state"], &browser.desktop["since"]),
        (&"offline".into(), &1_000.into())
    );
    presence.behind = true;
    presence.paused = true;
    memory.stands("desk", presence);
    browser.read().await;
    assert_eq!(
        (&browser.desktop["state"], &browser.desktop["behind"]),
        (&"paused".into(), &true.into())
    );
    presence.revoked = Some(5_000);
    memory.stands("desk", presence);
    browser.read().await;
    assert_eq!(
        (&browser.desktop["state"], &browser.desktop["since"]),
        (&"revoked".into(), &5_000.into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_room_goes_some_time_after_its_last_watcher_and_not_before() {
    let memory = Memory::new();
    memory.tell("desk", SESSION, &[story::thread("A", 1)]);
    let hub = memory.hub();
    let browser = Browser::new(&hub, "desk").await;
    assert_eq!((hub.rooms(), hub.figures().watchers()), (1, 1));
    drop(browser);
    tokio::time::sleep(bounds::LINGER / 2).await;
    assert_eq!(
        (hub.rooms(), hub.figures().watchers()),
        (1, 0),
        "whoever loads the page anew finds it"
    );
    let reads = hub.figures().reads();
    let browser = Browser::new(&hub, "desk").await;
    tokio::time::sleep(bounds::LINGER * 2).await;
    assert_eq!(hub.rooms(), 1);
    assert!(hub.figures().reads() <= reads + 1, "nothing is read again");
    drop(browser);
    tokio::time::sleep(bounds::LINGER * 2).await;
    assert_eq!(hub.rooms(), 0);
}

#[tokio::test(start_paused = true)]
async fn as_many_look_as_may_and_one_that_leaves_makes_room() {
    let memory = Memory::new();
    let hub = memory.hub();
    let mut watchers = Vec::new();
    for _ in 0..bounds::WATCHERS {
        watchers.push(hub.watch(&key("desk")).await.unwrap());
    }
    assert!(hub.watch(&key("desk")).await.is_err());
    assert!(hub.watch(&key("other")).await.is_ok(), "others are not held up");
    watchers.pop();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(hub.watch(&key("desk")).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn one_that_does_not_read_begins_anew_and_holds_nobody_up() {
    let memory = Memory::new();
    memory.tell(
        "desk",
        SESSION,
        &[
            story::thread("A", 1),
            story::busy(),
            story::message(SESSION, "msg_1", cowork_engine::Role::Assistant, 1, false),
            story::text("msg_1", "prt_1", ""),
        ],
    );
    let hub = memory.hub();
    let mut slow = Browser::new(&hub, "desk").await;
    let mut quick = Browser::new(&hub, "desk").await;
    slow.open(SESSION).await.unwrap();
    quick.open(SESSION).await.unwrap();
    let mut length = 0;
    for _ in 0..(2 * bounds::QUEUE.0) {
        memory.tell("desk", SESSION, &[story::grew("msg_1", "prt_1", length, "word ")]);
        length += 5;
        tokio::time::sleep(bounds::GAP * 2).await;
        if length.is_multiple_of(50) {
            quick.read().await;
        }
    }
    quick.read().await;
    assert_eq!((quick.anew, hub.figures().overruns()), (0, 1));
    slow.read().await;
    assert_eq!(slow.anew, 1);
    assert_eq!(slow.picture(), quick.picture());
}

#[tokio::test(start_paused = true)]
async fn a_page_that_nobody_sees_is_told_nothing_and_begins_anew_when_somebody_does() {
    let memory = Memory::new();
    memory.tell("desk", SESSION, &[story::thread("A", 1)]);
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    browser.read().await;
    browser.watcher.shown(false).await.unwrap();
    browser.read().await;
    memory.tell("desk", SESSION, &story::turn(SESSION, 1, "news"));
    memory.tell("desk", SESSION, &[story::thread("B", 2)]);
    browser.read().await;
    assert_eq!(browser.rows[SESSION]["title"], "A");
    browser.watcher.shown(true).await.unwrap();
    browser.read().await;
    assert_eq!(
        (browser.anew, browser.rows[SESSION]["title"].as_str()),
        (1, Some("B"))
    );
    assert_eq!(browser.picture()["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_there_also_when_its_thread_changes_while_a_room_begins() {
    let memory = Memory::new();
    memory.tell(
        "desk",
        SESSION,
        &[story::thread("A", 1), story::busy(), story::ask(SESSION, "per_1")],
    );
    memory.meanwhile(After::Standing, SESSION, &[story::thread("B", 2)]);
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.read().await;
    assert_eq!(browser.inbox["rows"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&browser.rows[SESSION]["title"], &browser.rows[SESSION]["mark"]),
        (&"B".into(), &"asksPermission".into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_room_that_dies_leaves_nobody_behind() {
    let memory = Memory::new();
    memory.tell("desk", SESSION, &[story::thread("A", 1)]);
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.read().await;
    memory.kill(true);
    memory.tell("desk", SESSION, &[story::thread("B", 2)]);
    browser.read().await;
    assert!(browser.closed, "its page is not told that it is live");
    memory.kill(false);
    let again = Browser::new(&hub, "desk").await;
    assert_eq!(again.rows[SESSION]["title"], "B");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_room_that_never_begins_is_told() {
    let memory = Memory::new();
    memory.break_down(true);
    let hub = memory.hub();
    let watcher = hub.watch(&key("desk")).await.unwrap();
    let next = tokio::time::timeout(Duration::from_mins(1), watcher.next()).await;
    assert_eq!(next, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn who_turns_back_on_the_way_in_is_counted_no_more() {
    let memory = Memory::new();
    let hub = memory.hub();
    let begins = memory.hold().await;
    let mut waiting = Vec::new();
    for _ in 0..bounds::CALLS {
        waiting.push(hub.watch(&key("desk")).await.unwrap());
    }
    let late = tokio::time::timeout(Duration::from_secs(1), hub.watch(&key("desk"))).await;
    assert!(late.is_err(), "it waits");
    drop(begins);
    waiting.clear();
    tokio::time::sleep(bounds::LINGER * 3).await;
    assert_eq!((hub.rooms(), hub.figures().watchers()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_was_cut_off_is_told_to_be_in_the_list_and_in_its_thread() {
    let memory = Memory::new();
    let prompt = [
        story::thread("A", 1),
        story::busy(),
        story::message(SESSION, "msg_1", cowork_engine::Role::User, 1, true),
        story::text("msg_1", "prt_1", "Do it."),
    ];
    memory.tell("desk", SESSION, &prompt);
    let hub = memory.hub();
    let mut looks = Browser::new(&hub, "desk").await;
    looks.open(SESSION).await.unwrap();
    let end = story::ended("A", 2, TurnEnd::Interrupted);
    memory.tell("desk", SESSION, &[end, story::idle()]);
    looks.read().await;
    let mut comes = Browser::new(&hub, "desk").await;
    comes.open(SESSION).await.unwrap();
    let other = memory.copy().hub();
    let mut elsewhere = Browser::new(&other, "desk").await;
    elsewhere.open(SESSION).await.unwrap();
    for browser in [&looks, &comes, &elsewhere] {
        assert_eq!(browser.rows[SESSION]["mark"], "interrupted");
        let picture = browser.picture();
        assert_eq!(picture["status"]["state"]["kind"], "interrupted");
        assert_eq!(picture["messages"][0]["interrupted"], true);
    }
    // Once it is answered after all it was not.
    memory.tell("desk", SESSION, &[story::thread("A", 3)]);
    memory.tell("desk", SESSION, &story::turn(SESSION, 1, "Done."));
    looks.read().await;
    assert_eq!(looks.rows[SESSION]["mark"], "idle");
    assert_eq!(looks.picture()["status"]["state"]["kind"], "idle");
}

#[tokio::test(start_paused = true)]
async fn what_waited_when_a_room_began_goes_from_its_pages_once_it_is_answered() {
    let memory = Memory::new();
    memory.tell(
        "desk",
        SESSION,
        &[story::thread("A", 1), story::busy(), story::ask(SESSION, "per_1")],
    );
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.read().await;
    assert_eq!(browser.inbox["rows"].as_array().unwrap().len(), 1);
    let gone = SessionEvent::PermissionGone {
        permission: "per_1".into(),
    };
    memory.tell("desk", SESSION, &[gone]);
    browser.read().await;
    assert_eq!(browser.inbox["rows"].as_array().unwrap().len(), 0);
    assert_eq!(browser.rows[SESSION]["mark"], "working");
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_failed_is_told_in_the_list_also_where_its_answer_alone_says_so() {
    let memory = Memory::new();
    let mut failed = story::message(SESSION, "msg_1", cowork_engine::Role::Assistant, 1, true);
    if let SessionEvent::Message { message } = &mut failed {
        message.error = Some(cowork_engine::TurnError {
            kind: cowork_engine::TurnErrorKind::Provider,
            message: "No.".to_owned(),
            status: None,
        });
    }
    let end = story::ended("A", 2, TurnEnd::Failed);
    memory.tell("desk", SESSION, &[end, story::busy(), failed, story::idle()]);
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    assert_eq!(browser.rows[SESSION]["mark"], "failed");
    memory.tell("desk", SESSION, &[story::thread("A", 3), story::busy()]);
    browser.read().await;
    assert_eq!(browser.rows[SESSION]["mark"], "working");
}

#[tokio::test(start_paused = true)]
async fn what_waits_in_an_old_thread_is_in_the_inbox_until_it_is_answered() {
    let memory = Memory::new();
    memory.tell("desk", SESSION, &[story::thread("A", 1)]);
    let child = story::child("Looks around", 2, Some(SESSION));
    memory.tell(
        "desk",
        "ses_child",
        &[child, story::busy(), story::ask("ses_child", "per_c")],
    );
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    for number in 0..bounds::THREADS + 100 {
        let updated = 10 + i64::try_from(number).unwrap();
        memory.tell("desk", &format!("ses_{number}"), &[story::thread("B", updated)]);
    }
    browser.read().await;
    assert_eq!(browser.inbox["rows"][0]["thread"], SESSION);
    assert!(browser.watcher.inbox_ask(SESSION, "per_c").await.is_ok());
    let answered = SessionEvent::PermissionGone {
        permission: "per_c".into(),
    };
    memory.tell("desk", "ses_child", &[answered]);
    memory.tell("desk", "ses_newest", &[story::thread("C", 1_000_000)]);
    browser.read().await;
    assert_eq!(browser.inbox["rows"].as_array().unwrap().len(), 0);
    let outline = browser.watcher.outline(vec![]).await.unwrap();
    let counted: u32 = outline.groups.iter().flat_map(|group| &group.counts).sum();
    assert!(usize::try_from(counted).unwrap() <= bounds::THREADS);
}
