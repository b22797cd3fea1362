//! Where a room reads what a desktop told.

use async_trait::async_trait;
use cowork_pairing_protocol::wire::EventType;
use serde_json::Value;

/// A place in the order in which a pairing's events are taken: by the sequence that the desktop counts, of which only those
/// without a gap before them are given, and among those without one by the position at which the server wrote them. What
/// comes later is never before a place that was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The sequence.
    pub order: i64,
    /// The position among those of the same.
    pub position: i64,
}

impl Place {
    /// Behind everything.
    pub(crate) const END: Self = Self {
        order: i64::MAX,
        position: i64::MAX,
    };
}

/// Some events, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The events.
    pub entries: Vec<Entry>,
    /// Where the next page begins. Also when there are none it may be farther than asked for: up to it there is nothing.
    pub next: Place,
    /// There are more already.
    pub more: bool,
}

/// One event of a pairing's log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place in the order in which the pairing's events are to be taken.
    pub place: Place,
    /// What it is about.
    pub kind: EventType,
    /// The session it is about.
    pub session: Option<String>,
    /// When it happened, in milliseconds since the epoch.
    pub occurred: i64,
    /// What it tells.
    pub payload: Option<Value>,
}

/// Whether a desktop is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// When it said something last, in milliseconds since the epoch.
    pub seen: Option<i64>,
    /// The person there paused it.
    pub paused: bool,
    /// It said that it goes.
    pub left: bool,
    /// Its pairing is over since then.
    pub revoked: Option<i64>,
    /// Events of it are known to be missing: later ones are here.
    pub behind: bool,
}

/// How a pairing stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The place of its newest event.
    pub newest: Place,
    /// Whether the desktop is there.
    pub presence: Presence,
}

/// The log could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the log of a desktop could not be read: {0}")]
pub struct LogError(pub String);

/// Which desktop: its pairing, and the organization it belongs to, so that nothing is ever read across.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The organization.
    pub organization: String,
    /// The pairing.
    pub pairing: String,
}

/// What is new of a pairing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// There are events.
    pub events: bool,
    /// It stands differently.
    pub standing: bool,
}

/// Follows a pairing.
#[async_trait]
pub trait Follow: Send {
    /// Waits until something is new: whatever happens from its making on, so that what is read after it is made misses
    /// nothing. It can be dropped while it waits; nothing is lost then.
    async fn next(&mut self) -> News;
}

/// Reads the log of pairings. Every page begins behind `after`.
#[async_trait]
pub trait Log: Send + Sync + 'static {
    /// Follows a pairing from now on.
    fn follow(&self, key: &Key) -> Box<dyn Follow>;

    /// How a pairing stands.
    async fn standing(&self, key: &Key) -> Result<Standing, LogError>;

    /// What a desktop said of itself and of its threads as such: their rows, what they do and what waits in them, and
    /// nothing of what was said in them. What was superseded may be left out; a thread's row comes before all else of it,
    /// whatever its place.
    async fn heads(&self, key: &Key, after: Place, limit: usize) -> Result<Page, LogError>;

    /// All that was told of one session.
    async fn session(&self, key: &Key, session: &str, after: Place, limit: usize) -> Result<Page, LogError>;

    /// Everything.
    async fn since(&self, key: &Key, after: Place, limit: usize) -> Result<Page, LogError>;
}
