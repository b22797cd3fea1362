//! What a search costs, over 5,000 and over 100,000 threads.
//!
//! `cargo bench -p cowork-store --bench search` makes both databases once, from a seed and with words as frequent as
//! those of a language (Zipf), in `target/search-bench`, and asks a fixed mix of searches, each once, so that no
//! answer can come from one before it. Only the system's page cache is warm. `-- small` asks the small one alone.
//!
//! A search is one thread's work. Its time is that on the wall, and beside it what the processor was at it: on a machine
//! that does something else as well, the second is what an idle one would take.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a program for the person at the terminal, over figures it made up"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cowork_store::{Document, DocumentKind, Facets, FolderKind, Options, Search, SessionRow, Store};

/// Goes into the file's name: what the generator or the schema changes makes a new file.
const VERSION: u32 = 4;
const VOCABULARY: usize = 50_000;
const MESSAGES: u64 = 10;
const FOLDERS: u64 = 40;
const QUERIES: u64 = 150;
/// 2026-06-01, and two years of threads before it.
const NOW: i64 = 1_780_272_000_000;
const SPAN: i64 = 2 * 365 * 86_400_000;

/// Numbers that are the same on each run (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

struct Vocabulary {
    words: Vec<String>,
    /// Up to each word, the share of all words of a text.
    shares: Vec<f64>,
}

impl Vocabulary {
    fn new() -> Self {
        const HEADS: [&str; 24] = [
            "b", "br", "c", "ch", "d", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pr", "r", "s",
            "st", "t", "tr", "v", "w", "z",
        ];
        const TAILS: [&str; 16] = [
            "a", "e", "i", "o", "u", "an", "en", "in", "on", "ar", "er", "or", "al", "el", "it", "us",
        ];
        let mut numbers = Numbers(7);
        let mut known = std::collections::HashSet::new();
        let mut words = Vec::with_capacity(VOCABULARY);
        while words.len() < VOCABULARY {
            // Frequent words are short, as in a language.
            let syllables = 1 + numbers.below(2 + words.len().min(2) as u64) + u64::from(words.len() > 2_000);
            let word: String = (0..syllables)
                .flat_map(|_| {
                    [
                        HEADS[numbers.below(HEADS.len() as u64) as usize],
                        TAILS[numbers.below(TAILS.len() as u64) as usize],
                    ]
                })
                .collect();
            if known.insert(word.clone()) {
                words.push(word);
            }
        }
        let mut sum = 0.0;
        let mut shares: Vec<f64> = (1..=VOCABULARY)
            .map(|rank| {
                sum += 1.0 / (rank as f64);
                sum
            })
            .collect();
        for share in &mut shares {
            *share /= sum;
        }
        Self { words, shares }
    }

    fn word(&self, numbers: &mut Numbers) -> &str {
        let share = numbers.share();
        let at = self.shares.partition_point(|up_to| *up_to < share);
        &self.words[at.min(VOCABULARY - 1)]
    }

    fn text(&self, numbers: &mut Numbers, length: u64, letters: Letters) -> String {
        let mut text = String::new();
        for at in 0..length {
            if at > 0 {
                text.push_str(if at % 12 == 0 { ". " } else { " " });
            }
            match letters {
                Letters::Latin => text.push_str(self.word(numbers)),
                Letters::Cyrillic => text.push_str(&cyrillic(self.word(numbers))),
            }
        }
        text
    }
}

/// What a thread is written in.
#[derive(Clone, Copy)]
enum Letters {
    Latin,
    Cyrillic,
}

/// A word in other letters, as different from others as it was.
fn cyrillic(word: &str) -> String {
    word.bytes()
        .filter_map(|letter| char::from_u32(u32::from('а') + u32::from(letter - b'a')))
        .collect()
}

fn folder(number: u64) -> String {
    format!("/home/ada/work/project-{number}")
}

