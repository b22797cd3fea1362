//! Pages of a conversation with and without an engine.

use std::sync::Arc;

use cowork_engine::{MessagePage, MessageWithParts, OlderMessages, PermissionAsk, PermissionKind};
use cowork_store::{JournalChunk, JournalKind};

use super::*;
use crate::open::PAGE;
use crate::providers::testing::{FakeEngine, Ring, given_up, open, run, until};
use crate::told;
use crate::view::{ConversationPatch, EngineState, EngineStep};

const SESSION: &str = "ses_1";

fn session() -> SessionId {
    SessionId::from(SESSION)
}

fn messages(numbers: std::ops::Range<i64>) -> Vec<MessageWithParts> {
    let told = numbers.map(|number| {
        let id = format!("msg_{number:04}");
        let part = told::part(&id, &format!("prt_{number:04}"), told::text("words"));
        told::finished(&session(), &id, number, vec![part])
    });
    told.collect()
}

/// Has the conversation in memory as one reads it: its newest messages, and that there are older ones.
fn read(workspace: &Workspace, newest: std::ops::Range<i64>) {
    let mut snapshot = told::snapshot(&session(), messages(newest));
    snapshot.older = Some(OlderMessages("older".to_owned()));
    workspace
        .inner
        .state()
        .restore(snapshot, Vec::new(), 1, &mut Vec::new());
}

fn patch(workspace: &Workspace) -> Option<ConversationPatch> {
    workspace.inner.state().update(Vec::new())?.conversation
}

#[tokio::test]
async fn older_messages_in_memory_are_told_without_an_engine_and_the_others_with_an_error() {
    let (_root, workspace) = open(&Ring::default()).await;
    given_up(&workspace).await;
    let page = i64::try_from(PAGE).unwrap();
    read(&workspace, 1_000..1_050 + page);
    let conversation = workspace.open_session(SESSION, None).await.unwrap();
    assert_eq!(
        (
            conversation.messages.len(),
            conversation.before,
            conversation.more_before
        ),
        (PAGE, 50, true)
    );

    workspace
        .turn_page(SESSION, ConversationPage::Older)
        .await
        .unwrap();
    let told = patch(&workspace).expect("a page comes");
    assert_eq!((told.messages.len(), told.before), (50, Some(0)));
    assert_eq!(told.more_before, Some(true), "it is not the beginning");

    let refused = workspace.turn_page(SESSION, ConversationPage::Older).await;
    assert!(
        matches!(refused, Err(WorkspaceError::EngineNotReady(_))),
        "{refused:?}"
    );
    assert!(
        patch(&workspace).is_none(),
        "nothing says that there is nothing before it"
    );

    let engine = Arc::new(FakeEngine::default());
    *engine.older.lock().unwrap() = Some(MessagePage {
        messages: messages(900..1_000),
        older: None,
    });
    run(&workspace, &engine);
    workspace
        .turn_page(SESSION, ConversationPage::Older)
        .await
        .unwrap();
    let told = patch(&workspace).expect("a page comes");
    assert_eq!(
        (told.messages.len(), told.before, told.more_before),
        (100, Some(0), Some(false))
    );
}

#[tokio::test]
async fn what_the_engine_has_before_messages_that_are_all_gone_is_read() {
    let (_root, workspace) = open(&Ring::default()).await;
    let engine = Arc::new(FakeEngine::default());
    *engine.older.lock().unwrap() = Some(MessagePage {
        messages: messages(0..i64::try_from(PAGE).unwrap()),
        older: None,
    });
    run(&workspace, &engine);
    read(&workspace, 1_000..1_003);
    workspace.open_session(SESSION, None).await.unwrap();
    let mut effects = Vec::new();
    for number in 1_000..1_003 {
        let gone = told::removed(&session(), &format!("msg_{number}"));
        workspace
            .inner
            .state()
            .apply(told::envelope(gone), 1, &mut effects);
    }
    let told = patch(&workspace).expect("they go");
    assert_eq!((told.removed_messages.len(), told.messages.len()), (3, 0));
    workspace.inner.carry_out(effects);
    let mut told = None;
    until("the older ones", || {
        told = patch(&workspace);
        told.is_some()
    })
    .await;
    let told = told.expect("it came");
    assert_eq!((told.messages.len(), told.more_before), (PAGE, Some(false)));
}

