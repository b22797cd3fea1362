//! What this room promises, held against sockets, servers and names that exist for one test.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bounds;
mod common;
mod engine;
mod passing;
mod refusing;
