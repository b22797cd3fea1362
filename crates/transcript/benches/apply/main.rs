//! What an event costs: `cargo bench -p cowork-transcript`.
//!
//! Deltas are made in runs of 10,000 outside the measured time, so that a million of them do not have to be in
//! memory at once; the transcript grows through all of them.

#![expect(clippy::print_stdout, reason = "what memory holds is a line and no time")]

mod made;

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cowork_engine::{
    EngineEvent, MessageId, PartId, SessionId, SessionSnapshot, SessionStatus, Todo, TodoState, Usage,
};
use cowork_transcript::Transcript;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use self::made::{called, delta, handed_over, message, opened, snapshot, tool, written};

const RUN: usize = 10_000;

fn deltas(criterion: &mut Criterion) {
    let session = SessionId::from("ses_e05f1a7f2ffegUOfO5Y2U0L4qg");
    let message = MessageId::from("msg_1fa0e5812001sjP2ZuXq0bJ7Lk9d");
    let part = PartId::from("prt_1fa0e5a8c001MRPcZO4v7W2hYqQx");
    let mut group = criterion.benchmark_group("deltas in one session");
    group.sample_size(10);
    for count in [100_000_usize, 1_000_000] {
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::from_parameter(count), &count, |bencher, count| {
            bencher.iter_custom(|iterations| {
                let mut spent = Duration::ZERO;
                for _ in 0..iterations {
                    let mut transcript = opened(&session, message.as_str(), part.as_str());
                    let mut patches = Vec::new();
                    for _ in 0..count / RUN {
                        let run: Vec<_> = (0..RUN).map(|_| delta(&session, &message, &part)).collect();
                        patches.clear();
                        let started = Instant::now();
                        for event in run {
                            transcript.apply(event, 1, &mut patches);
                        }
                        spent += started.elapsed();
                    }
                    black_box(&transcript);
                }
                spent
            });
        });
    }
    group.finish();
}

