//! Rounds of a kind, each decided by its seed.

use std::hash::{BuildHasher as _, Hasher as _};
use std::io::Write as _;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Rounds where nobody says how many.
const ROUNDS: u64 = 2;

/// Runs as many rounds of a kind as `COWORK_CHAOS_ROUNDS` says. The first is decided by `COWORK_CHAOS_SEED`, each
/// further one by the next number; where it is not set nobody knows what comes.
pub(crate) fn rounds(kind: &'static str, each: impl Fn(&mut Round)) {
    let number = |name: &str| {
        let text = std::env::var(name).ok()?;
        Some(
            text.parse::<u64>()
                .unwrap_or_else(|error| panic!("{name} is {text:?}: {error}")),
        )
    };
    let first = number("COWORK_CHAOS_SEED").unwrap_or_else(|| {
        // A new one in each process; half of it, so that nobody has to copy twenty digits.
        std::hash::RandomState::new().build_hasher().finish() >> 32
    });
    for seed in first..first.saturating_add(number("COWORK_CHAOS_ROUNDS").unwrap_or(ROUNDS)) {
        each(&mut Round {
            kind,
            seed,
            random: seed,
            begun: Instant::now(),
        });
    }
}

/// One round. Dropped by a failure it names its seed.
pub(crate) struct Round {
    kind: &'static str,
    seed: u64,
    random: u64,
    begun: Instant,
}

impl Round {
    /// Whether the even one of a kind's two variants is played: two rounds in a row play both.
    pub(crate) fn is_even(&self) -> bool {
        self.seed.is_multiple_of(2)
    }

    /// A number that the seed decides, another with each call.
    pub(crate) fn number(&mut self, within: Range<u64>) -> u64 {
        // SplitMix64: good enough to spread moments, and the same everywhere.
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        within.start + mixed % (within.end - within.start)
    }

    /// How much of something there is to be before the fault strikes.
    pub(crate) fn amount(&mut self, within: Range<u64>) -> usize {
        usize::try_from(self.number(within)).expect("amounts are small")
    }

    /// Letters that are in no other round's words or arguments.
    pub(crate) fn mark(&mut self) -> String {
        format!("{}{}", self.number(100_000..1_000_000), std::process::id())
    }

    /// Writes down how long something took. Nothing is asserted of it.
    pub(crate) fn note(&self, what: &str, took: Duration) {
        let line = format!("{}\t{}\t{what}\t{}\n", self.kind, self.seed, took.as_millis());
        // A test that failed already has nobody to tell that this failed too.
        write_down(&line).unwrap_or_else(|error| eprintln!("{line}was not written down: {error}"));
    }
}

/// Adds a line to the file that `COWORK_CHAOS_FIGURES` names, if it names one: what the tables are made of.
fn write_down(line: &str) -> std::io::Result<()> {
    let Some(file) = std::env::var_os("COWORK_CHAOS_FIGURES") else {
        return Ok(());
    };
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(line.as_bytes())
}

impl Drop for Round {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.note("failed", self.begun.elapsed());
            eprintln!(
                "\nA round of {} failed. Repeat it with COWORK_CHAOS_SEED={} COWORK_CHAOS_ROUNDS=1",
                self.kind, self.seed
            );
        } else {
            self.note("passed", self.begun.elapsed());
        }
    }
}
