//! Faults on purpose, against the real engine: whatever is taken away, no character that was on screen is lost or
//! doubled, the thread goes on, no second engine ever lives, and nothing of ours is left behind.
//!
//! The tests need `COWORK_ENGINE` and `COWORK_RIPGREP`, which the scripts set, and the built command line beside this
//! suite's own programs. `scripts/test chaos` runs two rounds of each kind, `scripts/chaos` many and in a table.
//! Each round is decided by a seed, which a failure names: run with `COWORK_CHAOS_SEED` set to it, it is repeated.
#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it saw"
)]

mod harness;
mod kinds;
