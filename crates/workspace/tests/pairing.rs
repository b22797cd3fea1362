//! A desktop that is paired with a server, with the real engine: what leaves, what comes, and who has the last word.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP`, and bubblewrap, which the check script brings.
#![cfg(all(target_os = "linux", debug_assertions))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/broker.rs"]
mod broker;
mod common;
#[path = "attacks/turns.rs"]
#[expect(dead_code, reason = "turns that ask are made here")]
mod turns;
#[path = "common/upstream.rs"]
mod upstream;

use broker::Broker;
use common::{Place, until};
use cowork_pairing_protocol::session::Payload;
use cowork_pairing_protocol::wire::{CommandKind, RemoteEvent, ResultStatus};
use cowork_scripted_model::{Action, Script, Step};
use cowork_transcript::{BlockContent, Transcript};
use cowork_workspace::view::{
    PairingPolicy, PairingRow, PairingState, PairingToken, RemoteAnswer, RemoteAnswers,
};
use cowork_workspace::{Consent, SessionStatus, WantedPairing, Workspace};
use serde_json::json;

/// A prompt whose turn takes these steps.
fn script(words: &str, steps: Vec<Vec<Action>>) -> String {
    let steps: Vec<Step> = steps.into_iter().map(Step::new).collect();
    format!("{words} {}", Script::new(steps).to_marker().unwrap())
}

async fn thread(workspace: &Workspace, model: &str, prompt: &str) -> String {
    let folder = workspace.start().await.unwrap().initial_folder;
    let session = workspace.create_session(folder.as_deref()).await.unwrap().id;
    workspace
        .send_prompt(&session, prompt, None, Some(model.to_owned()))
        .await
        .unwrap();
    ended(workspace, &session, 2).await;
    session
}

/// Waits until so many messages are there and nothing runs.
async fn ended(workspace: &Workspace, session: &str, messages: usize) {
    until(
        || format!("the end of a turn in {session}"),
        || {
            let rests = workspace.with_transcript(session, |transcript| {
                *transcript.status() == SessionStatus::Idle && transcript.messages().len() >= messages
            });
            rests.unwrap_or(false).then_some(())
        },
    )
    .await;
}

fn wanted(broker: &Broker, policy: PairingPolicy, threads: &[&str]) -> WantedPairing {
    WantedPairing {
        address: broker.address.clone(),
        label: "Ada's laptop".to_owned(),
        policy,
        folders: Vec::new(),
        threads: threads.iter().map(|&thread| thread.to_owned()).collect(),
        past_proxy: false,
    }
}

async fn row(workspace: &Workspace, pairing: &str) -> PairingRow {
    let book = workspace.pairing_book().await.unwrap();
    book.pairings
        .rows
        .into_iter()
        .find(|row| row.id == pairing)
        .unwrap()
}

