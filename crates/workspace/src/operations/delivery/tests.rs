//! What becomes of prompts when their engine does not say, says too late, or ends.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cowork_engine::{EngineEvent, Message, MessageWithParts, Role, Session, SessionSnapshot};
use tempfile::TempDir;

use super::*;
use crate::composing::turn_ended;
use crate::operations::prompts::Outgoing;
use crate::providers::testing::{FakeEngine, Ring, a_while, given_up, open, run, until};
use crate::told;

const SESSION: &str = "ses_1";

fn session() -> SessionId {
    SessionId::from(SESSION)
}

fn outgoing(text: &str) -> Outgoing {
    Outgoing {
        text: text.to_owned(),
        model: Some("demo/demo".to_owned()),
        ..Outgoing::default()
    }
}

fn prompt(message: &MessageId) -> MessageWithParts {
    MessageWithParts {
        message: Message::new(message.clone(), session(), Role::User, 20),
        parts: Vec::new(),
    }
}

/// An application with one thread at rest, in which something was said, and an engine that takes what a test lets it.
struct Desk {
    _root: TempDir,
    folder: TempDir,
    workspace: Workspace,
    engine: Arc<FakeEngine>,
}

impl Desk {
    async fn new() -> Self {
        let (root, workspace) = open(&Ring::default()).await;
        given_up(&workspace).await;
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(FakeEngine::default());
        run(&workspace, &engine);
        engine.has_none.store(true, Ordering::SeqCst);
        let desk = Self {
            _root: root,
            folder,
            workspace,
            engine,
        };
        desk.read(Vec::new());
        desk
    }

    fn snapshot(&self, more: Vec<MessageWithParts>) -> SessionSnapshot {
        let first = told::finished(&session(), "msg_0", 1, Vec::new());
        let messages = std::iter::once(first).chain(more).collect();
        SessionSnapshot {
            session: Session {
                folder: self.folder.path().to_owned(),
                ..told::listed(&session(), None)
            },
            ..told::snapshot(&session(), messages)
        }
    }

    /// The thread is read, as it is at rest with these messages more.
    fn read(&self, more: Vec<MessageWithParts>) {
        let (snapshot, mut effects) = (self.snapshot(more), Vec::new());
        let inner = &self.workspace.inner;
        inner.state().restore(snapshot, Vec::new(), 1, &mut effects);
        inner.carry_out(effects);
    }

    fn tell(&self, event: EngineEvent) {
        let (inner, mut effects) = (&self.workspace.inner, Vec::new());
        inner.state().apply(told::envelope(event), 1, &mut effects);
        inner.carry_out(effects);
    }

    fn engine_ends(&self) {
        let (inner, mut effects) = (&self.workspace.inner, Vec::new());
        inner.engine.send_replace(None);
        inner.state().engine_ended(1, &mut effects);
        inner.carry_out(effects);
    }

    /// The ids of the prompts that the engine was given.
    fn given(&self) -> Vec<MessageId> {
        let prompts = self.engine.prompts.lock().unwrap();
        prompts.iter().map(|prompt| prompt.message.clone()).collect()
    }

    fn does_not_answer(&self) {
        let refusal = EngineError::TimedOut(30);
        self.engine.refusals.lock().unwrap().push_back(refusal);
    }

    /// Has a prompt wait, while a turn runs.
    async fn queue(&self, text: &str) {
        self.tell(told::busy(&session()));
        self.workspace
            .queue_prompt(SESSION, outgoing(text))
            .await
            .unwrap();
    }

    fn waiting(&self) -> Vec<QueuedPrompt> {
        self.workspace.inner.store.queue(SESSION).unwrap()
    }

    /// The turn ends that runs, and the prompt is given to the engine that waits for it; what becomes of that is known.
    async fn turn_ends(&self) {
        let (before, next) = (self.given().len(), self.waiting()[0].id.clone());
        self.read(Vec::new());
        let composing = &self.workspace.inner.composing;
        until("the next prompt", || {
            self.given().len() > before && !composing.is_sending(&session(), &next)
        })
        .await;
    }

