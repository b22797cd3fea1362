//! What happens in a thread while it is read.

use cowork_engine::{EngineEvent, FileChange, MessagePage, MessageWithParts, Part, ToolKind, ToolState};
use cowork_store::{Document, DocumentKind, JournalChunk, JournalKind, Search};
use tempfile::TempDir;

use super::super::index_some;
use super::*;
use crate::providers::testing::{FakeEngine, Ring, open, until};
use crate::told;
use crate::workspace::{Workspace, now};

const SESSION: &str = "ses_1";

fn session() -> SessionId {
    SessionId::from(SESSION)
}

/// A finished answer that changed a file.
fn changed(message: &str) -> MessageWithParts {
    let mut call = told::call(ToolKind::Edit, ToolState::Completed);
    call.change = Some(FileChange {
        path: format!("{message}.txt"),
        patch: String::new(),
        additions: 1,
        deletions: 0,
    });
    let part: Part = told::part(message, &format!("prt_{message}"), told::tool(call));
    told::finished(&session(), message, 1, vec![part])
}

/// An application with a thread in its list, and an engine that holds messages of it.
struct Desk {
    _root: TempDir,
    workspace: Workspace,
    engine: Arc<FakeEngine>,
}

impl Desk {
    async fn new() -> Self {
        let (root, workspace) = open(&Ring::default()).await;
        let mut effects = Vec::new();
        let listed = told::listed(&session(), None);
        workspace.inner.state().session_changed(&listed, &mut effects);
        workspace.inner.carry_out(effects);
        workspace.inner.save_now().await;
        Self {
            _root: root,
            workspace,
            engine: Arc::default(),
        }
    }

    /// One round, in which `meanwhile` happens after the engine was asked for these messages.
    async fn round(&self, messages: &[&str], meanwhile: Vec<EngineEvent>) {
        let messages = messages.iter().map(|message| changed(message)).collect();
        self.round_of(messages, meanwhile).await;
    }

    async fn round_of(&self, messages: Vec<MessageWithParts>, meanwhile: Vec<EngineEvent>) {
        *self.engine.older.lock().unwrap() = Some(MessagePage {
            messages,
            older: None,
        });
        let (asked, goes_on) = (
            self.engine.older_asked.load(Ordering::SeqCst),
            self.engine.older_waits(),
        );
        let reading = tokio::spawn({
            let (inner, engine) = (self.workspace.inner.clone(), self.engine.clone());
            async move {
                let engine: Arc<dyn Engine> = engine;
                read(&inner, &engine).await;
            }
        });
        until("the reading", || {
            self.engine.older_asked.load(Ordering::SeqCst) > asked
        })
        .await;
        for event in meanwhile {
            let mut state = self.workspace.inner.state();
            state.apply(told::envelope(event), 1, &mut Vec::new());
        }
        while index_some(&self.workspace.inner).await {}
        goes_on.send(()).unwrap();
        reading.await.unwrap();
    }

    /// The messages in the index, how many files they changed, and how many threads wait to be read.
    fn indexed(&self) -> (Vec<String>, u64, u64) {
        let store = &self.workspace.inner.store;
        let mut messages: Vec<_> = store.messages_of(SESSION).unwrap().into_iter().collect();
        messages.sort_unstable();
        let (_, counts) = store.session(SESSION).unwrap().unwrap();
        (messages, counts.changed_files, store.indexing().unwrap().waiting)
    }
}

#[tokio::test]
async fn a_message_that_goes_while_its_thread_is_read_does_not_come_back() {
    let desk = Desk::new().await;
    let gone = told::removed(&session(), "msg_2");
    desk.round(&["msg_1", "msg_2"], vec![gone]).await;
    assert_eq!(desk.indexed(), (Vec::new(), 0, 1), "what was read is of before");
    desk.round(&["msg_1"], Vec::new()).await;
    assert_eq!(desk.indexed(), (vec!["msg_1".to_owned()], 1, 0));
}

#[tokio::test]
async fn files_of_a_turn_that_begins_while_its_thread_is_read_stay_known() {
    let desk = Desk::new().await;
    let before = Document {
        session: SESSION.to_owned(),
        message: "msg_0".to_owned(),
        kind: DocumentKind::Answer,
        agent: None,
        model: None,
        created: 1,
        tokens: 1,
        usage: None,
        text: "no more".to_owned(),
        tools: String::new(),
        changed_files: vec!["msg_0.txt".to_owned()],
    };
    desk.workspace.inner.store.index_messages(&[before]).unwrap();
    let MessageWithParts { message, parts } = changed("msg_2");
    let mut turn = vec![EngineEvent::MessageChanged(message)];
    turn.extend(parts.into_iter().map(|part| told::changed(&session(), part)));
    desk.round(&["msg_1"], turn).await;
    // Another round of those that write what is finished may have it in hand.
    until("the turn", || desk.indexed().0.contains(&"msg_2".to_owned())).await;
    let (_, files, waiting) = desk.indexed();
    assert_eq!((files, waiting), (2, 1));
    desk.round(&["msg_1", "msg_2"], Vec::new()).await;
    let messages = ["msg_1", "msg_2"].map(str::to_owned);
    assert_eq!(
        desk.indexed(),
        (messages.to_vec(), 2, 0),
        "what is no more is gone"
    );
}

#[tokio::test]
async fn what_was_streamed_into_an_answer_that_was_cut_off_is_found() {
    let desk = Desk::new().await;
    let store = &desk.workspace.inner.store;
    let streamed = JournalChunk {
        session: SESSION.to_owned(),
        message: "msg_1".to_owned(),
        part: "prt_1".to_owned(),
        kind: JournalKind::Text,
        at: 0,
        text: "Seen by a person".to_owned(),
    };
    store.journal_append(&[streamed], now()).unwrap();
    let cut_off = MessageWithParts {
        message: told::answer(&session(), "msg_1", 1),
        parts: vec![told::part("msg_1", "prt_1", told::text(""))],
    };
    desk.round_of(vec![cut_off], Vec::new()).await;
    let search = Search {
        text: "person".to_owned(),
        limit: 10,
        ..Search::default()
    };
    assert_eq!(store.search(&search).unwrap().found, 1);
}
