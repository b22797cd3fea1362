//! What this room promises, held against servers, names and certificates that exist for one test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod common;
mod judging;
mod proxies;
mod sending;