async fn stands(workspace: &Workspace, pairing: &str, state: PairingState) {
    let waited = tokio::time::timeout(common::PATIENCE, async {
        loop {
            let now = workspace.pairing_book().await.unwrap().pairings.rows;
            if now.iter().any(|row| row.id == pairing && row.state == state) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    if waited.await.is_err() {
        let now = workspace.pairing_book().await.unwrap();
        panic!("the pairing is not {state:?}: {now:#?}");
    }
}

/// Pairs, and enters the token at the server.
async fn pair(
    workspace: &Workspace,
    broker: &Broker,
    policy: PairingPolicy,
    threads: &[&str],
) -> PairingToken {
    let wanted = wanted(broker, policy, threads);
    let shown = workspace.create_pairing(wanted, Consent::Given).await.unwrap();
    broker.enrol(&shown.url);
    stands(workspace, &shown.pairing.id, PairingState::Online).await;
    shown
}

/// How many tokens of pairings the keychain has.
fn tokens(place: &Place) -> usize {
    let secrets = std::fs::read_dir(place.root.path().join("secrets")).unwrap();
    let is_one = |file: &std::io::Result<std::fs::DirEntry>| {
        let name = file.as_ref().unwrap().file_name();
        name.to_string_lossy().contains("pairing")
    };
    secrets.filter(is_one).count()
}

/// The words of a conversation: who said what, and what tools were called.
fn said(transcript: &Transcript) -> Vec<String> {
    let messages = transcript.messages().iter();
    messages
        .flat_map(|entry| {
            entry.blocks.iter().map(move |block| {
                let what = match &block.content {
                    BlockContent::Text { text } => text.clone(),
                    BlockContent::Reasoning { text, .. } => format!("reasoning {text}"),
                    BlockContent::Tool(tool) => format!("{} {:?}", tool.call.name, tool.call.state),
                    other => format!("{other:?}"),
                };
                format!("{:?} {} {what}", entry.message.role, entry.message.id)
            })
        })
        .collect()
}

/// The words of a conversation as they are shown before they leave.
async fn previewed(workspace: &Workspace, session: &str) -> Vec<String> {
    let policy = Some(PairingPolicy::default());
    let preview = workspace.preview_pairing(None, policy, session, 0).await.unwrap();
    assert_eq!(preview.pages, 1);
    let events = preview.events.iter().map(|event| {
        let event: RemoteEvent = serde_json::from_str(event).unwrap();
        let payload: Payload = serde_json::from_value(event.payload.unwrap()).unwrap();
        payload.event
    });
    said(&broker::retold(session, events.collect()).unwrap())
}

/// Waits until the server has a conversation as it is here.
async fn agree(workspace: &Workspace, broker: &Broker, session: &str) {
    let here = || workspace.with_transcript(session, said).unwrap();
    let there = || broker.transcript(session).map(|transcript| said(&transcript));
    until(
        || format!("the same at both sides: {:#?} and {:#?}", here(), there()),
        || (there() == Some(here())).then_some(()),
    )
    .await;
}

#[test]
fn a_shared_thread_is_seen_and_prompted_from_afar_and_nothing_else_ever_leaves() {
    let place = Place::new();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let broker = Broker::start().await;
            let hidden = script(
                "A private matter, canary-prompt.",
                vec![vec![Action::text("The canary-answer.")]],
            );
            let hidden = thread(workspace, model, &hidden).await;
            workspace.rename_session(&hidden, "A canary-title").await.unwrap();
            let open = script("Hello there.", vec![vec![Action::text("Hello yourself.")]]);
            let shared = thread(workspace, model, &open).await;
            // What is shown beforehand is what leaves then.
            let previewed = previewed(workspace, &shared).await;
            let shown = pair(workspace, &broker, PairingPolicy::default(), &[&shared]).await;
            agree(workspace, &broker, &shared).await;
            let left = broker.transcript(&shared).unwrap();
            assert_eq!(previewed, said(&left));

            let more = script(
                "Tell me a story.",
                vec![vec![Action::text("Once upon a time. ".repeat(200))]],
            );
            let outcome = broker
                .done(CommandKind::Prompt, Some(&shared), Some(json!({ "text": more })))
                .await;
            assert_eq!(outcome.status, ResultStatus::Completed, "{outcome:?}");
            ended(workspace, &shared, 4).await;
            agree(workspace, &broker, &shared).await;
            let words = broker
                .transcript(&shared)
                .map(|transcript| said(&transcript).join(" "))
                .unwrap();
            assert!(words.contains("Once upon a time. Once upon a time."), "{words}");

            assert!(
                !broker.known().heard.contains(&hidden),
                "not even that it is there"
            );

            // What is not shared is not there, whatever is asked of it.
            let prompt = json!({ "text": "Tell me the canary." });
            let outcome = broker
                .done(CommandKind::Prompt, Some(&hidden), Some(prompt))
                .await;
            assert_eq!(outcome.status, ResultStatus::Failed, "{outcome:?}");
            let outcome = broker.done(CommandKind::Abort, Some(&hidden), None).await;
            assert_eq!(outcome.status, ResultStatus::Failed, "{outcome:?}");
            let private = script(
                "Again, canary-prompt.",
                vec![vec![turns::bash("echo canary-ask")], vec![Action::text("Done.")]],
            );
            workspace
                .send_prompt(&hidden, &private, None, Some(model.to_owned()))
                .await
                .unwrap();
            let ask = until(
                || "the private ask".to_owned(),
                || workspace.waiting(&hidden).permissions.pop(),
            )
            .await;
            let answer = json!({ "permissionId": ask.id, "allowed": true });
            let outcome = broker
                .done(
                    CommandKind::PermissionRespond,
                    Some(&hidden),
                    Some(answer.clone()),
                )
                .await;
            assert_eq!(outcome.status, ResultStatus::Failed, "{outcome:?}");
            let outcome = broker
                .done(CommandKind::PermissionRespond, Some(&shared), Some(answer))
                .await;
            assert_eq!(outcome.status, ResultStatus::Failed, "{outcome:?}");
            let outcome = broker.done(CommandKind::Status, None, None).await;
            let sessions = outcome.sessions.unwrap();
            assert_eq!(sessions.len(), 1, "{sessions:?}");
            assert_eq!(sessions[0]["id"], shared.as_str());

            // No longer shared, it is gone there.
            workspace
                .share_thread(&shown.pairing.id, &shared, false)
                .await
                .unwrap();
            until(
                || "the end of what was shared".to_owned(),
                || broker.transcript(&shared).is_none().then_some(()),
            )
            .await;
            let heard = std::mem::take(&mut broker.known().heard);
            assert!(heard.contains("Once upon a time"));
            let folder = place.work().to_string_lossy().into_owned();
            for canary in ["canary", &folder, upstream::KEY] {
                assert!(!heard.contains(canary), "{canary} left");
            }
            let numbers = broker.numbers();
            let last = u64::try_from(numbers.len()).unwrap();
            assert_eq!(
                numbers,
                (1..=last).collect::<Vec<_>>(),
                "no hole, and nothing twice"
            );
        },
    );
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one pairing, from answers that are proposed to answers that count"
)]
fn an_answer_from_afar_waits_for_a_word_here_unless_it_is_allowed_to_count() {
    let place = Place::new();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let broker = Broker::start().await;
            let open = script("Hello there.", vec![vec![Action::text("Hello yourself.")]]);
            let shared = thread(workspace, model, &open).await;
            let shown = pair(workspace, &broker, PairingPolicy::default(), &[&shared]).await;
            let pairing = shown.pairing.id.as_str();
            let asks = |words: &str| {
                let run = turns::bash(&format!("echo {words}"));
                script("Run it.", vec![vec![run], vec![Action::text("It ran.")]])
            };
            let asked = async || {
                until(
                    || "what is asked, at the server".to_owned(),
                    || {
                        let transcript = broker.transcript(&shared)?;
                        Some(transcript.permissions().first()?.id.to_string())
                    },
                )
                .await
            };
            let answer = |id: &str, allowed: bool| Some(json!({ "permissionId": id, "allowed": allowed }));

            // Proposed, turned away here, proposed again and confirmed.
            broker
                .done(
                    CommandKind::Prompt,
                    Some(&shared),
                    Some(json!({ "text": asks("one") })),
                )
                .await;
            let ask = asked().await;
            for accept in [false, true] {
                let command = broker.give(CommandKind::PermissionRespond, Some(&shared), answer(&ask, true));
                let outcome = broker.outcome(&command).await;
                assert_eq!(
                    outcome.status,
                    ResultStatus::RequiresLocalConfirmation,
                    "{outcome:?}"
                );
                let inbox = workspace.start().await.unwrap().inbox;
                let proposals = &inbox.rows[0].proposals;
                assert_eq!(proposals.len(), 1, "{proposals:?}");
                assert_eq!(
                    (proposals[0].who.as_deref(), &proposals[0].answer),
                    (Some("Ada"), &RemoteAnswer::Allow)
                );
                assert!(broker.address.ends_with(&proposals[0].host));
                assert!(
                    !workspace.waiting(&shared).permissions.is_empty(),
                    "nothing was answered yet"
                );
                workspace.answer_proposal(&proposals[0].id, accept).await.unwrap();
                assert_eq!(
                    broker.confirmed(&command).await,
                    accept,
                    "people wait for it there"
                );
            }
            ended(workspace, &shared, 4).await;
            agree(workspace, &broker, &shared).await;

            // One that is answered here lapses with what it answered.
            broker
                .done(
                    CommandKind::Prompt,
                    Some(&shared),
                    Some(json!({ "text": asks("two") })),
                )
                .await;
            let ask = asked().await;
            let command = broker.give(CommandKind::PermissionRespond, Some(&shared), answer(&ask, false));
            broker.outcome(&command).await;
            let proposal = workspace.start().await.unwrap().inbox.rows[0].proposals[0]
                .id
                .clone();
            workspace
                .answer_permission(&shared, &ask, cowork_workspace::PermissionReply::Once)
                .await
                .unwrap();
            ended(workspace, &shared, 6).await;
            assert!(workspace.answer_proposal(&proposal, true).await.is_err());
            assert!(!broker.confirmed(&command).await);

            // Allowed to count only after the person read what that means.
            let policy = PairingPolicy {
                approvals: RemoteAnswers::RemoteAllowed,
                ..PairingPolicy::default()
            };
            let update = |consent| workspace.update_pairing(pairing, "Desk", policy, &[], false, consent);
            assert!(update(Consent::Missing).await.is_err());
            assert_eq!(row(workspace, pairing).await.policy, PairingPolicy::default());
            update(Consent::Given).await.unwrap();
            broker
                .done(
                    CommandKind::Prompt,
                    Some(&shared),
                    Some(json!({ "text": asks("three") })),
                )
                .await;
            let ask = asked().await;
            let outcome = broker
                .done(CommandKind::PermissionRespond, Some(&shared), answer(&ask, true))
                .await;
            assert_eq!(outcome.status, ResultStatus::Completed, "{outcome:?}");
            ended(workspace, &shared, 8).await;
            agree(workspace, &broker, &shared).await;

            let audit = workspace.pairing_audit(None, None).await.unwrap();
            let actions: Vec<_> = audit.rows.iter().map(|row| row.action.as_str()).collect();
            for action in [
                "pairing.created",
                "pairing.connected",
                "pairing.updated",
                "pairing.remote_allowed_enabled",
                "command.accepted",
                "command.completed",
                "command.blocked",
                "remote.event.published",
            ] {
                assert!(actions.contains(&action), "{action} is not among {actions:?}");
            }
            let folder = tempfile::tempdir().unwrap();
            let name = workspace
                .export_pairing_audit(folder.path().to_owned())
                .await
                .unwrap();
            let lines = std::fs::read_to_string(folder.path().join(name)).unwrap();
            assert_eq!(lines.lines().count() as u64, audit.count);
        },
    );
}

