//! What the proxy promises, held from outside: with clients, providers and key sources that exist for one test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod answers;
mod common;
mod entry;
mod keys;
mod limits;
mod many;
mod secrecy;
