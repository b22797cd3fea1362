//! Sign-ins that end late, engines that are gone, and key rings that are locked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cowork_engine::SessionId;
use cowork_vault::{Reason, Sensitive};

use super::keys::key_of;
use super::testing::{FakeEngine, Ring, a_while, open, run, until};
use super::{Keeper, secrets};
use crate::error::WorkspaceError;
use crate::index;
use crate::operations::providers::{GivenKey, WantedProvider, connected_by_sign_in};
use crate::state::Row;
use crate::view::{KeyState, NoticeKind, SessionMark, SignInState, TestMark, TestStep};
use crate::workspace::Workspace;

/// One of the catalogue at which the app itself does not sign in.
const PROVIDER: &str = "anthropic";

async fn begin(workspace: &Workspace, engine: &FakeEngine) -> tokio::sync::oneshot::Sender<bool> {
    let end = engine.sign_in();
    let before = engine.waiting.load(Ordering::SeqCst);
    workspace
        .begin_sign_in(PROVIDER, "engine-0", BTreeMap::new())
        .await
        .unwrap();
    until("the engine to wait", || {
        engine.waiting.load(Ordering::SeqCst) > before
    })
    .await;
    end
}

fn is_connected(workspace: &Workspace) -> bool {
    workspace.inner.state().provider(PROVIDER).is_some()
}

fn shown(workspace: &Workspace) -> SignInState {
    workspace.inner.state().sign_in.clone().unwrap().state
}

#[tokio::test]
async fn a_stopped_sign_in_that_succeeds_late_is_signed_out_once() {
    let (_root, workspace) = open(&Ring::default()).await;
    let engine = Arc::new(FakeEngine::default());
    run(&workspace, &engine);
    let end = begin(&workspace, &engine).await;
    workspace.stop_sign_in();
    a_while().await;
    assert_eq!(
        engine.signed_out(),
        Vec::<String>::new(),
        "it has brought nothing yet"
    );
    end.send(true).unwrap();
    until("the sign-out", || engine.signed_out() == [PROVIDER]).await;
    a_while().await;
    assert_eq!(engine.signed_out(), [PROVIDER]);
    assert!(!is_connected(&workspace));
    assert!(matches!(shown(&workspace), SignInState::Failed { .. }));
}