#[test]
fn a_thread_is_begun_and_stopped_from_afar_in_a_folder_of_its_own_or_a_shared_one() {
    let place = Place::new();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let broker = Broker::start().await;
            let shown = pair(workspace, &broker, PairingPolicy::default(), &[]).await;
            let pairing = shown.pairing.id.as_str();
            let outcome = broker
                .done(
                    CommandKind::CreateSession,
                    None,
                    Some(json!({ "title": "From afar" })),
                )
                .await;
            assert_eq!(outcome.status, ResultStatus::Completed, "{outcome:?}");
            let session = outcome.session.unwrap();
            assert_eq!(
                (session["throwAway"].as_bool(), &session["folder"]),
                (Some(true), &json!(null))
            );
            let session = session["id"].as_str().unwrap().to_owned();
            let row = row(workspace, pairing).await;
            assert!(row.threads[0].from_afar && row.threads[0].session == session);
            // It goes to the model the thread has; a person chose that here.
            workspace
                .send_prompt(
                    &session,
                    &script("Hi.", vec![vec![Action::text("Hi.")]]),
                    None,
                    Some(model.to_owned()),
                )
                .await
                .unwrap();
            ended(workspace, &session, 2).await;
            let slow = script(
                "Wait.",
                vec![vec![turns::bash("sleep 60")], vec![Action::text("Slept.")]],
            );
            broker
                .done(CommandKind::Prompt, Some(&session), Some(json!({ "text": slow })))
                .await;
            until(
                || "the ask".to_owned(),
                || workspace.waiting(&session).permissions.pop(),
            )
            .await;
            let outcome = broker.done(CommandKind::Abort, Some(&session), None).await;
            assert_eq!(outcome.status, ResultStatus::Completed, "{outcome:?}");
            ended(workspace, &session, 4).await;
            agree(workspace, &broker, &session).await;

            // A folder that is not shared has no name there; one that is has another than here.
            let folder = workspace.start().await.unwrap().initial_folder.unwrap();
            let begin = |folder: &str| Some(json!({ "folder": folder }));
            let outcome = broker
                .done(CommandKind::CreateSession, None, begin(&folder))
                .await;
            assert_eq!(outcome.status, ResultStatus::Failed);
            workspace
                .update_pairing(
                    pairing,
                    "Desk",
                    PairingPolicy::default(),
                    &[folder],
                    false,
                    Consent::Missing,
                )
                .await
                .unwrap();
            let outcome = broker.done(CommandKind::Status, None, None).await;
            let folders = outcome.data.unwrap()["folders"].clone();
            assert_eq!(folders[0]["label"], "work");
            let outcome = broker
                .done(
                    CommandKind::CreateSession,
                    None,
                    begin(folders[0]["id"].as_str().unwrap()),
                )
                .await;
            assert_eq!(outcome.session.unwrap()["folder"], "work");
        },
    );
}