#[tokio::test]
async fn an_ask_is_answered_while_older_messages_are_read() {
    let (_root, workspace) = open(&Ring::default()).await;
    let engine = Arc::new(FakeEngine::default());
    let goes_on = engine.older_waits();
    run(&workspace, &engine);
    read(&workspace, 1_000..1_003);
    let ask = PermissionAsk {
        id: "per_1".into(),
        session: session(),
        kind: PermissionKind::Shell,
        patterns: Vec::new(),
        always: Vec::new(),
        command: None,
        path: None,
        leads_to: None,
        diff: None,
        call: None,
    };
    workspace.inner.carry_out(vec![
        Effect::ReadOlder(session()),
        Effect::Allow {
            ask: Box::new(ask),
            folder: told::FOLDER.into(),
            rules: Vec::new(),
        },
    ]);
    until("the reading and the answer", || {
        let counts = [&engine.older_asked, &engine.answers];
        counts.map(|count| count.load(Ordering::SeqCst)) == [1, 1]
    })
    .await;
    drop(goes_on);
}

fn around(number: i64) -> ConversationPage {
    ConversationPage::Around {
        message: format!("msg_{number:04}"),
    }
}

#[tokio::test]
async fn a_jump_waits_no_longer_for_an_engine_than_any_page() {
    let (_root, workspace) = open(&Ring::default()).await;
    given_up(&workspace).await;
    workspace.inner.state().set_engine(EngineState::Starting {
        step: EngineStep::Preparing,
        since: 0,
    });
    read(&workspace, 1_000..1_150);
    workspace.open_session(SESSION, None).await.unwrap();
    // From here on time goes by at once where nothing else happens.
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let refused = workspace.turn_page(SESSION, around(950)).await;
    assert!(
        matches!(refused, Err(WorkspaceError::EngineNotReady(_))),
        "{refused:?}"
    );
    assert!(began.elapsed() < 2 * PAGE_PATIENCE, "{:?}", began.elapsed());
}

/// Jumps to a message that has to be read, with another page asked for meanwhile or not. Whether the window gets it.
async fn arrives(overtaken: bool) -> bool {
    let (_root, workspace) = open(&Ring::default()).await;
    let engine = Arc::new(FakeEngine::default());
    *engine.older.lock().unwrap() = Some(MessagePage {
        messages: messages(900..1_000),
        older: None,
    });
    let goes_on = engine.older_waits();
    run(&workspace, &engine);
    read(&workspace, 1_000..1_150);
    workspace.open_session(SESSION, None).await.unwrap();
    let jumping = tokio::spawn({
        let workspace = workspace.clone();
        async move { workspace.turn_page(SESSION, around(950)).await }
    });
    until("the reading", || engine.older_asked.load(Ordering::SeqCst) == 1).await;
    if overtaken {
        let latest = workspace.turn_page(SESSION, ConversationPage::Latest).await;
        latest.unwrap();
    }
    goes_on.send(()).unwrap();
    jumping.await.unwrap().unwrap();
    let told = patch(&workspace).expect("more is before it");
    told.messages.iter().any(|new| new.message.id == "msg_0950")
}

#[tokio::test]
async fn a_jump_that_another_page_overtook_is_dropped() {
    assert!(arrives(false).await);
    assert!(!arrives(true).await, "the window stays where it is read");
}

#[tokio::test]
async fn what_was_streamed_into_an_answer_that_was_cut_off_is_there_when_it_is_read_much_later() {
    let (_root, workspace) = open(&Ring::default()).await;
    let engine = Arc::new(FakeEngine::default());
    let answer = |number: i64, text: &str| {
        let id = format!("msg_{number:04}");
        MessageWithParts {
            message: told::answer(&session(), &id, number),
            parts: vec![told::part(&id, &format!("prt_{number:04}"), told::text(text))],
        }
    };
    let mut older = messages(0..10);
    older.extend([answer(10, ""), answer(11, "The engine has more")]);
    *engine.older.lock().unwrap() = Some(MessagePage {
        messages: older,
        older: None,
    });
    let chunk = |number: i64, text: &str| JournalChunk {
        session: SESSION.to_owned(),
        message: format!("msg_{number:04}"),
        part: format!("prt_{number:04}"),
        kind: JournalKind::Text,
        at: 0,
        text: text.to_owned(),
    };
    let streamed = [
        chunk(3, "words that were"),
        chunk(10, "Seen"),
        chunk(11, "The engine"),
    ];
    workspace.inner.store.journal_append(&streamed, now()).unwrap();
    run(&workspace, &engine);
    read(&workspace, 1_000..1_003);
    while workspace.read_older(&session(), true).await.unwrap() {}
    let text = |number: i64| {
        workspace
            .message_source(SESSION, &format!("msg_{number:04}"))
            .unwrap()
    };
    assert_eq!(
        [3, 10, 11].map(text),
        ["words", "Seen", "The engine has more"],
        "what the engine finished is as it has it"
    );
}
