//! Pairings without a server that answers, and commands that a crash cut off.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cowork_engine::{MessageId, Part, Session, SessionId, SessionSnapshot};
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

#[tokio::test]
async fn a_prompt_that_a_crash_cut_off_is_looked_for_and_not_sent_twice() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (keeper, asked) = (desk.keeper(), prompt());
    keeper.received(&asked.command).await.unwrap();
    keeper.doing("cmd_1").await.unwrap();
    desk.engine.has_none.store(true, Ordering::SeqCst);
    assert_eq!(
        desk.hands().reconcile(&asked).await,
        Reconciled::NotDone,
        "it ended before anything was written down"
    );
    let result = desk.hands().carry_out(&asked).await;
    assert_eq!(result.status, ResultStatus::Completed, "{result:?}");
    let sent = desk.engine.prompts.lock().unwrap()[0].message.to_string();
    assert_eq!(desk.mark("cmd_1"), Some(sent.clone()));

    // The app ended before that was written down, and the engine has it.
    desk.engine.has_none.store(false, Ordering::SeqCst);
    let Reconciled::Done(found) = desk.hands().reconcile(&asked).await else {
        panic!("it is there");
    };
    assert_eq!(found.data.unwrap()["message"], sent.as_str());
    keeper.done("cmd_1", &result).await.unwrap();
    let record = keeper.by_id("cmd_1").await.unwrap().unwrap();
    assert_eq!(record.stage, Stage::Done(result));
    assert_eq!(desk.engine.prompts.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_prompt_whose_connection_ended_while_it_was_sent_goes_on_and_is_not_sent_twice() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (keeper, asked) = (desk.keeper(), prompt());
    keeper.received(&asked.command).await.unwrap();
    keeper.doing("cmd_1").await.unwrap();
    let (goes_on, waits) = tokio::sync::oneshot::channel();
    *desk.engine.prompt_waits.lock().unwrap() = Some(waits);
    let hands = desk.hands();
    let sent = || desk.engine.prompts.lock().unwrap().len();
    tokio::select! {
        result = hands.carry_out(&asked) => panic!("it is not over: {result:?}"),
        () = until("the engine was asked", || sent() == 1) => {}
    }
    // Another connection, and the engine has nothing yet.
    desk.engine.has_none.store(true, Ordering::SeqCst);
    let hands = desk.hands();
    let looks = hands.reconcile(&asked);
    goes_on.send(()).unwrap();
    let Reconciled::Done(result) = looks.await else {
        panic!("it came to its end");
    };
    assert_eq!((result.status, sent()), (ResultStatus::Completed, 1));
}

#[tokio::test]
async fn a_prompt_that_never_arrived_is_sent_anew_and_never_becomes_the_person_s_draft() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (keeper, asked) = (desk.keeper(), prompt());
    keeper.received(&asked.command).await.unwrap();
    keeper.doing("cmd_1").await.unwrap();
    let store = &desk.workspace.inner.store;
    let message = MessageId::from("msg_lost");
    store.mark_command(PAIRING, "cmd_1", message.as_str()).unwrap();
    index::keep_prompt(store, &SessionId::from(SESSION), &message, "Do it", now()).unwrap();
    desk.engine.has_none.store(true, Ordering::SeqCst);
    assert_eq!(desk.hands().reconcile(&asked).await, Reconciled::NotDone);
    assert_eq!(
        desk.hands().reconcile(&asked).await,
        Reconciled::Unknown,
        "where nothing is left of it nobody can tell what became of it"
    );
    let open = desk.workspace.open_session(SESSION, None).await.unwrap();
    assert_eq!(open.draft, "");
}

