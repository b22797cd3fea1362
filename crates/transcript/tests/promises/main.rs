//! What a transcript promises, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asks;
mod captures;
mod conversations;
mod going_back;
mod interruption;
mod limits;
mod properties;
mod repeats;
mod snapshots;
mod streaming;
mod support;
mod tasks;
mod turns;
