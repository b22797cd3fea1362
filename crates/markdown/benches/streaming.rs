//! What one delta costs at 1 KB and at 100 KB of message, and the ratio of the two.
//!
//! `cargo bench -p cowork-markdown`
#![expect(clippy::print_stdout, reason = "the ratio is what the bench is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use cowork_markdown::Document;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

/// Makes a message of a size.
type Sample = fn(usize) -> String;

const SMALL: usize = 1_024;
const LARGE: usize = 100 * 1_024;
/// What a model sends at once: a token or two.
const DELTA: usize = 8;
/// Deltas timed from one starting size: enough to pass through lines, blocks and pieces.
const DELTAS: usize = 256;

fn prose(size: usize) -> String {
    let paragraph = "The **scheduler** keeps a queue of `ready` tasks, see [the notes](https://example.com/notes), and \
        wakes them in order.\nNothing else touches it, so a lock is *not* needed here; a second owner would change that \
        and with it the whole argument about fairness.\n\n";
    paragraph.repeat(size / paragraph.len() + 1)[..size].to_owned()
}

fn fence(size: usize) -> String {
    let line = "    let total: u64 = items.iter().map(|item| item.size + 4_096).sum(); // bytes\n";
    format!("```rust\n{}", line.repeat(size / line.len() + 1))[..size].to_owned()
}

fn table(size: usize) -> String {
    let row = "| `crates/store` | owns **the** database file | 1,024 |\n";
    format!(
        "| Room | What it does | Lines |\n|---|:---:|---:|\n{}",
        row.repeat(size / row.len() + 1)
    )[..size]
        .to_owned()
}

fn list(size: usize) -> String {
    let item = "- a step with `code` and **weight**, about as long as steps are\n";
    item.repeat(size / item.len() + 1)[..size].to_owned()
}

/// An explanation with formulas in every other line.
fn formulas(size: usize) -> String {
    let paragraph = "The loss $L(\\theta)$ falls when $\\nabla L \\ne 0$, so that\n\n$$\\theta_{t+1} = \\theta_t - \\eta \
        \\frac{\\partial L}{\\partial \\theta}$$\n\nholds for all $t \\ge 0$; it costs $5 and not $10.\n\n";
    paragraph.repeat(size / paragraph.len() + 1)[..size].to_owned()
}

/// Time per delta of a message that has `size` bytes already.
fn per_delta(sample: Sample, size: usize, rounds: u64) -> Duration {
    let text = sample(size + DELTA * DELTAS);
    let mut spent = Duration::ZERO;
    for _ in 0..rounds {
        let mut document = Document::new();
        document.push(&text[..size]);
        let started = Instant::now();
        for number in 0..DELTAS {
            let at = size + number * DELTA;
            black_box(document.push(&text[at..at + DELTA]));
        }
        spent += started.elapsed();
    }
    spent / u32::try_from(DELTAS).unwrap_or(u32::MAX)
}

fn streaming(criterion: &mut Criterion) {
    let samples: [(&str, Sample); 5] = [
        ("prose", prose),
        ("fence", fence),
        ("table", table),
        ("list", list),
        ("formulas", formulas),
    ];
    for (name, sample) in samples {
        let mut group = criterion.benchmark_group(name);
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2));
        for size in [SMALL, LARGE] {
            group.bench_with_input(BenchmarkId::new("delta", size), &size, |bencher, &size| {
                bencher.iter_custom(|rounds| per_delta(sample, size, rounds));
            });
        }
        group.finish();
        let rounds = 20;
        let (small, large) = (per_delta(sample, SMALL, rounds), per_delta(sample, LARGE, rounds));
        println!(
            "{name}: per delta {:?} at 1 KB, {:?} at 100 KB, ratio {:.2}",
            small / 20,
            large / 20,
            large.as_secs_f64() / small.as_secs_f64()
        );
    }
}

criterion_group!(benches, streaming);
criterion_main!(benches);
