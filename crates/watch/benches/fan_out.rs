//! A second of two hundred desktops that tell two thousand events, each looked at by five browsers: how long this machine
//! works on it, and the same for one desktop alone, which is to be a two hundredth.

#![expect(clippy::unwrap_used, reason = "a bench says so by failing")]
#![expect(clippy::print_stdout, reason = "its figures are for who runs it")]
#![expect(unused, reason = "the tests' log and story have more than is needed here")]

#[path = "../tests/rooms/memory.rs"]
mod memory;
#[path = "../tests/rooms/story.rs"]
mod story;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cowork_watch::{Frame, Hub, Watcher, bounds};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use memory::{Memory, key};
use story::SESSION;
use tokio::runtime::Runtime;

const BROWSERS: usize = 5;
/// Events that a desktop tells in a second, some at a time.
const EVENTS: usize = 10;
const WORD: &str = "a few words of an answer ";

struct World {
    memory: Arc<Memory>,
    hub: Hub,
    desks: usize,
    told: usize,
    got: Arc<AtomicU64>,
}

impl World {
    async fn new(desks: usize) -> Self {
        let memory = Memory::new();
        let hub = memory.hub();
        let got = Arc::new(AtomicU64::new(0));
        for number in 0..desks {
            let desk = format!("desk_{number}");
            memory.tell(&desk, SESSION, &[story::thread("A", 1), story::busy()]);
            for _ in 0..BROWSERS {
                let watcher = hub.watch(&key(&desk)).await.unwrap();
                watcher.start().await.unwrap();
                watcher.open(SESSION, None).await.unwrap();
                tokio::spawn(read(watcher, Arc::clone(&got)));
            }
        }
        let mut world = Self {
            memory,
            hub,
            desks,
            told: 0,
            got,
        };
        world.begin();
        world
    }

    /// Another answer, so that none grows without end.
    fn begin(&mut self) {
        self.told += 1;
        let (message, part) = self.names();
        let created = i64::try_from(self.told).unwrap();
        for number in 0..self.desks {
            let begun = [
                story::message(SESSION, &message, cowork_engine::Role::Assistant, created, false),
                story::text(&message, &part, ""),
            ];
            self.memory.tell(&format!("desk_{number}"), SESSION, &begun);
        }
    }

    fn names(&self) -> (String, String) {
        (format!("msg_{:09}", self.told), format!("prt_{:09}", self.told))
    }

    /// Every desktop tells a second's events, in a second.
    async fn second(&mut self) {
        self.begin();
        let (message, part) = self.names();
        for step in 0..EVENTS {
            for number in 0..self.desks {
                let grew = story::grew(&message, &part, step * WORD.len(), WORD);
                self.memory.tell(&format!("desk_{number}"), SESSION, &[grew]);
            }
            tokio::time::sleep(Duration::from_millis(1_000 / EVENTS as u64)).await;
        }
    }
}

async fn read(watcher: Watcher, got: Arc<AtomicU64>) {
    while let Some(frame) = watcher.next().await {
        if matches!(frame, Frame::Update(_)) {
            got.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Seconds of this process's work.
fn worked() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |place: usize| {
        fields
            .get(place)
            .and_then(|ticks| ticks.parse::<f64>().ok())
            .unwrap_or_default()
    };
    (ticks(11) + ticks(12)) / 100.0
}

fn following(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("a second of");
    group.sample_size(10);
    for desks in [1, 200] {
        let mut world = runtime.block_on(World::new(desks));
        group.throughput(Throughput::Elements(u64::try_from(desks * EVENTS).unwrap()));
        let (before, frames) = (worked(), world.hub.figures().frames());
        let mut seconds = 0.0;
        group.bench_function(format!("{desks} desktops"), |bencher| {
            bencher.iter_custom(|times| {
                let begun = worked();
                runtime.block_on(async {
                    for _ in 0..times {
                        world.second().await;
                        seconds += 1.0;
                    }
                });
                Duration::from_secs_f64(worked() - begun)
            });
        });
        let each = 1000.0 * (worked() - before) / seconds;
        let frames = world.hub.figures().frames() - frames;
        let overruns = world.hub.figures().overruns();
        println!(
            "{desks} desktops: {each:.1} ms of work for each second, {frames} batches to browsers, {overruns} overruns"
        );
    }
    group.finish();
}

criterion_group!(benches, following);
criterion_main!(benches);
