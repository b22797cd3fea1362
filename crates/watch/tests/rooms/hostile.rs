//! A desktop may be anybody's: whatever it sends, nobody else is harmed, nothing of it becomes markup, and what is too much
//! is left out in sight.

use std::time::Duration;

use cowork_engine::{Role, SessionId, ToolKind, ToolState};
use cowork_pairing_protocol::session::SessionEvent;
use cowork_pairing_protocol::wire::EventType;
use cowork_watch::{NotThere, bounds};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::memory::Memory;
use crate::story::{self, SESSION};

const MARKUP: &str =
    "<script>steal()</script><img src=x onerror=steal()><a href=\"javascript:steal()\">x</a><iframe>";

/// Puts markup into every string of an event but for what it says it is.
fn spoiled(value: &mut Value, key: &str) {
    const KEPT: [&str; 8] = [
        "kind", "type", "role", "state", "id", "session", "message", "part",
    ];
    match value {
        Value::String(text) if !KEPT.contains(&key) => MARKUP.clone_into(text),
        Value::Array(values) => values.iter_mut().for_each(|value| spoiled(value, key)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| spoiled(value, key)),
        _ => {}
    }
}

/// Every string that a page puts into its document as markup.
fn markup<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| markup(value, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("pieces", Value::Array(pieces)) => found.extend(pieces.iter().filter_map(Value::as_str)),
                    ("html", Value::String(html)) => found.push(html),
                    _ => markup(value, found),
                }
            }
        }
        _ => {}
    }
}

