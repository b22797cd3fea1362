//! Commands: given once, answered once, whatever ends in between.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cowork_cloud_store::rules::commands::GRACE;
use cowork_cloud_store::rules::quotas::Quota;
use cowork_cloud_store::{
    Actor, Answered, CommandId, CommandOutcome, CommandState, LeaseToken, Limits, Store, StoreError, Swept,
    UserId,
};
use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::PairingStatus;
use serde_json::json;
use tokio::sync::Mutex;

use crate::place::{Desktop, NOW, actor, desktop, on_both, one_desktop, prompt, request};

pub(crate) const REDELIVERY: &[Extension] = &[Extension::Redelivery];
/// When a lease that began at [`NOW`] is over for good.
pub(crate) const OVER: i64 = NOW + 45_000 + GRACE + 1;

async fn ack(
    store: &Store,
    desktop: &Desktop,
    command: &CommandId,
    lease: &LeaseToken,
    now: i64,
) -> Answered {
    let result = json!({ "ok": true, "status": "completed" });
    let outcome = CommandOutcome::Done;
    store
        .answer_command(&desktop.proven, command, Some(lease), outcome, &result, now)
        .await
        .unwrap()
}

pub(crate) async fn state(store: &Store, desktop: &Desktop, command: &CommandId) -> CommandState {
    let ids = std::slice::from_ref(command);
    store
        .commands_by_id(&desktop.organization, &desktop.pairing, ids)
        .await
        .unwrap()[0]
        .state
}

