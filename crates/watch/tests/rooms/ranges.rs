//! Whoever looks at older messages has a range of their own, and sub-agents are seen where they work.

use cowork_engine::{Role, SessionId, ToolKind, ToolState};
use cowork_pairing_protocol::session::SessionEvent;
use cowork_screen::view::{ChangeSource, ConversationPage, ToolText};
use cowork_watch::{NotThere, bounds};

use crate::browser::Browser;
use crate::memory::{After, Memory};
use crate::story::{self, SESSION};

fn count(browser: &Browser) -> (usize, u64, u64) {
    let picture = browser.picture();
    let number = |name: &str| picture[name].as_u64().unwrap();
    (
        picture["messages"].as_array().unwrap().len(),
        number("before"),
        number("after"),
    )
}

#[tokio::test(start_paused = true)]
async fn a_page_of_older_messages_comes_to_who_asked_and_to_nobody_else() {
    let memory = Memory::new();
    memory.tell("desk", SESSION, &[story::thread("A", 1)]);
    for number in 0..200 {
        memory.tell("desk", SESSION, &story::turn(SESSION, number, "x"));
    }
    let hub = memory.hub();
    let mut reads = Browser::new(&hub, "desk").await;
    let mut stays = Browser::new(&hub, "desk").await;
    for browser in [&mut reads, &mut stays] {
        browser.open(SESSION).await.unwrap();
        browser.read().await;
        assert_eq!(count(browser), (32, 368, 0));
    }
    reads
        .watcher
        .page(SESSION, ConversationPage::Older)
        .await
        .unwrap();
    reads.read().await;
    stays.read().await;
    assert_eq!(count(&reads), (132, 268, 0));
    assert_eq!((count(&stays), stays.patches), ((32, 368, 0), 0));
    // What is new comes to both.
    memory.tell("desk", SESSION, &story::turn(SESSION, 200, "new"));
    for browser in [&mut reads, &mut stays] {
        browser.read().await;
        let messages = browser.picture()["messages"].clone();
        let last = messages.as_array().unwrap().last().unwrap().to_string();
        assert!(last.contains("msg_00200_b") && last.contains("new"));
        assert_eq!(browser.anew, 0);
    }
    assert_eq!(count(&reads).0, 134);
    // And who opens it anew is back with the others.
    reads.open(SESSION).await.unwrap();
    assert_eq!(reads.picture(), stays.picture());
}

#[tokio::test(start_paused = true)]
async fn a_page_for_which_there_is_no_room_is_refused_and_comes_once_there_is() {
    let memory = Memory::new();
    memory.tell("desk", SESSION, &[story::thread("A", 1)]);
    for number in 0..200 {
        memory.tell("desk", SESSION, &story::turn(SESSION, number, "x"));
    }
    let hub = memory.hub();
    let mut alone = Vec::new();
    for _ in 1..bounds::LOOKS {
        let browser = Browser::new(&hub, "desk").await;
        browser.watcher.open(SESSION, Some("msg_00100_b")).await.unwrap();
        alone.push(browser);
    }
    let mut reads = Browser::new(&hub, "desk").await;
    let mut stays = Browser::new(&hub, "desk").await;
    for browser in [&mut reads, &mut stays] {
        browser.open(SESSION).await.unwrap();
    }
    let older = || reads.watcher.page(SESSION, ConversationPage::Older);
    assert_eq!(older().await, Err(NotThere::TooMany));
    alone.pop();
    older().await.unwrap();
    reads.read().await;
    assert_eq!(count(&reads), (132, 268, 0));
}

#[tokio::test(start_paused = true)]
async fn a_sub_agent_is_drawn_where_it_works_and_what_it_asks_waits_in_the_thread() {
    let memory = Memory::new();
    let mut task = cowork_told::call(ToolKind::Task, ToolState::Running);
    task.child = Some(SessionId::from("ses_child"));
    task.target = Some("explore".to_owned());
    memory.tell(
        "desk",
        SESSION,
        &[
            story::thread("A", 1),
            story::busy(),
            story::message(SESSION, "msg_1", Role::Assistant, 1, false),
            story::part("msg_1", "prt_1", cowork_told::tool(task)),
        ],
    );
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    memory.tell(
        "desk",
        "ses_child",
        &[
            story::child("Looks around", 2, Some(SESSION)),
            story::busy(),
            story::message("ses_child", "msg_c", Role::Assistant, 1, false),
            story::text("msg_c", "prt_c", "Looking at it."),
            story::ask("ses_child", "per_c"),
        ],
    );
    browser.read().await;
    let picture = browser.picture();
    let lane = &picture["messages"][0]["blocks"][0]["content"]["lane"];
    assert_eq!(
        (&lane["activity"], &lane["mark"]),
        (&"Looking at it.".into(), &"waiting".into())
    );
    assert_eq!(picture["permissions"][0]["subagent"], "Looks around");
    assert_eq!(picture["permissions"][0]["place"]["block"], "prt_1");
    assert_eq!(browser.rows[SESSION]["mark"], "asksPermission");
    assert_eq!(browser.inbox["rows"][0]["thread"], SESSION);
    let ask = browser.watcher.inbox_ask(SESSION, "per_c").await.unwrap();
    assert_eq!(
        ask.permission.unwrap().always,
        [],
        "always is said at the desktop alone"
    );
    // Who comes later sees the same.
    let mut later = Browser::new(&memory.copy().hub(), "desk").await;
    later.open(SESSION).await.unwrap();
    assert_eq!(later.picture(), picture);
    memory.tell("desk", "ses_child", &[SessionEvent::ThreadGone]);
    browser.read().await;
    assert_eq!(browser.picture()["permissions"].as_array().unwrap().len(), 0);
    assert_eq!(browser.rows[SESSION]["mark"], "working");
}