#[tokio::test]
async fn a_session_that_a_crash_cut_off_is_found_where_it_was_to_be_made() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(None);
    let asked = asked(CommandKind::CreateSession, None, None);
    desk.keeper().received(&asked.command).await.unwrap();
    assert_eq!(desk.hands().reconcile(&asked).await, Reconciled::NotDone);
    let mark = json!({ "folder": desk.folder.path(), "alone": true, "since": 0 }).to_string();
    desk.workspace
        .inner
        .store
        .mark_command(PAIRING, "cmd_1", &mark)
        .unwrap();
    assert_eq!(
        desk.hands().reconcile(&asked).await,
        Reconciled::NotDone,
        "the folder is there, and nothing was begun in it"
    );
    desk.engine.listed.lock().unwrap().push(Session {
        folder: desk.folder.path().to_owned(),
        ..told::listed(&SessionId::from("ses_afar"), None)
    });
    let Reconciled::Done(found) = desk.hands().reconcile(&asked).await else {
        panic!("one was begun in it");
    };
    assert_eq!(found.session.unwrap()["id"], "ses_afar");
    let threads = desk.workspace.inner.store.shared_threads(PAIRING).unwrap();
    assert_eq!(
        threads[0].session, "ses_afar",
        "it is shared with who asked for it"
    );
}

#[tokio::test]
async fn what_is_not_shared_is_not_there() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(None);
    for asked in [
        prompt(),
        asked(CommandKind::Abort, Some(SESSION), None),
        asked(
            CommandKind::Prompt,
            Some("ses_none"),
            Some(json!({ "text": "x" })),
        ),
    ] {
        let result = desk.hands().carry_out(&asked).await;
        let said = result.message.unwrap();
        assert_eq!(
            (result.status, said.as_str()),
            (ResultStatus::Failed, "There is no such thread at the desktop.")
        );
    }
    let status = desk
        .hands()
        .carry_out(&asked(CommandKind::Status, None, None))
        .await;
    assert_eq!(status.sessions, Some(Vec::new()));
    assert!(desk.engine.prompts.lock().unwrap().is_empty());
    let proposed = asked(
        CommandKind::PermissionRespond,
        Some(SESSION),
        Some(json!({ "permissionId": "per_1", "allowed": true })),
    );
    assert_eq!(desk.hands().propose(&proposed).await.status, ResultStatus::Failed);
    assert!(desk.workspace.inner.state().remote.proposals.is_empty());
}

#[tokio::test]
async fn a_folder_that_is_taken_off_the_list_is_shared_no_longer_and_begins_nothing_from_afar() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(None);
    let folder = desk.shares_its_folder().await;
    let inner = &desk.workspace.inner;
    let name = {
        let state = inner.state();
        let known = state.remote.find(PAIRING).unwrap();
        super::hands::shared_folders(known)[0].id.clone()
    };
    desk.has_told("A canary.");
    desk.workspace.forget_folder(&folder).await.unwrap();
    let row = desk
        .workspace
        .pairing_book()
        .await
        .unwrap()
        .pairings
        .rows
        .remove(0);
    assert_eq!(row.folders, []);
    assert!(inner.store.shared_folders(PAIRING).unwrap().is_empty());
    assert!(!format!("{:?}", desk.waiting()).contains("canary"));
    let begin = asked(CommandKind::CreateSession, None, Some(json!({ "folder": name })));
    let result = desk.hands().carry_out(&begin).await;
    assert_eq!(
        result.message.as_deref(),
        Some("There is no such folder at the desktop.")
    );
    // Its policy can still be changed.
    let closed = PairingPolicy {
        prompts: false,
        ..PairingPolicy::default()
    };
    let kept: Vec<_> = row.folders.iter().map(|folder| folder.folder.clone()).collect();
    let update = desk
        .workspace
        .update_pairing(PAIRING, "Desk", closed, &kept, false, Consent::Missing);
    assert_eq!(update.await.unwrap().policy, closed);
}

#[tokio::test]
async fn what_waits_of_a_thread_that_is_shared_no_longer_does_not_leave() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    desk.has_told("A canary.");
    let before = desk.waiting();
    assert_eq!(before.len(), 2);
    // Also while it is paused: what waits then leaves when it goes on.
    desk.workspace.pause_pairing(PAIRING, true).await.unwrap();
    desk.workspace
        .share_thread(PAIRING, SESSION, false)
        .await
        .unwrap();
    let after = desk.waiting();
    assert!(!format!("{after:?}").contains("canary"), "{after:?}");
    assert_eq!(
        after[0].id, before[0].id,
        "a server that has it takes it for the same"
    );
}