on_both! {
    async fn a_command_is_given_once_and_answered_once(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let other = desktop(&store, &desk.organization, &desk.owner).await;
        let first = desk.give(&store, "one", NOW).await;
        let second = desk.give(&store, "two", NOW).await;
        let claimed = desk.claim(&store, 0, &[], NOW).await;
        let given: Vec<_> = claimed.commands.iter().map(|given| &given.command.id).collect();
        assert_eq!(given, [&first, &second]);
        assert_eq!(claimed.commands[0].until, NOW + 45_000);
        assert_eq!(claimed.commands[0].command.payload, Some(json!({ "text": "one" })));
        assert_eq!(claimed.look_again, Some(OVER));
        assert!(desk.claim(&store, 0, &[], NOW).await.commands.is_empty());
        assert!(other.claim(&store, 0, &[], NOW).await.commands.is_empty());

        let lease = &claimed.commands[0].lease;
        assert_eq!(ack(&store, &other, &first, lease, NOW).await, Answered::NotFound);
        assert_eq!(ack(&store, &desk, &first, &claimed.commands[1].lease, NOW).await, Answered::Stale);
        assert_eq!(ack(&store, &desk, &first, lease, NOW).await, Answered::Taken);
        assert_eq!(ack(&store, &desk, &first, lease, NOW).await, Answered::Repeated);
        assert_eq!(ack(&store, &desk, &first, &LeaseToken::random(), NOW).await, Answered::Stale);
        assert_eq!(ack(&store, &desk, &CommandId::random(), lease, NOW).await, Answered::NotFound);
        let none = store
            .answer_command(&desk.proven, &second, None, CommandOutcome::Failed, &json!({}), NOW)
            .await
            .unwrap();
        assert_eq!(none, Answered::Stale);
        let done = &store.commands_by_id(&desk.organization, &desk.pairing, &[first]).await.unwrap()[0];
        assert_eq!(done.state, CommandState::Done);
        assert_eq!(done.result, Some(json!({ "ok": true, "status": "completed" })));
        assert_eq!(done.finished, Some(NOW));
    }

    async fn the_same_key_is_the_same_command(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let all: Vec<_> = (0..8)
            .map(|_| {
                let (store, organization, pairing) =
                    (store.clone(), desk.organization.clone(), desk.pairing.clone());
                let command = prompt(&desk.owner, "key", NOW);
                tokio::spawn(async move { store.enqueue(&organization, &pairing, &command, NOW).await.unwrap() })
            })
            .collect();
        let mut ids = HashSet::new();
        let mut fresh = 0;
        for one in all {
            let enqueued = one.await.unwrap();
            ids.insert(enqueued.command.id);
            fresh += usize::from(enqueued.fresh);
        }
        assert_eq!((ids.len(), fresh), (1, 1));
        let mut other = prompt(&desk.owner, "key", NOW);
        other.payload = Some(json!({ "text": "something else" }));
        let error = store.enqueue(&desk.organization, &desk.pairing, &other, NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict(_)));
        assert_eq!(desk.claim(&store, 0, &[], NOW).await.commands.len(), 1);
    }

    async fn so_many_wait_and_no_more(place) {
        let store = place.store_with(Limits { commands: 3, ..Limits::default() }).await;
        let desk = one_desktop(&store, "ada").await;
        for key in ["a", "b", "c"] {
            desk.give(&store, key, NOW).await;
        }
        let command = prompt(&desk.owner, "d", NOW);
        let error = store.enqueue(&desk.organization, &desk.pairing, &command, NOW).await.unwrap_err();
        let StoreError::Quota(reached) = error else { panic!("{error}") };
        assert_eq!((reached.quota, reached.limit), (Quota::Commands, 3));
        assert!(reached.retry_after.is_some());
        let given = desk.claim(&store, 0, &[], NOW).await;
        ack(&store, &desk, &given.commands[0].command.id, &given.commands[0].lease, NOW).await;
        desk.give(&store, "d", NOW).await;
    }

    async fn what_a_plain_client_did_not_answer_is_unknown_and_never_given_again(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let id = desk.give(&store, "one", NOW).await;
        let given = desk.claim(&store, 0, &[], NOW).await.commands.remove(0);
        assert_eq!(store.sweep_commands(OVER - 1).await.unwrap(), Swept::default());
        assert_eq!(store.sweep_commands(OVER).await.unwrap(), Swept { unknown: 1, ..Swept::default() });
        assert_eq!(state(&store, &desk, &id).await, CommandState::Unknown);
        assert_eq!(ack(&store, &desk, &id, &given.lease, OVER).await, Answered::Stale);
        assert!(desk.claim(&store, 0, REDELIVERY, OVER).await.commands.is_empty());
    }

    async fn an_answer_on_its_way_when_the_lease_ended_is_taken(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let id = desk.give(&store, "one", NOW).await;
        let given = desk.claim(&store, 0, &[], NOW).await.commands.remove(0);
        assert_eq!(ack(&store, &desk, &id, &given.lease, OVER - 1).await, Answered::Taken);
        // Also where nobody swept: it is over by the clock.
        let id = desk.give(&store, "two", NOW).await;
        let given = desk.claim(&store, 1, &[], NOW).await.commands.remove(0);
        assert_eq!(ack(&store, &desk, &id, &given.lease, OVER).await, Answered::Stale);
    }

    async fn a_client_that_keeps_what_it_does_is_given_it_again(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let id = desk.give(&store, "one", NOW).await;
        let first = desk.claim(&store, 0, REDELIVERY, NOW).await.commands.remove(0);
        assert_eq!(store.sweep_commands(OVER).await.unwrap(), Swept { queued: 1, ..Swept::default() });
        let again = desk.claim(&store, 1, REDELIVERY, OVER).await.commands.remove(0);
        assert_eq!(again.command.id, id);
        assert_eq!((again.command.sequence, again.command.attempts), (1, 2));
        assert_ne!(first.lease, again.lease);
        assert_eq!(ack(&store, &desk, &id, &first.lease, OVER).await, Answered::Stale);
        assert_eq!(ack(&store, &desk, &id, &again.lease, OVER).await, Answered::Taken);
    }

    async fn a_claim_sees_by_itself_that_a_lease_is_over(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        desk.give(&store, "one", NOW).await;
        desk.claim(&store, 0, REDELIVERY, NOW).await;
        assert_eq!(desk.claim(&store, 1, REDELIVERY, OVER - 1).await.commands.len(), 0);
        assert_eq!(desk.claim(&store, 1, REDELIVERY, OVER).await.commands.len(), 1);
    }

    async fn a_client_that_remembers_nothing_gets_nothing_that_was_given_before(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let id = desk.give(&store, "one", NOW).await;
        desk.claim(&store, 0, REDELIVERY, NOW).await;
        assert!(desk.claim(&store, 0, &[], OVER).await.commands.is_empty());
        store.sweep_commands(OVER).await.unwrap();
        assert!(desk.claim(&store, 0, &[], OVER).await.commands.is_empty());
        assert_eq!(state(&store, &desk, &id).await, CommandState::Unknown);
    }

    async fn nothing_is_given_after_its_deadline(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let late = desk.give(&store, "one", NOW).await;
        let end = NOW + 600_000;
        assert!(desk.claim(&store, 0, &[], end).await.commands.is_empty());
        assert_eq!(state(&store, &desk, &late).await, CommandState::Expired);
        let swept = desk.give(&store, "two", NOW).await;
        assert_eq!(store.sweep_commands(end).await.unwrap(), Swept { expired: 1, ..Swept::default() });
        assert_eq!(state(&store, &desk, &swept).await, CommandState::Expired);
        // Somebody had it: nobody can say that it did nothing.
        let had = desk.give(&store, "three", NOW).await;
        desk.claim(&store, 0, REDELIVERY, NOW).await;
        assert_eq!(store.sweep_commands(end).await.unwrap(), Swept { unknown: 1, ..Swept::default() });
        assert_eq!(state(&store, &desk, &had).await, CommandState::Unknown);
        // Each of it is written down, whoever saw it first.
        let rows = store.audit(&desk.organization, None, 100).await.unwrap().rows;
        let mut of_time: Vec<_> = rows.iter().filter(|row| row.actor == Actor::server()).collect();
        of_time.reverse();
        let told: Vec<_> = of_time.iter().map(|row| (row.action.as_str(), row.about.as_str())).collect();
        assert_eq!(
            told,
            [
                ("command.expired", late.as_str()),
                ("command.expired", swept.as_str()),
                ("command.unknown", had.as_str()),
            ]
        );
    }

    async fn after_the_database_was_put_back_commands_are_beyond_what_was_handled(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        desk.give(&store, "one", NOW).await;
        // It handled forty that the database has lost.
        let online = PairingStatus::PairedOnline;
        store.heartbeat(&desk.proven, online, 41, &[], NOW).await.unwrap();
        desk.give(&store, "two", NOW).await;
        let given = desk.claim(&store, 41, &[], NOW).await.commands;
        assert_eq!(given.iter().map(|given| given.command.sequence).collect::<Vec<_>>(), [42]);
        // Nothing that a desktop says leaves no number for the next.
        store.heartbeat(&desk.proven, online, i64::MAX, &[], NOW).await.unwrap();
        desk.give(&store, "three", NOW).await;
        assert_eq!(desk.claim(&store, 42, &[], NOW).await.commands.len(), 1);
    }

    async fn a_claim_gets_what_it_asks_for(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        for key in ["a", "b", "c", "d"] {
            desk.give(&store, key, NOW).await;
        }
        let mut wish = request(1, &[]);
        wish.kinds = vec!["status".to_owned()];
        assert!(store.claim(&desk.proven, &wish, NOW).await.unwrap().commands.is_empty());
        wish.kinds = vec!["prompt".to_owned()];
        wish.workspaces = vec!["elsewhere".to_owned()];
        assert!(store.claim(&desk.proven, &wish, NOW).await.unwrap().commands.is_empty());
        wish.workspaces = vec!["local".to_owned()];
        wish.limit = 2;
        let given = store.claim(&desk.proven, &wish, NOW).await.unwrap().commands;
        let sequences: Vec<_> = given.iter().map(|given| given.command.sequence).collect();
        // The first is known to it, by what it says.
        assert_eq!(sequences, [2, 3]);
        let rest = desk.claim(&store, 0, REDELIVERY, NOW).await.commands;
        assert_eq!(rest.iter().map(|given| given.command.sequence).collect::<Vec<_>>(), [1, 4]);
    }

    async fn whoever_gave_it_takes_it_back_as_long_as_nobody_had_it(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let (organization, pairing) = (&desk.organization, &desk.pairing);
        let id = desk.give(&store, "one", NOW).await;
        let somebody = UserId::random();
        let error = store.cancel_command(organization, pairing, &id, &somebody, NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::NotFound(_)));
        store.cancel_command(organization, pairing, &id, &desk.owner, NOW).await.unwrap();
        assert!(desk.claim(&store, 0, &[], NOW).await.commands.is_empty());
        let id = desk.give(&store, "two", NOW).await;
        desk.claim(&store, 0, &[], NOW).await;
        let error = store.cancel_command(organization, pairing, &id, &desk.owner, NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict(_)));
    }

    async fn a_pairing_that_ends_takes_its_commands_along(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let had = desk.give(&store, "one", NOW).await;
        let given = desk.claim(&store, 0, &[], NOW).await.commands.remove(0);
        let waits = desk.give(&store, "two", NOW).await;
        store.revoke_pairing(&desk.organization, &desk.pairing, &actor(), NOW).await.unwrap();
        assert_eq!(state(&store, &desk, &had).await, CommandState::Unknown);
        assert_eq!(state(&store, &desk, &waits).await, CommandState::Cancelled);
        let claim = store.claim(&desk.proven, &request(0, &[]), NOW).await;
        assert!(matches!(claim, Err(StoreError::Revoked)));
        let answer = store
            .answer_command(&desk.proven, &had, Some(&given.lease), CommandOutcome::Done, &json!({}), NOW)
            .await;
        assert!(matches!(answer, Err(StoreError::Revoked)));
        let command = prompt(&desk.owner, "three", NOW);
        let error = store.enqueue(&desk.organization, &desk.pairing, &command, NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::NotFound(_)));
    }

    async fn eight_that_claim_at_once_share_and_never_get_the_same(place) {
        let store = place.store().await;
        let desk = Arc::new(one_desktop(&store, "ada").await);
        for number in 0..60 {
            desk.give(&store, &format!("key {number}"), NOW).await;
        }
        let all: Vec<_> = (0..8)
            .map(|_| {
                let (store, desk) = (store.clone(), Arc::clone(&desk));
                tokio::spawn(async move {
                    let mut mine = Vec::new();
                    // Nothing may also mean that somebody else holds it at this moment.
                    let mut empty = 0;
                    while empty < 20 {
                        let mut wish = request(0, &[]);
                        wish.limit = 3;
                        let given = store.claim(&desk.proven, &wish, NOW).await.unwrap().commands;
                        empty = if given.is_empty() { empty + 1 } else { 0 };
                        for given in given {
                            assert_eq!(ack(&store, &desk, &given.command.id, &given.lease, NOW).await, Answered::Taken);
                            mine.push(given.command.id);
                        }
                    }
                    mine
                })
            })
            .collect();
        let mut given = Vec::new();
        for one in all {
            given.extend(one.await.unwrap());
        }
        assert_eq!(given.len(), 60);
        assert_eq!(given.iter().collect::<HashSet<_>>().len(), 60);
    }

    async fn whatever_ends_in_between_each_command_is_answered_once(place) {
        let store = place.store().await;
        let desk = Arc::new(one_desktop(&store, "ada").await);
        let mut ids = Vec::new();
        for number in 0..40 {
            ids.push(desk.give(&store, &format!("key {number}"), NOW).await);
        }
        // By the command's id: how often an answer was taken.
        let taken: Arc<Mutex<HashMap<CommandId, u32>>> = Arc::default();
        let stop = Arc::new(AtomicBool::new(false));
        let sweeper = {
            let (store, stop) = (store.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    // As if each lease ended at once.
                    store.sweep_commands(OVER).await.unwrap();
                    tokio::task::yield_now().await;
                }
            })
        };
        let claimers: Vec<_> = (0..8_usize)
            .map(|who| {
                let (store, desk, taken) = (store.clone(), Arc::clone(&desk), Arc::clone(&taken));
                tokio::spawn(async move {
                    let mut old = Vec::new();
                    for round in 0..8_usize {
                        for given in desk.claim(&store, 0, REDELIVERY, NOW).await.commands {
                            old.push(given);
                        }
                        // Answers under leases of any age.
                        for given in old.iter().skip((who + round) % 3) {
                            if ack(&store, &desk, &given.command.id, &given.lease, NOW).await == Answered::Taken {
                                *taken.lock().await.entry(given.command.id.clone()).or_default() += 1;
                            }
                        }
                    }
                })
            })
            .collect();
        for claimer in claimers {
            claimer.await.unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        sweeper.await.unwrap();
        let taken = taken.lock().await;
        assert!(taken.values().all(|times| *times == 1), "{taken:?}");
        for id in &ids {
            let done = state(&store, &desk, id).await == CommandState::Done;
            assert_eq!(done, taken.contains_key(id));
        }
    }
}