fn thread(vocabulary: &Vocabulary, number: u64, threads: u64) -> (SessionRow, Vec<Document>) {
    let mut numbers = Numbers(number.wrapping_mul(0x1234_5678_9abc_def1) ^ 0x63);
    let created = NOW - SPAN + (SPAN as f64 * (number as f64 / threads as f64)) as i64;
    // A few folders have most of the threads.
    let of = numbers.below(FOLDERS).min(numbers.below(FOLDERS));
    let agent = ["build", "plan", "review"][numbers.below(3) as usize].to_owned();
    let model = format!("provider/model-{}", numbers.below(8));
    let changes = numbers.below(10) < 4;
    let letters = if number % 20 == 7 {
        Letters::Cyrillic
    } else {
        Letters::Latin
    };
    let id = format!("ses_{number:024}");
    let documents = (0..MESSAGES)
        .map(|at| {
            let prompt = at % 3 == 0;
            let length = if prompt {
                5 + numbers.below(50)
            } else {
                20 + numbers.below(200)
            };
            let text = vocabulary.text(&mut numbers, length, letters);
            let tool_words = if prompt { 0 } else { numbers.below(40) };
            Document {
                session: id.clone(),
                message: format!("msg_{number:020}{at:04}"),
                kind: if prompt {
                    DocumentKind::Prompt
                } else {
                    DocumentKind::Answer
                },
                agent: Some(agent.clone()),
                model: Some(model.clone()),
                created: created + i64::try_from(at).unwrap() * 20_000,
                tokens: 1_000,
                usage: None,
                text,
                tools: vocabulary.text(&mut numbers, tool_words, letters),
                changed_files: (changes && at == 4)
                    .then(|| "src/main.rs".to_owned())
                    .into_iter()
                    .collect(),
            }
        })
        .collect();
    let row = SessionRow {
        id,
        folder: folder(of),
        folder_kind: FolderKind::Project,
        parent: None,
        title: vocabulary.text(&mut numbers, 4, letters),
        agent: Some(agent),
        model: Some(model),
        created,
        updated: created + 200_000,
        mark: None,
        unread: false,
        cost: 0.1,
        demo: false,
        needs_you: number + 5 > threads,
        tags: Vec::new(),
    };
    (row, documents)
}

fn place(threads: u64) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"),
        PathBuf::from,
    );
    target
        .join("search-bench")
        .join(format!("{threads}-v{VERSION}.db"))
}

fn file_size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Makes the database, unless it is there, and says how the file grew.
fn make(vocabulary: &Vocabulary, threads: u64) -> PathBuf {
    let path = place(threads);
    if path.exists() {
        return path;
    }
    let making = path.with_extension("making");
    let _ = std::fs::remove_file(&making);
    let (store, _) = Store::open_with(&making, NOW, Options::default()).unwrap();
    let began = Instant::now();
    let tenth = threads / 10;
    let (mut size, mut from) = (file_size(&making), Instant::now());
    for first in (0..threads).step_by(10) {
        let (rows, documents): (Vec<_>, Vec<_>) = (first..(first + 10).min(threads))
            .map(|number| thread(vocabulary, number, threads))
            .unzip();
        store.upsert_sessions(&rows).unwrap();
        store.index_messages(&documents.concat()).unwrap();
        for row in &rows {
            store
                .set_indexed(&row.id, row.updated, store.index_made())
                .unwrap();
        }
        if (first + 10) % tenth == 0 {
            let now = file_size(&making);
            let messages = tenth * MESSAGES;
            println!(
                "  {:>9} messages: +{} bytes and {} µs a message",
                (first + 10) * MESSAGES,
                now.saturating_sub(size) / messages,
                from.elapsed().as_micros() / u128::from(messages),
            );
            (size, from) = (now, Instant::now());
        }
    }
    drop(store);
    std::fs::rename(&making, &path).unwrap();
    println!("  made in {} s", began.elapsed().as_secs());
    path
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Rare,
    Common,
    TwoWords,
    /// The beginning of a word, of so many letters, as while it is typed.
    Prefix(usize),
    /// One letter that is not ASCII, as while a word is typed.
    Letter,
    /// A common word, typed to its end: it may still be the beginning of another.
    Typed,
    /// A word, and the beginning of another.
    WordAndPrefix,
    Phrase,
    /// No word: what a filter leaves.
    Nothing,
}

/// Those that are asked most, and that the goal is set for.
const USUAL: [Kind; 5] = [
    Kind::Rare,
    Kind::Common,
    Kind::TwoWords,
    Kind::Prefix(3),
    Kind::Phrase,
];

/// The mix, each with and without a facet.
const KINDS: [Kind; 13] = [
    Kind::Rare,
    Kind::Common,
    Kind::TwoWords,
    Kind::Prefix(2),
    Kind::Prefix(3),
    Kind::Prefix(4),
    Kind::Prefix(5),
    Kind::Prefix(6),
    Kind::Letter,
    Kind::Typed,
    Kind::WordAndPrefix,
    Kind::Phrase,
    Kind::Nothing,
];

/// A search of a kind that no other one asks.
fn text_of(vocabulary: &Vocabulary, kind: Kind, numbers: &mut Numbers, threads: u64) -> String {
    let mut ranked = |from: u64, to: u64| {
        let rank = from + numbers.below(to - from);
        vocabulary.words[rank as usize].clone()
    };
    match kind {
        Kind::Rare => format!("{} ", ranked(10_000, 45_000)),
        Kind::Common => format!("{} ", ranked(0, 50)),
        Kind::TwoWords => format!("{} {} ", ranked(20, 1_500), ranked(20, 1_500)),
        Kind::Prefix(length) => loop {
            let word = ranked(0, 5_000);
            if word.len() > length {
                break word[..length].to_owned();
            }
        },
        Kind::Nothing => String::new(),
        Kind::Letter => cyrillic(&ranked(0, 5_000)[..1]),
        Kind::Typed => ranked(0, 200),
        Kind::WordAndPrefix => loop {
            let word = ranked(20, 1_500);
            if word.len() > 4 {
                break format!("{} {}", ranked(0, 500), &word[..4]);
            }
        },
        Kind::Phrase => {
            let (_, documents) = thread(vocabulary, numbers.below(threads), threads);
            let text = &documents[1 + numbers.below(2) as usize].text;
            let words: Vec<_> = text.split([' ', '.']).filter(|word| !word.is_empty()).collect();
            let at = numbers.below(words.len() as u64 - 2) as usize;
            format!("\"{} {}\"", words[at], words[at + 1])
        }
    }
}