#[tokio::test]
async fn a_late_end_undoes_no_sign_in_that_was_begun_since() {
    for first_ends_last in [false, true] {
        let (_root, workspace) = open(&Ring::default()).await;
        let engine = Arc::new(FakeEngine::default());
        run(&workspace, &engine);
        let first = begin(&workspace, &engine).await;
        workspace.stop_sign_in();
        let second = begin(&workspace, &engine).await;
        if first_ends_last {
            second.send(true).unwrap();
            until("the second", || is_connected(&workspace)).await;
            first.send(true).unwrap();
            a_while().await;
        } else {
            first.send(true).unwrap();
            a_while().await;
            assert!(!is_connected(&workspace), "the second decides");
            assert_eq!(shown(&workspace), SignInState::Waiting);
            second.send(true).unwrap();
        }
        until("the second", || shown(&workspace) == SignInState::Done).await;
        a_while().await;
        assert!(is_connected(&workspace));
        assert_eq!(engine.signed_out(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_a_late_end_left_to_the_next_sign_in_goes_with_that() {
    let (_root, workspace) = open(&Ring::default()).await;
    let engine = Arc::new(FakeEngine::default());
    run(&workspace, &engine);
    let first = begin(&workspace, &engine).await;
    // The next one waits for a code that never comes.
    engine.wants_code.store(true, Ordering::SeqCst);
    workspace
        .begin_sign_in(PROVIDER, "engine-0", BTreeMap::new())
        .await
        .unwrap();
    first.send(true).unwrap();
    a_while().await;
    assert_eq!(engine.signed_out(), Vec::<String>::new());
    workspace.stop_sign_in();
    until("the sign-out", || engine.signed_out() == [PROVIDER]).await;
    assert!(!is_connected(&workspace));

    // A code that is not taken ends as badly, and a second one is not looked at beside the first.
    workspace
        .begin_sign_in(PROVIDER, "engine-0", BTreeMap::new())
        .await
        .unwrap();
    let end = engine.sign_in();
    workspace.paste_sign_in(Sensitive::new("code")).unwrap();
    assert!(matches!(
        workspace.paste_sign_in(Sensitive::new("code")),
        Err(WorkspaceError::InvalidInput(_))
    ));
    end.send(false).unwrap();
    until("its end", || {
        matches!(shown(&workspace), SignInState::Failed { .. })
    })
    .await;
}

#[tokio::test]
async fn stopping_to_sign_in_again_leaves_the_person_signed_in() {
    let (_root, workspace) = open(&Ring::default()).await;
    let engine = Arc::new(FakeEngine::default());
    run(&workspace, &engine);
    begin(&workspace, &engine).await.send(true).unwrap();
    until("the sign-in", || shown(&workspace) == SignInState::Done).await;
    let again = begin(&workspace, &engine).await;
    workspace.stop_sign_in();
    again.send(true).unwrap();
    a_while().await;
    assert!(is_connected(&workspace));
    assert_eq!(engine.signed_out(), Vec::<String>::new());
}

#[tokio::test]
async fn a_sign_in_of_an_engine_that_is_gone_is_removed_and_signed_out_at_its_next_start() {
    let (_root, workspace) = open(&Ring::default()).await;
    let inner = &workspace.inner;
    connected_by_sign_in(inner, PROVIDER, PROVIDER, None, Keeper::Engine, || true)
        .await
        .unwrap();
    until("the engine to be given up", || {
        inner.state().engine.refusal().is_some()
    })
    .await;
    workspace.remove_provider(PROVIDER).await.unwrap();
    assert!(!is_connected(&workspace));
    let said: Vec<_> = {
        let state = inner.state();
        state
            .notices
            .iter()
            .filter(|notice| notice.kind == NoticeKind::SignOutOwed)
            .map(|notice| notice.detail.clone())
            .collect()
    };
    assert!(said.len() == 1 && said[0].contains("next starts"), "{said:?}");
    assert_eq!(
        index::owed_sign_outs(&inner.store).unwrap(),
        BTreeSet::from([PROVIDER.to_owned()])
    );
    let engine = Arc::new(FakeEngine::default());
    run(&workspace, &engine);
    until("the sign-out", || engine.signed_out() == [PROVIDER]).await;
    until("it to be forgotten", || {
        index::owed_sign_outs(&inner.store).unwrap().is_empty()
    })
    .await;
    let next = Arc::new(FakeEngine::default());
    run(&workspace, &next);
    a_while().await;
    assert_eq!(next.signed_out(), Vec::<String>::new(), "it is done once");
}

#[tokio::test]
async fn a_sign_out_that_is_owed_does_not_undo_a_later_sign_in() {
    let (_root, workspace) = open(&Ring::default()).await;
    let inner = &workspace.inner;
    index::save_owed_sign_outs(&inner.store, &BTreeSet::from([PROVIDER.to_owned()])).unwrap();
    connected_by_sign_in(inner, PROVIDER, PROVIDER, None, Keeper::Engine, || true)
        .await
        .unwrap();
    let engine = Arc::new(FakeEngine::default());
    run(&workspace, &engine);
    until("it to be forgotten", || {
        index::owed_sign_outs(&inner.store).unwrap().is_empty()
    })
    .await;
    assert_eq!(engine.signed_out(), Vec::<String>::new());
}

async fn connect(workspace: &Workspace) -> String {
    let wanted = WantedProvider::Custom {
        name: "Upstream".to_owned(),
        // Nobody listens there.
        base_url: "http://127.0.0.1:9/v1".to_owned(),
    };
    let key = GivenKey {
        key: Sensitive::new("sk-0123456789abcdef"),
        this_run: false,
    };
    let connected = workspace.connect_provider(wanted, vec!["model".to_owned()], Some(key), false);
    connected.await.unwrap().provider.id
}

/// Tests the connection; what the step of the key came to.
async fn tested(workspace: &Workspace, provider: &str) -> TestMark {
    let inner = &workspace.inner;
    workspace.test_provider(provider, None).unwrap();
    until("the test's end", || {
        inner.state().test.as_ref().is_some_and(|test| !test.running)
    })
    .await;
    let test = inner.state().test.clone().unwrap();
    let step = test
        .steps
        .into_iter()
        .find(|row| row.step == TestStep::KeyAccepted);
    step.unwrap().mark
}

#[tokio::test]
async fn a_person_who_has_unlocked_the_key_ring_is_believed_at_once() {
    let ring = Ring::default();
    let (root, workspace) = open(&ring).await;
    let inner = &workspace.inner;
    let id = connect(&workspace).await;
    let session = SessionId::from("ses_1");
    inner.state().rows.insert(
        session.clone(),
        Row {
            id: session.clone(),
            parent: None,
            folder: root.path().to_owned(),
            title: String::new(),
            agent: None,
            model: None,
            created: 0,
            updated: 0,
            mark: SessionMark::Idle,
            cost: 0.0,
            tags: Vec::new(),
        },
    );
    let lock = || async {
        ring.locked.store(true, Ordering::SeqCst);
        inner.vault.recheck().await;
        let why = key_of(inner, &id).await.err().unwrap().message;
        assert_eq!(
            why,
            format!("The key for Upstream cannot be read. {}", Reason::Locked),
            "in the provider's name, and each thing once"
        );
        ring.locked.store(false, Ordering::SeqCst);
        assert!(key_of(inner, &id).await.is_err(), "what is automatic rests");
    };

    lock().await;
    ring.locked.store(true, Ordering::SeqCst);
    let marked = tested(&workspace, &id).await;
    let TestMark::Failed { message, advice } = marked else {
        panic!("the key ring is locked: {marked:?}");
    };
    assert_eq!(message.matches(Reason::Locked.advice()).count(), 1, "{message}");
    assert_eq!(advice, "", "it is in the message");
    ring.locked.store(false, Ordering::SeqCst);
    let marked = tested(&workspace, &id).await;
    assert!(
        !matches!(marked, TestMark::Failed { .. }),
        "it got as far as the address: {marked:?}"
    );
    let state = inner.state().provider(&id).unwrap().key.clone();
    assert!(matches!(state, KeyState::Kept { .. }), "{state:?}");

    lock().await;
    let engine = Arc::new(FakeEngine::default());
    run(&workspace, &engine);
    workspace
        .send_prompt("ses_1", "Go on.", None, None)
        .await
        .unwrap();
    assert!(key_of(inner, &id).await.is_ok());

    lock().await;
    connect(&workspace).await;
    assert!(key_of(inner, &id).await.is_ok());
}

#[tokio::test]
async fn all_keys_are_forgotten_at_once_and_what_wants_one_says_so() {
    let ring = Ring::default();
    let (_root, workspace) = open(&ring).await;
    let inner = &workspace.inner;
    let id = connect(&workspace).await;
    // Large enough to be sealed.
    let name = secrets::sign_in_name("openai").unwrap();
    let tokens = || Sensitive::new("t".repeat(8 * 1024));
    inner.vault.set(&name, tokens()).await.unwrap();
    connected_by_sign_in(inner, "openai", "OpenAI", None, Keeper::App, || true)
        .await
        .unwrap();
    assert_eq!(workspace.renew_sealing_key().await.unwrap(), 1);
    inner.vault.recheck().await;
    let read = inner.vault.get(&name).await.unwrap().unwrap();
    assert_eq!(read.expose(), tokens().expose());

    // What cannot be forgotten now is not said to be.
    ring.locked.store(true, Ordering::SeqCst);
    assert!(matches!(
        workspace.forget_all_keys().await,
        Err(WorkspaceError::NotSaved(_))
    ));
    let key = inner.state().provider(&id).unwrap().key.clone();
    assert!(matches!(key, KeyState::Kept { .. }), "{key:?}");
    ring.locked.store(false, Ordering::SeqCst);

    workspace.forget_all_keys().await.unwrap();
    assert_eq!(ring.items(), Vec::<String>::new());
    assert_eq!(inner.store.secrets().unwrap(), []);
    assert_eq!(inner.state().provider(&id).unwrap().key, KeyState::Missing);
    assert!(
        inner.state().provider("openai").is_none(),
        "nothing but the sign-in made it"
    );
    let stored = inner.store.providers().unwrap();
    assert_eq!(stored.iter().map(|row| &row.id).collect::<Vec<_>>(), [&id]);
}

#[tokio::test]
async fn folders_read_a_changed_configuration_at_once_and_not_all_at_once() {
    let (root, workspace) = open(&Ring::default()).await;
    let engine = Arc::new(FakeEngine::default());
    run(&workspace, &engine);
    for number in 0..10 {
        let folder = root.path().join(format!("folder-{number}"));
        std::fs::create_dir(&folder).unwrap();
        let mut state = workspace.inner.state();
        state.folders.grant(folder, crate::view::FolderKind::Project);
    }
    connect(&workspace).await;
    let reloads = engine.reloads.lock().unwrap();
    assert!(reloads.all >= 10, "{}", reloads.all);
    assert_eq!(reloads.most, 4);
    assert!(workspace.inner.state().stale.is_empty());
}
