//! What waits for the person, over all threads, and the rules they answer with.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{PermissionCard, PermissionSubject, QuestionCard, RemoteProposal};

/// What a dangerous part of a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DangerKind {
    /// Writes a file anew, whatever was in it.
    OverwritesFile,
    /// Runs with more rights than the person has.
    RaisesPrivilege,
    /// Runs something that cannot be seen in the command.
    Obscured,
    /// Is no command that a shell would take as it stands.
    Unreadable,
    /// Ends other programs.
    KillsProcesses,
    /// Changes the owner or rights of a whole folder.
    ChangesPermissions,
    /// Makes something public for good.
    Publishes,
    /// Runs a program that is being downloaded.
    RunsDownload,
    /// Throws away uncommitted work or unmerged commits.
    DiscardsWork,
    /// Replaces what others have in a shared repository.
    RewritesRemote,
    /// Removes running infrastructure.
    RemovesInfrastructure,
    /// Switches the machine off.
    StopsMachine,
    /// Deletes what is in a database.
    DropsData,
    /// Deletes files without asking again.
    DeletesFiles,
    /// Overwrites files, disks or partitions.
    OverwritesData,
}

/// A dangerous part of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AskDanger {
    /// What it does.
    pub kind: DangerKind,
    /// The part that does it, cut to what fits in a line.
    pub part: String,
    /// Where it begins in the card's command, in UTF-16 units.
    pub from: u32,
    /// Where it ends; where it begins when it has no place there.
    pub to: u32,
}

/// The rule that has something asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AskRule {
    /// The permission it is about.
    pub permission: String,
    /// What it matches.
    pub pattern: String,
}

/// A rule that "always" would save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProposedRule {
    /// What it would allow, with `*` and `?`.
    pub pattern: String,
    /// What could be allowed instead, the narrowest first, the pattern itself among them.
    pub choices: Vec<String>,
}

/// For how long a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RuleScope {
    /// As long as there is the thread that asks.
    Thread,
    /// In the folder, until the person takes it back.
    Folder,
}

/// Why a rule would not be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RuleRefusal {
    /// Nothing stands in it.
    Empty,
    /// It is too long.
    TooLong,
    /// It holds characters that cannot be seen.
    Hidden,
    /// What it names is asked for each time.
    Dangerous,
    /// It holds what looks like a key or a password, and rules are written down as they are.
    Secret,
    /// It would allow almost anything.
    TooWide,
}

/// What rules would come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RuleCheck {
    /// For each rule in order, why it would not be saved.
    pub refused: Vec<Option<RuleRefusal>>,
    /// Together they cover what is asked.
    pub covers: bool,
}

/// Something that waits for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct InboxRow {
    /// The ask's id.
    pub id: String,
    /// The session that asks; a sub-agent's differs from the thread.
    pub session: String,
    /// The thread it is answered in.
    pub thread: String,
    /// The thread's title.
    pub title: String,
    /// The thread's folder, its id.
    pub folder: String,
    /// The agent that asks.
    pub agent: String,
    /// Since when it waits, milliseconds since the epoch.
    pub asked: i64,
    /// What a permission is about; none for a question.
    pub subject: Option<PermissionSubject>,
    /// The programs that a command runs.
    pub runs: Vec<String>,
    /// The file, address or tool it is about, or the question; cut to a line.
    pub about: String,
    /// It deletes, overwrites or cannot be read.
    pub destructive: bool,
    /// What was answered from afar and counts when the person here says so, what came first first.
    pub proposals: Vec<RemoteProposal>,
}

/// What waits for the person, over all threads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Inbox {
    /// What waits, permissions first, what waits longest first.
    pub rows: Vec<InboxRow>,
    /// How many more there are.
    pub more: u32,
}

/// All of an ask; neither when it is gone.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct InboxAsk {
    /// The permission it asks for.
    pub permission: Option<PermissionCard>,
    /// What it wants to know.
    pub question: Option<QuestionCard>,
}

/// What was said to an ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum AnswerGiven {
    /// Allowed this once.
    Once,
    /// Allowed by a rule, or with one for what comes after it.
    Always,
    /// Denied.
    Denied,
    /// A question was answered.
    Answered,
    /// A question was turned down.
    Skipped,
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum AnsweredBy {
    /// The person.
    Person,
    /// A rule the person gave.
    Rule,
    /// Somebody at a paired server, whose answers count by themselves.
    Afar,
    /// The app's own policy, which no rule overrules.
    Policy,
}

/// Something that was answered lately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AnsweredRow {
    /// The ask's id.
    pub id: String,
    /// The thread it was asked in; none when that is gone.
    pub thread: Option<String>,
    /// The thread's title, as it is now or was when that went.
    pub title: String,
    /// What its folder is called.
    pub folder: String,
    /// The agent that asked.
    pub agent: String,
    /// What a permission was about; none for a question.
    pub subject: Option<PermissionSubject>,
    /// The command, file, address or tool it was about, or the question; cut to a line.
    pub about: String,
    /// What was said.
    pub answer: AnswerGiven,
    /// Who said it.
    pub by: AnsweredBy,
    /// The rule or the reason, or what the person said along; cut to a line.
    pub because: String,
    /// When, milliseconds since the epoch.
    pub at: i64,
}

/// What was answered lately, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AnsweredList {
    /// The newest.
    pub rows: Vec<AnsweredRow>,
    /// How many older ones are kept.
    pub more: u32,
    /// Days they are kept.
    pub days: u32,
}
