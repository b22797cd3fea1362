//! What the server's database promises, on SQLite and on PostgreSQL alike.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod commands;
mod events;
mod faults;
mod isolation;
mod keeping;
mod migrations;
mod never_arrived;
mod pairings;
mod people;
mod place;
#[path = "../support/postgres.rs"]
mod postgres;
mod results;
mod wakes;
