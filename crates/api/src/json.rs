//! What commands take, and the small answers that are theirs alone. What a window shows is in
//! [`cowork_workspace::view`].

use cowork_workspace::{Outgoing, view};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

mod boxes;
mod composer;
mod files;
mod pairing;
mod providers;
mod review;
mod search;

pub use boxes::{
    ForgetStopped, GrantToBox, RunSnippet, ServerReference, SetBox, SetBridge, SetEngineHome, SnippetReceipt,
    SnippetReference, StoppedReference, UnboxFolder,
};
pub use composer::{
    AttachFile, AttachmentReference, CompactSession, ComposerReference, EditQueued, HoldQueued, OrderQueue,
    QueuedReference, RunCommand, SearchMentions, TrustCommand, TrustedCommand,
};
pub use files::NamedFiles;
pub use pairing::{
    AnswerRemote, CheckPairingAddress, CreatePairing, PairingReference, PreviewPairing, ReadPairingAudit,
    ShareThread, UpdatePairing,
};
pub use providers::{
    AskKeychain, BeginSignIn, ConnectProvider, PasteSignIn, ProbeProvider, ProviderProbe, ProviderReference,
    SetKey, TestProvider,
};
pub use review::{
    AskRevert, CommitStaged, CopyPatch, ListReview, OpenFile, ReadReview, RevertChange, StageFiles,
    SwitchBranch, UndoRevert,
};
pub use search::{
    ListThreads, OrderSearchFilters, OutlineThreads, RenameSearchFilter, SaveSearchFilter,
    SearchFilterReference, SearchThreads, TagSession, UsageDays,
};

/// Confirms that a window has drawn an update.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Acknowledge {
    /// The update's sequence; zero for the first picture, which no update brought.
    pub sequence: u64,
}

/// Whether the window is seen.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WindowShown {
    /// It is; false when it is minimised or hidden.
    pub shown: bool,
}

/// Names a folder by the reference the app gave out.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FolderReference {
    /// The folder's id.
    pub folder: String,
}

/// Where to begin a session.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSession {
    /// The folder's id; without one the app makes a throw-away folder.
    pub folder: Option<String>,
}

/// Names a session.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionReference {
    /// The session's id.
    pub session: String,
}

/// What to make a thread of.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ForkSession {
    /// The session's id.
    pub session: String,
    /// Where it parts: from a prompt on, what stands before it is taken along; from an answer on, all up to the end of
    /// its turn; everything when absent.
    pub message: Option<String>,
    /// What the new one is called.
    pub title: String,
}

/// Which part of a conversation to open.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenSession {
    /// The session's id.
    pub session: String,
    /// A message to show it around; its newest messages when absent.
    pub around: Option<String>,
}

/// What to look for in one conversation.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FindInConversation {
    /// The session's id.
    pub session: String,
    /// The text.
    pub query: String,
    /// What an answer reached, to go on before it; from the newest message on when absent.
    pub before: Option<String>,
}

/// Which prompt to find.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FindPrompt {
    /// The session's id.
    pub session: String,
    /// The message from which on it is looked for.
    pub from: String,
    /// Whether the one before is wanted, not the one after.
    pub back: bool,
}

/// What of a conversation to give for copying.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadConversationText {
    /// The session's id.
    pub session: String,
    /// The message after which it begins; with the first one when absent.
    pub after: Option<String>,
    /// The message before which it ends; with the newest one when absent.
    pub before: Option<String>,
}

/// What was said in a conversation, or in a stretch of it.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConversationText {
    /// As it was written.
    pub text: String,
    /// There is more of it.
    pub cut: bool,
}

/// Which messages of the open conversation a window wants to hold.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TurnPage {
    /// The session's id.
    pub session: String,
    /// Which.
    pub page: view::ConversationPage,
}

/// A new title.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RenameSession {
    /// The session's id.
    pub session: String,
    /// The title, 1 to 200 characters.
    pub title: String,
}

/// A prompt.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SendPrompt {
    /// The session's id.
    pub session: String,
    /// What the person wrote, up to 1 MiB.
    pub text: String,
    /// The agent to ask; the session's own when absent.
    pub agent: Option<String>,
    /// The model to ask, `provider/model`; the session's own when absent.
    pub model: Option<String>,
    /// The ids of what is attached; nothing when absent.
    #[ts(optional)]
    pub attachments: Option<Vec<String>>,
}

