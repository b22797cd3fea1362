//! What a session holds, lent for the time it takes to tell of it.

use cowork_engine::{
    Message, MessageId, Part, PartContent, PartId, PermissionAsk, QuestionAsk, SessionStatus, Todo, ToolCall,
    TurnError,
};
use cowork_pairing_protocol::session::SharedThread;

/// A part as it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldPart<'a> {
    /// Its id.
    pub id: &'a PartId,
    /// What it is.
    pub content: HeldContent<'a>,
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HeldContent<'a> {
    /// Text.
    Text(&'a str),
    /// The model's reasoning.
    Reasoning {
        /// The text so far.
        text: &'a str,
        /// When it began, in milliseconds since the epoch.
        started: Option<i64>,
        /// When it ended, in milliseconds since the epoch.
        ended: Option<i64>,
    },
    /// A tool call.
    Tool(&'a ToolCall),
    /// An attached file.
    File {
        /// What to call it.
        name: &'a str,
        /// Its media type.
        media_type: &'a str,
    },
    /// Earlier messages were replaced by a summary in the model's context.
    Compaction,
}

impl<'a> HeldPart<'a> {
    /// A part of an engine, unless it is never shown.
    #[must_use]
    pub fn of(part: &'a Part) -> Option<Self> {
        let content = match &part.content {
            PartContent::Text {
                text,
                synthetic: false,
            } => HeldContent::Text(text),
            PartContent::Reasoning { text, started, ended } => HeldContent::Reasoning {
                text,
                started: *started,
                ended: *ended,
            },
            PartContent::Tool(call) => HeldContent::Tool(call),
            PartContent::File { name, media_type } => HeldContent::File { name, media_type },
            PartContent::Compaction => HeldContent::Compaction,
            PartContent::Text { .. }
            | PartContent::StepStarted
            | PartContent::StepFinished { .. }
            | PartContent::Patch { .. }
            | PartContent::Other { .. } => return None,
        };
        Some(Self {
            id: &part.id,
            content,
        })
    }
}

/// A message with all its parts in order.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldMessage<'a> {
    /// The message.
    pub message: &'a Message,
    /// It is no answer that is being written any more, although nothing says how it ended: its turn was cut off.
    pub interrupted: bool,
    /// All its parts that are shown.
    pub parts: Vec<HeldPart<'a>>,
}

/// What a session holds besides its messages. All of it is compared with what was told, and costs little.
#[derive(Clone, Debug, PartialEq)]
pub struct Held<'a> {
    /// Its row.
    pub thread: SharedThread,
    /// Its messages, or those of them that may have changed.
    pub messages: Vec<HeldMessage<'a>>,
    /// What it is doing.
    pub status: &'a SessionStatus,
    /// Why the last turn failed.
    pub error: Option<&'a TurnError>,
    /// All open requests for permission.
    pub permissions: &'a [PermissionAsk],
    /// All open questions.
    pub questions: &'a [QuestionAsk],
    /// The plan.
    pub todos: &'a [Todo],
}

/// What may have changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes<'a> {
    /// What the session holds; of its messages those that are new or may have changed are enough.
    pub held: Held<'a>,
    /// Messages that are gone.
    pub gone: &'a [MessageId],
}