    async fn draft(&self) -> String {
        self.workspace.unsent(&session()).await.unwrap()
    }
}

#[tokio::test]
async fn a_waiting_prompt_that_may_have_arrived_never_goes_out_again_by_itself() {
    let desk = Desk::new().await;
    desk.queue("Do it").await;
    desk.queue("Do the next").await;
    desk.does_not_answer();
    desk.turn_ends().await;
    // What could not be sent is told a moment after it was known.
    let failed = async || desk.workspace.composer(SESSION).await.unwrap().failed.is_some();
    while !failed().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let given = desk.given();
    let [message] = given.as_slice() else {
        panic!("{given:?}");
    };
    let waiting = desk.waiting();
    assert_eq!(waiting[0].message.as_deref(), Some(message.as_str()));
    let composer = desk.workspace.composer(SESSION).await.unwrap();
    assert!(composer.held && composer.failed.is_some(), "{composer:?}");
    turn_ended(&desk.workspace.inner, &session()).await;
    assert_eq!(desk.given(), given, "nor does what waits behind it");

    // The engine took it all the same.
    desk.tell(EngineEvent::MessageChanged(prompt(message).message));
    until("the prompt that arrived to be gone", || desk.waiting().len() == 1).await;
    assert_eq!(desk.waiting()[0].text, "Do the next");
    assert_eq!(desk.draft().await, "");
}

#[tokio::test]
async fn a_prompt_that_may_have_arrived_is_looked_for_before_a_person_sends_it_again() {
    let desk = Desk::new().await;
    desk.queue("Do it").await;
    desk.does_not_answer();
    desk.turn_ends().await;
    let (id, message) = (desk.waiting()[0].id.clone(), desk.given()[0].clone());
    desk.engine.has_none.store(false, Ordering::SeqCst);
    let sent = desk.workspace.send_queued(SESSION, &id).await.unwrap();
    assert_eq!(sent, message.as_str());
    assert_eq!((desk.given().len(), desk.waiting().len()), (1, 0));

    desk.engine.has_none.store(true, Ordering::SeqCst);
    desk.queue("Do more").await;
    desk.does_not_answer();
    desk.turn_ends().await;
    let id = desk.waiting()[0].id.clone();
    let sent = desk.workspace.send_queued(SESSION, &id).await.unwrap();
    let given = desk.given();
    assert_eq!((given.len(), desk.waiting().len()), (3, 0));
    assert_eq!(sent, given[2].as_str());
    assert_ne!(given[1], given[2]);
}

#[tokio::test]
async fn a_waiting_prompt_that_was_refused_waits_as_it_did_and_one_that_was_taken_out_does_not_go_out() {
    let desk = Desk::new().await;
    desk.queue("Do it").await;
    let refusal = EngineError::Refused {
        status: 400,
        message: "no".to_owned(),
    };
    desk.engine.refusals.lock().unwrap().push_back(refusal);
    desk.turn_ends().await;
    let waiting = desk.waiting();
    assert_eq!((waiting.len(), &waiting[0].message), (1, &None));
    desk.workspace
        .inner
        .store
        .queue_take(SESSION, &waiting[0].id)
        .unwrap();
    let taken_out = Returns::Queue(waiting[0].clone());
    let refused = desk.workspace.send(SESSION, outgoing("Do it"), taken_out).await;
    assert!(matches!(refused, Err(WorkspaceError::NotFound(_))), "{refused:?}");
    assert_eq!(desk.given().len(), 1);
}