#[test]
fn what_happens_while_the_server_or_the_app_is_away_is_told_once_they_are_back() {
    let place = Place::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let broker = runtime.block_on(Broker::start());
    let shared = turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let shared = thread(
                workspace,
                model,
                &script("One.", vec![vec![Action::text("First.")]]),
            )
            .await;
            let shown = pair(workspace, &broker, PairingPolicy::default(), &[&shared]).await;
            agree(workspace, &broker, &shared).await;
            broker.known().down = true;
            workspace
                .send_prompt(
                    &shared,
                    &script("Two.", vec![vec![Action::text("Second.")]]),
                    None,
                    Some(model.to_owned()),
                )
                .await
                .unwrap();
            ended(workspace, &shared, 4).await;
            stands(workspace, &shown.pairing.id, PairingState::Offline).await;
            broker.known().down = false;
            workspace.sync_pairing(&shown.pairing.id).await.unwrap();
            agree(workspace, &broker, &shared).await;
            broker.known().down = true;
            workspace
                .send_prompt(
                    &shared,
                    &script("Three.", vec![vec![Action::text("Third.")]]),
                    None,
                    Some(model.to_owned()),
                )
                .await
                .unwrap();
            ended(workspace, &shared, 6).await;
            shared
        },
    );
    broker.known().down = false;
    turns::with_model(
        &place,
        |_| {},
        async |workspace, _| {
            workspace.open_session(&shared, None).await.unwrap();
            agree(workspace, &broker, &shared).await;
            let pairing = workspace.pairing_book().await.unwrap().pairings.rows.remove(0);
            stands(workspace, &pairing.id, PairingState::Online).await;

            // Ended here while nobody answers, and told later.
            broker.known().down = true;
            workspace.revoke_pairing(&pairing.id).await.unwrap();
            stands(workspace, &pairing.id, PairingState::Revoking).await;
            broker.known().down = false;
            until(
                || "the end at the server".to_owned(),
                || broker.known().told_of_end.then_some(()),
            )
            .await;
            let is_gone = tokio::time::timeout(common::PATIENCE, async {
                while !workspace.pairing_book().await.unwrap().pairings.rows.is_empty() {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            });
            is_gone.await.unwrap();
        },
    );
    assert_eq!(tokens(&place), 0, "the token is forgotten");
    let numbers = broker.numbers();
    assert_eq!(numbers.len() as u64, *numbers.last().unwrap(), "no hole");
}

