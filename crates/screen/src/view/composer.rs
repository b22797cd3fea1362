//! What stands in a composer beside its words.

use serde::Serialize;
use ts_rs::TS;

use super::AgentChoice;

/// A file that is attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// A small picture of it as a `data:` address.
    pub thumbnail: Option<String>,
    /// It was a larger picture.
    pub scaled: bool,
}

/// A prompt that waits for the turn to end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QueuedView {
    /// Its id.
    pub id: String,
    /// What the person wrote.
    pub text: String,
    /// The agent it is for.
    pub agent: Option<String>,
    /// The model it is for.
    pub model: Option<String>,
    /// What goes with it.
    pub attachments: Vec<AttachmentView>,
}

/// What stands in a composer beside its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ComposerState {
    /// Its session; `home` on the home page.
    pub session: String,
    /// What is attached, in the order it was.
    pub attachments: Vec<AttachmentView>,
    /// What waits, the next one first.
    pub queue: Vec<QueuedView>,
    /// What waits does so for the person: no turn runs whose end would send it.
    pub held: bool,
    /// The next one would have gone out, and does when it is no longer edited.
    pub waits_for_edit: bool,
    /// What was said is being summed up.
    pub compacting: bool,
    /// Why the next prompt could not be sent.
    pub failed: Option<String>,
}

/// Why a file was not attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum AttachmentRefusal {
    /// There is nothing in it.
    Empty,
    /// It is larger than 10 MB.
    TooLarge,
    /// It is a text of more than 1 MB.
    TextTooLarge,
    /// It is a document of an office program.
    Office,
    /// It is an archive.
    Archive,
    /// It is neither a picture, a PDF nor a text.
    Unknown,
    /// It is a picture that cannot be read.
    BadImage,
    /// It is a folder.
    Folder,
    /// It cannot be read.
    Unreadable,
    /// It is kept from the agent: credentials, or the app's own.
    Covered,
    /// There are ten already, or 20 MB.
    TooMany,
    /// Other composers hold as much as is kept.
    Full,
}

/// A file that was not attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RefusedFile {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: AttachmentRefusal,
}

/// What was attached, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Attached {
    /// What was.
    pub attached: Vec<AttachmentView>,
    /// What was not.
    pub refused: Vec<RefusedFile>,
}

/// A file or folder that can be named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FoundFile {
    /// Its path from the folder on; a folder's ends with a slash.
    pub path: String,
    /// Which of its characters were typed.
    pub matched: Vec<u32>,
}

/// What can be named with what was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MentionSearch {
    /// Sub-agents.
    pub agents: Vec<AgentChoice>,
    /// Files and folders, the best first.
    pub files: Vec<FoundFile>,
    /// How many more files fit.
    pub more: u32,
    /// The folder has more files than are looked through.
    pub cut: bool,
}

/// Where a command comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum CommandOrigin {
    /// The engine, or its configuration.
    Engine,
    /// A server of tools.
    Server,
    /// A skill.
    Skill,
    /// A file of the folder.
    Folder,
}

/// Whether a command may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum CommandTrust {
    /// It has nothing in it that one has to have read.
    NotNeeded,
    /// The person read it as it is now, and trusts it.
    Given,
    /// They have to read it first.
    Needed,
    /// They trusted it, and it is another one now.
    Changed,
}

/// A command that a person read and trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TrustedCommandRow {
    /// The folder it is trusted in, its path.
    pub folder: String,
    /// Names it among commands of the same name.
    pub key: String,
    /// Its name.
    pub name: String,
    /// When it was trusted, in milliseconds since the epoch.
    pub trusted: i64,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CommandRow {
    /// Names it among commands of the same name.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// What its author says its arguments are.
    pub hint: String,
    /// How many numbered arguments it has.
    pub arguments: u32,
    /// It takes whatever is written behind it.
    pub takes_rest: bool,
    /// Where it comes from.
    pub origin: CommandOrigin,
    /// Whether it may be used.
    pub trust: CommandTrust,
    /// What it says, where one has to have read it.
    pub template: Option<String>,
    /// What of that is shell.
    pub shell: Vec<String>,
    /// The file it is in, from the folder on.
    pub path: Option<String>,
    /// Tells apart what it says.
    pub hash: String,
}

/// What fills a model's context, as its provider counted it at the last answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ContextFill {
    /// Tokens it holds; 0 when unknown.
    pub size: u64,
    /// Tokens of the last answer in all.
    pub used: u64,
    /// Read anew.
    pub input: u64,
    /// Read from the provider's cache.
    pub cached: u64,
    /// Written.
    pub output: u64,
    /// Spent on reasoning.
    pub reasoning: u64,
    /// The model that answered, `provider/model`.
    pub model: Option<String>,
}
