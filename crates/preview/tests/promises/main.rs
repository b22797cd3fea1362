//! What the preview promises, with boxes that the tests play.
#![cfg(unix)]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a helper that fails fails the test that called it"
)]

mod boxes;
mod hostile;
mod window;
mod world;
