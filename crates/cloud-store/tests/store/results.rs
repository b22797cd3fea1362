//! What commands carry, what they come to, and what is said of them later.

use cowork_cloud_store::rules::quotas::Quota;
use cowork_cloud_store::{
    CommandId, CommandOutcome, CommandState, Limits, NewCommand, NewEvent, Retention, StoreError, WakeKey,
};
use cowork_pairing_protocol::wire::{CommandKind, EventType};
use serde_json::{Value, json};

use crate::commands::{OVER, REDELIVERY, state};
use crate::place::{NOW, actor, desktop, event, on_both, one_desktop, prompt};

/// What is told of a command.
fn of_command(sequence: i64, kind: EventType, command: &CommandId, payload: Option<Value>) -> NewEvent {
    NewEvent {
        kind,
        session: None,
        command: Some(command.to_string()),
        payload,
        ..event(&format!("told {sequence}"), Some(sequence))
    }
}

on_both! {
    async fn what_commands_carry_takes_room_in_the_log(place) {
        let store = place.store_with(Limits { log_bytes: 100_000, ..Limits::default() }).await;
        let desk = one_desktop(&store, "ada").await;
        let carries = |key: &str, bytes: usize| NewCommand {
            payload: Some(json!({ "text": "x".repeat(bytes) })),
            ..prompt(&desk.owner, key, NOW)
        };
        let give = async |command| store.enqueue(&desk.organization, &desk.pairing, &command, NOW).await;
        for key in ["a", "b"] {
            let enqueued = give(carries(key, 20_000)).await.unwrap();
            let given = desk.claim(&store, 0, REDELIVERY, NOW).await.commands.remove(0);
            let result = json!({ "ok": true, "status": "completed", "message": "y".repeat(10_000) });
            let (id, lease) = (enqueued.command.id, Some(&given.lease));
            store.answer_command(&desk.proven, &id, lease, CommandOutcome::Done, &result, NOW).await.unwrap();
        }
        let used = store.figures(NOW).await.unwrap().log_bytes;
        assert!((60_000..65_000).contains(&used), "{used}");
        let error = give(carries("c", 50_000)).await.unwrap_err();
        assert!(matches!(error, StoreError::Quota(reached) if reached.quota == Quota::LogBytes), "{error}");
        give(carries("d", 35_000)).await.unwrap();
        // A turn is stopped however full it is.
        let full = store.ingest(&desk.proven, vec![event("one", Some(1)); 20], NOW).await.unwrap_err();
        assert!(matches!(full, StoreError::Quota(_)), "{full}");
        let stop = NewCommand { kind: CommandKind::Abort, payload: None, ..carries("e", 0) };
        let stop = give(stop).await.unwrap().command.id;
        // What the person says takes the place of what was said before them.
        let given = desk.claim(&store, 3, REDELIVERY, NOW).await.commands;
        let lease = given.iter().find(|given| given.command.id == stop).map(|given| &given.lease);
        let waits = json!({ "status": "requires_local_confirmation", "message": "z".repeat(1_000) });
        store.answer_command(&desk.proven, &stop, lease, CommandOutcome::Done, &waits, NOW).await.unwrap();
        let said = json!({ "status": "completed" });
        desk.tell(&store, vec![of_command(1, EventType::CommandCompleted, &stop, Some(said))]).await;
        assert_eq!(state(&store, &desk, &stop).await, CommandState::Done);
        store.revoke_pairing(&desk.organization, &desk.pairing, &actor(), NOW).await.unwrap();
        let later = NOW + 91 * 24 * 60 * 60 * 1000;
        assert_eq!(store.retain(&Retention::default(), later).await.unwrap().old_commands, 4);
        assert_eq!(store.figures(later).await.unwrap().log_bytes, 0);
    }

    async fn what_waited_for_the_person_becomes_what_they_said(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let other = desktop(&store, &desk.organization, &desk.owner).await;
        let mut ids = Vec::new();
        for key in ["allowed", "dropped", "done"] {
            let id = desk.give(&store, key, NOW).await;
            let given = desk.claim(&store, 0, &[], NOW).await.commands.remove(0);
            let status = if key == "done" { "completed" } else { "requires_local_confirmation" };
            let result = json!({ "ok": false, "status": status });
            store
                .answer_command(&desk.proven, &id, Some(&given.lease), CommandOutcome::Failed, &result, NOW)
                .await
                .unwrap();
            ids.push(id);
        }
        let waits = desk.give(&store, "waits", NOW).await;
        let mut answers = store.wakes().subscribe(&[WakeKey::Answers(desk.pairing.clone())]);
        // Another desktop has no say in it.
        let completed = Some(json!({ "status": "completed" }));
        other.tell(&store, vec![of_command(1, EventType::CommandCompleted, &ids[0], completed)]).await;
        // What it tells of its own answer says nothing more.
        let still = json!({ "status": "requires_local_confirmation", "message": "It waits.", "kind": "prompt" });
        desk.tell(&store, vec![of_command(9, EventType::CommandCompleted, &ids[0], Some(still))]).await;
        let result = json!({
            "ok": true, "status": "completed", "message": "Allowed once.", "projectionFence": null,
        });
        let dropped = json!({ "status": "failed", "message": "Dropped.", "kind": "prompt", "confirmed": false });
        let events = vec![
            of_command(1, EventType::CommandAccepted, &ids[1], None),
            of_command(2, EventType::CommandCompleted, &ids[0], Some(json!({ "v": 1, "result": result }))),
            of_command(3, EventType::CommandFailed, &ids[1], Some(dropped.clone())),
            of_command(7, EventType::CommandCompleted, &ids[1], Some(json!({ "status": "completed" }))),
            // What was answered for good, and what was not answered yet, is not changed by what is told.
            of_command(4, EventType::CommandFailed, &ids[2], Some(dropped.clone())),
            of_command(5, EventType::CommandCompleted, &waits, Some(json!({ "status": "completed" }))),
            of_command(6, EventType::CommandCompleted, &CommandId::random(), Some(json!({ "status": "completed" }))),
        ];
        assert_eq!(store.commands_by_id(&desk.organization, &desk.pairing, &ids[..1]).await.unwrap()[0].state, CommandState::Failed);
        desk.tell(&store, events).await;
        answers.woken().await;
        ids.push(waits);
        let commands = store.commands_by_id(&desk.organization, &desk.pairing, &ids).await.unwrap();
        let states: Vec<_> = commands.iter().map(|command| command.state).collect();
        assert_eq!(states, [CommandState::Done, CommandState::Failed, CommandState::Failed, CommandState::Queued]);
        assert_eq!(commands[0].result, Some(result));
        let second = commands[1].result.as_ref().unwrap();
        assert_eq!((&second["status"], &second["message"]), (&json!("failed"), &json!("Dropped.")));
        assert_eq!(commands[2].result.as_ref().unwrap()["status"], "completed");
        let rows = store.audit(&desk.organization, None, 200).await.unwrap().rows;
        assert_eq!(rows.iter().filter(|row| row.details["confirmed"] == true).count(), 2);
    }

    async fn what_was_said_before_the_answer_came_counts_once_it_comes(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let id = desk.give(&store, "one", NOW).await;
        let lost = desk.claim(&store, 0, REDELIVERY, NOW).await.commands.remove(0);
        // Its answer did not get through; what the person said then did.
        let waits = json!({ "status": "requires_local_confirmation" });
        let allowed = json!({ "status": "completed", "message": "Allowed." });
        desk.tell(&store, vec![
            of_command(1, EventType::CommandCompleted, &id, Some(waits.clone())),
            of_command(2, EventType::CommandCompleted, &id, Some(allowed)),
        ])
        .await;
        assert_eq!(state(&store, &desk, &id).await, CommandState::Leased);
        let again = desk.claim(&store, 1, REDELIVERY, OVER).await.commands.remove(0);
        assert_ne!(again.lease, lost.lease);
        let outcome = CommandOutcome::Failed;
        store.answer_command(&desk.proven, &id, Some(&again.lease), outcome, &waits, OVER).await.unwrap();
        let settled = &store.commands_by_id(&desk.organization, &desk.pairing, &[id]).await.unwrap()[0];
        assert_eq!(settled.state, CommandState::Done);
        assert_eq!(settled.result.as_ref().unwrap()["message"], "Allowed.");
    }

    async fn a_mark_is_another_one_whenever_its_command_is(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let mut seen = Vec::new();
        let mut look = async || {
            let mark = store.newest_marks(&desk.organization, &desk.pairing, 1).await.unwrap().remove(0);
            assert!(!seen.contains(&mark), "{mark:?}");
            seen.push(mark.clone());
            mark
        };
        let id = desk.give(&store, "one", NOW).await;
        let mark = look().await;
        assert_eq!((&mark.id, &mark.actor, mark.state), (&id, &desk.owner, CommandState::Queued));
        let given = desk.claim(&store, 0, &[], NOW).await.commands.remove(0);
        look().await;
        let waits = json!({ "ok": true, "status": "requires_local_confirmation" });
        let outcome = CommandOutcome::Done;
        store.answer_command(&desk.proven, &id, Some(&given.lease), outcome, &waits, NOW).await.unwrap();
        look().await;
        // Done before and after, and at the same moment.
        let allowed = json!({ "status": "completed", "message": "Allowed." });
        let told = vec![of_command(1, EventType::CommandCompleted, &id, Some(allowed))];
        store.ingest(&desk.proven, told, NOW).await.unwrap();
        assert_eq!(look().await.state, CommandState::Done);
        desk.give(&store, "two", NOW).await;
        let newest = store.newest_marks(&desk.organization, &desk.pairing, 10).await.unwrap();
        assert_eq!((newest.len(), &newest[1].id), (2, &id));
    }
}
