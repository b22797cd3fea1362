//! What an attacker tries: from a browser, with a stolen or forged secret, as another desktop, as a member with less
//! rights, on the wire.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;

mod beyond_rights;
mod cookies;
mod desktops;
mod enumeration;
mod forgery;
mod organizations;
mod secrets_in_logs;
mod sockets;
mod wire;
