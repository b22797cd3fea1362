//! What the list of threads costs, over 100,000 of them.
//!
//! `cargo bench -p cowork-store --bench threads` makes a database from a seed in `target/search-bench`, and asks for the
//! outline and for pages anywhere in it, as somebody who drags the scroll bar does. Only the system's page cache is warm.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for the person at the terminal, over figures it made up"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cowork_store::{FolderKind, SessionRow, Store, ThreadSpan};

/// Goes into the file's name: what the generator or the schema changes makes a new file.
const VERSION: u32 = 1;
const THREADS: u64 = 100_000;
const FOLDERS: u64 = 40;
const OUTLINES: usize = 100;
const PAGES: u64 = 1_000;
const PAGE: u32 = 100;
const DAY: i64 = 86_400_000;
/// 2026-06-01, and two years of threads before it.
const NOW: i64 = 1_780_272_000_000;

/// Numbers that are the same on each run (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn row(number: u64, numbers: &mut Numbers) -> SessionRow {
    let age = i64::try_from(number * 730 / THREADS).unwrap() * DAY + i64::try_from(number).unwrap();
    // A few folders have most of the threads, and every twentieth is in one that the app made.
    let of = numbers.below(FOLDERS).min(numbers.below(FOLDERS));
    let made = numbers.below(20) == 0;
    SessionRow {
        id: format!("ses_{number:024}"),
        folder: if made {
            format!("/home/ada/.local/share/app/sandboxes/{number}")
        } else {
            format!("/home/ada/work/project-{of}")
        },
        folder_kind: if made {
            FolderKind::Sandbox
        } else {
            FolderKind::Project
        },
        parent: None,
        title: format!("Look into number {number} and say what is wrong with it"),
        agent: Some("build".to_owned()),
        model: Some("provider/model".to_owned()),
        created: NOW - age,
        updated: NOW - age,
        mark: None,
        unread: false,
        cost: 0.1,
        demo: false,
        needs_you: false,
        tags: Vec::new(),
    }
}

fn place() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"),
        PathBuf::from,
    );
    target
        .join("search-bench")
        .join(format!("list-{THREADS}-v{VERSION}.db"))
}

/// Makes the database, unless it is there.
fn make() -> PathBuf {
    let path = place();
    if path.exists() {
        return path;
    }
    let making = path.with_extension("making");
    let _ = std::fs::remove_file(&making);
    let (store, _) = Store::open(&making, NOW).unwrap();
    let mut numbers = Numbers(1);
    for first in (0..THREADS).step_by(1_000) {
        let rows: Vec<_> = (first..first + 1_000)
            .map(|number| row(number, &mut numbers))
            .collect();
        store.upsert_sessions(&rows).unwrap();
    }
    drop(store);
    std::fs::rename(&making, &path).unwrap();
    path
}

/// As a window asks: seven days, twelve months, ten years.
fn starts() -> Vec<i64> {
    let days = (0..7).map(|day| NOW - day * DAY);
    let months = (1..13).map(|month| NOW - month * 30 * DAY);
    let years = (2..12).map(|year| NOW - year * 365 * DAY);
    days.chain(months).chain(years).collect()
}

fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1_000.0;
    println!(
        "  {what:<9} p50 {:>6.2} ms  p95 {:>6.2} ms  most {:>6.2} ms",
        at(50),
        at(95),
        at(100)
    );
}

fn main() {
    let path = make();
    // Into the page cache, whoever wrote it.
    std::io::copy(&mut std::fs::File::open(&path).unwrap(), &mut std::io::sink()).unwrap();
    let (store, _) = Store::open(&path, NOW).unwrap();
    println!("{THREADS} threads in {FOLDERS} folders");
    let starts = starts();
    let mut groups = Vec::new();
    let outlines = (0..OUTLINES)
        .map(|_| {
            let began = Instant::now();
            groups = store.thread_outline(&starts).unwrap();
            began.elapsed()
        })
        .collect();
    tell("outline", outlines);
    let mut numbers = Numbers(2);
    // By threads and not by spans: most of a long list is in its longest spans.
    let spans: Vec<_> = groups
        .iter()
        .flat_map(|group| (0..group.counts.len()).map(move |span| (group, span)))
        .collect();
    let pages = (0..PAGES)
        .map(|_| {
            let mut at = numbers.below(THREADS);
            let (group, span) = *spans
                .iter()
                .find(|(group, span)| {
                    let count = u64::from(group.counts[*span]);
                    let here = at < count;
                    at -= if here { 0 } else { count };
                    here
                })
                .unwrap();
            let wanted = ThreadSpan {
                folder: group.folder.clone(),
                from: starts.get(span).copied(),
                until: span.checked_sub(1).map(|before| starts[before]),
                offset: u32::try_from(at).unwrap(),
                limit: PAGE,
            };
            let began = Instant::now();
            let page = store.thread_page(&wanted).unwrap();
            let took = began.elapsed();
            assert!(!page.rows.is_empty());
            took
        })
        .collect();
    tell("page", pages);
    let deepest = (0..OUTLINES)
        .map(|_| {
            let folder = groups[0].folder.clone();
            let count: u32 = groups[0].counts.iter().sum();
            let wanted = ThreadSpan {
                folder,
                offset: count - PAGE,
                limit: PAGE,
                ..ThreadSpan::default()
            };
            let began = Instant::now();
            assert_eq!(store.thread_page(&wanted).unwrap().rows.len(), PAGE as usize);
            began.elapsed()
        })
        .collect();
    tell("deepest", deepest);
}
