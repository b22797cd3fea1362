//! One conversation.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AskDanger, AskRule, BlockReference, FileDiff, Lane, ProposedRule, Reverted, ToolView};

/// HTML made safe by the `markdown` room. The one kind of string that a client may put into its document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(transparent)]
#[ts(type = "string & { readonly __safe: unique symbol }")]
pub struct Html(pub(crate) String);

impl Html {
    /// The markup.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A session's conversation as it stands now.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// Its session.
    pub session: String,
    /// Grows with each patch; a patch that is not newer is already contained.
    pub revision: u64,
    /// How many older messages are known and not included.
    pub before: u32,
    /// There are older ones than those, that were not read.
    pub more_before: bool,
    /// How many newer messages are not included.
    pub after: u32,
    /// The messages, oldest first, without a gap.
    pub messages: Vec<Message>,
    /// What it is doing.
    pub status: ConversationStatus,
    /// Permissions that wait, those of its sub-agents included.
    pub permissions: Vec<PermissionCard>,
    /// Questions that wait, those of its sub-agents included.
    pub questions: Vec<QuestionCard>,
    /// The plan.
    pub todos: Vec<TodoItem>,
    /// What was written to send and has not been taken by the engine yet, or could not be delivered.
    pub draft: String,
    /// It went back to where it ends now. Whoever shows it fetches it anew when that changes.
    pub reverted: Option<Reverted>,
}

/// Other messages that a window wants to hold. Those farthest from them go, so that it never holds many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ConversationPage {
    /// Those before the ones it holds.
    Older,
    /// Those after the ones it holds.
    Newer,
    /// The newest, and those that are yet to come.
    Latest,
    /// Those around one.
    Around {
        /// The message's id. One that is not there changes nothing.
        message: String,
    },
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Author {
    /// The person.
    Person,
    /// The agent.
    Agent,
}

/// Tokens and cost of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AnswerUsage {
    /// Tokens in all.
    pub tokens: u64,
    /// US dollars.
    pub cost: f64,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub author: Author,
    /// The prompt an answer answers.
    pub prompt: Option<String>,
    /// The agent asked or answering.
    pub agent: Option<String>,
    /// The model asked or answering, `provider/model`.
    pub model: Option<String>,
    /// Whether the model is the scripted demo model.
    pub scripted: bool,
    /// When it was made, milliseconds since the epoch.
    pub created: i64,
    /// When it was finished.
    pub completed: Option<i64>,
    /// Tokens and cost.
    pub usage: AnswerUsage,
    /// Why it ended early.
    pub failure: Option<TurnFailure>,
    /// It was cut off because the engine ended.
    pub interrupted: bool,
    /// What it holds, in order.
    pub blocks: Vec<Block>,
}

/// One thing a message holds.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// Its id, unique within the session.
    pub id: String,
    /// What it is.
    pub content: BlockContent,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum BlockContent {
    /// Written text. A person's own text is shown as written, an agent's is markdown.
    Text {
        /// The source, for a person's message; empty for an agent's, whose source is fetched when copied.
        plain: String,
        /// Rendered markdown; empty for a person's message.
        html: Vec<HtmlBlock>,
        /// More is coming.
        open: bool,
    },
    /// The model's reasoning.
    Reasoning {
        /// Rendered markdown.
        html: Vec<HtmlBlock>,
        /// Its first line, for when it is folded.
        first_line: String,
        /// When it began, milliseconds since the epoch.
        started: Option<i64>,
        /// When it ended.
        ended: Option<i64>,
        /// More is coming.
        open: bool,
    },
    /// A tool call.
    Tool {
        /// The call.
        tool: Box<ToolView>,
    },
    /// A sub-agent at work, or done.
    Lane {
        /// The sub-agent.
        lane: Box<Lane>,
    },
    /// An attached file.
    File {
        /// The file.
        file: FilePart,
    },
    /// Earlier messages were replaced by a summary in the model's context.
    Compaction,
}

/// An attached file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FilePart {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
}

/// How a rendered block is framed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum HtmlBlockKind {
    /// The pieces are the block.
    Html,
    /// The pieces go inside one code frame.
    Code {
        /// The language named on the fence.
        language: Option<String>,
    },
    /// The first piece is the rows of the head, the others rows of the body.
    Table,
}

/// One rendered block of markdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HtmlBlock {
    /// How it is framed.
    pub frame: HtmlBlockKind,
    /// Its pieces in order; a piece that did not change is the same string.
    pub pieces: Vec<Html>,
}

/// What changed in rendered markdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HtmlPatch {
    /// How many blocks there are now.
    pub blocks: usize,
    /// Changed blocks, in order.
    pub changes: Vec<HtmlBlockChange>,
}

/// One changed block of rendered markdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HtmlBlockChange {
    /// Which block.
    pub index: usize,
    /// How it is framed now.
    pub frame: HtmlBlockKind,
    /// How many of its first pieces stay.
    pub keep: usize,
    /// The pieces after those.
    pub pieces: Vec<Html>,
}

/// What a conversation is doing.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConversationStatus {
    /// What.
    pub state: WorkState,
    /// Since when the turn runs, milliseconds since the epoch.
    pub since: Option<i64>,
    /// Tokens and cost of the session so far.
    pub usage: AnswerUsage,
    /// Tokens in the model's context after the last answer.
    pub context_used: u64,
    /// Tokens the model's context holds; 0 when unknown.
    pub context_size: u64,
    /// Why the last turn failed, until the next one starts.
    pub failure: Option<TurnFailure>,
    /// The same call that the running turn makes again and again, until it ends.
    pub repeated: Option<RepeatedCall>,
}

