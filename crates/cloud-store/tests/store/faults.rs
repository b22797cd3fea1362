//! What was said to be kept is there, whoever is killed.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use cowork_cloud_store::rules::quotas::DAY;
use cowork_cloud_store::{
    Answered, CommandId, CommandOutcome, CommandState, Cursor, EventSelection, NewEvent, NewSignIn, Options,
    Proven, SecretHash, Store, StoreError, WakeKey,
};
use cowork_pairing_protocol::extension::Extension;
use serde_json::json;

use crate::place::{Desktop, NOW, actor, event, newest, one_desktop, prompt, request};
use crate::postgres::Cluster;

/// Events of one request.
const BATCH: i64 = 10;

fn batch(from: i64) -> Vec<NewEvent> {
    (from..from + BATCH)
        .map(|sequence| event(&format!("event {sequence}"), Some(sequence)))
        .collect()
}

/// Asks again until there is an answer, as a client does whose server is away.
macro_rules! until_answered {
    ($ask:expr) => {
        loop {
            match $ask.await {
                Ok(answer) => break answer,
                Err(error) => {
                    assert!(!error.is_about_the_request(), "{error}");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    };
}

/// Every sequence of a desktop's log, in the order in which it is read.
async fn log(store: &Store, desktop: &Desktop) -> Vec<i64> {
    let mut sequences = Vec::new();
    let mut after = Cursor::START;
    loop {
        let selection = EventSelection {
            session: None,
            after,
            limit: 2_000,
        };
        let page = store
            .events(&desktop.organization, &desktop.pairing, selection)
            .await
            .unwrap();
        sequences.extend(page.events.iter().filter_map(|event| event.sequence));
        after = page.next;
        if !page.more {
            return sequences;
        }
    }
}

/// Tells until it is told to stop, batch after batch, and notes up to where each was said to be kept.
async fn tell(store: Store, proven: Proven, kept: Arc<AtomicI64>, stop: Arc<AtomicBool>) {
    let mut from = 1;
    while !stop.load(Ordering::Relaxed) {
        let ingested = until_answered!(store.ingest(&proven, batch(from), NOW));
        assert_eq!(ingested.through, from + BATCH - 1);
        kept.store(ingested.through, Ordering::Relaxed);
        from += BATCH;
    }
}

/// Gives a command and has it done, again and again. Says how many.
async fn command(store: Store, desktop: Arc<Desktop>, stop: Arc<AtomicBool>) -> i64 {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let new = prompt(&desktop.owner, &format!("key {number}"), NOW);
        let enqueued = until_answered!(store.enqueue(&desktop.organization, &desktop.pairing, &new, NOW));
        let id = enqueued.command.id;
        // A claim whose answer was lost leaves the command leased: as if each lease ended soon.
        let mut later = NOW;
        let given = loop {
            let wish = request(0, &[Extension::Redelivery]);
            let claimed = until_answered!(store.claim(&desktop.proven, &wish, later));
            if let Some(given) = claimed.commands.into_iter().find(|given| given.command.id == id) {
                break given;
            }
            later += 60_000;
        };
        let (result, outcome) = (json!({ "number": number }), CommandOutcome::Done);
        let lease = Some(&given.lease);
        let answered =
            until_answered!(store.answer_command(&desktop.proven, &id, lease, outcome, &result, later));
        assert!(
            matches!(answered, Answered::Taken | Answered::Repeated),
            "{answered:?}"
        );
    }
    number
}

/// The same with a client that knows the published protocol alone: it keeps nothing but the last sequence, and does
/// whatever it is given. Says how often it did each.
async fn command_a_plain_one(
    store: Store,
    desktop: Arc<Desktop>,
    stop: Arc<AtomicBool>,
) -> HashMap<CommandId, u32> {
    let mut done: HashMap<CommandId, u32> = HashMap::new();
    let (mut number, mut after, mut later) = (0, 0, NOW);
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let new = prompt(&desktop.owner, &format!("plain {number}"), later);
        let enqueued =
            until_answered!(store.enqueue(&desktop.organization, &desktop.pairing, &new, later)).command;
        done.entry(enqueued.id.clone()).or_default();
        let claimed = until_answered!(store.claim(&desktop.proven, &request(after, &[]), later));
        for given in claimed.commands {
            *done.entry(given.command.id.clone()).or_default() += 1;
            after = after.max(given.command.sequence);
            // It says so once, and does not hear whether that arrived.
            let (outcome, lease) = (CommandOutcome::Done, Some(&given.lease));
            let answer = json!({ "ok": true, "status": "completed" });
            let said =
                store.answer_command(&desktop.proven, &given.command.id, lease, outcome, &answer, later);
            if let Err(error) = said.await {
                assert!(!error.is_about_the_request(), "{error}");
            }
        }
        // What was given to nobody's ears is over by the next claim.
        later += 60_000;
    }
    done
}

/// A plain client does nothing twice; what is said to be done it did, and what it did is done or not known.
async fn holds_of_a_plain_one(store: &Store, plain: &Desktop, done: HashMap<CommandId, u32>) {
    for (id, times) in done {
        let ids = std::slice::from_ref(&id);
        let command = &store
            .commands_by_id(&plain.organization, &plain.pairing, ids)
            .await
            .unwrap()[0];
        assert!(times <= 1, "{id} was done {times} times");
        match command.state {
            CommandState::Done => assert_eq!(times, 1),
            CommandState::Queued | CommandState::Expired => assert_eq!(times, 0),
            CommandState::Unknown | CommandState::Leased => {}
            other => panic!("{id} is {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_killed_while_it_writes() {
    let cluster = Cluster::own();
    let options = Options {
        connections: 8,
        acquire_timeout: Duration::from_millis(500),
        ..Options::at(cluster.database())
    };
    Store::migrate(&options).await.unwrap();
    let store = Store::open(&options).await.unwrap();
    let other = Store::open(&options).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let mut desktops = Vec::new();
    for name in ["ada", "bob", "eve", "joe"] {
        let desktop = Arc::new(one_desktop(&store, name).await);
        let kept = Arc::new(AtomicI64::new(0));
        let tells = tokio::spawn(tell(
            store.clone(),
            desktop.proven.clone(),
            Arc::clone(&kept),
            Arc::clone(&stop),
        ));
        desktops.push((desktop, kept, tells));
    }
    let commander = Arc::new(one_desktop(&store, "max").await);
    let commands = tokio::spawn(command(store.clone(), Arc::clone(&commander), Arc::clone(&stop)));
    let plain = Arc::new(one_desktop(&store, "pam").await);
    let plain_commands = tokio::spawn(command_a_plain_one(
        store.clone(),
        Arc::clone(&plain),
        Arc::clone(&stop),
    ));
    let kept_by_all = || {
        desktops
            .iter()
            .map(|(_, kept, _)| kept.load(Ordering::Relaxed))
            .min()
            .unwrap_or(0)
    };
    let mut cluster = cluster;
    for _ in 0..4 {
        let before = kept_by_all();
        while kept_by_all() < before + 10 * BATCH {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cluster = tokio::task::spawn_blocking(move || {
            cluster.kill();
            cluster.start_again();
            cluster
        })
        .await
        .unwrap();
    }
    let before = kept_by_all();
    while kept_by_all() < before + BATCH {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Another process, whose line was cut too, hears again of what happens in this one.
    let mut waits = other
        .wakes()
        .subscribe(&[WakeKey::Events(desktops[0].0.pairing.clone())]);
    for _ in 0..3 {
        waits.woken().await;
    }
    stop.store(true, Ordering::Relaxed);
    for (desktop, kept, tells) in desktops {
        tells.await.unwrap();
        let kept = kept.load(Ordering::Relaxed);
        assert_eq!(log(&store, &desktop).await, (1..=kept).collect::<Vec<_>>());
    }
    holds_of_a_plain_one(&store, &plain, plain_commands.await.unwrap()).await;
    let done = commands.await.unwrap();
    let rows = newest(&store, &commander.organization, &commander.pairing, 200).await;
    assert!(rows.iter().all(|command| command.state == CommandState::Done));
    let newest: Vec<_> = rows
        .iter()
        .map(|command| command.result.clone().unwrap()["number"].clone())
        .collect();
    let expected: Vec<_> = (1..=done).rev().take(200).map(|number| json!(number)).collect();
    assert_eq!(newest, expected);
    // Each was answered once: the audit has a row for each answer that was taken.
    let mut taken = 0;
    let mut before = None;
    loop {
        let page = store.audit(&commander.organization, before, 200).await.unwrap();
        taken += page
            .rows
            .iter()
            .filter(|row| row.action == "command.completed")
            .count();
        before = page.older;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(i64::try_from(taken).unwrap(), done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_tells_while_postgres_is_away_hears_of_it_within_their_patience() {
    let cluster = Cluster::own();
    let options = Options {
        connections: 2,
        ..Options::at(cluster.database())
    };
    Store::migrate(&options).await.unwrap();
    let store = Store::open(&options).await.unwrap();
    let desktop = one_desktop(&store, "ada").await;
    cluster.kill();
    let alone = store.ingest(&desktop.proven, batch(1), NOW).await;
    assert!(matches!(alone, Err(StoreError::Busy)), "{alone:?}");
    // A wait for a connection takes longer than transactions are begun again for: one that broke, and the next.
    assert!(
        store.ingest_figures().retries <= 2,
        "{:?}",
        store.ingest_figures()
    );
    cluster.start_again();
    assert_eq!(
        until_answered!(store.ingest(&desktop.proven, batch(1), NOW)).through,
        BATCH
    );
}

/// Lets a request go so far, and no farther: as when its client is gone.
async fn so_far<T>(polls: usize, work: impl Future<Output = T>) {
    let mut work = std::pin::pin!(work);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return std::task::Poll::Ready(());
        }
        left -= 1;
        work.as_mut().poll(context).map(drop)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_dropped_anywhere_leaves_nothing_half_done() {
    let place = crate::place::Place::postgres();
    let options = Options {
        connections: 1,
        ..place.options.clone()
    };
    Store::migrate(&options).await.unwrap();
    let (store, other) = (Store::open(&options).await.unwrap(), place.store().await);
    let desktop = one_desktop(&store, "ada").await;
    let cookie = SecretHash::of("cookie");
    let sign_in = NewSignIn {
        user: desktop.owner.clone(),
        password_hash: "hash of ada's password".to_owned(),
        secret: cookie.clone(),
        csrf: String::new(),
        agent: String::new(),
        expires: NOW + DAY,
    };
    store.sign_in(&sign_in, &actor(), NOW).await.unwrap();
    let mut seen = NOW;
    for polls in 0..80 {
        let (pairing, organization) = (&desktop.pairing, &desktop.organization);
        let mut waits = store.wakes().subscribe(&[WakeKey::Commands(pairing.clone())]);
        let command = prompt(&desktop.owner, &format!("key {polls}"), NOW);
        so_far(polls, store.enqueue(organization, pairing, &command, NOW)).await;
        // What is written next over the same connection is kept.
        seen += 60_000;
        store.sign_in_by_secret(&cookie, DAY, seen).await.unwrap();
        let there = other.sign_ins(&desktop.owner, DAY, seen).await.unwrap();
        assert_eq!(there[0].last_seen, seen);
        // And who waits for what was kept was told.
        let last = newest(&other, organization, pairing, 1).await;
        if last.first().is_some_and(|last| last.payload == command.payload) {
            let told = tokio::time::timeout(Duration::from_secs(10), waits.woken()).await;
            assert!(
                told.is_ok(),
                "nobody was told of a command that is kept, after {polls}"
            );
            let given = desktop.claim(&store, 0, &[], NOW).await.commands.remove(0);
            let done = CommandOutcome::Done;
            let lease = Some(&given.lease);
            store
                .answer_command(&desktop.proven, &given.command.id, lease, done, &json!({}), NOW)
                .await
                .unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_write_one_file_wait_for_each_other() {
    let place = crate::place::Place::sqlite();
    let store = place.store().await;
    let other = place.store().await;
    let desktop = Arc::new(one_desktop(&store, "ada").await);
    let all: Vec<_> = (0..80)
        .map(|number| {
            let (store, desktop) = (
                if number % 2 == 0 { &store } else { &other }.clone(),
                Arc::clone(&desktop),
            );
            tokio::spawn(async move { desktop.give(&store, &format!("key {number}"), NOW).await })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
    let rows = newest(&other, &desktop.organization, &desktop.pairing, 200).await;
    let sequences: Vec<_> = rows.iter().rev().map(|command| command.sequence).collect();
    assert_eq!(sequences, (1..=80).collect::<Vec<_>>());
}

/// Names the database of the process below, which is this program started again.
const CHILD: &str = "COWORK_CLOUD_STORE_CHILD";

/// Not a test by itself: what [`a_process_with_sqlite_killed_while_it_writes`] starts and kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_until_it_is_killed() {
    let Ok(address) = std::env::var(CHILD) else { return };
    let store = Store::open(&Options::at(address)).await.unwrap();
    let desktop = the_one(&store).await;
    let mut from = store
        .end_of_events(&desktop.organization, &desktop.pairing)
        .await
        .unwrap()
        .order
        + 1;
    loop {
        let ingested = store.ingest(&desktop.proven, batch(from), NOW).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nkept {}", ingested.through).unwrap();
        out.flush().unwrap();
        drop(out);
        from = ingested.through + 1;
    }
}

/// The one desktop that is there, proven by the token it has in these tests.
async fn the_one(store: &Store) -> Desktop {
    let ada = store.user_by_email("ada@example.org").await.unwrap().unwrap();
    let pairing = store.pairings_seen_by(&ada.id).await.unwrap().remove(0).pairing;
    let token = "ocp_child".to_owned();
    let proven = store
        .prove(&pairing.id, &pairing.device, &SecretHash::of(&token))
        .await
        .unwrap()
        .unwrap();
    Desktop {
        organization: pairing.organization,
        owner: ada.id,
        pairing: pairing.id,
        device: pairing.device,
        token,
        proven,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_with_sqlite_killed_while_it_writes() {
    let place = crate::place::Place::sqlite();
    {
        let store = place.store().await;
        let desktop = one_desktop(&store, "ada").await;
        let token = SecretHash::of("ocp_child");
        store
            .rotate_pairing_token(&desktop.organization, &desktop.pairing, &token, &actor(), NOW)
            .await
            .unwrap();
        store.close().await;
    }
    for round in 1..=5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "faults::writes_until_it_is_killed", "--nocapture"])
            .env(CHILD, &place.options.address)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut kept = 0;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..round * 7 {
            let said = lines
                .by_ref()
                .map_while(Result::ok)
                .find_map(|line| line.strip_prefix("kept ")?.parse().ok());
            kept = said.expect("it writes");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said with its last breath counts too.
        kept = lines
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("kept ")?.parse().ok())
            .last()
            .unwrap_or(kept);
        let store = Store::open(&place.options).await.unwrap();
        let log = log(&store, &the_one(&store).await).await;
        let last = log.last().copied().unwrap_or(0);
        assert!(last >= kept, "{last} of {kept}");
        assert_eq!(log, (1..=last).collect::<Vec<i64>>());
        // All of a request or nothing of it.
        assert_eq!(last % BATCH, 0);
        store.close().await;
    }
}
