//! What is let go of, and what stays.

use cowork_cloud_store::{
    CommandState, Cursor, EventSelection, NewEvent, Retention, SecretHash, SessionId, Store,
};
use cowork_pairing_protocol::wire::EventType;
use serde_json::{Value, json};

use crate::migrations::change;
use crate::place::{Desktop, NOW, actor, event, on_both, one_desktop, told};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

async fn sequences(store: &Store, desk: &Desktop, session: &str) -> Vec<i64> {
    let session = SessionId::parse(session).unwrap();
    let selection = EventSelection {
        session: Some(&session),
        after: Cursor::START,
        limit: 2_000,
    };
    let page = store
        .events(&desk.organization, &desk.pairing, selection)
        .await
        .unwrap();
    page.events.iter().filter_map(|event| event.sequence).collect()
}

fn part(message: &str, text: &str) -> Value {
    json!({ "kind": "part", "part": { "id": "prt_1", "message": message, "content": { "type": "text", "text": text } } })
}

fn grew(message: &str, delta: &str) -> Value {
    json!({ "kind": "grew", "message": message, "part": "prt_1", "from": 0, "delta": delta })
}

fn message(id: &str) -> Value {
    json!({ "kind": "message", "message": { "id": id } })
}

on_both! {
    async fn growth_that_was_told_anew_goes_after_ten_minutes(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let mut all = vec![message("msg_1"), part("msg_1", "")];
        all.extend((0..100).map(|_| grew("msg_1", "some words and more of them ")));
        // Told as a whole, with what is too long for one event behind it.
        all.extend([message("msg_1"), part("msg_1", "all of it"), grew("msg_1", "and the rest")]);
        let events: Vec<_> = (1..).zip(&all).map(|(sequence, what)| told("ses_1", sequence, what)).collect();
        desk.tell(&store, events.clone()).await;
        let before = store.figures(NOW).await.unwrap().log_bytes;
        let retention = Retention::default();
        assert_eq!(store.retain(&retention, NOW + 9 * MINUTE).await.unwrap().superseded, 0);
        let kept = store.retain(&retention, NOW + 16 * MINUTE).await.unwrap();
        assert_eq!(kept.superseded, 100);
        // Its first rows say where it stands, the last what it is.
        assert_eq!(sequences(&store, &desk, "ses_1").await, [1, 2, 103, 104, 105]);
        assert!(store.figures(NOW).await.unwrap().log_bytes < before / 4);
        assert_eq!(store.retain(&retention, NOW + 17 * MINUTE).await.unwrap().superseded, 0);
        // What comes again of it was kept, and does not come back.
        let again = desk.tell(&store, events).await;
        assert_eq!((again.fresh, again.through, again.refused.len()), (0, 105, 0));
        assert_eq!(sequences(&store, &desk, "ses_1").await.len(), 5);
    }

    async fn what_goes_on_is_looked_at_again(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let retention = Retention::default();
        let mut sequence = 0;
        for round in 0..3 {
            let now = NOW + round * 20 * MINUTE;
            let mut events = Vec::new();
            for what in [part("msg_1", "first"), grew("msg_1", "x"), part("msg_1", "second")] {
                sequence += 1;
                events.push(told("ses_1", sequence, &what));
            }
            store.ingest(&desk.proven, events, now).await.unwrap();
            store.retain(&retention, now + 16 * MINUTE).await.unwrap();
            assert_eq!(sequences(&store, &desk, "ses_1").await, [1, sequence]);
        }
    }

    async fn a_session_is_looked_at_to_its_end_however_long_it_is(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        desk.tell(&store, vec![told("ses_1", 1, &message("msg_1"))]).await;
        // More than is looked at at once, and nothing of it superseded.
        let many = 60_000;
        let long = format!(
            "WITH RECURSIVE numbers (number) AS (SELECT 2 UNION ALL SELECT number + 1 FROM numbers WHERE number < {many}) \
             INSERT INTO events (pairing, event, ordering, position, sequence, kind, detail, session, occurred, received) \
             SELECT '{pairing}', 'long ' || number, number, number, number, 'session.event', 'failed', 'ses_1', 0, {NOW} \
             FROM numbers",
            pairing = desk.pairing
        );
        change(&place, &long).await;
        let through = format!("UPDATE pairings SET position = {many}, through = {many} WHERE id = '{}'", desk.pairing);
        change(&place, &through).await;
        let mut all = vec![message("msg_1"), message("msg_1"), part("msg_2", "")];
        all.extend((0..10).map(|_| grew("msg_2", "more ")));
        all.push(part("msg_2", "all of it"));
        let events: Vec<_> = (many + 1..).zip(&all).map(|(sequence, what)| told("ses_1", sequence, what)).collect();
        desk.tell(&store, events).await;
        // The first of a message's rows may be far away: then one more stays.
        let kept = store.retain(&Retention::default(), NOW + 16 * MINUTE).await.unwrap();
        assert_eq!(kept.superseded, 10);
    }

    async fn a_session_that_began_anew_or_is_gone_leaves_little(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let thread = json!({ "kind": "thread", "thread": { "title": "one" } });
        let all = [
            ("ses_1", thread.clone()),
            ("ses_1", message("msg_1")),
            ("ses_1", part("msg_1", "text")),
            ("ses_1", json!({ "kind": "began", "cut": false })),
            ("ses_1", message("msg_2")),
            ("ses_2", thread),
            ("ses_2", message("msg_3")),
            ("ses_2", json!({ "kind": "threadGone" })),
            ("ses_3", json!({ "kind": "somethingNew", "x": 1 })),
            ("ses_3", json!({ "kind": "somethingNew", "x": 2 })),
        ];
        desk.tell(&store, (1..).zip(&all).map(|(sequence, (session, what))| told(session, sequence, what)).collect()).await;
        store.retain(&Retention::default(), NOW + 16 * MINUTE).await.unwrap();
        assert_eq!(sequences(&store, &desk, "ses_1").await, [1, 4, 5]);
        assert_eq!(sequences(&store, &desk, "ses_2").await, [8]);
        // What is not understood stays.
        assert_eq!(sequences(&store, &desk, "ses_3").await, [9, 10]);
    }

    async fn what_is_beyond_a_gap_stays(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        desk.tell(&store, vec![told("ses_1", 2, &grew("msg_1", "x")), told("ses_1", 3, &part("msg_1", "y"))]).await;
        assert_eq!(store.retain(&Retention::default(), NOW + 16 * MINUTE).await.unwrap().superseded, 0);
        let late = store.ingest(&desk.proven, vec![told("ses_1", 1, &message("msg_1"))], NOW + 17 * MINUTE).await;
        assert_eq!(late.unwrap().through, 3);
        assert_eq!(sequences(&store, &desk, "ses_1").await, [1, 2, 3]);
    }

    async fn a_pairing_that_ended_goes_when_nothing_of_it_is_left(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let works = crate::place::desktop(&store, &desk.organization, &desk.owner).await;
        let status = NewEvent {
            kind: EventType::Status,
            session: None,
            payload: Some(json!({ "v": 1, "version": 1 })),
            ..event("status", Some(1))
        };
        desk.tell(&store, vec![status, told("ses_1", 2, &message("msg_1"))]).await;
        desk.give(&store, "one", NOW).await;
        store.revoke_pairing(&desk.organization, &desk.pairing, &actor(), NOW).await.unwrap();
        let there = async || store.pairing(&desk.organization, &desk.pairing).await.unwrap().is_some();
        // All that was told of its session goes later than what it was paired for.
        store.retain(&Retention::default(), NOW + 90 * DAY).await.unwrap();
        assert!(there().await);
        for _ in 0..2 {
            store.retain(&Retention::default(), NOW + 91 * DAY).await.unwrap();
        }
        assert!(!there().await);
        assert!(store.pairing(&works.organization, &works.pairing).await.unwrap().is_some());
    }

    async fn what_is_told_again_of_a_session_that_goes_stays(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let sessions = 1..=40;
        let name = |number: i64| format!("ses_{number}");
        for number in sessions.clone() {
            desk.tell(&store, vec![told(&name(number), number, &message("msg_1"))]).await;
        }
        store.retain(&Retention::default(), NOW + 16 * MINUTE).await.unwrap();
        // They go while each is told of again.
        let later = NOW + 91 * DAY;
        let goes = {
            let store = store.clone();
            tokio::spawn(async move { store.retain(&Retention::default(), later).await.unwrap() })
        };
        for number in sessions.clone().rev() {
            let again = told(&name(number), 100 + (40 - number), &message("msg_2"));
            store.ingest(&desk.proven, vec![again], later).await.unwrap();
        }
        goes.await.unwrap();
        let between = (41..100).map(|sequence| told("ses_other", sequence, &message("msg_3"))).collect();
        store.ingest(&desk.proven, between, later).await.unwrap();
        for number in sessions {
            let left = sequences(&store, &desk, &name(number)).await;
            assert!(left.contains(&(100 + (40 - number))), "{left:?}");
        }
    }

    async fn what_is_old_goes(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let status = |sequence| NewEvent {
            kind: EventType::Status,
            session: None,
            payload: Some(json!({ "v": 1, "version": sequence })),
            ..event(&format!("status {sequence}"), Some(sequence))
        };
        let audit = |sequence| NewEvent { kind: EventType::Audit, ..status(sequence) };
        desk.tell(&store, vec![status(1), status(2), audit(3), told("ses_old", 4, &message("msg_1"))]).await;
        let done = desk.give(&store, "one", NOW).await;
        store.cancel_command(&desk.organization, &desk.pairing, &done, &desk.owner, NOW).await.unwrap();
        let waits = desk.give(&store, "two", NOW).await;
        store.mint_owner_link(&SecretHash::of("link"), NOW + DAY, NOW).await.unwrap();
        let retention = Retention::default();
        let kept = store.retain(&retention, NOW + DAY).await.unwrap();
        assert_eq!((kept.superseded, kept.old_events, kept.over), (2, 0, 1));
        // How the desktop stands is known all the same.
        let pairing = store.pairing(&desk.organization, &desk.pairing).await.unwrap().unwrap();
        assert_eq!(pairing.desktop.unwrap()["version"], 2);
        let later = NOW + 91 * DAY;
        store.ingest(&desk.proven, vec![told("ses_new", 5, &message("msg_2"))], later).await.unwrap();
        let kept = store.retain(&retention, later).await.unwrap();
        assert_eq!((kept.old_events, kept.old_commands, kept.old_audit), (2, 1, 0));
        assert!(sequences(&store, &desk, "ses_old").await.is_empty());
        assert_eq!(sequences(&store, &desk, "ses_new").await, [5]);
        let left = store.newest_marks(&desk.organization, &desk.pairing, 10).await.unwrap();
        assert_eq!(left.iter().map(|mark| (&mark.id, mark.state)).collect::<Vec<_>>(), [(&waits, CommandState::Queued)]);
        let rows = store.audit(&desk.organization, None, 100).await.unwrap().rows.len() as u64;
        assert_eq!(store.retain(&retention, NOW + 401 * DAY).await.unwrap().old_audit, rows);
        store.write_audit(&desk.organization, &actor(), "still.counts", "", &json!({}), later).await.unwrap();
        let newest = store.audit(&desk.organization, None, 1).await.unwrap().rows.remove(0);
        assert_eq!(newest.number, i64::try_from(rows).unwrap() + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_gets_smaller_when_what_was_in_it_goes() {
    let place = crate::place::Place::sqlite();
    let store = place.store().await;
    let desk = one_desktop(&store, "ada").await;
    for sequence in 1..=40 {
        let what = json!({ "kind": "failed", "text": "x".repeat(100_000) });
        desk.tell(&store, vec![told("ses_1", sequence, &what)]).await;
    }
    store.close().await;
    let size = || {
        std::fs::metadata(place.options.sqlite_file().unwrap())
            .unwrap()
            .len()
    };
    let before = size();
    assert!(before > 4_000_000);
    let store = place.store().await;
    store.retain(&Retention::default(), NOW + 91 * DAY).await.unwrap();
    store.close().await;
    assert!(size() < before / 4);
}
