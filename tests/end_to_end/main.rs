//! The built app, driven as a person drives it: real webview, real engine, scripted model.
//!
//! Each test has a home and an engine of its own and leaves a picture. `scripts/test` sets what they need.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod asks;
mod boxes;
mod canary;
mod composer;
mod containment;
mod conversation;
mod dialogs;
mod failures;
mod far;
mod going_back;
mod harness;
mod health;
mod hostile;
mod inbox;
mod kept;
mod keyboard;
mod keys;
mod languages;
mod looks;
mod notifications;
mod outputs;
mod pages;
mod pairing;
mod palette;
#[path = "../../crates/markdown/tests/promises/payloads.rs"]
mod payloads;
mod previews;
mod review;
mod sessions;
mod settings;
mod supervision;
mod threads;
mod tour;
mod transcript;
mod turns;
mod zoomed;