impl SendPrompt {
    /// What is sent.
    #[must_use]
    pub fn outgoing(self) -> Outgoing {
        Outgoing {
            text: self.text,
            agent: self.agent,
            model: self.model,
            attachments: self.attachments.unwrap_or_default(),
        }
    }
}

/// Says that the engine took a prompt.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PromptReceipt {
    /// The id of the message it became.
    pub message: String,
}

/// What is written and not sent.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SaveDraft {
    /// The session's id.
    pub session: String,
    /// The text; empty to forget it.
    pub text: String,
    /// Whether it is what came back of a prompt, and the composer holds that from now on.
    #[ts(optional)]
    pub took: Option<bool>,
}

/// A person's answer to a request for permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PermissionDecision {
    /// This once.
    Once,
    /// Whenever it matches again, for this agent in this folder, until the person takes it back.
    Always,
    /// No.
    Reject,
}

impl PermissionDecision {
    /// The answer in the engine's general words; feedback counts only with a rejection.
    #[must_use]
    pub fn reply(self, feedback: Option<String>) -> cowork_workspace::PermissionReply {
        use cowork_workspace::PermissionReply;
        match self {
            Self::Once => PermissionReply::Once,
            Self::Always => PermissionReply::Always,
            Self::Reject => PermissionReply::Reject {
                feedback: feedback
                    .map(|text| text.trim().to_owned())
                    .filter(|text| !text.is_empty()),
            },
        }
    }
}

/// Answers a request for permission.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerPermission {
    /// The session that asks.
    pub session: String,
    /// The ask's id.
    pub permission: String,
    /// The answer.
    pub decision: PermissionDecision,
    /// With a rejection: what to do instead. The agent reads it and goes on.
    pub feedback: Option<String>,
    /// With "always": the rules to save. Without any, those that are proposed are saved for the folder.
    pub rules: Option<SavedRules>,
}

/// Rules of "always", as a person saw them before they were saved.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedRules {
    /// For how long they hold.
    pub scope: view::RuleScope,
    /// What each allows.
    pub patterns: Vec<String>,
}

/// Asks what rules would come to.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckRules {
    /// The session that asks.
    pub session: String,
    /// The ask's id.
    pub permission: String,
    /// What each rule would allow.
    pub patterns: Vec<String>,
}

/// Names something that waits for the person.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InboxReference {
    /// The thread it is answered in.
    pub thread: String,
    /// The ask's id.
    pub ask: String,
}

/// Answers questions.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerQuestion {
    /// The session that asks.
    pub session: String,
    /// The ask's id.
    pub question: String,
    /// For each question in order, the labels or own words chosen.
    pub answers: Vec<Vec<String>>,
}

/// Turns questions down.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RejectQuestion {
    /// The session that asks.
    pub session: String,
    /// The ask's id.
    pub question: String,
}

/// Names a message.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageReference {
    /// The session's id.
    pub session: String,
    /// The message's id.
    pub message: String,
}

/// Asks for a page of a tool's output.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadOutput {
    /// The session's id.
    pub session: String,
    /// The message's id.
    pub message: String,
    /// The block's id.
    pub block: String,
    /// Which of its texts.
    pub text: view::ToolText,
    /// Which page, from 0.
    pub page: usize,
}

/// A whole text of a tool call to read.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadToolText {
    /// The session's id.
    pub session: String,
    /// The message's id.
    pub message: String,
    /// The block's id.
    pub block: String,
    /// Which of its texts.
    pub text: view::ToolText,
}

/// A page of a change to read.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadChange {
    /// The session's id.
    pub session: String,
    /// Where the change is kept.
    pub source: view::ChangeSource,
    /// Which page, from 0.
    pub page: usize,
}

/// How everything is removed.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveEverything {
    /// All keys and sign-ins, too.
    pub keys: bool,
}

/// An address to open in the system's browser.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenLink {
    /// http, https or mailto.
    pub url: String,
}

/// Names a rule of "always allow".
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AllowanceReference {
    /// The rule's id.
    pub allowance: i64,
}
