//! Pairings without a server that answers, and commands that a crash cut off.

mod commands;
mod leaving;
mod life;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cowork_engine::{MessageId, Part, PromptPart, Session, SessionId, SessionSnapshot};
use cowork_pairing::commands::{Asked, Hands as _, Ledger as _, Reconciled, Stage};
use cowork_pairing::policy::Work;
use cowork_pairing_protocol::wire::{Command, CommandKind, CommandResult, ResultStatus};
use cowork_store::{Pairing, PairingState as Kept, SharedThread, ToldOf};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::hands::Doer;
use super::kept::Keeper;
use crate::consent::Consent;
use crate::error::WorkspaceError;
use crate::operations::pairing::WantedPairing;
use crate::options::Options;
use crate::providers::testing::{FakeEngine, Ring, given_up, open_as, run, until};
use crate::told;
use crate::view::{PairingPolicy, PairingState, RemoteAnswers};
use crate::workspace::{Workspace, now};
use crate::{index, view};

const SESSION: &str = "ses_1";
const PAIRING: &str = "pairing_test";
/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

/// An application with one thread at rest.
struct Desk {
    _root: TempDir,
    folder: TempDir,
    ring: Ring,
    workspace: Workspace,
    engine: Arc<FakeEngine>,
}

impl Desk {
    async fn new(change: impl FnOnce(&mut Options)) -> Self {
        let ring = Ring::default();
        let (root, workspace) = open_as(&ring, change).await;
        given_up(&workspace).await;
        let engine = Arc::new(FakeEngine::default());
        run(&workspace, &engine);
        let desk = Self {
            _root: root,
            folder: tempfile::tempdir().unwrap(),
            ring,
            workspace,
            engine,
        };
        desk.says(Vec::new());
        desk
    }

    /// The thread, with an answer of these parts.
    fn says(&self, parts: Vec<Part>) {
        let session = SessionId::from(SESSION);
        let snapshot = SessionSnapshot {
            session: Session {
                folder: self.folder.path().to_owned(),
                ..told::listed(&session, None)
            },
            ..told::snapshot(&session, vec![told::finished(&session, "msg_0", 1, parts)])
        };
        let mut effects = Vec::new();
        let inner = &self.workspace.inner;
        inner.state().restore(snapshot, Vec::new(), 1, &mut effects);
        inner.carry_out(effects);
    }

    /// A pairing that is there, with this thread or none.
    fn paired(&self, thread: Option<&str>) {
        let store = &self.workspace.inner.store;
        let pairing = Pairing {
            id: PAIRING.to_owned(),
            device: "device_test".to_owned(),
            broker: NOWHERE.to_owned(),
            label: "Desk".to_owned(),
            policy: serde_json::to_string(&PairingPolicy::default()).unwrap(),
            state: Kept::Paired,
            paused: false,
            past_proxy: false,
            expires: None,
            created: 1,
            changed: 1,
            last_answer: None,
            claimed: 0,
        };
        store.put_pairing(&pairing).unwrap();
        if let Some(session) = thread {
            let thread = SharedThread {
                session: session.to_owned(),
                from_afar: false,
                shared_at: 1,
            };
            store.share_thread(PAIRING, &thread).unwrap();
        }
        self.known_as(&pairing);
    }

    /// A pairing as a person makes it, with what there is to enter at the server.
    async fn pairing_made(&self) -> view::PairingToken {
        let made = self.workspace.create_pairing(wanted(), Consent::Missing).await;
        made.unwrap()
    }

    /// A pairing in memory as it is in the store.
    fn known_as(&self, pairing: &Pairing) {
        let known = super::known(&self.workspace.inner.store, pairing.clone()).unwrap();
        let mut state = self.workspace.inner.state();
        state
            .remote
            .pairings
            .retain(|known| known.pairing.id != pairing.id);
        state.remote.pairings.push(known);
    }

    /// What waits to leave, as it is kept.
    fn waiting(&self) -> Vec<cowork_pairing_protocol::wire::RemoteEvent> {
        let store = &self.workspace.inner.store;
        let all = store.next_events(PAIRING, 0, 1_000, 1_000_000).unwrap();
        let parsed = all
            .into_iter()
            .map(|kept| serde_json::from_str(&kept.event).unwrap());
        parsed.collect()
    }

    /// Something of the thread that waits to leave: two events, of which one went out and nobody knows whether it arrived.
    fn has_told(&self, words: &str) {
        let store = &self.workspace.inner.store;
        for (session, out) in [(SESSION, true), (SESSION, false)] {
            let mut event = super::tell::event(
                PAIRING,
                cowork_pairing_protocol::wire::EventType::SessionEvent,
                Some(session),
                None,
                Some(json!({ "words": words })),
            )
            .unwrap();
            event.id = format!("{}_{out}", event.id);
            let kept = super::tell::kept(&event, true).unwrap();
            store.append_events(PAIRING, &[kept]).unwrap();
            if out {
                store.next_events(PAIRING, 0, 1, 1_000_000).unwrap();
            }
        }
        let told = [(SESSION.to_owned(), Some(ToldOf::Resting(1)))];
        store.append_told(PAIRING, &[], &told).unwrap();
    }

    /// The folder of the thread, on the list and shared over the pairing.
    async fn shares_its_folder(&self) -> String {
        let folder = self
            .workspace
            .grant_folder(self.folder.path().to_owned())
            .await
            .unwrap()
            .id;
        self.workspace
            .update_pairing(
                PAIRING,
                "Desk",
                PairingPolicy::default(),
                std::slice::from_ref(&folder),
                false,
                Consent::Missing,
            )
            .await
            .unwrap();
        folder
    }

    fn hands(&self) -> Doer {
        Doer::new(&self.workspace.inner, PAIRING)
    }

    fn keeper(&self) -> Keeper {
        Keeper::new(&self.workspace.inner, PAIRING)
    }

    fn mark(&self, command: &str) -> Option<String> {
        let kept = self
            .workspace
            .inner
            .store
            .remote_command(PAIRING, command)
            .unwrap();
        kept.unwrap().mark
    }
}

fn wanted() -> WantedPairing {
    WantedPairing {
        address: NOWHERE.to_owned(),
        label: "Desk".to_owned(),
        policy: PairingPolicy::default(),
        folders: Vec::new(),
        threads: vec![SESSION.to_owned()],
        past_proxy: false,
    }
}

fn asked(kind: CommandKind, session: Option<&str>, payload: Option<Value>) -> Asked {
    Asked {
        work: Work::read(kind, payload.as_ref()).unwrap(),
        command: Command {
            id: "cmd_1".to_owned(),
            kind: kind.as_str().to_owned(),
            pairing_id: PAIRING.to_owned(),
            workspace_id: "local".to_owned(),
            session_id: session.map(str::to_owned),
            actor_id: None,
            actor_label: Some("Ada".to_owned()),
            payload,
            sequence: 1,
            created_at: "2026-11-20T14:21:00Z".to_owned(),
            lease: None,
        },
    }
}

fn prompt() -> Asked {
    asked(
        CommandKind::Prompt,
        Some(SESSION),
        Some(json!({ "text": "Do it" })),
    )
}
