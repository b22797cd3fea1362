//! What a conversation shows.

use cowork_engine::{Message, PartId, Role, ToolCall, ToolState};

/// One message as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The message. When the person stopped the turn, its error is of the kind
    /// [`Aborted`](cowork_engine::TurnErrorKind::Aborted): to be shown as "stopped", not as a failure.
    pub message: Message,
    /// What it holds and shows, in order. What an engine adds for the model's eyes alone is not here.
    pub blocks: Vec<Block>,
    /// The turn was cut off while this was being answered: the engine died, or forgot the turn. On a person's
    /// message it says that no answer had begun.
    pub interrupted: bool,
}

impl Entry {
    /// An answer of which neither a good nor a bad end is known.
    pub(crate) fn is_open_answer(&self) -> bool {
        self.message.role == Role::Assistant
            && self.message.completed.is_none()
            && self.message.error.is_none()
    }
}

/// One thing a message shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Its id, the engine's own of the part.
    pub id: PartId,
    /// What it is.
    pub content: BlockContent,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq)]
pub enum BlockContent {
    /// Text; markdown in an answer, as typed in a prompt.
    Text {
        /// The source so far, at most [`TEXT_LIMIT`](crate::TEXT_LIMIT) bytes.
        text: String,
    },
    /// The model's reasoning.
    Reasoning {
        /// The source so far, at most [`TEXT_LIMIT`](crate::TEXT_LIMIT) bytes.
        text: String,
        /// When it began, in milliseconds since the epoch.
        started: Option<i64>,
        /// When it ended, in milliseconds since the epoch.
        ended: Option<i64>,
    },
    /// A tool call.
    Tool(Box<ToolView>),
    /// An attached file.
    File {
        /// What to call it.
        name: String,
        /// Its media type.
        media_type: String,
    },
    /// Earlier messages were replaced by a summary in the model's context.
    Compaction,
}

impl BlockContent {
    /// The text that deltas add to; none for what deltas do not touch.
    pub(crate) fn text_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Text { text } | Self::Reasoning { text, .. } => Some(text),
            Self::Tool(_) | Self::File { .. } | Self::Compaction => None,
        }
    }

    /// The text that deltas add to; none for what deltas do not touch.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text } | Self::Reasoning { text, .. } => Some(text),
            Self::Tool(_) | Self::File { .. } | Self::Compaction => None,
        }
    }
}

/// A tool call with what the engine does not say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolView {
    /// The call; its output is at most [`OUTPUT_LIMIT`](crate::OUTPUT_LIMIT) bytes, the last ones.
    pub call: ToolCall,
    /// It waits for the person: an open permission or question refers to it.
    pub waiting: bool,
    /// It will not end any more, though its state says that it is pending or running.
    pub interrupted: bool,
}

impl ToolView {
    /// Whether the engine said how it ended.
    pub(crate) fn is_finished(&self) -> bool {
        matches!(self.call.state, ToolState::Completed | ToolState::Failed)
    }
}
