//! What desktops tell.

mod contradictions;
mod ingest;
mod notes;
mod read;
mod write;

use serde_json::Value;

use cowork_pairing_protocol::wire::{EventType, RemoteEvent};

use crate::{EventId, SessionId, StoreError};

pub(crate) use ingest::Ingest;

/// Events of one request.
pub const EVENTS_LIMIT: usize = 500;
/// The longest payload as JSON, in bytes: a request's bound.
pub const PAYLOAD_LIMIT: usize = 1024 * 1024;

/// What an event takes beside its payload, in bytes, about: its row, and its places in the indexes. It counts in the
/// organization's log, since events without a payload fill a disk as well.
pub(crate) const ROW_BYTES: usize = 500;

/// An event that is new.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Its id.
    pub id: EventId,
    /// What it is about.
    pub kind: EventType,
    /// Its place among the pairing's events, from 1.
    pub sequence: Option<i64>,
    /// The workspace.
    pub workspace: Option<String>,
    /// The session.
    pub session: Option<SessionId>,
    /// The command.
    pub command: Option<String>,
    /// What belongs to its type.
    pub payload: Option<Value>,
    /// When it happened, in milliseconds since the epoch.
    pub occurred: i64,
}

impl NewEvent {
    /// An event as it came, when it can be kept. `occurred` is its `occurredAt`, read.
    pub fn of(event: RemoteEvent, occurred: i64) -> Result<Self, StoreError> {
        let invalid = |what, why: &str| StoreError::Invalid {
            what,
            why: why.to_owned(),
        };
        let not_an_id = |what| {
            move |error: crate::NotAnId| StoreError::Invalid {
                what,
                why: error.to_string(),
            }
        };
        let sequence = match event.sequence {
            None => None,
            Some(0) => return Err(invalid("sequence", "begins at 1")),
            Some(sequence) => Some(i64::try_from(sequence).map_err(|_| invalid("sequence", "is too large"))?),
        };
        Ok(Self {
            id: EventId::try_from(event.id).map_err(not_an_id("id"))?,
            kind: event.kind,
            sequence,
            workspace: event
                .workspace_id
                .map(EventId::try_from)
                .transpose()
                .map_err(not_an_id("workspaceId"))?
                .map(String::from),
            session: event
                .session_id
                .map(SessionId::try_from)
                .transpose()
                .map_err(not_an_id("sessionId"))?,
            command: event
                .command_id
                .map(EventId::try_from)
                .transpose()
                .map_err(not_an_id("commandId"))?
                .map(String::from),
            payload: event.payload,
            occurred,
        })
    }
}

/// What became of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// All events up to this sequence are kept.
    pub through: i64,
    /// How many were new.
    pub fresh: usize,
    /// Those whose sequence another event has: they are not kept, the others are.
    pub refused: Vec<EventId>,
}

/// A place in the order in which a pairing's events are read: by sequence, and where there is none behind the sequence
/// up to which all were there when it came. What comes later is never before a place that was given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// The sequence.
    pub order: i64,
    /// The position among those.
    pub position: i64,
}

impl Cursor {
    /// Before everything.
    pub const START: Self = Self {
        order: 0,
        position: 0,
    };
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its place.
    pub cursor: Cursor,
    /// Its id.
    pub id: EventId,
    /// What it is about.
    pub kind: EventType,
    /// Its place among the pairing's events as its desktop says.
    pub sequence: Option<i64>,
    /// The session.
    pub session: Option<SessionId>,
    /// The command.
    pub command: Option<String>,
    /// What belongs to its type.
    pub payload: Option<Value>,
    /// When it happened, in milliseconds since the epoch.
    pub occurred: i64,
    /// When it came.
    pub received: i64,
}

/// Which events are read.
#[derive(Clone, Copy, Debug)]
pub struct EventSelection<'s> {
    /// Those of one session alone; none: all.
    pub session: Option<&'s SessionId>,
    /// Those behind this place.
    pub after: Cursor,
    /// How many at most (2,000); fewer come when they are large.
    pub limit: u32,
}

/// Some events.
#[derive(Clone, Debug, PartialEq)]
pub struct EventPage {
    /// The events, in order. Those beyond a gap are not there before the gap is closed.
    pub events: Vec<Event>,
    /// Where the next page begins. Also when there are none it may be farther than `after`: up to it there is nothing.
    pub next: Cursor,
    /// There are more already.
    pub more: bool,
}

/// A session, from the newest that was told of its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Thread {
    /// The session.
    pub session: SessionId,
    /// The payload of its newest `thread` event, a [`SharedThread`](cowork_pairing_protocol::session::SharedThread).
    pub thread: Value,
    /// The place of that event.
    pub cursor: Cursor,
    /// When it came.
    pub received: i64,
}
