//! What a pairing promises, from outside: nothing lost, nothing twice, nothing sent where it may not go.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod addresses;
mod commands;
mod connection;
mod crashes;
mod delivery;
mod requests;
mod world;
