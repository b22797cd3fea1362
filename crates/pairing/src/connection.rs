//! One pairing, connected.

use std::sync::Arc;

use cowork_pairing_protocol::wire::Policy;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::broker::Broker;
use crate::commands::{Hands, Ledger};
use crate::journal::Journal;
use crate::pace::Pace;

/// How a connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The first answer is waited for.
    Connecting,
    /// The server answers.
    Online,
    /// It failed, and is tried again.
    Waiting {
        /// Why, in words for the person.
        reason: String,
        /// When it is tried again.
        next: Timestamp,
    },
    /// The person paused it.
    Paused,
    /// It is over. Nothing is sent any more; the token can be forgotten.
    Revoked,
    /// It will not get better by itself.
    NeedsPerson {
        /// Why, in words for the person.
        reason: String,
    },
    /// It was stopped, as at the app's end.
    Stopped,
}

/// What a connection works with.
pub struct Parts {
    /// The server.
    pub broker: Arc<dyn Broker>,
    /// The events that wait to leave.
    pub journal: Arc<dyn Journal>,
    /// What was done with each command.
    pub ledger: Arc<dyn Ledger>,
    /// Who carries commands out.
    pub hands: Arc<dyn Hands>,
    /// Time and chance.
    pub pace: Arc<dyn Pace>,
    /// The pairing.
    pub pairing_id: String,
    /// The device.
    pub device_id: String,
    /// What may come in and leave. A change counts for the next command, and wakes the claim.
    pub policy: watch::Receiver<Policy>,
    /// It is paused from the beginning.
    pub paused: bool,
}

/// A connection that runs. Dropping it ends it at once; [`Connection::stop`] says goodbye.
pub struct Connection {
    states: watch::Receiver<State>,
}

impl Connection {
    /// Begins.
    #[must_use]
    pub fn start(parts: Parts) -> Self {
        drop(parts);
        todo!()
    }

    /// How it stands, and each change.
    #[must_use]
    pub fn states(&self) -> watch::Receiver<State> {
        self.states.clone()
    }

    /// There are new events in the journal.
    pub fn written(&self) {
        todo!()
    }

    /// Whatever is waited for, tries now.
    pub fn sync_now(&self) {
        todo!()
    }

    /// Pauses, or goes on. What is being carried out is carried out to its end.
    pub fn pause(&self, paused: bool) {
        let _ = paused;
        todo!()
    }

    /// Ends: what is being carried out is waited for a few seconds, and the server told that the desktop is away.
    pub async fn stop(self) {
        todo!()
    }
}
