//! Pairings without a server that answers, and commands that a crash cut off.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cowork_engine::{MessageId, Part, Session, SessionId, SessionSnapshot};
use cowork_pairing::commands::{Asked, Hands as _, Ledger as _, Reconciled, Stage};
use cowork_pairing::policy::Work;
use cowork_pairing_protocol::wire::{Command, CommandKind, CommandResult, ResultStatus};
use cowork_store::{Pairing, PairingState as Kept, SharedThread};
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
            policy: "{}".to_owned(),
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
        let known = super::known(store, pairing).unwrap();
        self.workspace.inner.state().remote.pairings.push(known);
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
    until("the window's word of it", || {
        let rows = desk.workspace.inner.state().remote.pairings.len();
        rows == 1
    })
    .await;
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
