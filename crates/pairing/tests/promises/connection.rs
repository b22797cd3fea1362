//! How a connection stands, and what cuts its waiting short.

use std::time::Duration;

use cowork_pairing::broker::{BrokerError, Trouble};
use cowork_pairing::connection::State;
use cowork_pairing_protocol::wire::{LEASE_SECONDS, PairingStatus, Policy};
use tokio::time::Instant;

use crate::world::{Fate, World, event, prompt};

fn unreachable_for(times: usize) -> impl Iterator<Item = Fate> {
    (0..times).map(|_| Fate::Fails(BrokerError::Unreachable("nothing answers".to_owned())))
}

#[tokio::test(start_paused = true)]
async fn it_connects_says_hello_and_says_goodbye() {
    let world = World::new();
    let connection = world.connect();
    let mut states = connection.states();
    assert_eq!(*states.borrow_and_update(), State::Connecting);
    states.wait_for(|state| *state == State::Online).await.unwrap();
    connection.stop().await;
    assert_eq!(*states.borrow(), State::Stopped);
    assert_eq!(
        world.held().heartbeats,
        [PairingStatus::PairedOnline, PairingStatus::PairedOffline]
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_is_tried_ever_less_often_and_said_to_be() {
    let world = World::new();
    world.fate("heartbeat", unreachable_for(20));
    let connection = world.connect();
    let mut states = connection.states();
    let waiting = states
        .wait_for(|state| matches!(state, State::Waiting { .. }))
        .await
        .unwrap()
        .clone();
    let State::Waiting {
        trouble,
        reason,
        next,
    } = waiting
    else {
        unreachable!()
    };
    assert_eq!(
        (trouble, reason.as_str()),
        (Trouble::Unreachable, "nothing answers")
    );
    assert!(next > "2026-08-01T12:00:00Z".parse().unwrap());
    states.wait_for(|state| *state == State::Online).await.unwrap();
    let held = world.held();
    let tries: Vec<_> = held
        .requests
        .iter()
        .filter(|(of, _)| *of == "heartbeat")
        .map(|(_, at)| *at)
        .collect();
    let pauses: Vec<_> = tries
        .windows(2)
        .map(|two| two[1].saturating_sub(two[0]))
        .collect();
    assert!(
        pauses[0] <= Duration::from_secs(1) && pauses[18] >= Duration::from_secs(30),
        "{pauses:?}"
    );
    drop((held, connection));
}

#[tokio::test(start_paused = true)]
async fn the_person_does_not_wait_for_the_next_try() {
    let world = World::new();
    world.fate("heartbeat", unreachable_for(12));
    let connection = world.connect();
    world
        .until("it failed for long", |held| held.fates["heartbeat"].len() <= 2)
        .await;
    world.held().fates.clear();
    let pressed = Instant::now();
    connection.sync_now();
    connection
        .states()
        .wait_for(|state| *state == State::Online)
        .await
        .unwrap();
    assert_eq!(pressed.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn while_it_is_paused_nothing_leaves_and_nothing_comes_in() {
    let world = World::new();
    let connection = world.connect();
    let mut states = connection.states();
    states.wait_for(|state| *state == State::Online).await.unwrap();
    connection.pause(true);
    states.wait_for(|state| *state == State::Paused).await.unwrap();
    world
        .until("the server was told", |held| {
            held.heartbeats.contains(&PairingStatus::Disabled)
        })
        .await;
    let requests = world.held().requests.len();
    world.held().events = vec![event(1)];
    world.give(prompt(1));
    connection.written();
    tokio::time::sleep(Duration::from_mins(30)).await;
    assert_eq!(world.held().requests.len(), requests);
    assert_eq!(*states.borrow(), State::Paused);
    connection.pause(false);
    world
        .until("both went through", |held| {
            held.delivered == 1 && held.effects.len() == 1
        })
        .await;
    states.wait_for(|state| *state == State::Online).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_that_is_paused_and_ended_at_once_says_that_it_is_paused() {
    let world = World::new();
    let connection = world.connect();
    let mut states = connection.states();
    states.wait_for(|state| *state == State::Online).await.unwrap();
    connection.pause(true);
    connection.stop().await;
    assert_eq!(
        world.held().heartbeats,
        [PairingStatus::PairedOnline, PairingStatus::Disabled]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_begins_paused_sends_nothing() {
    let world = World::new();
    let connection = world.connect_paused(true);
    tokio::time::sleep(Duration::from_mins(5)).await;
    assert!(world.held().requests.is_empty());
    assert_eq!(*connection.states().borrow(), State::Paused);
    connection.stop().await;
    assert!(world.held().requests.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_being_carried_out_is_carried_out_though_it_is_paused() {
    let world = World::new();
    world.held().slow = Duration::from_secs(3);
    world.give(prompt(1));
    let connection = world.connect();
    world
        .until("it is being done", |held| held.records.len() == 1)
        .await;
    connection.pause(true);
    world
        .until("it is done and answered", |held| held.answered.len() == 1)
        .await;
    assert_eq!(world.held().effects, ["command_1"]);
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn a_pairing_that_is_ended_at_the_server_is_over() {
    let world = World::new();
    let connection = world.connect();
    let mut states = connection.states();
    states.wait_for(|state| *state == State::Online).await.unwrap();
    world.held().revoked = true;
    world.held().events = vec![event(1)];
    connection.written();
    states.wait_for(|state| *state == State::Revoked).await.unwrap();
    tokio::time::sleep(Duration::from_secs(20)).await;
    let requests = world.held().requests.len();
    connection.sync_now();
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(world.held().requests.len(), requests);
}

#[tokio::test(start_paused = true)]
async fn a_pairing_that_is_ended_here_is_ended_there() {
    let world = World::new();
    let connection = world.connect();
    connection
        .states()
        .wait_for(|state| *state == State::Online)
        .await
        .unwrap();
    connection.revoke().await.unwrap();
    assert!(world.held().revoked);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_server_does_not_know_needs_the_person() {
    let world = World::new();
    world.fate("heartbeat", [Fate::Fails(BrokerError::Unknown)]);
    let connection = world.connect();
    let mut states = connection.states();
    let state = states
        .wait_for(|state| matches!(state, State::NeedsPerson { .. }))
        .await
        .unwrap()
        .clone();
    let State::NeedsPerson { trouble, reason } = state else {
        unreachable!()
    };
    assert!(
        trouble == Trouble::Unknown && reason.contains("pair it again"),
        "{reason}"
    );
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(world.held().requests.len(), 1, "it is not tried again and again");
    connection.sync_now();
    states.wait_for(|state| *state == State::Online).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_changed_policy_is_said_to_the_server_at_once() {
    let world = World::new();
    let connection = world.connect();
    world.until("it claimed", |held| held.claims.len() == 1).await;
    let policy = Policy {
        allow_remote_prompts: false,
        ..Policy::default()
    };
    world.set_policy(policy);
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(world.held().claims.last().unwrap().capabilities.policy, policy);
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn new_events_leave_at_once() {
    let world = World::new();
    let connection = world.connect();
    connection
        .states()
        .wait_for(|state| *state == State::Online)
        .await
        .unwrap();
    world.held().events = vec![event(1)];
    connection.written();
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(world.held().delivered, 1);
    drop(connection);
}

#[tokio::test(start_paused = true)]
async fn a_command_whose_claim_was_cut_short_is_done_with_the_next_and_once() {
    let world = World::new();
    let connection = world.connect();
    world
        .until("it asks and waits", |held| !held.claims.is_empty())
        .await;
    // It is given out, and the answer is on its way when the person wants everything tried now.
    world.crash_at(Some(1));
    world.give(prompt(1));
    world.crashed.notified().await;
    world.crash_at(None);
    assert!(world.held().queue[0].lease.is_some());
    let pressed = Instant::now();
    connection.sync_now();
    world
        .until("it was answered", |held| held.queue[0].result.is_some())
        .await;
    assert!(pressed.elapsed() < Duration::from_secs(LEASE_SECONDS.into()));
    connection.stop().await;
    let held = world.held();
    assert_eq!((held.effects.len(), held.queue[0].given), (1, 2));
}
