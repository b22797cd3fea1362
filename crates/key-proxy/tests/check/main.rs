//! The live test of a provider, against services on this machine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod connection;
mod local;
mod order;
mod questions;
mod refusals;
mod secrets;
mod support;
mod wires;
