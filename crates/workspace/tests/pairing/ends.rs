//! Times without a server or an app, and the end of a pairing.

use cowork_pairing_protocol::wire::CommandKind;
use cowork_scripted_model::Action;
use cowork_workspace::view::{PairingPolicy, PairingState};
use serde_json::json;

use crate::broker::Broker;
use crate::common::{self, Place, until};
use crate::{agree, ended, pair, script, stands, thread, tokens, turns};

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
