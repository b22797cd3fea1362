//! What an event tells, read once and made fit to be taken.

use cowork_engine::SessionId;
use cowork_pairing_protocol::session::{DesktopStatus, Payload, SessionEvent, VERSION};
use cowork_pairing_protocol::wire::EventType;
use serde::Deserialize as _;

use crate::log::Entry;
use crate::{bounds, clean};

/// What an event tells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// How the desktop stands.
    Desktop(Box<DesktopStatus>),
    /// Something happened in a session.
    Session(SessionId, Box<SessionEvent>),
    /// Nothing that is shown: of another version, of a kind that is not known, or not to be understood.
    Nothing,
}

impl Told {
    /// Reads an event. What a desktop wrote wrong is nothing to be shown, and keeps nothing else from being shown.
    pub(crate) fn of(entry: &Entry) -> Self {
        let Some(payload) = &entry.payload else {
            return Self::Nothing;
        };
        match entry.kind {
            EventType::Status => match DesktopStatus::deserialize(payload) {
                Ok(mut status) if status.v == VERSION => {
                    clean::desktop(&mut status);
                    Self::Desktop(Box::new(status))
                }
                _ => Self::Nothing,
            },
            EventType::SessionEvent => Self::session(entry),
            _ => Self::Nothing,
        }
    }

    fn session(entry: &Entry) -> Self {
        let Some(session) = entry.session.as_deref().filter(|id| is_id(id)) else {
            return Self::Nothing;
        };
        let Some(Ok(payload)) = entry.payload.as_ref().map(Payload::deserialize) else {
            return Self::Nothing;
        };
        let session = SessionId::from(session);
        if payload.v != VERSION {
            return Self::Nothing;
        }
        match clean::event(&session, payload.event) {
            Some(event) => Self::Session(session, Box::new(event)),
            None => Self::Nothing,
        }
    }
}

/// Whether this can be an id.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= bounds::ID
}
