//! What a conversation is made of.

use serde::{Deserialize, Serialize};

use crate::{CallId, MessageId, ModelReference, PartId, SessionId, TurnError};

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// The person, or a parent agent on the person's behalf.
    User,
    /// The model.
    Assistant,
}

/// Tokens and money one answer took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Tokens read, without those that came from a cache.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
    /// Tokens spent on reasoning.
    pub reasoning: u64,
    /// Tokens read from the provider's cache.
    pub cache_read: u64,
    /// Tokens written to the provider's cache.
    pub cache_write: u64,
    /// Cost in US dollars.
    pub cost: f64,
}

impl Usage {
    /// All tokens that fill the model's context after this answer.
    #[must_use]
    pub fn context(&self) -> u64 {
        self.input + self.output + self.reasoning + self.cache_read + self.cache_write
    }
}

/// One message without its parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The session it belongs to.
    pub session: SessionId,
    /// Who wrote it.
    pub role: Role,
    /// The prompt an answer answers.
    pub parent: Option<MessageId>,
    /// The agent that was asked or that answers.
    pub agent: Option<String>,
    /// The model that was asked or that answers.
    pub model: Option<ModelReference>,
    /// When it was made, in milliseconds since the epoch.
    pub created: i64,
    /// When it was finished, in milliseconds since the epoch.
    pub completed: Option<i64>,
    /// Tokens and cost so far.
    pub usage: Usage,
    /// Why it ended early.
    pub error: Option<TurnError>,
    /// Whether this answer is the summary that replaced earlier messages in the model's context.
    pub summary: bool,
}

impl Message {
    /// A message that nothing more is known of; `created` is in milliseconds since the epoch.
    #[must_use]
    pub fn new(id: MessageId, session: SessionId, role: Role, created: i64) -> Self {
        Self {
            id,
            session,
            role,
            parent: None,
            agent: None,
            model: None,
            created,
            completed: None,
            usage: Usage::default(),
            error: None,
            summary: false,
        }
    }
}

/// A message with all that it holds, as a snapshot gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageWithParts {
    /// The message.
    pub message: Message,
    /// Its parts in order.
    pub parts: Vec<Part>,
}

/// One part of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Its id.
    pub id: PartId,
    /// The message it belongs to.
    pub message: MessageId,
    /// What it is.
    pub content: PartContent,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PartContent {
    /// Markdown text.
    Text {
        /// The source so far.
        text: String,
        /// Added by the engine for the model's eyes (an attached file's content, say) and not shown.
        synthetic: bool,
    },
    /// The model's reasoning.
    Reasoning {
        /// The text so far.
        text: String,
        /// When it began, in milliseconds since the epoch.
        started: Option<i64>,
        /// When it ended, in milliseconds since the epoch.
        ended: Option<i64>,
    },
    /// A tool call.
    Tool(Box<ToolCall>),
    /// An attached file.
    File {
        /// What to call it.
        name: String,
        /// Its media type.
        media_type: String,
    },
    /// A request to the model begins. What an earlier request of the same message had streamed and not
    /// finished is void: engines repeat a failed request within one message.
    StepStarted,
    /// A request to the model ended well.
    StepFinished {
        /// Tokens and cost of this request.
        usage: Usage,
    },
    /// Files that were changed by a step.
    Patch {
        /// Absolute paths.
        files: Vec<String>,
    },
    /// Earlier messages were replaced by a summary in the model's context.
    Compaction,
    /// Something this product has no word for yet.
    Other {
        /// The engine's name for it.
        kind: String,
    },
}

/// What kind of work a tool does; decides how its call is shown and named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ToolKind {
    /// A shell command.
    Shell,
    /// Reads a file.
    Read,
    /// Writes a whole file.
    Write,
    /// Changes a file in place.
    Edit,
    /// Searches file contents or names.
    Search,
    /// Lists a folder.
    List,
    /// Fetches from the network.
    Fetch,
    /// Hands work to a sub-agent.
    Task,
    /// Asks the person.
    Question,
    /// Keeps the plan.
    Plan,
    /// Loads a skill.
    Skill,
    /// Anything else: an MCP server's tool, or one this product does not know.
    Other,
}

/// How far a tool call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ToolState {
    /// Named by the model; its arguments are still coming.
    Pending,
    /// Running, or waiting for permission.
    Running,
    /// Done.
    Completed,
    /// Failed or refused; [`ToolCall::error`] says why.
    Failed,
}

/// One call of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolCall {
    /// The call's id.
    pub call: CallId,
    /// The engine's name of the tool.
    pub name: String,
    /// What kind of work it does.
    pub kind: ToolKind,
    /// How far it is.
    pub state: ToolState,
    /// What it works on: a command, a path, a pattern, an address, a sub-agent's name.
    pub target: Option<String>,
    /// The model's own words on what the call is for.
    pub description: Option<String>,
    /// The arguments as indented JSON, for tools this product has no better picture of.
    pub arguments: Option<String>,
    /// Stands for all it was called with: equal for equal arguments of one tool, while the app runs.
    pub given: Option<u64>,
    /// Output so far; grows while a shell command runs.
    pub output: String,
    /// The engine gave only a part of its output.
    pub shortened: bool,
    /// The file in which the engine keeps the whole of an output it gave a part of. It names the file and proves
    /// nothing: a tool may have written the name.
    pub kept_output: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// The person (or a rule) refused it.
    pub denied: bool,
    /// The change it made to a file.
    pub change: Option<FileChange>,
    /// The session of the sub-agent it started.
    pub child: Option<SessionId>,
    /// The exit status of a shell command.
    pub exit: Option<i64>,
    /// When it began to run, in milliseconds since the epoch.
    pub started: Option<i64>,
    /// When it ended, in milliseconds since the epoch.
    pub ended: Option<i64>,
}

impl ToolCall {
    /// A call that nothing more is known of.
    #[must_use]
    pub fn new(call: CallId, name: String, kind: ToolKind, state: ToolState) -> Self {
        Self {
            call,
            name,
            kind,
            state,
            target: None,
            description: None,
            arguments: None,
            given: None,
            output: String::new(),
            shortened: false,
            kept_output: None,
            error: None,
            denied: false,
            change: None,
            child: None,
            exit: None,
            started: None,
            ended: None,
        }
    }
}

/// A change to one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileChange {
    /// The file's path as the engine gave it.
    pub path: String,
    /// The change as a unified diff, of a file that holds no text what git says of one; may be empty when the engine gave
    /// none.
    pub patch: String,
    /// Lines added.
    pub additions: u64,
    /// Lines removed.
    pub deletions: u64,
}
