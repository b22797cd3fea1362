//! Events: each kept once, and read in one order by whoever reads.

use std::collections::HashSet;

use cowork_cloud_store::rules::quotas::Quota;
use cowork_cloud_store::{
    Cursor, EventId, EventSelection, Limits, NewEvent, SecretHash, SessionId, Store, StoreError,
};
use cowork_pairing_protocol::wire::{EventType, PairingStatus};
use serde_json::json;

use crate::place::{Desktop, NOW, actor, desktop, event, on_both, one_desktop, told};

async fn read(store: &Store, desktop: &Desktop, after: Cursor) -> (Vec<String>, Cursor) {
    let mut ids = Vec::new();
    let mut after = after;
    loop {
        let selection = EventSelection {
            session: None,
            after,
            limit: 7,
        };
        let page = store
            .events(&desktop.organization, &desktop.pairing, selection)
            .await
            .unwrap();
        ids.extend(page.events.iter().map(|event| event.id.to_string()));
        after = page.next;
        if !page.more {
            return (ids, after);
        }
    }
}

fn name(sequence: i64) -> String {
    format!("event {sequence}")
}

fn events(sequences: impl IntoIterator<Item = i64>) -> Vec<NewEvent> {
    sequences
        .into_iter()
        .map(|sequence| event(&name(sequence), Some(sequence)))
        .collect()
}

fn names(sequences: impl IntoIterator<Item = i64>) -> Vec<String> {
    sequences.into_iter().map(name).collect()
}

