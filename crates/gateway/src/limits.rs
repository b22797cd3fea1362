//! What a gate takes and how long it waits.

use std::time::Duration;

/// What a gate takes and how long it waits. Who speaks to it is a program that a model may have written, so nothing is
/// without a bound; the bounds are wide enough that package managers meet none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections of one folder at the same time; one more waits in the system's queue until one ends. Package
    /// managers open tens.
    pub connections: usize,
    /// The head of a request, in bytes, its address included. 8192 at least.
    pub head_bytes: usize,
    /// For a request's head to arrive, from the connection's beginning.
    pub head: Duration,
    /// For the name to be found and one of its addresses to take the connection.
    pub connect: Duration,
    /// Without a byte in either direction. Servers keep a quiet connection for minutes, and a debugger longer.
    pub idle: Duration,
    /// For open connections to end by themselves when the gate is closed.
    pub grace: Duration,
    /// A refusal of the same folder and host is not told again within this time.
    pub tell_again: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            head_bytes: 16 * 1024,
            head: Duration::from_secs(10),
            connect: Duration::from_secs(20),
            idle: Duration::from_mins(10),
            grace: Duration::from_secs(2),
            tell_again: Duration::from_mins(1),
        }
    }
}