#[tokio::test]
async fn what_a_wider_policy_let_out_does_not_leave_after_it() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let wide = PairingPolicy {
        local_paths: true,
        ..PairingPolicy::default()
    };
    let change = |policy| {
        desk.workspace
            .update_pairing(PAIRING, "Desk", policy, &[], false, Consent::Missing)
    };
    change(wide).await.unwrap();
    desk.workspace.pause_pairing(PAIRING, true).await.unwrap();
    desk.has_told("A canary.");
    change(wide).await.unwrap();
    assert!(format!("{:?}", desk.waiting()).contains("canary"));
    change(PairingPolicy::default()).await.unwrap();
    assert!(!format!("{:?}", desk.waiting()).contains("canary"));
}

#[tokio::test]
async fn a_thread_is_taken_back_also_where_the_policy_changes_with_it() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(None);
    desk.shares_its_folder().await;
    let gone = || {
        let is_gone = |event: &cowork_pairing_protocol::wire::RemoteEvent| {
            event.session_id.as_deref() == Some(SESSION)
                && event
                    .payload
                    .as_ref()
                    .is_some_and(|payload| payload.to_string().to_lowercase().contains("gone"))
        };
        desk.waiting().iter().filter(|event| is_gone(event)).count()
    };
    desk.workspace
        .inner
        .state()
        .remote
        .news
        .pairings
        .insert(PAIRING.to_owned());
    desk.workspace.inner.remote.wake.notify_one();
    until("the thread was told of", || {
        !desk
            .workspace
            .inner
            .store
            .told_threads(PAIRING)
            .unwrap()
            .is_empty()
    })
    .await;
    let closed = PairingPolicy {
        prompts: false,
        ..PairingPolicy::default()
    };
    desk.workspace
        .update_pairing(PAIRING, "Desk", closed, &[], false, Consent::Missing)
        .await
        .unwrap();
    until("the server is told that it is gone", || gone() == 1).await;
    assert!(
        desk.workspace
            .inner
            .store
            .told_threads(PAIRING)
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_build_that_allows_no_pairing_connects_none_whatever_is_pressed() {
    let desk = Desk::new(|options| options.brand.pairing.allowed = false).await;
    desk.paired(Some(SESSION));
    super::connect(&desk.workspace.inner, PAIRING).await;
    desk.workspace.pause_pairing(PAIRING, true).await.unwrap();
    desk.workspace.pause_pairing(PAIRING, false).await.unwrap();
    let row = desk.workspace.sync_pairing(PAIRING).await.unwrap();
    assert_eq!(
        (row.state, row.trouble),
        (PairingState::NeedsYou, Some(view::PairingTrouble::Forbidden))
    );
    assert!(desk.workspace.inner.remote.links().is_empty());
}

#[tokio::test]
async fn what_was_agreed_to_before_the_build_forbade_it_counts_no_more() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let open = PairingPolicy {
        approvals: RemoteAnswers::RemoteAllowed,
        ..PairingPolicy::default()
    };
    desk.workspace
        .update_pairing(PAIRING, "Desk", open, &[], false, Consent::Given)
        .await
        .unwrap();
    let inner = &desk.workspace.inner;
    let mut brand = inner.options.brand.clone();
    brand.pairing.remote_answers = false;
    inner.state().remote.pairings.clear();
    super::begin(&inner.store, &brand, &mut inner.state()).unwrap();
    let policy = inner.state().remote.find(PAIRING).unwrap().policy;
    assert_eq!(policy, PairingPolicy::default());
    // It does not come back when the build allows it again.
    brand.pairing.remote_answers = true;
    inner.state().remote.pairings.clear();
    super::begin(&inner.store, &brand, &mut inner.state()).unwrap();
    let policy = inner.state().remote.find(PAIRING).unwrap().policy;
    assert_eq!(policy, PairingPolicy::default());
}

