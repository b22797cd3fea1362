//! Prompts that wait for a turn to end.

use cowork_scripted_model::Action;

use crate::common::{Place, until};
use crate::{answers, marker, outgoing, said, thread, turns};

#[test]
fn waiting_prompts_go_out_one_after_the_other_and_wait_after_a_stop() {
    let place = Place::new();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let (_, session) = thread(workspace).await;
            let slow = marker(vec![
                vec![turns::bash("sleep 2")],
                vec![Action::text("The first is done.")],
            ]);
            let first = outgoing(format!("first {slow}"), model);
            workspace.send_with(&session, first).await.unwrap();
            for words in ["second", "third", "fourth"] {
                let text = format!("{words} {}", answers(&format!("Done with {words}.")));
                workspace
                    .queue_prompt(&session, outgoing(text, model))
                    .await
                    .unwrap();
            }
            let composer = workspace.composer(&session).await.unwrap();
            assert_eq!((composer.queue.len(), composer.held), (3, false));
            let order: Vec<_> = composer.queue.iter().map(|prompt| prompt.id.clone()).collect();
            workspace.remove_queued(&session, &order[2]).await.unwrap();
            workspace
                .order_queue(&session, vec![order[1].clone(), order[0].clone()])
                .await
                .unwrap();
            until(
                || "the ask of the first".to_owned(),
                || {
                    let waiting = workspace.waiting(&session).permissions;
                    waiting.into_iter().next()
                },
            )
            .await;
            while !workspace.composer(&session).await.unwrap().queue.is_empty() {
                for ask in workspace.waiting(&session).permissions {
                    // One that was answered a moment ago is still listed, and fails.
                    let _ = workspace
                        .answer_permission(&ask.session, &ask.id, cowork_workspace::PermissionReply::Once)
                        .await;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            said(workspace, &session, "Done with second.").await;
            let conversation = workspace.open_session(&session, None).await.unwrap();
            let all = format!("{:?}", conversation.messages);
            let at = |words: &str| {
                all.find(words)
                    .unwrap_or_else(|| panic!("{words} is not in {all}"))
            };
            assert!(at("third ") < at("second "), "in the order that was chosen");
            assert!(!all.contains("fourth"), "what was taken out is not sent");

            let slow = marker(vec![vec![turns::bash("sleep 60")], vec![Action::text("Never.")]]);
            let text = format!("slow {slow}");
            workspace
                .send_with(&session, outgoing(text, model))
                .await
                .unwrap();
            let text = format!("later {}", answers("Later."));
            workspace
                .queue_prompt(&session, outgoing(text, model))
                .await
                .unwrap();
            until(
                || "the ask of the slow one".to_owned(),
                || workspace.waiting(&session).permissions.into_iter().next(),
            )
            .await;
            workspace.stop_turn(&session).await.unwrap();
            while !workspace.composer(&session).await.unwrap().held {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            let waiting = workspace.composer(&session).await.unwrap().queue[0].id.clone();
            workspace.send_queued(&session, &waiting).await.unwrap();
            said(workspace, &session, "Later.").await;
        },
    );
}

#[test]
fn a_prompt_that_is_edited_waits_for_that_and_goes_out_as_it_was_left() {
    let place = Place::new();
    turns::with_model(
        &place,
        |_| {},
        async |workspace, model| {
            let (_, session) = thread(workspace).await;
            let ask = marker(vec![
                vec![turns::bash("true")],
                vec![Action::text("The first is done.")],
            ]);
            let first = outgoing(format!("first {ask}"), model);
            workspace.send_with(&session, first).await.unwrap();
            for words in ["one", "two"] {
                let text = format!("{words} {}", answers(&format!("Done with {words}.")));
                workspace
                    .queue_prompt(&session, outgoing(text, model))
                    .await
                    .unwrap();
            }
            let composer = workspace.composer(&session).await.unwrap();
            let order: Vec<_> = composer.queue.iter().map(|prompt| prompt.id.clone()).collect();
            workspace.hold_queued(&session, &order[0], true).await.unwrap();
            assert!(workspace.hold_queued(&session, "none", true).await.is_err());
            let ask = until(
                || "the ask of the first".to_owned(),
                || workspace.waiting(&session).permissions.into_iter().next(),
            )
            .await;
            workspace
                .answer_permission(&ask.session, &ask.id, cowork_workspace::PermissionReply::Once)
                .await
                .unwrap();
            said(workspace, &session, "The first is done.").await;
            while !workspace.composer(&session).await.unwrap().waits_for_edit {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            let composer = workspace.composer(&session).await.unwrap();
            assert_eq!((composer.queue.len(), composer.held), (2, false));
            assert!(workspace.send_queued(&session, &order[0]).await.is_err());
            let better = format!("better {}", answers("Done with the better one."));
            workspace.edit_queued(&session, &order[0], &better).await.unwrap();
            said(workspace, &session, "Done with two.").await;
            let conversation = workspace.open_session(&session, None).await.unwrap();
            let all = format!("{:?}", conversation.messages);
            assert!(all.contains("Done with the better one.") && !all.contains("Done with one."));
        },
    );
}
