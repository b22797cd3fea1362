//! What is taken of boxes and of previewed pages, and how long is waited.

use std::time::Duration;

/// What is taken of boxes and of previewed pages, and how long is waited. A model may have written what speaks on either
/// side, so nothing is without a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Boxes of one folder that say they serve. More commands than these do not run beside each other.
    pub boxes: usize,
    /// Connections of one folder that have not said yet what they are; one more waits in the system's queue.
    pub unknown: usize,
    /// Servers of one folder that are shown.
    pub servers: usize,
    /// For a connection from a box to say what it is, and for a box to make one it was asked for.
    pub introduction: Duration,
    /// Between two changes of what one box serves. One that says more waits.
    pub change: Duration,
    /// Connections of one preview at the same time. A window opens six to a host, and a few for sockets that stay.
    pub connections: usize,
    /// The head of a request or of an answer, in bytes. 8192 at least.
    pub head_bytes: usize,
    /// For a request's head to arrive, and between two of one connection.
    pub head: Duration,
    /// For an answer's head: a first request has a development server build everything.
    pub answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            boxes: 32,
            unknown: 64,
            servers: 16,
            introduction: Duration::from_secs(5),
            change: Duration::from_millis(250),
            connections: 64,
            head_bytes: 64 * 1024,
            head: Duration::from_secs(30),
            answer: Duration::from_mins(3),
        }
    }
}
