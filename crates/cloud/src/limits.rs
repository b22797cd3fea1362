//! Every bound of the server, with its reason.
//!
//! They are values and not constants so that a test can reach them; the program uses [`Limits::default`], but for the
//! two that an operator may know better.

use std::time::Duration;

/// What is taken and how long is waited.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections in all. A connection that waits costs some 20 KB: 8,192 are 160 MB, and enough for a thousand
    /// browsers and as many desktops beside each other with two connections each.
    pub connections: usize,
    /// Connections of one address. An office behind one address has many people; a single machine that opens
    /// connections to keep others out gets no more than this. Trusted proxies are not counted: they stand for many.
    pub connections_per_address: usize,
    /// How long the head of a request may take, from the end of the one before. It bounds both a client that sends a
    /// byte now and then and one that is idle; the latter opens another connection at its next request.
    pub head_time: Duration,
    /// How long a body may take. A megabyte in this time is 50 KB/s, which a phone has.
    pub body_time: Duration,
    /// How long a client may take nothing of an answer that is being written.
    pub write_stall: Duration,
    /// Bytes of a request's line and headers. Ours have less than 2 KB; a proxy adds some.
    pub head_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Bytes of a path with its query. The longest of ours has four ids.
    pub target_bytes: usize,
    /// Bytes of a body of the people's own requests (sign-in, organizations): the longest is a policy.
    pub small_body: usize,
    /// Bytes of a body of the broker: a batch of events.
    pub broker_body: usize,
    /// Bytes of a body of a command from the page: a prompt with the files that go with it.
    pub command_body: usize,
    /// Passwords that are hashed at once. Each takes 19 MB and a core for some 30 ms.
    pub hashing: usize,
    /// Passwords that wait to be hashed; whoever comes then is told to come again.
    pub hashing_waiting: usize,
    /// How long requests under way may take when the server is told to stop.
    pub drain_time: Duration,
    /// The longest a claim waits for a command.
    pub claim_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8_192,
            connections_per_address: 512,
            head_time: Duration::from_secs(20),
            body_time: Duration::from_secs(20),
            write_stall: Duration::from_secs(30),
            head_bytes: 16 * 1024,
            headers: 64,
            target_bytes: 2 * 1024,
            small_body: 64 * 1024,
            broker_body: 1024 * 1024,
            command_body: 1024 * 1024,
            hashing: 2,
            hashing_waiting: 32,
            drain_time: Duration::from_secs(10),
            claim_wait: Duration::from_secs(u64::from(
                cowork_pairing_protocol::extension::LONGEST_WAIT_SECONDS,
            )),
        }
    }
}
