//! What a desktop tells of its sessions: the payload of `session.event` and `status` events.
//!
//! It is what an engine tells, in this product's own words, after everything that may not leave was taken out. The
//! server feeds it to the same projection the desktop has, so that both end with the same conversation. Text is source,
//! never HTML. A payload of another version, or of a kind that is not known, is kept and not shown.

use cowork_engine::{
    Message, MessageId, Part, PartId, PermissionAsk, PermissionId, QuestionAsk, QuestionId, SessionStatus,
    Todo, TurnError,
};
use serde::{Deserialize, Serialize};

/// The version of these payloads.
pub const VERSION: u32 = 1;
/// The longest string that leaves, in bytes: a longer text goes out as a part and [`SessionEvent::Grew`].
pub const STRING_LIMIT: usize = 16 * 1024;

/// The payload of a `session.event`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    /// [`VERSION`].
    pub v: u32,
    /// What happened, in the session that the event names.
    pub event: SessionEvent,
}

/// A session's row in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SharedThread {
    /// Its title.
    pub title: String,
    /// What its folder is called; never a path, unless the policy exposes them.
    pub folder: Option<String>,
    /// It works in a throw-away folder.
    pub throw_away: bool,
    /// The session whose agent started it.
    pub parent: Option<String>,
    /// The agent asked last.
    pub agent: Option<String>,
    /// The model asked last, `provider/model`.
    pub model: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    pub created: i64,
    /// When it last changed, in milliseconds since the epoch.
    pub updated: i64,
    /// Cost so far in US dollars.
    pub cost: f64,
    /// The scripted demo model answered in it.
    pub demo: bool,
    /// How its last turn ended, where that was not well and nothing runs; not known of one that does not say so.
    #[serde(default)]
    pub ended: Option<TurnEnd>,
}

/// How a turn ended that did not end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TurnEnd {
    /// It failed.
    Failed,
    /// The engine ended in the middle of it, or before it began to answer.
    Interrupted,
    /// Otherwise, as a later version says it.
    #[serde(other)]
    Unknown,
}

/// What happened in a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SessionEvent {
    /// It is new, or its row changed.
    Thread {
        /// The row.
        thread: SharedThread,
    },
    /// It is gone, or is not shared any more. Everything told of it before is void.
    ThreadGone,
    /// What it holds is told anew from here on; what was told of its messages, asks and plan before is void.
    Began {
        /// There are older messages that are not told.
        cut: bool,
    },
    /// What it is doing.
    Status {
        /// What.
        status: SessionStatus,
    },
    /// A turn failed.
    Failed {
        /// Why.
        error: TurnError,
    },
    /// A message is new or changed.
    Message {
        /// Without its parts.
        message: Message,
    },
    /// A message is gone.
    MessageGone {
        /// Which.
        message: MessageId,
    },
    /// A part is new or changed as a whole.
    Part {
        /// The part.
        part: Box<Part>,
    },
    /// Text was added to a part.
    Grew {
        /// Its message.
        message: MessageId,
        /// Which part.
        part: PartId,
        /// How many bytes the part's text had before, so that a text with a hole in it is not taken for the whole.
        from: u64,
        /// What was added.
        delta: String,
    },
    /// A part is gone.
    PartGone {
        /// Its message.
        message: MessageId,
        /// Which part.
        part: PartId,
    },
    /// A permission is asked for.
    Permission {
        /// The ask.
        ask: Box<PermissionAsk>,
    },
    /// It was answered.
    PermissionGone {
        /// Which.
        permission: PermissionId,
    },
    /// Questions are put.
    Question {
        /// The ask.
        ask: Box<QuestionAsk>,
    },
    /// They were answered.
    QuestionGone {
        /// Which.
        question: QuestionId,
    },
    /// The plan, as a whole.
    Todos {
        /// The plan.
        todos: Vec<Todo>,
    },
    /// One that this version does not know.
    #[serde(other)]
    Unknown,
}

/// An agent that a prompt may name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SharedAgent {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// A folder that a new session may be made in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SharedFolder {
    /// Names it in `create_session`; says nothing of where it is.
    pub id: String,
    /// What it is called.
    pub label: String,
}

/// The payload of a `status` event: how the desktop stands, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DesktopStatus {
    /// [`VERSION`].
    pub v: u32,
    /// The app's version.
    pub version: String,
    /// Whether its engine is there to work.
    pub engine_ready: bool,
    /// What it lets in and out.
    pub policy: crate::wire::Policy,
    /// Agents a prompt may name.
    pub agents: Vec<SharedAgent>,
    /// Folders a session may be made in; a throw-away one is always there.
    pub folders: Vec<SharedFolder>,
}
