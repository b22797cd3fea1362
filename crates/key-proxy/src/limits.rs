//! What the proxy takes and how long it waits.

use std::time::Duration;

/// What the proxy takes and how long it waits. Whoever speaks to it is a program that a model may have written, so
/// nothing is without a bound; the bounds are wide enough that an engine meets none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The head of a request, in bytes, its address included. The engine's have a tenth of that.
    pub head_bytes: usize,
    /// For a request's head to arrive, from its first byte (from the connection's beginning for the first one).
    /// On loopback it comes at once; who takes longer holds connections open for nothing.
    pub head: Duration,
    /// The body of a request, in bytes. Providers take 20 to 32 MB.
    pub body_bytes: u64,
    /// Between two pieces of a request's body.
    pub body_idle: Duration,
    /// For the key source: a sign-in may have to be refreshed over the network first.
    pub key: Duration,
    /// From the request to the head of its answer. A reasoning model may think that long; the engine has the same.
    pub answer: Duration,
    /// Between two pieces of an answer. The engine's own limit too.
    pub answer_idle: Duration,
    /// The body of an answer that is an error, in bytes: it is for reading, and engines keep it.
    pub error_bytes: u64,
    /// For a whole request, however busy it is.
    pub whole: Duration,
    /// Requests at the same time; one more is told to come again.
    pub requests: usize,
    /// Connections at the same time. Some more than requests, since idle ones are kept.
    pub connections: usize,
    /// How long a connection is kept without a request. Longer than the engine keeps its own, so that it is not the
    /// proxy that closes one just when it is used.
    pub idle: Duration,
    /// For a client to read why it was refused, and to stop sending, before its connection is cut.
    pub linger: Duration,
    /// Requests of one provider in one run of the engine, until the person allows as many again. A long day of work
    /// has some hundreds; a child that spends someone's money in a loop has that many in minutes.
    pub requests_in_a_run: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 32 * 1024,
            head: Duration::from_secs(10),
            body_bytes: 32 * 1024 * 1024,
            body_idle: Duration::from_secs(30),
            key: Duration::from_mins(1),
            answer: Duration::from_mins(5),
            answer_idle: Duration::from_mins(5),
            error_bytes: 256 * 1024,
            whole: Duration::from_hours(1),
            requests: 1024,
            connections: 1200,
            idle: Duration::from_secs(90),
            linger: Duration::from_secs(2),
            requests_in_a_run: 2000,
        }
    }
}