/// Two blocks that grow in turn in a session of 10,000 messages: the case that the memory of the last block
/// does not help.
fn lookups(criterion: &mut Criterion) {
    let session = SessionId::from("ses_e05f1a7f2ffegUOfO5Y2U0L4qg");
    let mut group = criterion.benchmark_group("10,000 deltas, turn about in two messages");
    group.throughput(Throughput::Elements(RUN as u64));
    for count in [10_i32, 10_000] {
        let ids: Vec<_> = (0..count)
            .map(|n| format!("msg_1fa0e5812001sjP2ZuXq{n:08}"))
            .collect();
        let messages = ids
            .iter()
            .zip(0..)
            .map(|(id, created)| written(&session, id, created, "An answer."));
        let snapshot = snapshot(&session, SessionStatus::Busy, messages.collect());
        let mut transcript = Transcript::new(session.clone());
        let _ = black_box(transcript.restore(snapshot, 1));
        let mut patches = Vec::new();
        group.bench_function(BenchmarkId::new("messages", count), |bencher| {
            bencher.iter_batched(
                || {
                    let targets = [&ids[0], &ids[ids.len() - 1]];
                    let targets =
                        targets.map(|id| (MessageId::from(id.as_str()), PartId::new(format!("prt_{id}"))));
                    (0..RUN)
                        .map(|n| delta(&session, &targets[n % 2].0, &targets[n % 2].1))
                        .collect::<Vec<_>>()
                },
                |events| {
                    patches.clear();
                    for event in events {
                        transcript.apply(event, 1, &mut patches);
                    }
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// Six sub-agents and the root that started them: 40 chunks of text from the root and from each of them, and
/// with each round of them a tool call at every 5th, a plan at every 10th, a cost at every 4th.
fn mixed(criterion: &mut Criterion) {
    let root = SessionId::from("ses_e05f1a7f2ffegUOfO5Y2U0L4qg");
    let tasks: Vec<_> = (0..6)
        .map(|n| SessionId::new(format!("ses_e05f0764bffesYmM5JM1P64{n:03}")))
        .collect();
    let answer = |session: &SessionId| format!("msg_{session}");
    let text_of = |session: &SessionId| format!("prt_{session}");
    let mut events = Vec::new();
    for task in &tasks {
        for chunk in 0..40_usize {
            for session in [&root, task] {
                events.push(delta(
                    session,
                    &answer(session).as_str().into(),
                    &text_of(session).as_str().into(),
                ));
            }
            if chunk % 5 == 0 {
                events.push(tool(task, &answer(task).as_str().into(), chunk));
            }
            if chunk % 10 == 0 {
                let todos = (0..5).map(|n| Todo {
                    content: format!("step {n} of {chunk}"),
                    state: TodoState::Pending,
                });
                events.push(EngineEvent::TodosChanged {
                    session: root.clone(),
                    todos: todos.collect(),
                });
            }
            if chunk % 4 == 0 {
                let mut head = message(task, &answer(task), 1);
                head.usage = Usage {
                    input: chunk as u64 + 1,
                    ..Usage::default()
                };
                events.push(EngineEvent::MessageChanged(head));
            }
        }
    }
    // Ends of all tasks and of the root bring the number to that of the reducer this is compared with.
    for session in tasks.iter().chain([&root]) {
        for status in [
            SessionStatus::Busy,
            SessionStatus::Busy,
            SessionStatus::Busy,
            SessionStatus::Idle,
        ] {
            events.push(EngineEvent::StatusChanged {
                session: session.clone(),
                status,
            });
        }
    }
    assert_eq!(events.len(), 640, "the run is of 640 events");

    let mut group = criterion.benchmark_group("mixed events");
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("640", |bencher| {
        bencher.iter_batched(
            || {
                let open = |session: &SessionId| {
                    (
                        session.clone(),
                        opened(session, &answer(session), &text_of(session)),
                    )
                };
                (
                    events.clone(),
                    tasks.iter().chain([&root]).map(open).collect::<HashMap<_, _>>(),
                    Vec::new(),
                )
            },
            |(events, mut transcripts, mut patches)| {
                for event in events {
                    if let Some(transcript) =
                        session_of(&event).and_then(|session| transcripts.get_mut(session))
                    {
                        transcript.apply(event, 1, &mut patches);
                    }
                }
                (transcripts, patches)
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// A history as it is opened: 48 messages of a session and 14 of each of its eight sub-agents, each with a text and every
/// third with a call.
fn history(criterion: &mut Criterion) {
    let sessions: Vec<_> = (0..9_usize)
        .map(|n| SessionId::new(format!("ses_e05f0764bffesYmM5JM1P64{n:03}")))
        .collect();
    let snapshots: Vec<_> = sessions
        .iter()
        .enumerate()
        .map(|(place, session)| told(session, if place == 0 { 48 } else { 14 }))
        .collect();
    let mut group = criterion.benchmark_group("history");
    group.throughput(Throughput::Elements(48 + 8 * 14));
    group.bench_function("48 messages and 8 times 14", |bencher| {
        bencher.iter_batched(
            || snapshots.clone(),
            |snapshots| {
                let restored = snapshots.into_iter().map(|snapshot| {
                    let mut transcript = Transcript::new(snapshot.session.id.clone());
                    let patches = transcript.restore(snapshot, 1);
                    (transcript, patches)
                });
                restored.collect::<Vec<_>>()
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// A session whose messages each have a text, and every third a call.
fn told(session: &SessionId, count: usize) -> SessionSnapshot {
    let text = "A word or two of an answer. ".repeat(20);
    let messages = (0..count).map(|n| {
        let id = format!("msg_{session}{n:04}");
        let mut message = written(session, &id, i64::try_from(n).unwrap_or(0), &text);
        if n % 3 == 0 {
            message.parts.push(called(&message.message.id, n));
        }
        message
    });
    snapshot(session, SessionStatus::Idle, messages.collect())
}

/// What a batch reads of a sub-agent to show it and the newest of its own: the same however many it has, and however long
/// it is.
fn sub_agents(criterion: &mut Criterion) {
    let session = SessionId::from("ses_e05f1a7f2ffegUOfO5Y2U0L4qg");
    let child = |n: usize| SessionId::new(format!("ses_e05f0764bffesYmM5JM1P{n:05}"));
    let mut group = criterion.benchmark_group("a batch's look at a sub-agent");
    for count in [10_usize, 1_000, 10_000] {
        let messages = (0..count).map(|n| {
            let id = format!("msg_{n:06}");
            let mut message = written(&session, &id, i64::try_from(n).unwrap_or(0), "An answer.");
            message.parts.push(handed_over(&message.message.id, n, child(n)));
            message
        });
        let mut transcript = Transcript::new(session.clone());
        let told = snapshot(&session, SessionStatus::Busy, messages.collect());
        let _ = black_box(transcript.restore(told, 1));
        let last = child(count - 1);
        group.bench_function(BenchmarkId::new("sub-agents of its own", count), |bencher| {
            bencher.iter(|| {
                let shown = transcript.tasks().take(32).filter(|task| task.waiting).count();
                let place = transcript.calls_of(black_box(&last)).next_back();
                (shown, place, transcript.usage())
            });
        });
    }
    group.finish();
}

/// What a million deltas leave in memory beyond the text they make, from what the system says of this process.
fn memory(_: &mut Criterion) {
    let session = SessionId::from("ses_e05f1a7f2ffegUOfO5Y2U0L4qg");
    let message = MessageId::from("msg_1fa0e5812001sjP2ZuXq0bJ7Lk9d");
    let part = PartId::from("prt_1fa0e5a8c001MRPcZO4v7W2hYqQx");
    let mut transcript = opened(&session, message.as_str(), part.as_str());
    let mut patches = Vec::new();
    let Some(before) = resident() else { return };
    for count in 1..=1_000_000_u32 {
        transcript.apply(delta(&session, &message, &part), 1, &mut patches);
        patches.clear();
        if matches!(count, 100_000 | 1_000_000)
            && let Some(now) = resident()
        {
            let held = now.saturating_sub(before) / 1024;
            let text = u64::from(count) * 5 / 1024;
            println!("{count} deltas: {held} KB more in memory, of which {text} KB are the text");
        }
    }
    black_box(&transcript);
}

/// Bytes of this process in memory, on Linux.
fn resident() -> Option<u64> {
    const PAGE: u64 = 4096;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split_whitespace().nth(1)?.parse::<u64>().ok()? * PAGE)
}

/// Which transcript an event is for, as whoever holds several has to find out.
fn session_of(event: &EngineEvent) -> Option<&SessionId> {
    match event {
        EngineEvent::PartGrew { session, .. }
        | EngineEvent::PartChanged { session, .. }
        | EngineEvent::TodosChanged { session, .. }
        | EngineEvent::StatusChanged { session, .. } => Some(session),
        EngineEvent::MessageChanged(message) => Some(&message.session),
        _ => None,
    }
}

criterion_group!(benches, memory, deltas, lookups, mixed, history, sub_agents);
criterion_main!(benches);