#[tokio::test]
async fn what_a_dead_engine_took_and_did_not_keep_is_the_draft_again() {
    let desk = Desk::new().await;
    let conversation = desk.workspace.open_session(SESSION, None).await.unwrap();
    assert_eq!(conversation.draft, "");
    desk.workspace.save_draft(SESSION, "Do it").await.unwrap();
    desk.workspace
        .send_with(SESSION, outgoing("Do it"))
        .await
        .unwrap();
    assert_eq!(desk.draft().await, "", "it is on its way");
    desk.engine_ends();
    desk.workspace.inner.state().update(Vec::new());
    run(&desk.workspace, &desk.engine);
    desk.read(Vec::new());
    let mut told = None;
    until("what came back", || {
        let update = desk.workspace.inner.state().update(Vec::new());
        told = told.take().or(update
            .and_then(|update| update.conversation)
            .and_then(|patch| patch.draft));
        told.is_some()
    })
    .await;
    assert_eq!(told.as_deref(), Some("Do it"));
    // The window has it in its composer only if nothing else was written there.
    desk.workspace
        .save_draft(SESSION, "Something else")
        .await
        .unwrap();
    assert_eq!(desk.draft().await, "Do it\n\nSomething else");
}

#[tokio::test]
async fn a_waiting_prompt_that_a_dead_engine_took_waits_again() {
    let desk = Desk::new().await;
    desk.queue("Do it").await;
    desk.turn_ends().await;
    assert_eq!((desk.given().len(), desk.waiting().len()), (1, 0));
    desk.engine_ends();
    run(&desk.workspace, &desk.engine);
    desk.read(Vec::new());
    until("the prompt to wait again", || desk.waiting().len() == 1).await;
    a_while().await;
    let composer = desk.workspace.composer(SESSION).await.unwrap();
    assert!(composer.held && composer.failed.is_some(), "{composer:?}");
    assert_eq!(desk.given().len(), 1, "whoever stands before it sends it");
    assert_eq!(desk.draft().await, "");
}

#[tokio::test]
async fn a_prompt_that_is_never_seen_is_looked_for() {
    let desk = Desk::new().await;
    let message = desk
        .workspace
        .send_with(SESSION, outgoing("Do it"))
        .await
        .unwrap();
    let message = MessageId::new(message);
    assert!(desk.workspace.inner.state().is_underway(message.as_str()));
    // It is there, and nothing was told of it.
    desk.engine.has_none.store(false, Ordering::SeqCst);
    *desk.engine.session.lock().unwrap() = Some(desk.snapshot(vec![prompt(&message)]));
    let mut effects = Vec::new();
    desk.workspace
        .inner
        .state()
        .doubt(&session(), &message, &mut effects);
    desk.workspace.inner.carry_out(effects);
    let settled = || {
        let kept = desk
            .workspace
            .inner
            .store
            .outbox_prompt(message.as_str())
            .unwrap();
        kept.is_some_and(|kept| kept.state == cowork_store::DeliveryState::Sent)
    };
    until("the prompt to be settled", settled).await;
    assert!(desk.workspace.inner.state().live[&session()].is_free());
    assert_eq!(desk.draft().await, "");
}

#[tokio::test]
async fn a_prompt_that_waited_for_a_summary_goes_out_after_it() {
    let desk = Desk::new().await;
    assert!(desk.workspace.inner.composing.begin_compacting(&session()));
    desk.workspace
        .queue_prompt(SESSION, outgoing("Do it"))
        .await
        .unwrap();
    // The turn that sums up ends before that is answered.
    turn_ended(&desk.workspace.inner, &session()).await;
    assert_eq!(desk.given(), []);
    desk.workspace.inner.composing.end_compacting(&session());
    desk.engine.compacts.store(true, Ordering::SeqCst);
    desk.workspace
        .compact_session(SESSION, Some("demo/demo"))
        .await
        .unwrap();
    until("the prompt to go out", || desk.given().len() == 1).await;
}

#[tokio::test]
async fn a_prompt_that_waits_goes_out_when_the_turn_before_it_ended_unseen() {
    let desk = Desk::new().await;
    let first = desk
        .workspace
        .send_with(SESSION, outgoing("Do it"))
        .await
        .unwrap();
    desk.workspace
        .queue_prompt(SESSION, outgoing("Do the next"))
        .await
        .unwrap();
    a_while().await;
    assert_eq!(desk.given().len(), 1, "a turn is about to begin");
    let answer = told::finished(&session(), "msg_zz", 30, Vec::new());
    desk.read(vec![prompt(&MessageId::new(first)), answer]);
    until("the next prompt", || desk.given().len() == 2).await;
}