/// A call that was made several times within seconds, with the same arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RepeatedCall {
    /// The newest of them.
    pub place: BlockReference,
    /// The tool.
    pub tool: String,
    /// What it works on.
    pub target: Option<String>,
    /// How many there were so far.
    pub times: u32,
    /// Within how many seconds three of them came.
    pub seconds: u32,
}

/// What a conversation is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WorkState {
    /// Nothing.
    Idle,
    /// A turn is running.
    Working,
    /// A stop was asked for and has not happened yet.
    Stopping,
    /// A model request failed and will be repeated.
    Retrying {
        /// Which repetition, from 1.
        attempt: u32,
        /// Why the last one failed.
        message: String,
        /// When the next one starts, milliseconds since the epoch.
        next: i64,
    },
    /// The engine ended in the middle of a turn.
    Interrupted,
}

/// Why a turn failed, as far as the next step depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TurnFailureKind {
    /// The person stopped it.
    Stopped,
    /// The provider refused the credentials.
    Unauthorized,
    /// The app itself did not send the request; the message is the whole reason, for the person.
    NotSent,
    /// The model is not known.
    UnknownModel,
    /// The agent is not known.
    UnknownAgent,
    /// Out of quota, or too many requests.
    Limited,
    /// The conversation no longer fits the model's context.
    ContextOverflow,
    /// The provider failed or could not be reached.
    Provider,
    /// The answer was cut at the model's output limit.
    OutputLength,
    /// Anything else.
    Other,
}

/// Why a turn failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TurnFailure {
    /// What the next step depends on.
    pub kind: TurnFailureKind,
    /// The provider's or engine's words, redacted.
    pub message: String,
    /// The HTTP status of the provider's answer.
    pub status: Option<u16>,
}

/// What a permission is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PermissionSubject {
    /// A shell command.
    Shell,
    /// A change to a file.
    Edit,
    /// Reading a file.
    Read,
    /// Fetching from the network.
    Fetch,
    /// Searching the network.
    WebSearch,
    /// Starting a sub-agent.
    Task,
    /// Touching a folder outside the session's.
    ExternalFolder,
    /// The same call again and again.
    RepeatedCall,
    /// Loading a skill.
    Skill,
    /// Using a tool of an MCP server.
    Tool,
}

/// Why the app asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum AskReason {
    /// This kind of action asks first.
    AsksFirst,
    /// It reaches outside the session's folder.
    OutsideFolder,
    /// It may read a secret.
    SecretFile,
    /// The agent repeats itself.
    Repeats,
    /// Tools of MCP servers ask first.
    ServerTool,
}

/// A permission that waits for an answer.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PermissionCard {
    /// Its id.
    pub id: String,
    /// The session that waits; a sub-agent's differs from the conversation's.
    pub session: String,
    /// The sub-agent that asks.
    pub subagent: Option<String>,
    /// The call of the conversation that waits for it, or the one whose sub-agent does.
    pub place: Option<BlockReference>,
    /// What it is about.
    pub subject: PermissionSubject,
    /// The tool's name, for [`PermissionSubject::Tool`].
    pub tool: Option<String>,
    /// The whole command.
    pub command: Option<String>,
    /// The file or folder, relative to the session's folder when inside it.
    pub path: Option<String>,
    /// Where that leads when it is another place, such as by a link out of the folder.
    pub leads_to: Option<String>,
    /// The change it would make.
    pub change: Option<FileDiff>,
    /// What exactly is asked for.
    pub patterns: Vec<String>,
    /// The agent that asks.
    pub agent: String,
    /// The programs that the command runs, with their verbs, each once; of very many the first.
    pub runs: Vec<String>,
    /// What is dangerous about the command, in the order it stands there.
    pub dangers: Vec<AskDanger>,
    /// The permission's name in rules.
    pub permission: String,
    /// The rules that "always" would save for this agent; empty when "always" is not offered.
    pub always: Vec<ProposedRule>,
    /// Why it asks.
    pub reason: AskReason,
    /// The built-in rule that has it asked, where one is known.
    pub rule: Option<AskRule>,
    /// It deletes, overwrites or cannot be read; "always" is not offered.
    pub destructive: bool,
    /// A rule of the person's would allow it, if it were not dangerous.
    pub overruled: bool,
}

/// One of the answers that are offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QuestionChoice {
    /// The answer.
    pub label: String,
    /// What it means.
    pub description: String,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QuestionItem {
    /// A word or two that name it.
    pub header: String,
    /// The question.
    pub text: String,
    /// The answers that are offered.
    pub choices: Vec<QuestionChoice>,
    /// More than one may be chosen.
    pub multiple: bool,
    /// An answer in one's own words is taken.
    pub custom: bool,
}

/// Questions that wait for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QuestionCard {
    /// Its id.
    pub id: String,
    /// The session that waits.
    pub session: String,
    /// The sub-agent that asks.
    pub subagent: Option<String>,
    /// The call of the conversation that waits for it, or the one whose sub-agent does.
    pub place: Option<BlockReference>,
    /// The questions, answered all at once.
    pub questions: Vec<QuestionItem>,
}

/// How far a step of the plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TodoMark {
    /// To do.
    Todo,
    /// Being done.
    Now,
    /// Done.
    Done,
    /// Given up.
    Dropped,
}

/// One step of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TodoItem {
    /// What is to be done.
    pub text: String,
    /// How far it is.
    pub mark: TodoMark,
}
