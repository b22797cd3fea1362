//! What an event costs the server's database, for one tenant and for a hundred.
//!
//! 200 desktops send ten events each at once, all of one organization or spread over a hundred, and wait until they are
//! on the disk. The time is for all 2,000; beside it criterion says how many that are in a second.
//!
//! PostgreSQL is a cluster of this program's own, which it starts as tests do; it refuses root, so this is run as an
//! ordinary user, on a disk as it is used for databases (`TMPDIR` says where).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program for the person at the terminal"
)]

#[path = "../tests/support/postgres.rs"]
#[expect(dead_code, reason = "the tests ask for more of it")]
mod postgres;

use std::time::{Duration, Instant};

use cowork_cloud_store::{
    Actor, DeviceId, EventId, Limits, NewEvent, NewPairing, NewUser, Options, PairingId, Proven, SecretHash,
    SessionId, Store, Visibility,
};
use cowork_pairing_protocol::wire::EventType;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;

const DESKTOPS: i64 = 200;
const EVENTS: i64 = 10;
const NOW: i64 = 1_780_272_000_000;

/// A desktop, and up to where it told.
struct Desktop {
    proven: Proven,
    told: i64,
}

async fn desktops(store: &Store, tenants: i64) -> Vec<Desktop> {
    let by = Actor::server();
    let mut owners = Vec::new();
    for tenant in 0..tenants {
        let secret = SecretHash::of(&format!("link {tenant}"));
        store.mint_owner_link(&secret, NOW + 1, NOW).await.unwrap();
        let user = NewUser {
            email: format!("owner{tenant}@example.org"),
            name: "Owner".to_owned(),
            password_hash: String::new(),
        };
        owners.push(
            store
                .redeem_owner_link(&secret, &user, "Organization", NOW)
                .await
                .unwrap(),
        );
    }
    let mut desktops = Vec::new();
    for number in 0..DESKTOPS {
        let owner = &owners[usize::try_from(number % tenants).unwrap()];
        let (token, device) = (
            SecretHash::of(&format!("ocp_{number}")),
            DeviceId::parse("device").unwrap(),
        );
        let new = NewPairing {
            id: PairingId::random(),
            device: device.clone(),
            label: "Desk".to_owned(),
            token: token.clone(),
            visibility: Visibility::Owner,
        };
        store
            .enrol(&owner.organization, &owner.user, &new, &by, NOW)
            .await
            .unwrap();
        let proven = store.prove(&new.id, &device, &token).await.unwrap().unwrap();
        desktops.push(Desktop { proven, told: 0 });
    }
    desktops
}

/// Text that grows, as most events tell.
fn events(from: i64) -> Vec<NewEvent> {
    (from + 1..=from + EVENTS)
        .map(|sequence| NewEvent {
            id: EventId::parse(&format!("evt_{sequence:026}")).unwrap(),
            kind: EventType::SessionEvent,
            sequence: Some(sequence),
            workspace: Some("local".to_owned()),
            session: Some(SessionId::parse("ses_0123456789abcdefghijklmnop").unwrap()),
            command: None,
            payload: Some(json!({ "v": 1, "event": {
                "kind": "grew", "message": "msg_0123456789", "part": "prt_0123456789", "from": sequence * 60,
                "delta": "some sixty bytes of an answer, as a model gives it at once, ",
            } })),
            occurred: NOW,
        })
        .collect()
}

/// Everybody tells at once; until all of it is kept.
async fn tell(store: &Store, desktops: &mut [Desktop]) {
    let mut all = Vec::with_capacity(desktops.len());
    for desktop in desktops {
        let (store, proven, events) = (store.clone(), desktop.proven.clone(), events(desktop.told));
        desktop.told += EVENTS;
        all.push((
            desktop.told,
            tokio::spawn(async move { store.ingest(&proven, events, NOW).await.unwrap() }),
        ));
    }
    for (through, told) in all {
        assert_eq!(told.await.unwrap().through, through);
    }
}

fn ingest(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cluster = postgres::Cluster::own();
    let mut group = criterion.benchmark_group("2,000 events kept");
    group.throughput(Throughput::Elements((DESKTOPS * EVENTS).unsigned_abs()));
    group
        .sample_size(20)
        .warm_up_time(Duration::from_secs(2))
        .measurement_time(Duration::from_secs(10));
    for tenants in [1, 100] {
        let file = format!("sqlite:{}/{tenants}.db", folder.path().display());
        for (name, address) in [("SQLite", file), ("PostgreSQL", cluster.database())] {
            let unbounded = Limits {
                events_per_day: u64::MAX,
                log_bytes: u64::MAX,
                ..Limits::default()
            };
            let options = Options {
                limits: unbounded,
                ..Options::at(address)
            };
            let (store, mut desktops) = runtime.block_on(async {
                Store::migrate(&options).await.unwrap();
                let store = Store::open(&options).await.unwrap();
                let desktops = desktops(&store, tenants).await;
                (store, desktops)
            });
            group.bench_function(BenchmarkId::new(name, format!("{tenants} tenants")), |bench| {
                bench.iter_custom(|rounds| {
                    let began = Instant::now();
                    for _ in 0..rounds {
                        runtime.block_on(tell(&store, &mut desktops));
                    }
                    began.elapsed()
                });
            });
            runtime.block_on(store.close());
        }
    }
    group.finish();
}

criterion_group!(benches, ingest);
criterion_main!(benches);
