//! Commands that were given out and never arrived.

use cowork_cloud_store::{Answered, CommandId, CommandOutcome, CommandState, LeaseToken, Store};
use cowork_pairing_protocol::extension::Extension;
use serde_json::json;

use crate::place::{Desktop, NOW, on_both, one_desktop, request};

const REDELIVERY: &[Extension] = &[Extension::Redelivery];

async fn ack(store: &Store, desktop: &Desktop, id: &CommandId, lease: &LeaseToken, now: i64) -> Answered {
    let result = json!({ "ok": true, "status": "completed" });
    store
        .answer_command(
            &desktop.proven,
            id,
            Some(lease),
            CommandOutcome::Done,
            &result,
            now,
        )
        .await
        .unwrap()
}

async fn state(store: &Store, desktop: &Desktop, id: &CommandId) -> CommandState {
    let ids = std::slice::from_ref(id);
    let found = store
        .commands_by_id(&desktop.organization, &desktop.pairing, ids)
        .await;
    found.unwrap()[0].state
}

on_both! {
    async fn what_never_arrived_is_given_to_the_next_claim_and_its_old_lease_is_worth_nothing(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let id = desk.give(&store, "one", NOW).await;
        let lost = desk.claim(&store, 0, REDELIVERY, NOW).await.commands.remove(0);
        let arrived = desk.claim(&store, 0, REDELIVERY, NOW + 1).await.commands.remove(0);
        assert_eq!((&arrived.command.id, arrived.command.attempts), (&id, 2));
        assert_eq!(arrived.until, NOW + 1 + 45_000);
        assert_ne!(lost.lease, arrived.lease);
        // A claim that only looks again was overtaken; one that knows the command has it.
        let mut again = request(0, REDELIVERY);
        again.first = false;
        assert!(store.claim(&desk.proven, &again, NOW + 2).await.unwrap().commands.is_empty());
        assert!(desk.claim(&store, 1, REDELIVERY, NOW + 2).await.commands.is_empty());
        // Nor does a client that remembers nothing get it.
        assert!(desk.claim(&store, 0, &[], NOW + 2).await.commands.is_empty());
        assert_eq!(ack(&store, &desk, &id, &lost.lease, NOW + 2).await, Answered::Stale);
        assert_eq!(ack(&store, &desk, &id, &arrived.lease, NOW + 2).await, Answered::Taken);
        assert!(desk.claim(&store, 0, REDELIVERY, NOW + 3).await.commands.is_empty());
    }

    async fn what_was_given_to_a_client_that_remembers_nothing_is_not_given_anew(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let id = desk.give(&store, "one", NOW).await;
        let given = desk.claim(&store, 0, &[], NOW).await.commands.remove(0);
        assert!(desk.claim(&store, 0, REDELIVERY, NOW + 1).await.commands.is_empty());
        assert_eq!(ack(&store, &desk, &id, &given.lease, NOW + 2).await, Answered::Taken);
    }

    async fn what_never_arrived_waits_when_the_next_claim_does_not_want_it(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let id = desk.give(&store, "one", NOW).await;
        desk.claim(&store, 0, REDELIVERY, NOW).await;
        let mut other = request(0, REDELIVERY);
        other.kinds = vec!["abort".to_owned()];
        assert!(store.claim(&desk.proven, &other, NOW + 1).await.unwrap().commands.is_empty());
        assert_eq!(state(&store, &desk, &id).await, CommandState::Queued);
        assert_eq!(desk.claim(&store, 0, REDELIVERY, NOW + 2).await.commands.len(), 1);
        // Too late to be given: somebody may have had it, as far as anybody can tell.
        assert!(desk.claim(&store, 0, REDELIVERY, NOW + 600_000).await.commands.is_empty());
        assert_eq!(state(&store, &desk, &id).await, CommandState::Unknown);
    }
}
