//! What is shared is there as it is here, and nothing else is.

use cowork_pairing_protocol::wire::{CommandKind, ResultStatus};
use cowork_scripted_model::Action;
use cowork_workspace::view::PairingPolicy;
use serde_json::json;

use crate::broker::Broker;
use crate::common::{Place, until};
use crate::{agree, ended, pair, previewed, said, script, thread, turns, upstream};

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