#[test]
fn a_pairing_that_is_ended_at_the_server_is_over_here() {
    let place = Place::new();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let broker = Broker::start().await;
            let shared = thread(
                workspace,
                model,
                &script("One.", vec![vec![Action::text("First.")]]),
            )
            .await;
            let shown = pair(workspace, &broker, PairingPolicy::default(), &[&shared]).await;
            let slow = script("Tell.", vec![vec![Action::text("word ".repeat(500))]]);
            broker.give(CommandKind::Prompt, Some(&shared), Some(json!({ "text": slow })));
            broker.known().revoked = true;
            stands(workspace, &shown.pairing.id, PairingState::Revoked).await;
            let heard = broker.known().heard.len();
            // Another server is told of the same: by then this one would have been, too.
            let other = Broker::start().await;
            pair(workspace, &other, PairingPolicy::default(), &[&shared]).await;
            workspace
                .send_prompt(
                    &shared,
                    &script("Two.", vec![vec![Action::text("Second.")]]),
                    None,
                    Some(model.to_owned()),
                )
                .await
                .unwrap();
            ended(workspace, &shared, 4).await;
            agree(workspace, &other, &shared).await;
            assert_eq!(broker.known().heard.len(), heard, "nothing leaves any more");
            assert_eq!(tokens(&place), 1, "the token of the other pairing");
            assert!(workspace.sync_pairing(&shown.pairing.id).await.is_err());
            workspace.revoke_pairing(&shown.pairing.id).await.unwrap();
            let left = workspace.pairing_book().await.unwrap().pairings.rows;
            assert!(left.len() == 1 && left[0].id != shown.pairing.id, "{left:?}");
        },
    );
}