#[tokio::test(start_paused = true)]
async fn what_tools_printed_and_changed_is_read_in_pages() {
    let memory = Memory::new();
    let mut call = cowork_told::call(ToolKind::Edit, ToolState::Completed);
    call.output = "line\n".repeat(20_000);
    call.change = Some(cowork_engine::FileChange {
        path: "a.txt".to_owned(),
        patch: "@@ -1 +1 @@\n-old\n+new <b>\n".to_owned(),
        additions: 1,
        deletions: 1,
    });
    memory.tell(
        "desk",
        SESSION,
        &[
            story::thread("A", 1),
            story::message(SESSION, "msg_1", Role::Assistant, 1, true),
            story::part("msg_1", "prt_1", cowork_told::tool(call)),
        ],
    );
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    let watcher = &browser.watcher;
    let page = watcher
        .output(SESSION, "msg_1", "prt_1", ToolText::Output, 1)
        .await
        .unwrap();
    assert_eq!((page.lines, page.pages > 1), (20_000, true));
    assert_eq!(
        watcher
            .tool_text(SESSION, "msg_1", "prt_1", ToolText::Output)
            .await
            .unwrap()
            .len(),
        100_000
    );
    let source = ChangeSource::Tool {
        message: "msg_1".to_owned(),
        block: "prt_1".to_owned(),
    };
    let change = watcher.change(SESSION, source, 0).await.unwrap();
    assert!(!serde_json::to_string(&change).unwrap().contains("<b>"));
    let nothing = watcher
        .output(SESSION, "msg_1", "prt_none", ToolText::Error, 0)
        .await;
    assert_eq!(nothing, Err(NotThere::Piece));
}

#[tokio::test(start_paused = true)]
async fn a_thread_that_is_not_shared_any_more_is_gone_from_every_page() {
    let memory = Memory::new();
    memory.tell("desk", SESSION, &[story::thread("A", 1)]);
    let hub = memory.hub();
    let mut browser = Browser::new(&hub, "desk").await;
    browser.open(SESSION).await.unwrap();
    memory.tell("desk", SESSION, &[SessionEvent::ThreadGone]);
    browser.read().await;
    assert!(browser.rows.is_empty());
    assert_eq!(browser.open(SESSION).await, Err(NotThere::Thread));
    assert!(!browser.watcher.has_session(SESSION).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_sub_agent_that_begins_while_its_thread_is_read_is_drawn_where_it_works() {
    // Whichever comes first, what was read or what is new.
    for _ in 0..20 {
        let memory = Memory::new();
        let mut task = cowork_told::call(ToolKind::Task, ToolState::Running);
        task.child = Some(SessionId::from("ses_child"));
        memory.tell(
            "desk",
            SESSION,
            &[
                story::thread("A", 1),
                story::busy(),
                story::message(SESSION, "msg_1", Role::Assistant, 1, false),
                story::part("msg_1", "prt_1", cowork_told::tool(task)),
            ],
        );
        memory.meanwhile(
            After::Session,
            "ses_child",
            &[
                story::child("Looks around", 2, Some(SESSION)),
                story::busy(),
                story::message("ses_child", "msg_c", Role::Assistant, 1, false),
                story::text("msg_c", "prt_c", "Looking at it."),
            ],
        );
        let hub = memory.hub();
        let mut browser = Browser::new(&hub, "desk").await;
        browser.open(SESSION).await.unwrap();
        browser.read().await;
        let picture = browser.picture();
        let lane = &picture["messages"][0]["blocks"][0]["content"]["lane"];
        assert_eq!(lane["activity"], "Looking at it.");
    }
}
