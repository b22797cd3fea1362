//! From what a session holds to the events that tell of it.
//!
//! [`Shared`] remembers of one session what was told so far. Whoever holds the session gives it what may have changed
//! ([`Changes`]), as often or as seldom as wanted, and gets the events that bring the other side to the same state: the
//! events of all calls together, taken by [`Retold`](cowork_pairing_protocol::retold::Retold), make the conversation as
//! it is here, without what may not leave.

mod held;

use cowork_engine::MessageId;
use cowork_pairing_protocol::session::SessionEvent;

pub use held::{Changes, Held, HeldContent, HeldMessage, HeldPart};

use crate::leaving::Leaving;

/// What was told of one session.
#[derive(Debug)]
pub struct Shared {}

/// An event, and the message it concerns: what was told of a message before it was told as a whole is superseded by it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The event.
    pub event: SessionEvent,
    /// The message, for `subject`.
    pub message: Option<MessageId>,
}

impl Shared {
    /// Of which nothing was told yet. Everything is cleaned by `leaving`; when the policy changes, begin anew.
    #[must_use]
    pub fn new(leaving: Leaving) -> Self {
        drop(leaving);
        todo!()
    }

    /// Begins anew: everything the session holds. `cut` says that there are older messages that are not given.
    pub fn begin(&mut self, held: &Held<'_>, cut: bool) -> Vec<Told> {
        let _ = (held, cut);
        todo!()
    }

    /// Tells what changed. Messages that were not given before and are now are new.
    pub fn tell(&mut self, changes: &Changes<'_>) -> Vec<Told> {
        let _ = changes;
        todo!()
    }

    /// The session is gone, or is not shared any more.
    pub fn gone(&mut self) -> Vec<Told> {
        todo!()
    }
}