#[tokio::test]
async fn a_first_answer_and_an_end_from_afar_are_not_undone_by_what_a_person_changes_meanwhile() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk
        .workspace
        .create_pairing(wanted(), Consent::Missing)
        .await
        .unwrap();
    let (inner, id) = (&desk.workspace.inner, shown.pairing.id.as_str());
    let waits = |pairing: &Pairing| pairing.state == Kept::Waiting;
    let update = desk.workspace.update_pairing(
        id,
        "Desk two",
        PairingPolicy::default(),
        &[],
        false,
        Consent::Missing,
    );
    // Whatever the order, both are kept.
    let (updated, answered) = tokio::join!(update, inner.keep_state(id, waits, Kept::Paired, None));
    assert!(updated.is_ok() && answered);
    let kept = inner.store.pairing(id).unwrap().unwrap();
    assert_eq!(
        (kept.state, kept.expires, kept.label.as_str()),
        (Kept::Paired, None, "Desk two")
    );
    let in_memory = inner.state().remote.find(id).unwrap().pairing.clone();
    assert_eq!(in_memory, kept);
    let changed = inner.change_pairing(id, |row| {
        assert_eq!(row.state, Kept::Paired, "as it is at this moment");
        Err(WorkspaceError::NotFound("The pairing"))
    });
    assert!(changed.await.is_err());
    assert_eq!(inner.store.pairing(id).unwrap().unwrap(), kept);
}

#[tokio::test]
async fn a_pairing_that_was_paused_while_the_keychain_took_its_time_is_not_connected() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk
        .workspace
        .create_pairing(wanted(), Consent::Missing)
        .await
        .unwrap();
    let (inner, id) = (desk.workspace.inner.clone(), shown.pairing.id.clone());
    // The two go on at the same time, from before the token was read.
    let connecting = super::connect(&inner, &id);
    let pausing = desk.workspace.pause_pairing(&id, true);
    let (paused, ()) = tokio::join!(pausing, connecting);
    assert_eq!(paused.unwrap().state, PairingState::Paused);
    assert!(inner.remote.links().is_empty());
}

#[tokio::test]
async fn an_end_is_owed_while_the_keychain_is_locked() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk
        .workspace
        .create_pairing(wanted(), Consent::Missing)
        .await
        .unwrap();
    desk.ring.locked.store(true, Ordering::SeqCst);
    desk.workspace.inner.vault.ask_again();
    desk.workspace.revoke_pairing(&shown.pairing.id).await.unwrap();
    until("it was tried", || {
        let state = desk.workspace.inner.state();
        state
            .remote
            .find(&shown.pairing.id)
            .is_none_or(|known| known.standing.trouble.is_some())
    })
    .await;
    let row = desk
        .workspace
        .pairing_book()
        .await
        .unwrap()
        .pairings
        .rows
        .remove(0);
    assert_eq!(row.state, PairingState::Revoking);
}

#[tokio::test]
async fn a_refusal_that_is_repeated_does_not_wash_out_the_audit() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (keeper, asked) = (desk.keeper(), prompt());
    for _ in 0..20 {
        keeper.refused(&asked.command, "it is another's").await.unwrap();
    }
    keeper
        .refused(&asked.command, "its lease was over when it came")
        .await
        .unwrap();
    let audit = desk.workspace.pairing_audit(None, None).await.unwrap();
    assert_eq!(audit.rows.len(), 2, "one of each reason: {audit:?}");
}

#[tokio::test]
async fn a_name_from_afar_shows_nothing_that_is_not_seen() {
    let command = Command {
        actor_label: Some(format!("Ada\u{202e}\n at this desktop {}", "x".repeat(300))),
        ..prompt().command
    };
    let who = super::kept::who(&command).unwrap();
    assert!(who.starts_with("Ada\u{fffd} at this desktop x"), "{who}");
    assert_eq!(who.chars().count(), 100);
}

#[tokio::test]
async fn a_paused_pairing_does_nothing() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    desk.workspace.pause_pairing(PAIRING, true).await.unwrap();
    let result = desk.hands().carry_out(&prompt()).await;
    assert!(
        !result.ok && desk.engine.prompts.lock().unwrap().is_empty(),
        "{result:?}"
    );
    assert!(!desk.workspace.inner.state().remote.is_any_active());
}