fn facets(numbers: &mut Numbers) -> Facets {
    let mut facets = Facets::default();
    match numbers.below(6) {
        0 => facets.folder = Some(folder(numbers.below(FOLDERS))),
        1 => facets.model = Some(format!("provider/model-{}", numbers.below(8))),
        2 => facets.agent = Some("plan".to_owned()),
        3 => facets.within_days = Some(30),
        4 => facets.has_changes = true,
        _ => facets.needs_you = true,
    }
    facets
}

fn percentile(sorted: &[Duration], share: usize) -> f64 {
    let at = (sorted.len() * share / 100).min(sorted.len() - 1);
    sorted[at].as_secs_f64() * 1_000.0
}

/// What the processor was at this thread so far; nothing where the system does not say.
fn processor() -> Duration {
    // The system counts when it gives the processor to somebody.
    std::thread::yield_now();
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = counted.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

fn measure(vocabulary: &Vocabulary, threads: u64) {
    println!("{threads} threads, {} messages", threads * MESSAGES);
    let path = make(vocabulary, threads);
    // Into the page cache, whoever wrote it.
    std::io::copy(&mut std::fs::File::open(&path).unwrap(), &mut std::io::sink()).unwrap();
    let (store, _) = Store::open(&path, NOW).unwrap();
    let sizes = store.sizes().unwrap();
    let texts = threads * MESSAGES;
    println!(
        "  file {} MB, of it index and texts {} MB: {} bytes a message",
        sizes.file / 1_000_000,
        sizes.index / 1_000_000,
        sizes.index / texts
    );
    let mut numbers = Numbers(threads);
    let (mut usual, mut all) = (Times::default(), Times::default());
    for kind in KINDS {
        for faceted in [false, true] {
            let (mut times, mut found, mut capped) = (Times::default(), 0, 0);
            for _ in 0..QUERIES {
                let search = Search {
                    text: text_of(vocabulary, kind, &mut numbers, threads),
                    facets: if faceted {
                        facets(&mut numbers)
                    } else {
                        Facets::default()
                    },
                    offset: 0,
                    limit: 20,
                    now: NOW,
                };
                let (busy, began) = (processor(), Instant::now());
                let answer = store.search(&search).unwrap();
                let took = began.elapsed();
                times.wall.push(took);
                times.processor.push(processor().saturating_sub(busy));
                found += u64::from(answer.found);
                capped += u32::from(answer.capped);
                if std::env::var_os("SLOW").is_some() && took.as_millis() > 15 {
                    println!("    {took:?} {search:?} {}", answer.found);
                }
            }
            all.add(&times);
            if USUAL.contains(&kind) {
                usual.add(&times);
            }
            times.tell(
                &format!(
                    "{:<13} {}",
                    format!("{kind:?}"),
                    if faceted { "+ facet" } else { "" }
                ),
                &format!(
                    "  ({} found on average, {capped} of {QUERIES} capped)",
                    found / QUERIES
                ),
            );
        }
    }
    usual.tell("words and phrases", "");
    all.tell("all", "");
}

/// What searches took, on the wall and of the processor.
#[derive(Default)]
struct Times {
    wall: Vec<Duration>,
    processor: Vec<Duration>,
}

impl Times {
    fn add(&mut self, more: &Self) {
        self.wall.extend(&more.wall);
        self.processor.extend(&more.processor);
    }

    fn tell(&mut self, what: &str, more: &str) {
        self.wall.sort_unstable();
        self.processor.sort_unstable();
        let [wall, processor] = [&self.wall, &self.processor];
        println!(
            "  {what:<22} p50 {:>6.2} ms  p95 {:>6.2} ms  processor p50 {:>6.2} ms  p95 {:>6.2} ms  p99 {:>6.2} ms{more}",
            percentile(wall, 50),
            percentile(wall, 95),
            percentile(processor, 50),
            percentile(processor, 95),
            percentile(processor, 99)
        );
    }
}

fn main() {
    let small = std::env::args().any(|argument| argument == "small");
    let vocabulary = Vocabulary::new();
    measure(&vocabulary, 5_000);
    if !small {
        measure(&vocabulary, 100_000);
    }
}
