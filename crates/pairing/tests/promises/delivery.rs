//! How events get to the server.

use std::time::Duration;

use cowork_pairing::broker::BrokerError;
use cowork_pairing::connection::State;
use proptest::prelude::*;

use crate::world::{Fate, World, event};

fn refused() -> Fate {
    Fate::Fails(BrokerError::Refused {
        status: 400,
        text: String::new(),
    })
}

#[tokio::test(start_paused = true)]
async fn events_go_in_batches_in_their_order_one_request_at_a_time() {
    let world = World::new();
    world.held().events = (1..=1_050).map(event).collect();
    let connection = world.connect();
    world.until("all are there", |held| held.delivered == 1_050).await;
    let held = world.held();
    assert_eq!(held.batches, [200, 200, 200, 200, 200, 50]);
    assert!(held.log.iter().map(|event| event.sequence.unwrap()).eq(1..=1_050));
    assert_eq!(held.most_in_flight, 1);
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_bounded_by_its_bytes() {
    let world = World::new();
    let big = |sequence| {
        let mut event = event(sequence);
        event.payload = Some("x".repeat(100_000).into());
        event
    };
    world.held().events = (1..=12).map(big).collect();
    let connection = world.connect();
    world.until("all are there", |held| held.delivered == 12).await;
    assert_eq!(world.held().batches, [5, 5, 2]);
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn the_one_event_that_is_refused_is_found_and_set_aside() {
    let world = World::new();
    world.held().events = (1..=300).map(event).collect();
    world.held().bad = vec!["event_77".to_owned(), "event_78".to_owned()];
    let connection = world.connect();
    world.until("all are there", |held| held.delivered == 300).await;
    let held = world.held();
    let aside: Vec<_> = held.aside.iter().map(|(sequence, _)| *sequence).collect();
    assert_eq!(aside, [77, 78]);
    assert!(
        held.log.iter().map(|event| event.sequence.unwrap()).eq(1..=300),
        "its place is kept"
    );
    assert!(held.batches.len() < 40, "it is halved to: {}", held.batches.len());
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_everything_makes_nothing_be_set_aside() {
    let world = World::new();
    world.held().events = (1..=20).map(event).collect();
    world.fate("events", (0..40).map(|_| refused()));
    let connection = world.connect();
    world.until("all are there", |held| held.delivered == 20).await;
    assert!(world.held().aside.is_empty());
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn what_was_dropped_from_the_journal_leaves_no_hole_at_the_server() {
    let world = World::new();
    world.held().events = (1..=10).chain(500..=520).map(event).collect();
    let connection = world.connect();
    world.until("all are there", |held| held.delivered == 520).await;
    let held = world.held();
    assert!(held.log.iter().map(|event| event.sequence.unwrap()).eq(1..=520));
    assert_eq!(
        held.log
            .iter()
            .filter(|event| event.id.starts_with("event_"))
            .count(),
        31
    );
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn what_a_server_lost_is_sent_again() {
    let world = World::new();
    world.held().events = (1..=50).map(event).collect();
    let connection = world.connect();
    world.until("all are there", |held| held.delivered == 50).await;
    // It was put back to an older state.
    world.held().log.truncate(20);
    world.held().events.push(event(51));
    connection.written();
    world
        .until("all are there again", |held| {
            held.log.len() == 51 && held.delivered == 51
        })
        .await;
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn what_a_server_lost_is_sent_again_though_nothing_new_is_told() {
    let world = World::new();
    world.held().events = (1..=50).map(event).collect();
    let connection = world.connect();
    world.until("all are there", |held| held.delivered == 50).await;
    world.held().log.truncate(20);
    world
        .until("all are there again", |held| {
            held.log.len() == 50 && held.delivered == 50
        })
        .await;
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn an_event_in_whose_place_the_server_has_another_is_set_aside_and_the_next_ones_go_on() {
    let world = World::new();
    world.held().events = (1..=30).map(event).collect();
    let mut other = event(7);
    other.id = "of_another_time".to_owned();
    world.held().log.push(other);
    let connection = world.connect();
    world
        .until("all others are there", |held| held.delivered == 30)
        .await;
    let held = world.held();
    assert_eq!(held.aside.len(), 1);
    assert_eq!(held.log.len(), 30);
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn what_the_server_asks_to_wait_is_waited() {
    let world = World::new();
    world.held().events = vec![event(1)];
    let busy = Fate::Fails(BrokerError::Busy {
        retry_after: Some(Duration::from_mins(2)),
        text: String::new(),
    });
    world.fate("events", [busy]);
    let connection = world.connect();
    let mut states = connection.states();
    let waiting = states
        .wait_for(|state| matches!(state, State::Waiting { .. }))
        .await
        .unwrap()
        .clone();
    let State::Waiting { reason, .. } = waiting else {
        unreachable!()
    };
    assert!(reason.contains("slow down"), "{reason}");
    world.until("it is there", |held| held.delivered == 1).await;
    let held = world.held();
    let tries: Vec<_> = held
        .requests
        .iter()
        .filter(|(of, _)| *of == "events")
        .map(|(_, at)| *at)
        .collect();
    assert!(tries[1].saturating_sub(tries[0]) >= Duration::from_mins(2));
    drop((held, connection));
}

fn fate() -> impl Strategy<Value = Option<Fate>> {
    let failed = |status| {
        Fate::Fails(BrokerError::Failed {
            status,
            retry_after: None,
            text: String::new(),
        })
    };
    prop_oneof![
        3 => Just(None),
        2 => Just(Some(Fate::LosesAnswer)),
        1 => Just(Some(Fate::Hangs)),
        1 => Just(Some(failed(500))),
        1 => Just(Some(refused())),
        1 => Just(Some(Fate::Fails(BrokerError::Redirect(302)))),
        1 => Just(Some(Fate::Fails(BrokerError::Unsafe("leads elsewhere".to_owned())))),
        1 => Just(Some(Fate::Fails(BrokerError::Unreadable("html".to_owned())))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_server_does_every_event_arrives_once_and_in_order(
        fates in prop::collection::vec(fate(), 0..12), plain in any::<bool>(), count in 1..700_u64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let world = World::new();
            world.held().plain = plain;
            world.held().events = (1..=count).map(event).collect();
            world.fate("events", fates.into_iter().flatten());
            let connection = world.connect();
            world.until("all are there", |held| held.delivered == count).await;
            let held = world.held();
            let in_order = held.log.iter().map(|event| event.sequence.unwrap()).eq(1..=count);
            assert!(in_order && held.most_in_flight <= 1);
            assert!(held.log.iter().all(|event| event.id.starts_with("event_")));
            drop((held, connection));
        });
    }
}
