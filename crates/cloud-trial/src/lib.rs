//! The org's server from outside: under load, and killed at any moment.
//!
//! Tests and figures alone, part of no bundle. It starts the real server on a real database, and speaks to it as many
//! desktops ([`desktop`]) and browsers ([`browser`]) do at once. [`load`] measures how long an event takes to a browser
//! and a command to a desktop; [`faults`] kills the server and its database at random moments and holds that every
//! command which was acknowledged took effect once and every event arrived.

pub mod browser;
pub mod desktop;
pub mod faults;
pub mod figures;
pub mod load;
pub mod postgres;
pub mod random;
pub mod server;
pub mod stamp;
pub mod story;

/// Tells whoever runs a trial.
#[expect(clippy::print_stderr, reason = "a program for a terminal")]
pub fn say(what: &str) {
    eprintln!("{what}");
}
