//! What is done from afar: threads that are begun and stopped there, and files that come along.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cowork_pairing_protocol::wire::{CommandKind, ResultStatus};
use cowork_scripted_model::Action;
use cowork_workspace::view::PairingPolicy;
use cowork_workspace::{Consent, Workspace};
use serde_json::{Value, json};

use crate::broker::Broker;
use crate::common::{Place, until};
use crate::{agree, ended, pair, row, said, script, thread, turns};

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

/// Files as a prompt from afar carries them.
fn carried(files: &[(&str, &[u8])]) -> Vec<Value> {
    let file = |(name, bytes): &(&str, &[u8])| json!({ "name": name, "data": STANDARD.encode(bytes) });
    files.iter().map(file).collect()
}

async fn in_the_composer(workspace: &Workspace, session: &str) -> usize {
    workspace.composer(session).await.unwrap().attachments.len()
}

#[test]
fn files_that_come_with_a_prompt_go_to_the_engine_with_it_and_into_no_composer() {
    let place = Place::new();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let broker = Broker::start().await;
            let open = script("Hello there.", vec![vec![Action::text("Hello yourself.")]]);
            let shared = thread(workspace, model, &open).await;
            let shown = pair(workspace, &broker, PairingPolicy::default(), &[&shared]).await;
            let text = script("Read it.", vec![vec![Action::text("It was read.")]]);
            let prompt =
                |files: &[(&str, &[u8])]| Some(json!({ "text": text, "attachments": carried(files) }));
            let notes: (&str, &[u8]) = ("../notes.txt", b"What the file says.");
            let letter: (&str, &[u8]) = ("letter.docx", b"PK\x03\x04[Content_Types].xml");

            // Only where the person here lets files in.
            let outcome = broker
                .done(CommandKind::Prompt, Some(&shared), prompt(&[notes]))
                .await;
            assert_eq!(outcome.status, ResultStatus::BlockedByPolicy, "{outcome:?}");
            let policy = PairingPolicy {
                attachments: true,
                ..PairingPolicy::default()
            };
            workspace
                .update_pairing(&shown.pairing.id, "Desk", policy, &[], false, Consent::Missing)
                .await
                .unwrap();

            // All of them, or nothing is sent.
            let outcome = broker
                .done(CommandKind::Prompt, Some(&shared), prompt(&[notes, letter]))
                .await;
            assert_eq!(outcome.status, ResultStatus::Failed, "{outcome:?}");
            let why = outcome.message.unwrap();
            assert!(why.contains("letter.docx"), "{why}");
            assert_eq!(in_the_composer(workspace, &shared).await, 0);
            let kept = place.root.path().join("app/data/attachments");
            let left = || std::fs::read_dir(&kept).map_or(0, Iterator::count);
            assert_eq!(left(), 0, "bytes that nothing needs");

            let outcome = broker
                .done(CommandKind::Prompt, Some(&shared), prompt(&[notes]))
                .await;
            assert_eq!(outcome.status, ResultStatus::Completed, "{outcome:?}");
            assert_eq!(in_the_composer(workspace, &shared).await, 0);
            ended(workspace, &shared, 4).await;
            let here = workspace.with_transcript(&shared, said).unwrap().join("\n");
            assert!(
                here.contains("notes.txt") && here.contains("text/plain") && !here.contains("../"),
                "{here}"
            );
            agree(workspace, &broker, &shared).await;
            until(
                || "the end of what was attached".to_owned(),
                || (left() == 0).then_some(()),
            )
            .await;
        },
    );
}
