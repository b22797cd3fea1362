//! The published pairing protocol, from its text: every request with its headers and fields, every answer with its
//! status and form, every limit.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod bounds;
mod claims;
mod events;
mod heads;
mod heartbeats;
mod published;
mod revoking;
mod running;
mod waiting;
