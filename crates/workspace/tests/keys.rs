//! Keys from the person to the provider and nowhere else, with the real engine, without a window.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP`, which the run and check scripts set. The secrets are in a plain
//! folder here; that they are in the keychain is the vault's to prove, and the window's tests'.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(debug_assertions)]

mod common;
#[path = "common/upstream.rs"]
mod upstream;

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{PATIENCE, Place, life, until};
use cowork_scripted_model::{Action, SCRIPTED_MODEL, Script, Step};
use cowork_transcript::BlockContent;
use cowork_workspace::view::{
    ConnectionTest, KeyState, NoticeKind, ProviderRow, TestMark, TestStep, TurnFailureKind,
};
use cowork_workspace::{GivenKey, SessionStatus, WantedProvider, Workspace, WorkspaceError};
use upstream::{KEY, connect, given, upstream};

/// One turn; what the model said, and why the turn failed.
async fn turn(workspace: &Workspace, model: &str) -> (String, Option<String>) {
    let folder = workspace.start().await.unwrap().initial_folder;
    let session = workspace.create_session(folder.as_deref()).await.unwrap().id;
    workspace.open_session(&session, None).await.unwrap();
    let script = Script::new([Step::new(vec![Action::text("The words of the model.")])]);
    let prompt = format!("Say it {}", script.to_marker().unwrap());
    let sent = workspace
        .send_prompt(&session, &prompt, None, Some(model.to_owned()))
        .await
        .unwrap();
    until(
        || "the turn's end".to_owned(),
        || {
            workspace.with_transcript(&session, |transcript| {
                let answers = transcript.messages().iter().filter(|entry| {
                    entry
                        .message
                        .parent
                        .as_ref()
                        .is_some_and(|parent| parent.to_string() == sent)
                });
                let text: String = answers
                    .clone()
                    .flat_map(|entry| &entry.blocks)
                    .filter_map(|block| match &block.content {
                        BlockContent::Text { text } => Some(text.as_str()),
                        _ => None,
                    })
                    .collect();
                let over = answers
                    .clone()
                    .any(|entry| entry.message.completed.is_some() || entry.message.error.is_some());
                let error = transcript.error().map(|error| error.message.clone());
                (over && *transcript.status() == SessionStatus::Idle).then_some((text, error))
            })?
        },
    )
    .await
}

