//! Tool calls and sub-agents.

use serde::Serialize;
use ts_rs::TS;

use super::FileDiff;

/// What kind of work a tool does; decides verb and icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ToolShape {
    /// A shell command.
    Shell,
    /// Reads a file.
    Read,
    /// Writes a file.
    Write,
    /// Changes a file.
    Edit,
    /// Searches.
    Search,
    /// Lists a folder.
    List,
    /// Fetches from the network.
    Fetch,
    /// Starts a sub-agent.
    Task,
    /// Asks the person.
    Question,
    /// Keeps the plan.
    Plan,
    /// Loads a skill.
    Skill,
    /// Anything else.
    Other,
}

/// How far a tool call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ToolMark {
    /// Its arguments are still coming.
    Queued,
    /// It waits for a permission or an answer.
    Waiting,
    /// It runs.
    Running,
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// Refused.
    Denied,
    /// Cut off because the turn or the engine ended.
    Interrupted,
}

/// A tool's output as far as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutputView {
    /// The end of it while it runs, the beginning of it afterwards; terminal control sequences taken out.
    pub text: String,
    /// Its real size in bytes.
    pub bytes: u64,
    /// Its real number of lines.
    pub lines: u64,
    /// `text` is not all of it.
    pub cut: bool,
}

/// One tool call.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ToolView {
    /// What kind of work it does.
    pub shape: ToolShape,
    /// The tool's name.
    pub name: String,
    /// How far it is.
    pub mark: ToolMark,
    /// What it works on: a command, a path relative to the folder, a pattern, an address.
    pub target: Option<String>,
    /// The model's own words on what it is for.
    pub description: Option<String>,
    /// The arguments as indented JSON, for tools without a better picture.
    pub arguments: Option<String>,
    /// What it printed.
    pub output: OutputView,
    /// Why it failed.
    pub error: Option<String>,
    /// The change it made.
    pub change: Option<FileDiff>,
    /// Exit status of a command.
    pub exit: Option<i64>,
    /// When it began to run, milliseconds since the epoch.
    pub started: Option<i64>,
    /// When it ended.
    pub ended: Option<i64>,
}

/// A sub-agent's work inside a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Lane {
    /// The sub-agent's session, once it has one; opens as a thread.
    pub session: Option<String>,
    /// The sub-agent's name.
    pub agent: String,
    /// What it was asked to do.
    pub task: String,
    /// How far it is.
    pub mark: ToolMark,
    /// What it is doing now, or its last words: a tool's name and target, or text.
    pub activity: String,
    /// Tokens so far.
    pub tokens: u64,
    /// Why it failed.
    pub error: Option<String>,
    /// When it began, milliseconds since the epoch.
    pub started: Option<i64>,
    /// When it ended.
    pub ended: Option<i64>,
}
