//! Tool calls and sub-agents.

use serde::{Deserialize, Serialize};
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

/// A piece of an output with one look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutputSpan {
    /// The text; it has line ends and tabs, but no other control character.
    pub text: String,
    /// Names of classes, separated by spaces, out of a closed set: `ink-` and `ground-` with a colour, `bold`, `dim`,
    /// `italic`, `underlined`, `inverse`, `struck`; or `goes-on` alone, for a line end that only cuts a long line.
    pub look: String,
}

/// A text of a tool call as far as it travels with the conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutputView {
    /// The end of it while the call runs, the beginning of it afterwards; what a terminal would obey is carried out or
    /// taken out.
    pub spans: Vec<OutputSpan>,
    /// Its real size in bytes.
    pub bytes: u64,
    /// Its real number of lines.
    pub lines: u64,
    /// `spans` is not all of it.
    pub cut: bool,
}

/// Which text of a tool call is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ToolText {
    /// What it printed.
    #[default]
    Output,
    /// Why it failed.
    Error,
    /// Its arguments.
    Arguments,
    /// The command it runs.
    Command,
}

/// A page of a text of a tool call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutputPage {
    /// What is in it.
    pub spans: Vec<OutputSpan>,
    /// How many pages there are.
    pub pages: usize,
    /// The whole size in bytes.
    pub bytes: u64,
    /// The whole number of lines.
    pub lines: u64,
    /// Lines after the last page, which only a copy has.
    pub left_out: u64,
    /// The engine gave a part of it only, and the rest is not kept.
    pub shortened: bool,
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
    /// The command, when it is longer than `target` has it.
    pub command: Option<OutputView>,
    /// The model's own words on what it is for.
    pub description: Option<String>,
    /// The arguments as indented JSON, for tools without a better picture.
    pub arguments: Option<OutputView>,
    /// What it printed.
    pub output: OutputView,
    /// The engine gave a part of its output only.
    pub shortened: bool,
    /// Why it failed.
    pub error: Option<OutputView>,
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
    /// The sub-agents it started itself, the first ones first.
    pub lanes: Vec<Lane>,
}
