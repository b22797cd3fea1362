//! What is so whatever keeps it: pure functions, written once, over values alone. Time comes in as an argument.

pub mod access;
pub mod bucket;
pub mod claims;
pub mod commands;
pub mod events;
pub mod quotas;
pub mod retention;
pub mod through;
pub(crate) mod words;