#[tokio::test(start_paused = true)]
async fn markup_in_any_string_stays_text_or_is_made_safe() {
    let memory = Memory::new();
    let mut call = cowork_told::call(ToolKind::Edit, ToolState::Failed);
    let some = || Some("x".to_owned());
    (call.target, call.description, call.arguments, call.error) = (some(), some(), some(), some());
    call.output = "x".to_owned();
    call.change = Some(cowork_engine::FileChange {
        path: "x".to_owned(),
        patch: "x".to_owned(),
        additions: u64::MAX,
        deletions: u64::MAX,
    });
    let events = [
        story::thread("x", 1),
        story::busy(),
        story::message(SESSION, "msg_1", Role::Assistant, 1, false),
        story::text("msg_1", "prt_1", "x"),
        story::part("msg_1", "prt_2", cowork_told::tool(call)),
        story::ask(SESSION, "per_1"),
        SessionEvent::Todos {
            todos: vec![cowork_engine::Todo {
                content: "x".to_owned(),
                state: cowork_engine::TodoState::Pending,
            }],
        },
        SessionEvent::Failed {
            error: cowork_engine::TurnError {
                kind: cowork_engine::TurnErrorKind::Provider,
                message: "x".to_owned(),
                status: Some(500),
            },
        },
    ];
    let payloads = events.iter().map(|event| {
        let mut event = serde_json::to_value(event).unwrap();
        spoiled(&mut event, "event");
        json!({ "v": 1, "event": event })
    });
    memory.raw("desk", Some(SESSION), EventType::SessionEvent, payloads);
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    memory.tell(
        "desk",
        SESSION,
        &[story::grew("msg_1", "prt_1", MARKUP.len(), MARKUP)],
    );
    browser.read().await;
    assert!(browser.patches > 0);
    let picture = browser.picture();
    let mut found = Vec::new();
    markup(&picture, &mut found);
    assert!(!found.is_empty());
    for html in found {
        let lower = html.to_lowercase();
        for never in ["<script", "<img", "onerror=", "javascript:", "<iframe"] {
            assert!(!lower.contains(never), "{html}");
        }
    }
    assert!(
        browser.rows[SESSION]["title"]
            .as_str()
            .unwrap()
            .contains("<script>"),
        "it is text, and whole"
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_can_name_no_other_session_s_messages_and_asks() {
    let memory = Memory::new();
    memory.tell("desk", SESSION, &[story::thread("A", 1)]);
    memory.tell("desk", SESSION, &story::turn(SESSION, 1, "mine"));
    memory.tell(
        "desk",
        "ses_2",
        &[
            story::thread("B", 2),
            story::message(SESSION, "msg_00001_b", Role::Assistant, 11, true),
            story::text("msg_00001_b", "prt_1_b", "not mine"),
            story::ask(SESSION, "per_1"),
            SessionEvent::MessageGone {
                message: "msg_00001_b".into(),
            },
        ],
    );
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    assert_eq!(
        browser.watcher.source(SESSION, "msg_00001_b").await.unwrap(),
        "mine"
    );
    assert_eq!(browser.inbox["rows"].as_array().unwrap().len(), 0);
    browser.open("ses_2").await.unwrap();
    assert_eq!(browser.picture()["messages"].as_array().unwrap().len(), 0);
    // Nor another desktop's.
    let mut other = Browser::new(&hub, "other").await;
    assert_eq!(other.rows.len(), 0);
    assert_eq!(other.open(SESSION).await, Err(NotThere::Thread));
}

#[tokio::test(start_paused = true)]
async fn one_id_in_two_messages_draws_neither_in_the_place_of_the_other() {
    let memory = Memory::new();
    memory.tell(
        "desk",
        SESSION,
        &[
            story::thread("A", 1),
            story::busy(),
            story::message(SESSION, "msg_1", Role::Assistant, 1, false),
            story::text("msg_1", "prt_1", "first"),
            story::message(SESSION, "msg_2", Role::Assistant, 2, false),
            story::text("msg_2", "prt_1", "second"),
        ],
    );
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    assert_eq!(browser.watcher.source(SESSION, "msg_1").await.unwrap(), "first");
    assert_eq!(browser.watcher.source(SESSION, "msg_2").await.unwrap(), "");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_understood_is_not_shown_and_keeps_nothing_else_from_being_shown() {
    let memory = Memory::new();
    let mut deep = json!("end");
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let strange = [
        json!(null),
        json!(7),
        json!({ "v": 2, "event": { "kind": "threadGone" } }),
        json!({ "v": 1, "event": { "kind": "fromTheFuture", "x": 1 } }),
        json!({ "v": 1, "event": { "kind": "message", "message": { "id": 7 } } }),
        json!({ "v": 1, "event": { "kind": "grew", "message": "", "part": "", "from": 18_446_744_073_709_551_615_u64, "delta": "x" } }),
        json!({ "v": 1, "event": deep }),
    ];
    memory.tell("desk", SESSION, &[story::thread("A", 1)]);
    memory.raw(
        "desk",
        Some(SESSION),
        EventType::SessionEvent,
        strange.iter().cloned(),
    );
    memory.raw(
        "desk",
        Some(&"x".repeat(100_000)),
        EventType::SessionEvent,
        strange.iter().cloned(),
    );
    memory.raw("desk", None, EventType::SessionEvent, strange.iter().cloned());
    memory.raw("desk", None, EventType::Status, strange.iter().cloned());
    memory.raw("desk", None, EventType::Audit, strange.into_iter());
    memory.tell("desk", SESSION, &story::turn(SESSION, 1, "still here"));
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    assert_eq!(
        browser.watcher.source(SESSION, "msg_00001_b").await.unwrap(),
        "still here"
    );
}

#[tokio::test(start_paused = true)]
async fn numbers_that_cannot_be_counted_with_are_cut() {
    let memory = Memory::new();
    let mut answer =
        serde_json::to_value(story::message(SESSION, "msg_1", Role::Assistant, i64::MIN, false)).unwrap();
    for count in ["input", "output", "reasoning", "cacheRead", "cacheWrite"] {
        answer["message"]["usage"][count] = json!(u64::MAX);
    }
    answer["message"]["usage"]["cost"] = json!(1e308);
    let mut other = answer.clone();
    other["message"]["id"] = json!("msg_2");
    other["message"]["created"] = json!(i64::MAX);
    let events = [answer, other]
        .into_iter()
        .map(|event| json!({ "v": 1, "event": event }));
    memory.tell("desk", SESSION, &[story::thread("A", i64::MAX)]);
    memory.raw("desk", Some(SESSION), EventType::SessionEvent, events);
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    let tokens = browser.picture()["status"]["usage"]["tokens"].as_u64().unwrap();
    assert!(tokens < 1 << 53, "a browser counts it exactly");
}

#[tokio::test(start_paused = true)]
async fn huge_strings_are_cut_in_sight() {
    let memory = Memory::new();
    let huge = "é".repeat(2_000_000);
    let mut ask = cowork_told::ask(cowork_engine::PermissionKind::Shell, &[&huge], &[&huge]);
    ask.session = SessionId::from(SESSION);
    memory.tell(
        "desk",
        SESSION,
        &[
            story::thread(&huge, 1),
            SessionEvent::Permission { ask: Box::new(ask) },
        ],
    );
    let hub = memory.hub();
    let browser = Browser::new(&hub, "desk").await;
    let title = browser.rows[SESSION]["title"].as_str().unwrap();
    assert!(title.len() <= bounds::NAME + "…".len() && title.ends_with('…'));
    assert!(browser.inbox.to_string().len() < 10_000);
}

#[tokio::test(start_paused = true)]
async fn of_millions_of_parts_and_messages_some_are_kept_and_it_is_said_that_there_were_more() {
    let memory = Memory::new();
    memory.tell(
        "desk",
        SESSION,
        &[
            story::thread("A", 1),
            story::busy(),
            story::message(SESSION, "msg_00000_a", Role::Assistant, 0, false),
        ],
    );
    let parts: Vec<_> = (0..3 * bounds::PARTS)
        .map(|number| story::text("msg_00000_a", &format!("prt_{number}_x"), "a part"))
        .collect();
    memory.tell("desk", SESSION, &parts);
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    let blocks = browser.picture()["messages"][0]["blocks"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(blocks.len(), bounds::PARTS + 1);
    assert!(
        blocks
            .last()
            .unwrap()
            .to_string()
            .contains("The rest of this message is not shown")
    );

    let many: Vec<_> = (1..bounds::MESSAGES.0)
        .flat_map(|number| story::turn(SESSION, number, "x"))
        .collect();
    memory.tell("desk", SESSION, &many);
    browser.read().await;
    let picture = browser.picture();
    assert_eq!(picture["moreBefore"], true);
    let before = usize::try_from(picture["before"].as_u64().unwrap()).unwrap();
    let held = picture["messages"].as_array().unwrap().len();
    assert!(before + held <= bounds::MESSAGES.0, "{before} and {held}");
    assert_eq!(
        picture["messages"][held - 1]["id"],
        format!("msg_{:05}_b", bounds::MESSAGES.0 - 1),
        "the newest are there"
    );
}

#[tokio::test(start_paused = true)]
async fn text_without_end_is_let_go_of_from_its_beginning() {
    let memory = Memory::new();
    memory.tell("desk", SESSION, &[story::thread("A", 1), story::busy()]);
    let piece = "x".repeat(1024 * 1024);
    for number in 0..(bounds::SESSION_BYTES.0 / piece.len() + 20) {
        memory.tell("desk", SESSION, &story::turn(SESSION, number, &piece));
    }
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    let text = browser.watcher.text(SESSION, None, None).await.unwrap();
    assert!(text.cut && text.text.len() <= bounds::COPIED);
    assert_eq!(browser.picture()["moreBefore"], true);
}

#[tokio::test(start_paused = true)]
async fn of_more_threads_than_are_listed_the_oldest_go_and_it_is_said_that_there_are_more() {
    let memory = Memory::new();
    let count = bounds::THREADS + 500;
    for number in 0..count {
        let updated = i64::try_from(number).unwrap();
        memory.tell("desk", &format!("ses_{number}"), &[story::thread("A", updated)]);
    }
    // Each its own parent's child, round and round.
    for number in 0..10 {
        let above = format!("ses_loop_{}", (number + 1) % 10);
        memory.tell(
            "desk",
            &format!("ses_loop_{number}"),
            &[story::child("Loop", 99_999, Some(&above))],
        );
    }
    let hub = memory.hub();
    let browser = Browser::new(&hub, "desk").await;
    assert!(browser.rows.len() <= bounds::FIRST);
    let outline = browser.watcher.outline(vec![5, 3]).await.unwrap();
    let counted: u32 = outline.groups.iter().flat_map(|group| &group.counts).sum();
    assert_eq!(usize::try_from(counted).unwrap(), bounds::THREADS - 10);
    assert_eq!(browser.watcher.outline(vec![3, 5]).await, Err(NotThere::Spans));
    let page = browser
        .watcher
        .threads(outline.groups[0].folder.clone(), None, None, 10, 5_000)
        .await
        .unwrap();
    assert_eq!(page.rows.len(), bounds::FIRST);
}

#[tokio::test(start_paused = true)]
async fn a_sub_agent_whose_thread_went_for_newer_ones_comes_back_with_what_it_did() {
    let memory = Memory::new();
    let mut task = cowork_told::call(ToolKind::Task, ToolState::Running);
    task.child = Some(SessionId::from("ses_child"));
    memory.tell(
        "desk",
        SESSION,
        &[
            story::thread("A", 1_000_000),
            story::busy(),
            story::message(SESSION, "msg_1", Role::Assistant, 1, false),
            story::part("msg_1", "prt_1", cowork_told::tool(task)),
        ],
    );
    memory.tell(
        "desk",
        "ses_child",
        &[
            story::child("Looks around", 1, Some(SESSION)),
            story::busy(),
            story::message("ses_child", "msg_c", Role::Assistant, 1, false),
            story::text("msg_c", "prt_c", "Looking at it."),
        ],
    );
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    let before = browser.picture();
    for number in 0..bounds::THREADS {
        let updated = 2 + i64::try_from(number).unwrap();
        memory.tell("desk", &format!("ses_{number}"), &[story::thread("A", updated)]);
    }
    browser.read().await;
    let child = story::child("Looks around", 999_999, Some(SESSION));
    memory.tell("desk", "ses_child", &[child]);
    browser.read().await;
    assert_eq!(browser.picture(), before);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_cannot_be_read_ends_the_pages_and_they_come_again() {
    let memory = Memory::new();
    memory.tell("desk", SESSION, &[story::thread("A", 1)]);
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    memory.break_down(true);
    memory.tell("desk", SESSION, &[story::thread("B", 2)]);
    browser.read().await;
    assert!(browser.closed);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(hub.rooms(), 0);
    memory.break_down(false);
    let again = Browser::new(&hub, "desk").await;
    assert_eq!(again.rows[SESSION]["title"], "B");
}

#[tokio::test(start_paused = true)]
async fn of_asks_without_end_some_wait_and_there_is_room_again_once_they_are_answered() {
    let memory = Memory::new();
    let mut ask = cowork_told::ask(cowork_engine::PermissionKind::Edit, &[], &[]);
    ask.diff = Some("x".repeat(700_000));
    let fit = bounds::ASKS_BYTES / 700_000;
    for number in 0..3 * fit {
        let session = format!("ses_{number}");
        let mut ask = ask.clone();
        ask.session = SessionId::from(session.as_str());
        ask.id = format!("per_{number}").as_str().into();
        memory.tell(
            "desk",
            &session,
            &[
                story::thread("A", 1),
                SessionEvent::Permission { ask: Box::new(ask) },
            ],
        );
    }
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    let waits = |browser: &Browser| browser.inbox["rows"].as_array().unwrap().len();
    assert_eq!(waits(&browser), fit);
    for number in 0..fit {
        let gone = SessionEvent::PermissionGone {
            permission: format!("per_{number}").as_str().into(),
        };
        memory.tell("desk", &format!("ses_{number}"), &[gone]);
    }
    browser.read().await;
    assert_eq!(waits(&browser), 0);
    memory.tell("desk", "ses_0", &[story::ask("ses_0", "per_new")]);
    browser.read().await;
    assert_eq!(waits(&browser), 1);
    // One that grows beyond what fits is not shown as it was.
    ask.session = SessionId::from("ses_0");
    ask.id = "per_new".into();
    ask.diff = Some("x".repeat(bounds::ASKS_BYTES + 1));
    memory.tell(
        "desk",
        "ses_0",
        &[SessionEvent::Permission { ask: Box::new(ask) }],
    );
    browser.read().await;
    assert_eq!(waits(&browser), 0);
}

#[tokio::test(start_paused = true)]
async fn of_conversations_without_end_no_more_are_read_than_fit() {
    let memory = Memory::new();
    let piece = "x".repeat(1024 * 1024);
    let held = bounds::HELD_BYTES / bounds::SESSION_BYTES.1 + 1;
    for session in 0..=held {
        let session = format!("ses_{session}");
        memory.tell("desk", &session, &[story::thread("A", 1)]);
        for number in 0..bounds::SESSION_BYTES.1 / piece.len() {
            memory.tell("desk", &session, &story::turn(&session, number, &piece));
        }
    }
    let hub = memory.hub();
    let mut browsers = Vec::new();
    for session in 0..held {
        let mut browser = Browser::new(&hub, "desk").await;
        browser.open(&format!("ses_{session}")).await.unwrap();
        browsers.push(browser);
    }
    let mut last = Browser::new(&hub, "desk").await;
    assert_eq!(last.open(&format!("ses_{held}")).await, Err(NotThere::TooMany));
    browsers.clear();
    last.read().await;
    last.open(&format!("ses_{held}")).await.unwrap();
}
