//! What the box promises, held against the real wrapper in a real outer box.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails fails the test that called it"
)]

mod commands;
mod consents;
mod git;
mod grant;
mod installs;
mod landlock;
mod limits;
mod network;
mod walls;
mod way_in;
mod worktrees;
mod world;
