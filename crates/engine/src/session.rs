//! Sessions, what they wait for, and what can be chosen for them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{CallId, MessageId, MessageWithParts, PermissionId, QuestionId, SessionId};

/// One conversation as the engine lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The session whose agent started it, for a sub-agent's session.
    pub parent: Option<SessionId>,
    /// The folder it works in.
    pub folder: PathBuf,
    /// Its title.
    pub title: String,
    /// When it was made, in milliseconds since the epoch.
    pub created: i64,
    /// When it last changed, in milliseconds since the epoch.
    pub updated: i64,
    /// Cost so far in US dollars.
    pub cost: f64,
    /// What it went back to; none while all of its messages count.
    pub reverted: Option<Reverted>,
}

/// A session that went back to before a prompt. What followed is kept until the next prompt, which removes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reverted {
    /// The first message that does not count any more.
    pub from: MessageId,
    /// Files were put back as they were before it, and are brought again when that is undone.
    pub files: bool,
}

/// What a session is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SessionStatus {
    /// Nothing.
    #[default]
    Idle,
    /// A turn is running.
    Busy,
    /// A model request failed and will be repeated.
    Retry {
        /// Which repetition this is, from 1.
        attempt: u32,
        /// Why the last one failed.
        message: String,
        /// When the next one starts, in milliseconds since the epoch.
        next: i64,
    },
}

/// Everything a session holds at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionSnapshot {
    /// The session.
    pub session: Session,
    /// Its newest messages, oldest first.
    pub messages: Vec<MessageWithParts>,
    /// Where those older than these begin; none when these are all.
    pub older: Option<OlderMessages>,
    /// Its plan.
    pub todos: Vec<Todo>,
    /// What it is doing.
    pub status: SessionStatus,
    /// Permissions it waits for.
    pub permissions: Vec<PermissionAsk>,
    /// Questions it waits for.
    pub questions: Vec<QuestionAsk>,
}

/// A place in a session's messages, in the engine's own words: what is older than it can be read from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderMessages(pub String);

/// Messages of a session that follow each other.
#[derive(Clone, Debug, PartialEq)]
pub struct MessagePage {
    /// Oldest first.
    pub messages: Vec<MessageWithParts>,
    /// Where those older than these begin; none when there are none.
    pub older: Option<OlderMessages>,
}

/// A model at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ModelReference {
    /// The provider's id.
    pub provider: String,
    /// The model's id at that provider.
    pub model: String,
}

impl ModelReference {
    /// Reads `provider/model`; the model's own id may hold further slashes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (provider, model) = text.split_once('/')?;
        (!provider.is_empty() && !model.is_empty()).then(|| Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
        })
    }
}

impl std::fmt::Display for ModelReference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.provider, self.model)
    }
}

/// A model that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Which.
    pub reference: ModelReference,
    /// Its name for people.
    pub name: String,
    /// The provider's name for people.
    pub provider_name: String,
    /// Tokens its context holds; 0 when unknown.
    pub context: u64,
    /// Tokens it writes at most in one answer; 0 when unknown.
    pub output: u64,
    /// Whether it calls tools; without them it only talks.
    pub tool_call: bool,
    /// Whether it reasons before it answers.
    pub reasoning: bool,
    /// Whether it reads files that are no text.
    pub attachment: bool,
    /// Whether it reads pictures; nothing where nobody says.
    pub images: Option<bool>,
    /// Ways it can be asked to work, such as how long to reason; names to put into
    /// [`Prompt::variant`](crate::Prompt::variant).
    pub variants: Vec<String>,
}

/// Where an agent may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentMode {
    /// A person may pick it for a session.
    Primary,
    /// Only other agents call it.
    Subagent,
    /// Both.
    All,
}

/// An agent that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its name, which is also its id.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Where it may stand.
    pub mode: AgentMode,
    /// Kept out of pickers.
    pub hidden: bool,
}

/// How far one step of a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TodoState {
    /// To do.
    Pending,
    /// Being done.
    InProgress,
    /// Done.
    Completed,
    /// Given up.
    Cancelled,
}

/// One step of an agent's plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Todo {
    /// What is to be done.
    pub content: String,
    /// How far it is.
    pub state: TodoState,
}

/// What a permission is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "camelCase")]
pub enum PermissionKind {
    /// To run a shell command.
    Shell,
    /// To change files.
    Edit,
    /// To read files.
    Read,
    /// To fetch from the network.
    Fetch,
    /// To search the network.
    WebSearch,
    /// To start a sub-agent.
    Task,
    /// To touch a folder outside the session's.
    ExternalFolder,
    /// To repeat the same call again and again.
    RepeatedCall,
    /// To load a skill.
    Skill,
    /// To use a tool of an MCP server, by the tool's full name.
    Tool(String),
    /// Something else, by the engine's name.
    Other(String),
}

/// A request for permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionAsk {
    /// Its id.
    pub id: PermissionId,
    /// The session that waits.
    pub session: SessionId,
    /// What it is about.
    pub kind: PermissionKind,
    /// What exactly is asked for: subcommands, paths, addresses.
    pub patterns: Vec<String>,
    /// The patterns that "always" would allow.
    pub always: Vec<String>,
    /// The whole command, for [`PermissionKind::Shell`].
    pub command: Option<String>,
    /// The file or folder it is about.
    pub path: Option<String>,
    /// Where that leads when it is another place than is spelled, such as by a link out of the session's folder. An
    /// engine does not say so; whoever can look fills it in.
    pub leads_to: Option<String>,
    /// The change as a unified diff, for [`PermissionKind::Edit`].
    pub diff: Option<String>,
    /// The message and call that wait.
    pub call: Option<(MessageId, CallId)>,
}

/// One of the answers that are offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuestionOption {
    /// The answer.
    pub label: String,
    /// What it means.
    pub description: String,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// A word or two that name it.
    pub header: String,
    /// The question.
    pub text: String,
    /// The answers that are offered.
    pub options: Vec<QuestionOption>,
    /// Whether more than one may be chosen.
    pub multiple: bool,
    /// Whether an answer in one's own words is taken.
    pub custom: bool,
}

/// A set of questions put to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuestionAsk {
    /// Its id.
    pub id: QuestionId,
    /// The session that waits.
    pub session: SessionId,
    /// The questions, in order; answered all at once.
    pub questions: Vec<Question>,
    /// The message and call that wait.
    pub call: Option<(MessageId, CallId)>,
}
