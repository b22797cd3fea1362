//! What can be asked of a server.

use std::time::Duration;

use async_trait::async_trait;
use cowork_pairing_protocol::extension::EventsReceived;
use cowork_pairing_protocol::wire::{Answered, Claim, Claimed, Heartbeat, RemoteEvent};
use jiff::Timestamp;

/// An answer, and the server's clock when it gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply<T> {
    /// The answer.
    pub body: T,
    /// When the server says it is, by its `Date`.
    pub date: Option<Timestamp>,
}

/// Whether an answer is taken for success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `/ack`: done, waiting its turn, or waiting for the person.
    Ack,
    /// `/fail`: it was not done, or nobody can tell.
    Fail,
}

/// Why a request did not go through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokerError {
    /// No connection, or it broke or took too long. Whether the server acted on the request is not known.
    #[error("{0}")]
    Unreachable(String),
    /// The address leads where nothing may be sent; or nobody can tell who is there.
    #[error("{0}")]
    Unsafe(String),
    /// The server sends elsewhere, which is never followed: the token would go along.
    #[error(
        "the server answered with a redirect ({0}), which is never followed; enter the address it leads to"
    )]
    Redirect(u16),
    /// The server does not know this pairing, device or token.
    #[error("the server does not know this desktop; pair it again")]
    Unknown,
    /// The pairing was ended at the server.
    #[error("the pairing was ended at the server")]
    Revoked,
    /// The server asks to wait.
    #[error("the server asks to slow down{}", said(.text))]
    Busy {
        /// How long.
        retry_after: Option<Duration>,
        /// The first characters of what it said.
        text: String,
    },
    /// The server failed; the same may go through later.
    #[error("the server failed with status {status}{}", said(.text))]
    Failed {
        /// The HTTP status.
        status: u16,
        /// How long to wait, if it said so.
        retry_after: Option<Duration>,
        /// The first characters of what it said.
        text: String,
    },
    /// The server refused this request, and will refuse it again.
    #[error("the server refused with status {status}{}", said(.text))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The first characters of what it said.
        text: String,
    },
    /// The answer is not what the protocol says.
    #[error("the server's answer could not be read: {0}; it may be a server of another kind")]
    Unreadable(String),
}

/// What kind of thing keeps a desktop and its server apart: what a person can do about it follows from that, and never
/// from words, of which some are the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing answers, or the connection broke.
    Unreachable,
    /// The address leads where nothing may be sent, or to somewhere else.
    Address,
    /// The server does not know the token.
    Unknown,
    /// The server ended the pairing.
    Revoked,
    /// The server answers with a failure.
    Failed,
    /// What the server answers is not what the protocol says.
    Protocol,
    /// What is kept on this desktop could not be read or written.
    Kept,
}

fn said(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(": {text}")
    }
}

impl BrokerError {
    /// What kind of thing it is.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Unreachable(_) => Trouble::Unreachable,
            Self::Unsafe(_) | Self::Redirect(_) => Trouble::Address,
            Self::Unknown => Trouble::Unknown,
            Self::Revoked => Trouble::Revoked,
            Self::Busy { .. } | Self::Failed { .. } | Self::Refused { .. } => Trouble::Failed,
            Self::Unreadable(_) => Trouble::Protocol,
        }
    }

    /// How long the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } | Self::Failed { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// A server, as one pairing talks to it. Each call is one request.
#[async_trait]
pub trait Broker: Send + Sync {
    /// The desktop is there. What comes back is how far its events arrived, from a server that says so.
    async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<Reply<Option<EventsReceived>>, BrokerError>;

    /// Asks for commands.
    async fn claim(&self, claim: &Claim) -> Result<Reply<Claimed>, BrokerError>;

    /// Answers a command.
    async fn answer(&self, command: &str, outcome: Outcome, answer: &Answered) -> Result<(), BrokerError>;

    /// Sends events. What comes back is how far they arrived, from a server that says so.
    async fn events(&self, events: &[RemoteEvent]) -> Result<Option<EventsReceived>, BrokerError>;

    /// Ends the pairing at the server.
    async fn revoke(&self) -> Result<(), BrokerError>;
}
