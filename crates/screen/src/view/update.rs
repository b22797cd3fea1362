//! What changed since a window last heard.

use serde::Serialize;
use ts_rs::TS;

use super::{
    AgentChoice, Block, ComposerState, ConnectionTest, ConversationStatus, EngineState, Folder, HtmlPatch,
    Inbox, Message, ModelChoice, Notice, Pairings, PermissionCard, ProviderRow, QuestionCard, Safety,
    SessionRow, SignInView, SnippetUpdate, TodoItem,
};

/// A batch of changes. A window acknowledges each by its sequence; while several are unacknowledged the next
/// ones wait and grow together, so that a slow window is never flooded and never loses the last state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Update {
    /// Counts up from 1 within a subscription.
    pub sequence: u64,
    /// Sessions that are new or changed, whole rows.
    pub sessions: Vec<SessionRow>,
    /// Sessions that are gone.
    pub removed_sessions: Vec<String>,
    /// Threads came or changed that are not among `sessions`, so that the list is to be asked for anew.
    pub threads: bool,
    /// The folders, all of them, when any changed.
    pub folders: Option<Vec<Folder>>,
    /// The engine's state, when it changed.
    pub engine: Option<EngineState>,
    /// What must be seen when it is not as promised, when it changed.
    pub safety: Option<Safety>,
    /// The models, when they changed.
    pub models: Option<Vec<ModelChoice>>,
    /// The agents, when they changed.
    pub agents: Option<Vec<AgentChoice>>,
    /// The providers, when they changed.
    pub providers: Option<Vec<ProviderRow>>,
    /// The connection test, when it changed.
    pub test: Option<ConnectionTest>,
    /// The sign-in, when it changed.
    pub sign_in: Option<SignInView>,
    /// What stands in composers beside their words, of those where it changed.
    pub composers: Vec<ComposerState>,
    /// What is new of code blocks that run.
    pub snippets: Vec<SnippetUpdate>,
    /// News; of much that came while nobody looked the newest.
    pub notices: Vec<Notice>,
    /// How many older news were left out before these. The log has them.
    pub notices_left_out: u32,
    /// What waits for the person over all threads, when that changed.
    pub inbox: Option<Inbox>,
    /// All pairings, when any changed.
    pub pairings: Option<Pairings>,
    /// A thread the person chose outside of the window, to be opened.
    pub wanted_session: Option<String>,
    /// Changes to the open conversation.
    pub conversation: Option<ConversationPatch>,
}

/// Changes to the open conversation; what is absent did not change. Applied in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConversationPatch {
    /// Its session.
    pub session: String,
    /// The revision after this patch.
    pub revision: u64,
    /// The revision this patch builds on. A window that is behind it asks for the conversation anew.
    pub base: u64,
    /// How many older messages the window does not hold, when that changed.
    pub before: Option<u32>,
    /// Whether there are older ones than those, that were not read, when that or `before` changed.
    pub more_before: Option<bool>,
    /// How many newer messages the window does not hold, when that changed.
    pub after: Option<u32>,
    /// Messages that are gone, or that the window is not to hold any more.
    pub removed_messages: Vec<String>,
    /// Messages that are new or whose own fields changed, with the index they stand at. `blocks` is filled only
    /// for a message that is new to the window; otherwise it is empty and the blocks in the window stay.
    pub messages: Vec<MessagePatch>,
    /// Blocks that are gone.
    pub removed_blocks: Vec<BlockReference>,
    /// Blocks that are new or changed as a whole.
    pub blocks: Vec<BlockPatch>,
    /// Text and reasoning blocks that grew or were rendered anew in part.
    pub texts: Vec<TextPatch>,
    /// What it is doing.
    pub status: Option<ConversationStatus>,
    /// Permissions that wait.
    pub permissions: Option<Vec<PermissionCard>>,
    /// Questions that wait.
    pub questions: Option<Vec<QuestionCard>>,
    /// The plan.
    pub todos: Option<Vec<TodoItem>>,
    /// A prompt that was taken and then thrown away by the engine, to be put back into an empty composer.
    pub draft: Option<String>,
}

/// A new or changed message.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessagePatch {
    /// Where it stands among the window's messages.
    pub index: usize,
    /// It is new to the window, and `message.blocks` is all it holds.
    pub fresh: bool,
    /// The message.
    pub message: Message,
}

/// Names a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BlockReference {
    /// Its message.
    pub message: String,
    /// The block.
    pub block: String,
}

/// A new or changed block.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BlockPatch {
    /// Its message.
    pub message: String,
    /// Where it stands in the message.
    pub index: usize,
    /// The block.
    pub block: Block,
}

/// A text or reasoning block that grew.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TextPatch {
    /// Its message.
    pub message: String,
    /// The block.
    pub block: String,
    /// What changed in the rendered markdown.
    pub html: HtmlPatch,
}
