//! How many bytes a second of what programs print become what a terminal would show, beside checking and copying the
//! same bytes, which is the least anyone could do.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const BYTES: usize = 5_000_000;

fn repeated(line: impl Fn(usize) -> String) -> String {
    let mut printed = String::with_capacity(BYTES + 200);
    let mut index = 0;
    while printed.len() < BYTES {
        assert!(
            printed.write_str(&line(index)).is_ok(),
            "a string can be written to"
        );
        index += 1;
    }
    printed
}

fn reducing(criterion: &mut Criterion) {
    let outputs = [
        (
            "plain lines",
            repeated(|index| format!("   Compiling a-crate-of-many v0.1.{index}\n")),
        ),
        (
            "coloured words",
            repeated(|index| {
                format!(
                    "\u{1b}[1m\u{1b}[3{}m   Compiling\u{1b}[0m a-crate-of-many v0.1.0\n",
                    index % 8
                )
            }),
        ),
        (
            "every character coloured",
            repeated(|index| {
                format!(
                    "\u{1b}[3{}m{}",
                    index % 8,
                    if index % 80 == 0 { '\n' } else { 'x' }
                )
            }),
        ),
        (
            "a progress line",
            repeated(|index| format!("\r\u{1b}[K{index} of a million")),
        ),
        ("one line", "{\"id\":1,\"value\":true},".repeat(BYTES / 22)),
        (
            "other scripts",
            repeated(|index| format!("日本語の出力 {index} – привет\n")),
        ),
    ];
    for (name, printed) in outputs {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(printed.len() as u64));
        group.sample_size(10);
        group.bench_function("checked and copied", |bencher| {
            bencher.iter(|| String::from_utf8_lossy(black_box(printed.as_bytes())).into_owned());
        });
        group.bench_function("as a terminal shows it", |bencher| {
            bencher.iter(|| cowork_screen::render::plain(black_box(&printed)));
        });
        group.finish();
    }
}

criterion_group!(benches, reducing);
criterion_main!(benches);
