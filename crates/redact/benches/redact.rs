//! How many megabytes a second are cleaned, of what is usual and of what is made to hurt.
//!
//! `cargo bench -p cowork-redact`

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use cowork_redact::{Redactor, redact};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SIZE: usize = 1024 * 1024;
/// What a model or a program writes at once.
const PIECE: usize = 64;

/// Numbers that are the same each time and look like nothing.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }
}

/// Lines until the size is reached.
fn lines(mut line: impl FnMut(&mut String, &mut Numbers)) -> String {
    let (mut text, mut numbers) = (String::new(), Numbers(7));
    while text.len() < SIZE {
        line(&mut text, &mut numbers);
    }
    text
}

fn log() -> String {
    lines(|text, numbers| {
        let number = numbers.next();
        let _ = match number % 8 {
            0 => writeln!(
                text,
                "2026-11-21T09:46:21.{:06}Z  INFO cowork_supervisor::life: engine is ready port=4096 took=812ms",
                number % 1_000_000
            ),
            1 => writeln!(
                text,
                "2026-11-21T09:46:22.{:06}Z DEBUG hyper_util::client: GET http://127.0.0.1:4096/session/ses_{number:x}/message 200 in 14ms",
                number % 1_000_000
            ),
            2 => writeln!(
                text,
                "2026-11-21T09:46:23.{:06}Z  WARN cowork_workspace::engine: the stream was silent for 25 s; opening it anew attempt={}",
                number % 1_000_000,
                number % 9
            ),
            3 => writeln!(
                text,
                "2026-11-21T09:46:24.{:06}Z  INFO cowork_workspace::feed: batch sent revision={number} patches={} bytes={}",
                number % 1_000_000,
                number % 40,
                number % 9000
            ),
            4 => writeln!(
                text,
                "2026-11-21T09:46:25.{:06}Z ERROR cowork_opencode: request failed: Authorization: Bearer abc{number:x} was refused",
                number % 1_000_000
            ),
            5 => writeln!(
                text,
                "npm http fetch GET 200 https://registry.npmjs.org/left-pad 81ms (cache hit)"
            ),
            6 => writeln!(
                text,
                "   Compiling cowork-redact v0.1.0 (/home/ada/work/crates/redact)"
            ),
            _ => writeln!(text, "test crates::redact::tests::case_{number} ... ok"),
        };
    })
}

fn chat() -> String {
    const SENTENCES: [&str; 8] = [
        "The scheduler keeps a queue of ready tasks, and wakes them in the order in which they came. ",
        "I looked at the failing test first: it waits for a message that is never sent, because the sender is dropped. ",
        "Here is what I would change, in order of how much it matters.\n\n",
        "- **Keep the lock short.** Nothing else may be awaited while it is held.\n",
        "Use a new session token for each start; the key is kept in the system's keychain. ",
        "That said, the difference is small, and you might prefer the simpler version. ",
        "See `crates/store/src/lib.rs` for the tables, and the notes in docs/architecture.md. ",
        "Basic authentication is off by default, and the password is asked for once.\n\n",
    ];
    lines(|text, numbers| text.push_str(SENTENCES[usize::try_from(numbers.next() % 8).unwrap_or(0)]))
}

fn code() -> String {
    let source = concat!(
        include_str!("../src/scan.rs"),
        include_str!("../src/stream.rs"),
        include_str!("../src/log/start.rs"),
        include_str!("../tests/log.rs")
    );
    source.repeat(SIZE / source.len() + 1)
}

fn json() -> String {
    lines(|text, numbers| {
        let number = numbers.next();
        let _ = writeln!(
            text,
            "{{\"id\":\"msg_{number:x}\",\"role\":\"assistant\",\"time\":{{\"created\":{number},\"completed\":{number}}},\"tokens\":{{\"input\":{},\"output\":{},\"cache\":{{\"read\":0,\"write\":0}}}},\"parts\":[{{\"type\":\"text\",\"text\":\"The first line.\\nThe second, with \\\"quotes\\\" and a path /srv/work/{number}.rs\"}},{{\"type\":\"tool\",\"name\":\"bash\",\"key\":\"value\"}}]}}",
            number % 1000,
            number % 500
        );
    })
}

fn usual(criterion: &mut Criterion) {
    let redactor = Redactor::new(Some("/home/ada".as_ref()));
    for (name, text) in [
        ("log", log()),
        ("chat", chat()),
        ("code", code()),
        ("json", json()),
    ] {
        let mut group = criterion.benchmark_group(name);
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2))
            .throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("whole", |bencher| {
            bencher.iter(|| black_box(redactor.redact(black_box(&text)).len()));
        });
        group.bench_function("stream", |bencher| {
            bencher.iter(|| {
                let mut stream = redactor.stream();
                let mut length = 0;
                let mut rest = text.as_str();
                while !rest.is_empty() {
                    let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE.min(rest.len())));
                    length += stream.push(piece).len();
                    rest = after;
                }
                black_box(length + stream.finish().len())
            });
        });
        group.finish();
    }
}

fn hostile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hostile");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1));
    for (name, unit) in [
        ("names", "token:"),
        ("weak names", "key: auth= sig\" "),
        ("weak values", "key=aB3dE5gH7jK9mN1p "),
        ("key beginnings", "sk- ghp_ hf_ AIza xoxb- "),
        ("token beginnings", "_eyJ"),
        ("points", "."),
        ("addresses", "://a@"),
        ("folders", "pwd=/a "),
        ("quotes", "token:\"x\\\"y\" "),
        ("block heads", "-----BEGIN RSA "),
        ("options", "--aaaaaaaaaaaaaaaatoken "),
        ("all that goes", "password=hunter2 "),
    ] {
        let text = unit.repeat(SIZE / unit.len());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(redact(black_box(&text)).len()));
        });
    }
    group.finish();
}

criterion_group!(benches, usual, hostile);
criterion_main!(benches);