#[tokio::test]
async fn a_token_is_shown_once_and_kept_in_the_keychain_alone() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk
        .workspace
        .create_pairing(wanted(), Consent::Missing)
        .await
        .unwrap();
    assert!(shown.url.contains("#pair=") && !shown.code.is_empty());
    assert!(shown.token.starts_with("ocp_") && shown.expires > now());
    let row = &shown.pairing;
    assert_eq!(
        (row.state, row.threads[0].session.as_str()),
        (PairingState::Waiting, SESSION)
    );
    assert!(!format!("{shown:?}").contains(&shown.token));
    let book = desk.workspace.pairing_book().await.unwrap();
    assert!(!serde_json::to_string(&book).unwrap().contains(&shown.token));
    let database = &desk.workspace.inner.options.places.database;
    for suffix in ["", "-wal"] {
        let bytes = std::fs::read(PathBuf::from(format!("{}{suffix}", database.display()))).unwrap();
        let has = bytes
            .windows(shown.token.len())
            .any(|window| window == shown.token.as_bytes());
        assert!(!has, "the token is in the database{suffix}");
    }
    assert_eq!(desk.ring.items().len(), 1);
    let again = desk.workspace.renew_pairing(&shown.pairing.id).await.unwrap();
    assert!(again.token != shown.token && desk.ring.items().len() == 1);
}

#[tokio::test]
async fn a_token_that_is_not_entered_in_time_is_void() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk
        .workspace
        .create_pairing(wanted(), Consent::Missing)
        .await
        .unwrap();
    let id = shown.pairing.id.as_str();
    if let Some(known) = desk.workspace.inner.state().remote.find_mut(id) {
        known.pairing.expires = Some(now() - 1);
    }
    super::connect(&desk.workspace.inner, id).await;
    let book = desk.workspace.pairing_book().await.unwrap();
    assert_eq!(book.pairings.rows[0].state, PairingState::Expired);
    assert!(desk.ring.items().is_empty());
    assert!(desk.workspace.sync_pairing(id).await.is_err());
    desk.workspace.renew_pairing(id).await.unwrap();
    assert_eq!(desk.ring.items().len(), 1, "another can be made");
}

#[tokio::test]
async fn what_cannot_be_kept_or_may_not_be_used_makes_no_pairing() {
    let desk = Desk::new(|_| {}).await;
    for address in [
        "https://10.0.0.1",
        "http://example.com",
        "https://a:b@example.com",
        "x",
    ] {
        let wanted = WantedPairing {
            address: address.to_owned(),
            ..wanted()
        };
        let refused = desk.workspace.create_pairing(wanted, Consent::Missing).await;
        assert!(
            matches!(refused, Err(WorkspaceError::InvalidInput(_))),
            "{address}"
        );
    }
    for label in ["", " ", &"x".repeat(81), "two\nlines"] {
        let wanted = WantedPairing {
            label: label.to_owned(),
            ..wanted()
        };
        assert!(
            desk.workspace
                .create_pairing(wanted, Consent::Missing)
                .await
                .is_err()
        );
    }
    desk.ring.locked.store(true, Ordering::SeqCst);
    let refused = desk.workspace.create_pairing(wanted(), Consent::Missing).await;
    assert!(matches!(refused, Err(WorkspaceError::NotSaved(_))));
    assert!(desk.workspace.inner.store.pairings().unwrap().is_empty());
    assert!(desk.workspace.inner.state().remote.pairings.is_empty());
}

#[tokio::test]
async fn answers_count_by_themselves_after_consent_to_what_is_said_and_never_beyond_the_build_s_ceiling() {
    let policy = PairingPolicy {
        approvals: RemoteAnswers::RemoteAllowed,
        ..PairingPolicy::default()
    };
    let desk = Desk::new(|_| {}).await;
    let open = WantedPairing { policy, ..wanted() };
    let Err(WorkspaceError::ConsentNeeded(said)) = desk
        .workspace
        .create_pairing(open.clone(), Consent::Missing)
        .await
    else {
        panic!("nobody was asked");
    };
    assert!(
        said.contains("127.0.0.1:9") && said.contains("without your word"),
        "{said}"
    );
    let shown = desk
        .workspace
        .create_pairing(open.clone(), Consent::To(said))
        .await
        .unwrap();
    let audit = desk
        .workspace
        .pairing_audit(Some(&shown.pairing.id), None)
        .await
        .unwrap();
    assert!(
        audit
            .rows
            .iter()
            .any(|row| row.action == "pairing.remote_allowed_enabled")
    );

    let capped = Desk::new(|options| options.brand.pairing.remote_answers = false).await;
    let refused = capped
        .workspace
        .create_pairing(open.clone(), Consent::Given)
        .await;
    assert!(matches!(refused, Err(WorkspaceError::NotAllowed(_))));
    let closed = Desk::new(|options| options.brand.pairing.allowed = false).await;
    let refused = closed.workspace.create_pairing(wanted(), Consent::Given).await;
    assert!(matches!(refused, Err(WorkspaceError::NotAllowed(_))));
    assert!(closed.workspace.pairing_book().await.unwrap().pairings.forbidden);
}

