//! Who waits is woken, in the process in which something changed and in every other.

use cowork_cloud_store::{CommandOutcome, Options, SecretHash, Store, WakeKey};
use cowork_pairing_protocol::wire::PairingStatus;
use serde_json::json;

use crate::place::{NOW, Place, actor, event, on_both, one_desktop};

/// Does each thing that somebody may wait for, with one handle, and waits for it with another.
async fn each_thing_wakes_who_waits_for_it(does: &Store, waits: &Store) {
    let desk = one_desktop(does, "ada").await;
    let quiet = one_desktop(does, "eve").await;
    let key = |key: fn(cowork_cloud_store::PairingId) -> WakeKey| key(desk.pairing.clone());
    let mut others = waits.wakes().subscribe(&[
        WakeKey::Commands(quiet.pairing.clone()),
        WakeKey::Events(quiet.pairing.clone()),
        WakeKey::Answers(quiet.pairing.clone()),
    ]);

    let mut commands = waits.wakes().subscribe(&[key(WakeKey::Commands)]);
    let id = desk.give(does, "one", NOW).await;
    assert_eq!(commands.woken().await, [key(WakeKey::Commands)]);

    let mut answers = waits.wakes().subscribe(&[key(WakeKey::Answers)]);
    let given = desk.claim(waits, 0, &[], NOW).await.commands.remove(0);
    answers.woken().await;
    let mut answers = waits.wakes().subscribe(&[key(WakeKey::Answers)]);
    does.answer_command(
        &desk.proven,
        &id,
        Some(&given.lease),
        CommandOutcome::Done,
        &json!({}),
        NOW,
    )
    .await
    .unwrap();
    answers.woken().await;

    let mut events = waits.wakes().subscribe(&[key(WakeKey::Events)]);
    desk.tell(does, vec![event("one", Some(1))]).await;
    assert_eq!(events.woken().await, [key(WakeKey::Events)]);

    let mut pairing = waits.wakes().subscribe(&[key(WakeKey::Pairing)]);
    does.heartbeat(&desk.proven, PairingStatus::Disabled, 0, &[], NOW)
        .await
        .unwrap();
    pairing.woken().await;
    let mut both = waits
        .wakes()
        .subscribe(&[key(WakeKey::Pairing), key(WakeKey::Commands)]);
    does.rotate_pairing_token(
        &desk.organization,
        &desk.pairing,
        &SecretHash::of("ocp_2"),
        &actor(),
        NOW,
    )
    .await
    .unwrap();
    assert_eq!(both.woken().await, [key(WakeKey::Pairing)]);

    let mut person = waits.wakes().subscribe(&[WakeKey::User(desk.owner.clone())]);
    does.sign_out_everywhere(&desk.owner, None, &actor(), NOW)
        .await
        .unwrap();
    person.woken().await;
    let mut organization = waits
        .wakes()
        .subscribe(&[WakeKey::Organization(desk.organization.clone())]);
    does.revoke_pairing(&desk.organization, &desk.pairing, &actor(), NOW)
        .await
        .unwrap();
    organization.woken().await;

    // What was done to one woke nobody who waits for another: the first that wakes these is what is done to them.
    quiet.give(does, "other", NOW).await;
    assert_eq!(others.woken().await, [WakeKey::Commands(quiet.pairing.clone())]);
}

on_both! {
    async fn in_one_process(place) {
        let store = place.store().await;
        each_thing_wakes_who_waits_for_it(&store, &store).await;
    }

    async fn what_is_not_kept_wakes_nobody(place) {
        let store = place.store().await;
        let desk = one_desktop(&store, "ada").await;
        let mut waits = store.wakes().subscribe(&[WakeKey::Commands(desk.pairing.clone())]);
        let mut wrong = crate::place::prompt(&desk.owner, "key", NOW);
        wrong.workspace.push('\u{0}');
        assert!(store.enqueue(&desk.organization, &desk.pairing, &wrong, NOW).await.is_err());
        tokio::select! {
            biased;
            _ = waits.woken() => panic!("nothing was given"),
            () = tokio::task::yield_now() => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_one_process_to_another() {
    let place = Place::postgres();
    let one = place.store().await;
    let other = Store::open(&place.options).await.unwrap();
    each_thing_wakes_who_waits_for_it(&one, &other).await;
    one.close().await;
    other.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_network_too() {
    let cluster = crate::postgres::Cluster::shared();
    let options = Options {
        connections: 4,
        ..Options::at(cluster.database_by_port())
    };
    Store::migrate(&options).await.unwrap();
    let (one, other) = (
        Store::open(&options).await.unwrap(),
        Store::open(&options).await.unwrap(),
    );
    each_thing_wakes_who_waits_for_it(&one, &other).await;
}
