//! What this room promises, held against real boxes. Where bubblewrap can make none, the tests fail.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;
mod compiling;
mod containing;
mod ending;
mod running;
