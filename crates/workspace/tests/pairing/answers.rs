//! Whose answer counts.

use cowork_pairing_protocol::wire::{CommandKind, ResultStatus};
use cowork_scripted_model::Action;
use cowork_workspace::Consent;
use cowork_workspace::view::{PairingPolicy, RemoteAnswer, RemoteAnswers};
use serde_json::json;

use crate::broker::Broker;
use crate::common::{Place, until};
use crate::{agree, ended, pair, row, script, thread, turns};

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