#[tokio::test]
async fn the_preview_is_what_would_leave_and_says_what_was_taken_out() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(None);
    let key = format!("sk-ant-api03-{}", "Ab3dE".repeat(18));
    let text = format!("It is in {}/notes.txt with {key}.", desk.folder.path().display());
    desk.says(vec![told::part("msg_0", "prt_1", told::text(&text))]);
    let preview = desk
        .workspace
        .preview_pairing(Some(PAIRING), None, SESSION, 0)
        .await
        .unwrap();
    let all = preview.events.join("\n");
    assert!(
        !all.contains(&key) && !all.contains(&*desk.folder.path().to_string_lossy()),
        "{all}"
    );
    assert!(all.contains("notes.txt") && preview.bytes >= all.len() as u64 / 2);
    assert!(!preview.shared && preview.count > 1 && preview.pages == 1);
    // Folders of any name lie in this machine's root folder.
    let root = std::fs::read_dir("/").unwrap().next().unwrap().unwrap();
    let root = root.file_name().into_string().unwrap();
    let row = desk.workspace.inner.state().rows[&SessionId::from(SESSION)].clone();
    let places = super::places(&row, &desk.workspace.inner.options);
    assert!(places.roots.contains(&root), "{:?}", places.roots);
    let open = PairingPolicy {
        local_paths: true,
        ..PairingPolicy::default()
    };
    let preview = desk
        .workspace
        .preview_pairing(None, Some(open), SESSION, 0)
        .await
        .unwrap();
    assert!(
        preview
            .events
            .join("\n")
            .contains(&*desk.folder.path().to_string_lossy())
    );
    let beyond = desk.workspace.preview_pairing(None, None, SESSION, 7).await;
    assert!(matches!(beyond, Err(WorkspaceError::NotFound(_))));
}

#[tokio::test]
async fn the_preview_has_what_sub_agents_say_and_as_many_messages_as_are_sent() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (thread, child) = (SessionId::from(SESSION), SessionId::from("ses_child"));
    let says = |session: &SessionId, message: &str, text: &str| {
        let parts = vec![told::part(message, &format!("prt_{message}"), told::text(text))];
        told::finished(session, message, 1, parts)
    };
    let inner = &desk.workspace.inner;
    let with = |snapshot: SessionSnapshot| {
        let mut effects = Vec::new();
        inner.state().restore(snapshot, Vec::new(), 1, &mut effects);
        inner.carry_out(effects);
    };
    with(SessionSnapshot {
        session: Session {
            folder: desk.folder.path().to_owned(),
            ..told::listed(&child, Some(&thread))
        },
        ..told::snapshot(&child, vec![says(&child, "msg_9", "From a sub-agent.")])
    });
    // What is in memory is the end of it, as after a look at the thread.
    let older = cowork_engine::OlderMessages("before".to_owned());
    with(SessionSnapshot {
        session: Session {
            folder: desk.folder.path().to_owned(),
            ..told::listed(&thread, None)
        },
        older: Some(older),
        ..told::snapshot(&thread, vec![says(&thread, "msg_5", "The newest.")])
    });
    *desk.engine.older.lock().unwrap() = Some(cowork_engine::MessagePage {
        messages: vec![says(&thread, "msg_1", "The oldest.")],
        older: None,
    });
    let preview = desk
        .workspace
        .preview_pairing(Some(PAIRING), None, SESSION, 0)
        .await
        .unwrap();
    let all = preview.events.join("\n");
    for said in ["The newest.", "The oldest.", "From a sub-agent."] {
        assert!(all.contains(said), "{said} is not in {all}");
    }
    assert!(preview.shared && !preview.cut);
}

