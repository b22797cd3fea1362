//! The review of a session that the engine has no sum of.

use std::sync::Arc;

use cowork_engine::{Message, MessagePage, MessageWithParts, OlderMessages, Role};

use super::*;
use crate::providers::testing::{FakeEngine, Ring, given_up, open, run};
use crate::told;

const SESSION: &str = "ses_1";

fn prompts(numbers: std::ops::Range<i64>) -> Vec<MessageWithParts> {
    let said = numbers.map(|number| {
        let id = format!("msg_{number:04}");
        MessageWithParts {
            message: Message::new(
                MessageId::from(id.as_str()),
                SessionId::from(SESSION),
                Role::User,
                number,
            ),
            parts: vec![told::part(&id, &format!("prt_{number:04}"), told::text("words"))],
        }
    });
    said.collect()
}

/// A session of which the prompts from 100 on are in memory, and these before them can be read.
async fn reviewed(older: std::ops::Range<i64>, changed: bool) -> (tempfile::TempDir, Workspace) {
    let (root, workspace) = open(&Ring::default()).await;
    given_up(&workspace).await;
    let mut snapshot = told::snapshot(&SESSION.into(), prompts(100..130));
    snapshot.older = Some(OlderMessages("older".to_owned()));
    workspace
        .inner
        .state()
        .restore(snapshot, Vec::new(), 1, &mut Vec::new());
    let engine = Arc::new(FakeEngine::default());
    *engine.older.lock().unwrap() = Some(MessagePage {
        messages: prompts(older),
        older: None,
    });
    if changed {
        engine.changed.lock().unwrap().push(FileChange {
            path: "a.txt".to_owned(),
            patch: "@@ -1 +1 @@\n-a\n+b\n".to_owned(),
            additions: 1,
            deletions: 1,
        });
    }
    run(&workspace, &engine);
    (root, workspace)
}

#[tokio::test]
async fn prompts_that_were_not_in_memory_are_counted_too() {
    let (_root, workspace) = reviewed(91..100, true).await;
    let list = workspace
        .review_files(SESSION, ReviewScope::Session)
        .await
        .unwrap();
    assert_eq!((list.total, list.additions, list.more), (1, 39, false));
}

#[tokio::test]
async fn a_review_that_does_not_reach_the_beginning_says_so_and_puts_no_whole_file_back() {
    let (_root, workspace) = reviewed(50..100, true).await;
    let list = workspace
        .review_files(SESSION, ReviewScope::Session)
        .await
        .unwrap();
    assert_eq!((list.total, list.additions, list.more), (1, 40, true));
    let refused = workspace
        .review_loss(SESSION, ReviewScope::Session, "a.txt", None, false)
        .await;
    assert!(
        matches!(&refused, Err(WorkspaceError::NotAllowed(said)) if said.contains("Older messages")),
        "{refused:?}"
    );
    let refused = workspace
        .review_revert(SESSION, ReviewScope::Session, "a.txt", None, false, "")
        .await;
    assert!(
        matches!(&refused, Err(WorkspaceError::NotAllowed(said)) if said.contains("Older messages")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_tools_said_is_looked_for_in_older_messages_too() {
    let (_root, workspace) = reviewed(99..100, false).await;
    let list = workspace
        .review_files(SESSION, ReviewScope::Session)
        .await
        .unwrap();
    assert_eq!((list.origin, list.more), (ReviewOrigin::Tools, false));
    let state = workspace.inner.state();
    let live = &state.live[&SessionId::from(SESSION)];
    assert_eq!(live.transcript.messages().len(), 31);
}