on_both! {
    async fn an_event_is_kept_once_however_often_it_comes(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let first = desk.tell(&store, events(1..=3)).await;
        assert_eq!((first.through, first.fresh), (3, 3));
        let again = desk.tell(&store, events(1..=4)).await;
        assert_eq!((again.through, again.fresh), (4, 1));
        let twice = desk.tell(&store, events([5, 5, 6, 5])).await;
        assert_eq!((twice.through, twice.fresh), (6, 2));
        let plain = vec![event("plain", None), event("plain", None)];
        assert_eq!(desk.tell(&store, plain.clone()).await.fresh, 1);
        assert_eq!(desk.tell(&store, plain).await.fresh, 0);
        let mut all = names(1..=6);
        all.push("plain".to_owned());
        assert_eq!(read(&store, &desk, Cursor::START).await.0, all);
    }

    async fn what_is_beyond_a_gap_is_not_read_before_the_gap_is_closed(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        assert_eq!(desk.tell(&store, events([2, 3, 6])).await.through, 0);
        let (none, cursor) = read(&store, &desk, Cursor::START).await;
        assert!(none.is_empty());
        assert!(store.pairing(&desk.organization, &desk.pairing).await.unwrap().unwrap().has_a_gap);
        assert_eq!(desk.tell(&store, events([1])).await.through, 3);
        let (some, cursor) = read(&store, &desk, cursor).await;
        assert_eq!(some, names(1..=3));
        assert_eq!(desk.tell(&store, events([5])).await.through, 3);
        assert_eq!(desk.tell(&store, events([4])).await.through, 6);
        assert_eq!(read(&store, &desk, cursor).await.0, names(4..=6));
        assert!(!store.pairing(&desk.organization, &desk.pairing).await.unwrap().unwrap().has_a_gap);
    }

    async fn what_is_too_far_beyond_gaps_is_not_kept_and_comes_again(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        // One run more than is remembered.
        let far: Vec<_> = (1..=65).map(|run| run * 2).collect();
        assert_eq!(desk.tell(&store, events(far)).await.fresh, 64);
        let closed = desk.tell(&store, events(1..=130)).await;
        assert_eq!((closed.through, closed.fresh), (130, 66));
        assert_eq!(read(&store, &desk, Cursor::START).await.0, names(1..=130));
    }

    async fn a_sequence_and_an_id_belong_together(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        desk.tell(&store, events(1..=2)).await;
        // Another event under a sequence that was taken, one whose id was taken, and an honest one.
        let forged = vec![event("forged", Some(2)), event(&name(1), Some(3)), event("honest", Some(4))];
        let ingested = desk.tell(&store, forged).await;
        let refused: HashSet<_> = ingested.refused.iter().map(EventId::as_str).collect();
        assert_eq!(refused, HashSet::from(["forged", "event 1"]));
        assert_eq!((ingested.through, ingested.fresh), (2, 1));
        // The sequence that the refused one claimed is still free.
        let ingested = desk.tell(&store, events([3])).await;
        assert_eq!(ingested.through, 4);
        assert_eq!(read(&store, &desk, Cursor::START).await.0, ["event 1", "event 2", "event 3", "honest"]);
    }

    async fn forged_events_cost_no_transaction_each(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        desk.tell(&store, events(1..=200)).await;
        let begun = store.ingest_figures().transactions;
        // All claim one sequence, or each one far away, under ids that have others.
        let one = (1..=200).map(|number| event(&name(number), Some(201)));
        let far = (1..=200).map(|number| event(&name(number), Some(1_000 + 2 * number)));
        let ingested = desk.tell(&store, one.chain(far).collect()).await;
        assert_eq!((ingested.refused.len(), ingested.through), (400, 200));
        assert_eq!(store.ingest_figures().transactions - begun, 2);
        // Of two that claim the same, the first is taken.
        let twice = vec![event("one", Some(201)), event("two", Some(201)), event("one", Some(202)), event(&name(202), Some(202))];
        let ingested = desk.tell(&store, twice).await;
        assert_eq!(ingested.refused.iter().map(EventId::as_str).collect::<Vec<_>>(), ["two", "one"]);
        assert_eq!(ingested.through, 202);
        let forged = desk.tell(&store, vec![event(&name(202), None), event("plain", None)]).await;
        assert_eq!((forged.fresh, forged.refused.len()), (1, 0));
    }

    async fn a_forger_keeps_nobody_else_s_events_out(place) {
        let store = place.store().await;
        let eve = one_desktop(&store, "eve").await;
        let ada = one_desktop(&store, "ada").await;
        eve.tell(&store, events(1..=50)).await;
        // The same token before it was replaced: what it tells is refused as a whole and counts for nothing.
        let stale = eve.proven.clone();
        let token = SecretHash::of("ocp_new");
        store.rotate_pairing_token(&eve.organization, &eve.pairing, &token, &actor(), NOW).await.unwrap();
        let proven = store.prove(&eve.pairing, &eve.device, &token).await.unwrap().unwrap();
        let forged: Vec<_> = (1..=50).map(|number| event(&name(number), Some(51))).collect();
        let with_one = forged.iter().cloned().chain([event("right", Some(51))]).collect();
        let (old, forged, told) = tokio::join!(
            store.ingest(&stale, vec![event("thief", Some(51))], NOW),
            store.ingest(&proven, with_one, NOW),
            store.ingest(&ada.proven, events(1..=100), NOW),
        );
        assert!(matches!(old, Err(StoreError::Revoked)));
        let forged = forged.unwrap();
        assert_eq!((forged.refused.len(), forged.through), (50, 51));
        assert_eq!(told.unwrap().through, 100);
    }

    async fn what_has_no_sequence_stands_where_it_came(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        desk.tell(&store, vec![event("a", None)]).await;
        let (first, cursor) = read(&store, &desk, Cursor::START).await;
        assert_eq!(first, ["a"]);
        desk.tell(&store, vec![event("b", None)]).await;
        desk.tell(&store, events([1, 3])).await;
        desk.tell(&store, vec![event("c", None)]).await;
        desk.tell(&store, events([2])).await;
        desk.tell(&store, vec![event("d", None)]).await;
        assert_eq!(read(&store, &desk, cursor).await.0, ["b", "event 1", "c", "event 2", "event 3", "d"]);
    }

    async fn nobody_who_reads_on_misses_or_sees_twice(place) {
        let store = place.store().await;
        let desk = std::sync::Arc::new(one_desktop(&store, "ada").await);
        let total = 600;
        let mut writers = Vec::new();
        for who in 0..4 {
            let (store, desk) = (store.clone(), std::sync::Arc::clone(&desk));
            writers.push(tokio::spawn(async move {
                // Each every fourth, in batches that are out of order, some of them twice.
                let mine: Vec<i64> = (1..=total).filter(|sequence| sequence % 4 == who).collect();
                for batch in mine.chunks(10) {
                    let batch: Vec<_> = batch.iter().rev().copied().collect();
                    desk.tell(&store, events(batch.clone())).await;
                    desk.tell(&store, events(batch.into_iter().take(3))).await;
                }
            }));
        }
        let mut seen = Vec::new();
        let mut cursor = Cursor::START;
        while seen.len() < usize::try_from(total).unwrap() {
            let (more, next) = read(&store, &desk, cursor).await;
            assert!(next >= cursor);
            seen.extend(more);
            cursor = next;
            tokio::task::yield_now().await;
            if writers.iter().all(tokio::task::JoinHandle::is_finished) {
                // What was given up as too far beyond gaps comes again, as from a desktop.
                desk.tell(&store, events(1..=500)).await;
                desk.tell(&store, events(501..=total)).await;
            }
        }
        assert_eq!(seen, names(1..=total));
    }

    async fn a_session_is_read_by_itself(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let mixed = (1..=20).map(|sequence| {
            told(if sequence % 2 == 0 { "ses_even" } else { "ses_odd" }, sequence, &json!({ "kind": "began", "cut": false }))
        });
        desk.tell(&store, mixed.collect()).await;
        let session = SessionId::parse("ses_even").unwrap();
        let selection = EventSelection { session: Some(&session), after: Cursor::START, limit: 6 };
        let page = store.events(&desk.organization, &desk.pairing, selection).await.unwrap();
        assert!(page.more);
        let sequences: Vec<_> = page.events.iter().filter_map(|event| event.sequence).collect();
        assert_eq!(sequences, [2, 4, 6, 8, 10, 12]);
        let selection = EventSelection { session: Some(&session), after: page.next, limit: 6 };
        let page = store.events(&desk.organization, &desk.pairing, selection).await.unwrap();
        assert_eq!((page.events.len(), page.more), (4, false));
        assert_eq!(page.events[0].session, Some(session));
        assert_eq!(page.events[0].payload, Some(json!({ "v": 1, "event": { "kind": "began", "cut": false } })));
    }

    async fn a_page_is_bounded_by_bytes_too(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        for sequence in 1..=9 {
            let mut large = event(&name(sequence), Some(sequence));
            large.payload = Some(json!({ "text": "x".repeat(900_000) }));
            desk.tell(&store, vec![large]).await;
        }
        let selection = EventSelection { session: None, after: Cursor::START, limit: 100 };
        let page = store.events(&desk.organization, &desk.pairing, selection).await.unwrap();
        assert!(page.more && page.events.len() == 5);
        assert_eq!(read(&store, &desk, Cursor::START).await.0, names(1..=9));
        let mut larger = event("larger", Some(10));
        larger.payload = Some(json!({ "text": "x".repeat(1024 * 1024) }));
        assert!(matches!(store.ingest(&desk.proven, vec![larger], NOW).await, Err(StoreError::Invalid { .. })));
        assert!(matches!(store.ingest(&desk.proven, events(10..=510), NOW).await, Err(StoreError::Invalid { .. })));
    }

    async fn sessions_are_listed_by_the_newest_told_of_them(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let row = |title: &str| json!({ "kind": "thread", "thread": { "title": title } });
        // The second comes before the first.
        desk.tell(&store, vec![told("ses_a", 2, &row("new"))]).await;
        desk.tell(&store, vec![told("ses_a", 1, &row("old")), told("ses_b", 3, &row("other"))]).await;
        let threads = store.threads(&desk.organization, &desk.pairing).await.unwrap();
        let titles: Vec<_> = threads.iter().map(|thread| (thread.session.as_str(), &thread.thread["title"])).collect();
        assert_eq!(titles, [("ses_b", &json!("other")), ("ses_a", &json!("new"))]);
        desk.tell(&store, vec![told("ses_b", 5, &json!({ "kind": "threadGone" })), told("ses_b", 4, &row("late"))]).await;
        let threads = store.threads(&desk.organization, &desk.pairing).await.unwrap();
        assert_eq!(threads.len(), 1);
        desk.tell(&store, vec![told("ses_b", 6, &row("again"))]).await;
        assert_eq!(store.threads(&desk.organization, &desk.pairing).await.unwrap()[0].thread["title"], "again");
    }

    async fn how_a_desktop_stands_is_what_it_said_last(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let status = |sequence, version: &str| NewEvent {
            kind: EventType::Status,
            session: None,
            payload: Some(json!({ "v": 1, "version": version })),
            ..event(&format!("status {version}"), Some(sequence))
        };
        desk.tell(&store, vec![status(2, "second"), status(1, "first")]).await;
        let desktop = store.pairing(&desk.organization, &desk.pairing).await.unwrap().unwrap().desktop;
        assert_eq!(desktop.unwrap()["version"], "second");
        desk.tell(&store, vec![status(3, "third")]).await;
        let seen = store.pairings_seen_by(&desk.owner).await.unwrap();
        assert_eq!(seen[0].pairing.desktop.as_ref().unwrap()["version"], "third");
        assert_eq!(seen[0].pairing.last_seen, Some(NOW));
        let through = store.heartbeat(&desk.proven, PairingStatus::PairedOnline, 0, &[], NOW).await.unwrap();
        assert_eq!(through, 3);
    }

    async fn a_log_has_bounds(place) {
        let store = place.store_with(Limits { events_per_day: 5, log_bytes: 10_000, ..Limits::default() }).await;
        let desk = one_desktop(&store, "ada").await;
        let free = one_desktop(&store, "bob").await;
        desk.tell(&store, events(1..=4)).await;
        let error = store.ingest(&desk.proven, events(5..=6), NOW).await.unwrap_err();
        let StoreError::Quota(reached) = error else { panic!("{error}") };
        assert_eq!(reached.quota, Quota::EventsPerDay);
        assert!(reached.retry_after.unwrap() > 0);
        // Another organization has bounds of its own, and tomorrow is another day.
        free.tell(&store, events(1..=4)).await;
        let tomorrow = NOW + 24 * 60 * 60 * 1000;
        assert_eq!(store.ingest(&desk.proven, events(5..=6), tomorrow).await.unwrap().through, 6);
        let mut large = event("large", Some(7));
        large.payload = Some(json!({ "text": "x".repeat(10_000) }));
        let error = store.ingest(&desk.proven, vec![large], tomorrow).await.unwrap_err();
        let StoreError::Quota(reached) = error else { panic!("{error}") };
        assert_eq!(reached.quota, Quota::LogBytes);
    }

    async fn events_without_a_payload_take_room_in_the_log(place) {
        let store = place.store_with(Limits { log_bytes: 10_000, ..Limits::default() }).await;
        let desk = one_desktop(&store, "ada").await;
        let empty = |from: i64| (from..from + 10).map(|sequence| NewEvent { payload: None, ..event(&name(sequence), Some(sequence)) });
        desk.tell(&store, empty(1).collect()).await;
        desk.tell(&store, empty(11).collect()).await;
        let error = store.ingest(&desk.proven, empty(21).collect(), NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::Quota(reached) if reached.quota == Quota::LogBytes), "{error}");
        // When they go the room is there again.
        let later = NOW + 91 * 24 * 60 * 60 * 1000;
        store.retain(&cowork_cloud_store::Retention::default(), later).await.unwrap();
        assert_eq!(store.figures(later).await.unwrap().log_bytes, 0);
    }

    async fn of_many_at_once_each_has_its_own_answer(place) {
        let store = place.store().await;
        let first = one_desktop(&store, "ada").await;
        let mut desks = Vec::new();
        for _ in 0..30 {
            desks.push(desktop(&store, &first.organization, &first.owner).await);
        }
        // One is over, and one has another token by now.
        store.revoke_pairing(&desks[3].organization, &desks[3].pairing, &actor(), NOW).await.unwrap();
        let token = SecretHash::of("ocp_other");
        store.rotate_pairing_token(&desks[7].organization, &desks[7].pairing, &token, &actor(), NOW).await.unwrap();
        let all: Vec<_> = desks
            .iter()
            .map(|desk| {
                let (store, proven) = (store.clone(), desk.proven.clone());
                tokio::spawn(async move { store.ingest(&proven, events(1..=20), NOW).await })
            })
            .collect();
        for (number, one) in all.into_iter().enumerate() {
            match one.await.unwrap() {
                Ok(ingested) => assert_eq!((ingested.through, ingested.fresh), (20, 20)),
                Err(StoreError::Revoked) => assert!([3, 7].contains(&number)),
                Err(error) => panic!("{error}"),
            }
        }
        let figures = store.ingest_figures();
        assert_eq!((figures.requests, figures.events, figures.waiting), (30, 28 * 20, 0));
        assert!(figures.transactions <= 30);
        assert_eq!(store.figures(NOW).await.unwrap().events, 28 * 20);
        store.close().await;
        assert!(matches!(store.ingest(&desks[0].proven, events([21]), NOW).await, Err(StoreError::Closed)));
    }
}