#[tokio::test]
async fn an_end_that_nobody_hears_is_owed_and_nothing_leaves_meanwhile() {
    let desk = Desk::new(|_| {}).await;
    let shown = desk
        .workspace
        .create_pairing(wanted(), Consent::Missing)
        .await
        .unwrap();
    let id = shown.pairing.id.as_str();
    desk.workspace.revoke_pairing(id).await.unwrap();
    let book = desk.workspace.pairing_book().await.unwrap();
    let row = &book.pairings.rows[0];
    assert_eq!(row.state, PairingState::Revoking);
    assert!(row.threads.is_empty() && row.folders.is_empty());
    assert!(desk.workspace.share_thread(id, SESSION, true).await.is_err());
    assert!(desk.workspace.renew_pairing(id).await.is_err());
    assert_eq!(
        desk.ring.items().len(),
        1,
        "the token is what the end is told with"
    );
    let state = desk.workspace.inner.store.pairing(id).unwrap().unwrap().state;
    assert_eq!(state, Kept::Revoking, "the next start goes on with it");
}

#[tokio::test]
async fn with_everything_else_pairings_go_and_their_tokens() {
    let desk = Desk::new(|_| {}).await;
    desk.workspace
        .create_pairing(wanted(), Consent::Missing)
        .await
        .unwrap();
    desk.workspace
        .remove_everything(false, Consent::Given)
        .await
        .unwrap();
    assert!(desk.ring.items().is_empty());
    assert!(desk.workspace.inner.store.pairings().unwrap().is_empty());
    assert!(desk.workspace.inner.state().remote.pairings.is_empty());
}

#[tokio::test]
async fn a_command_is_answered_with_what_it_came_to_first_and_written_down() {
    let desk = Desk::new(|_| {}).await;
    desk.paired(Some(SESSION));
    let (keeper, asked) = (desk.keeper(), prompt());
    keeper.received(&asked.command).await.unwrap();
    keeper.received(&asked.command).await.unwrap();
    let failed = CommandResult::new(ResultStatus::Failed, Some("No.".to_owned()));
    keeper.done("cmd_1", &failed).await.unwrap();
    keeper
        .done("cmd_1", &CommandResult::new(ResultStatus::Completed, None))
        .await
        .unwrap();
    let record = keeper.by_sequence(1).await.unwrap().unwrap();
    assert_eq!(record.stage.result(), Some(&failed));
    let audit = desk.workspace.pairing_audit(None, None).await.unwrap();
    let accepted = audit.rows.iter().filter(|row| row.action == "command.accepted");
    assert_eq!(accepted.count(), 1);
    assert!(
        audit.rows.iter().all(|row| !row.detail.contains("Do it")),
        "never the words"
    );
    let book = desk.workspace.pairing_book().await.unwrap();
    let last = book.pairings.rows[0].last_command.clone().unwrap();
    assert_eq!((last.kind.as_str(), last.who.as_deref()), ("prompt", Some("Ada")));
}

#[tokio::test]
async fn health_and_storage_know_of_pairings() {
    let desk = Desk::new(|_| {}).await;
    let part = async || {
        let rows = desk.workspace.health_rows().await.unwrap();
        rows.into_iter()
            .find(|row| matches!(row.part, view::HealthPart::Pairing { .. }))
            .unwrap()
    };
    assert_eq!(part().await.mark, view::HealthMark::Off);
    desk.paired(Some(SESSION));
    desk.workspace
        .inner
        .stand(PAIRING, PairingState::NeedsYou, None, "It is over.");
    assert_eq!(part().await.mark, view::HealthMark::NeedsYou);
    desk.workspace
        .inner
        .stand(PAIRING, PairingState::Online, None, "");
    assert_eq!(part().await.mark, view::HealthMark::Working);
    assert!(desk.workspace.storage_report().await.unwrap().pairing > 0);
}
