//! What the server's database promises, on SQLite and on PostgreSQL alike.

mod commands;
mod events;
mod faults;
mod isolation;
mod keeping;
mod migrations;
mod pairings;
mod people;
mod place;
#[path = "../support/postgres.rs"]
mod postgres;
mod wakes;
