//! What the app without its window and the tests that torment it say to each other.
//!
//! The tests of this crate start the app as a process of its own, so that it can be killed, and speak with it in lines
//! of JSON: a [`Request`] on its standard input, a [`Report`] on its standard output. Use it for faults that a test
//! inside one process cannot make; what a window shows is in the end-to-end tests.

mod protocol;

pub use protocol::{Command, Outcome, Report, Request, Shown, Tool};
