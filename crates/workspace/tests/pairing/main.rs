//! A desktop that is paired with a server, with the real engine: what leaves, what comes, and who has the last word.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP`, and bubblewrap, which the check script brings.
#![cfg(all(target_os = "linux", debug_assertions))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
#[path = "../common/broker.rs"]
mod broker;
#[path = "../common/mod.rs"]
mod common;
mod driven;
mod ends;
mod shared;
#[path = "../attacks/turns.rs"]
#[expect(dead_code, reason = "turns that ask are made here")]
mod turns;
#[path = "../common/upstream.rs"]
mod upstream;

use broker::Broker;
use common::{Place, until};
use cowork_pairing_protocol::session::Payload;
use cowork_pairing_protocol::wire::RemoteEvent;
use cowork_scripted_model::{Action, Script, Step};
use cowork_transcript::{BlockContent, Transcript};
use cowork_workspace::view::{PairingPolicy, PairingRow, PairingState, PairingToken};
use cowork_workspace::{Consent, SessionStatus, WantedPairing, Workspace};

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