/// Every file below a folder that holds the key.
fn holding(folder: &Path, key: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(holding(&path, key));
        } else if let Ok(bytes) = std::fs::read(&path)
            && bytes.windows(key.len()).any(|window| window == key.as_bytes())
        {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_key_reaches_the_provider_and_nothing_of_the_engine_s() {
    let servers = tokio::runtime::Runtime::new().unwrap();
    let (place, server) = (Place::new(), servers.block_on(upstream()));
    let id = life(async {
        let workspace = place.open_as(|_| {}).await;
        let id = connect(&workspace, &server, KEY).await;
        let (words, error) = turn(&workspace, &format!("{id}/{SCRIPTED_MODEL}")).await;
        assert_eq!((words.as_str(), error), ("The words of the model.", None));
        let KeyState::Plain { hint } = first(&workspace).await.key else {
            panic!("the key is in a plain folder here");
        };
        assert_eq!(hint, "sk-…wxyz");
        let usage = workspace.provider_usage().await.unwrap();
        assert!(usage[0].requests >= 1 && usage[0].bytes_down > 0, "{usage:?}");
        workspace.close().await;
        id
    });
    assert_eq!(
        holding(&place.root.path().join("app"), KEY),
        Vec::<PathBuf>::new(),
        "the key is in a file of the app's or the engine's"
    );
    life(async {
        // Taken up again without being typed.
        let workspace = place.open_as(|_| {}).await;
        let (words, error) = turn(&workspace, &format!("{id}/{SCRIPTED_MODEL}")).await;
        assert_eq!((words.as_str(), error), ("The words of the model.", None));
        assert!(workspace.provider_usage().await.unwrap()[0].all_requests >= 2);

        // Removed it is missing, and its models are not offered any more.
        assert_eq!(workspace.remove_key(&id).await.unwrap().key, KeyState::Missing);
        let mut offered = workspace.start().await.unwrap().models;
        offered.retain(|model| model.id.starts_with(&id));
        assert_eq!(offered, []);
        workspace.close().await;
    });
    assert!(holding(&place.root.path().join("secrets"), KEY).is_empty());
}

async fn first(workspace: &Workspace) -> ProviderRow {
    workspace.start().await.unwrap().providers.remove(0)
}

async fn tested(workspace: &Workspace, provider: &str) -> ConnectionTest {
    workspace.test_provider(provider, None).unwrap();
    let ended = async {
        loop {
            let test = workspace.start().await.unwrap().test.unwrap();
            if !test.running {
                return test;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.unwrap()
}

#[test]
fn a_wrong_key_fails_the_turn_and_the_test_in_words() {
    let place = Place::new();
    life(async {
        let server = upstream().await;
        let workspace = place.open_as(|_| {}).await;
        let id = connect(&workspace, &server, "sk-wrong-0123456789abcdefghijkl").await;
        let (_, error) = turn(&workspace, &format!("{id}/{SCRIPTED_MODEL}")).await;
        let error = error.unwrap();
        assert!(!error.contains("sk-wrong"), "{error}");

        let test = tested(&workspace, &id).await;
        let failed = test
            .steps
            .iter()
            .find(|row| row.step == TestStep::KeyAccepted)
            .unwrap();
        let TestMark::Failed { message, advice } = &failed.mark else {
            panic!("{test:?}");
        };
        assert!(
            !message.is_empty() && !advice.is_empty() && !test.usable,
            "{test:?}"
        );

        workspace.set_key(&id, given(KEY)).await.unwrap();
        let test = tested(&workspace, &id).await;
        assert!(test.usable, "{test:?}");
        let (words, error) = turn(&workspace, &format!("{id}/{SCRIPTED_MODEL}")).await;
        assert_eq!((words.as_str(), error), ("The words of the model.", None));
        workspace.close().await;
    });
}

#[test]
fn a_key_kept_for_this_run_is_gone_in_the_next_and_said_to_be() {
    let place = Place::new();
    life(async {
        let server = upstream().await;
        let workspace = place.open_as(|_| {}).await;
        let wanted = WantedProvider::Custom {
            name: "Upstream".to_owned(),
            base_url: server.base_url(),
        };
        let key = GivenKey {
            this_run: true,
            ..given(KEY)
        };
        let models = vec![SCRIPTED_MODEL.to_owned()];
        let connected = workspace.connect_provider(wanted, models, Some(key), false).await;
        let provider = connected.unwrap().provider;
        assert!(matches!(provider.key, KeyState::ThisRun { .. }), "{provider:?}");
        let (words, _) = turn(&workspace, &format!("{}/{SCRIPTED_MODEL}", provider.id)).await;
        assert_eq!(words, "The words of the model.");
        workspace.close().await;
    });
    assert_eq!(holding(place.root.path(), KEY), Vec::<PathBuf>::new());
    life(async {
        let workspace = place.open_as(|_| {}).await;
        assert_eq!(first(&workspace).await.key, KeyState::Missing);
        workspace.close().await;
    });
}

#[test]
fn a_kept_key_goes_to_no_other_address_without_being_given_again() {
    let place = Place::new();
    life(async {
        let workspace = place.open_as(|_| {}).await;
        let offers = workspace.provider_catalogue().await.offers;
        let azure = offers.iter().find(|offer| offer.id == "azure").unwrap();
        let wanted = |resource: &str| WantedProvider::Known {
            id: "azure".to_owned(),
            inputs: [(azure.inputs[0].id.clone(), resource.to_owned())].into(),
        };
        let connect = |resource: &'static str, key: Option<GivenKey>| {
            workspace.connect_provider(wanted(resource), Vec::new(), key, false)
        };
        let mine = connect("mine", Some(given(KEY))).await.unwrap().provider;
        assert!(mine.base_url.contains("mine"), "{mine:?}");
        // The same address again needs no key again.
        connect("mine", None).await.unwrap();
        let elsewhere = connect("elsewhere", None).await;
        assert!(
            matches!(elsewhere, Err(WorkspaceError::InvalidInput(_))),
            "it wants the key"
        );
        assert_eq!(first(&workspace).await.base_url, mine.base_url);
        connect("elsewhere", Some(given(KEY))).await.unwrap();
        assert!(first(&workspace).await.base_url.contains("elsewhere"));
        workspace.close().await;
    });
}

#[test]
fn two_that_are_connected_at_once_under_one_name_are_two() {
    let place = Place::new();
    life(async {
        let (one, other) = (upstream().await, upstream().await);
        let workspace = place.open_as(|_| {}).await;
        let (first, second) = tokio::join!(connect(&workspace, &one, KEY), connect(&workspace, &other, KEY));
        assert_ne!(first, second);
        let rows = workspace.start().await.unwrap().providers;
        assert_eq!(rows.len(), 2);
        assert_ne!(rows[0].base_url, rows[1].base_url);
        for row in rows {
            workspace.remove_provider(&row.id).await.unwrap();
        }
        assert!(
            holding(&place.root.path().join("secrets"), KEY).is_empty(),
            "forgotten with them"
        );
        workspace.close().await;
    });
}

#[test]
fn a_key_that_is_gone_fails_the_turn_in_the_app_s_own_words() {
    let place = Place::new();
    let server = tokio::runtime::Runtime::new().unwrap();
    let upstream = server.block_on(upstream());
    let id = life(async {
        let workspace = place.open_as(|_| {}).await;
        let id = connect(&workspace, &upstream, KEY).await;
        workspace.close().await;
        id
    });
    for path in holding(&place.root.path().join("secrets"), KEY) {
        std::fs::remove_file(path).unwrap();
    }
    life(async {
        let workspace = place.open_as(|_| {}).await;
        let (_, error) = turn(&workspace, &format!("{id}/{SCRIPTED_MODEL}")).await;
        assert!(error.is_some(), "there is no key");
        let session = workspace.start().await.unwrap().sessions.remove(0).id;
        let conversation = workspace.open_session(&session, None).await.unwrap();
        let failure = conversation.status.failure.unwrap();
        let said =
            "The key for Upstream cannot be read. The keychain does not have it any more. Enter it again.";
        assert_eq!(
            (failure.kind, failure.message.as_str()),
            (TurnFailureKind::NotSent, said)
        );
        // The news says the same, so a window shows one of the two.
        let notices = workspace.start().await.unwrap().notices;
        let news: Vec<_> = notices
            .iter()
            .filter(|notice| notice.kind == NoticeKind::KeyUnavailable)
            .map(|notice| notice.detail.as_str())
            .collect();
        assert_eq!(news, [said]);
        workspace.close().await;
    });
}
