//! What commands of the composer take.

use serde::Deserialize;
use ts_rs::TS;

/// Names a composer.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComposerReference {
    /// The session's id; `home` for the one on the home page.
    pub session: String,
}

/// A file that was pasted or dropped.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttachFile {
    /// The session's id; `home` for the composer on the home page.
    pub session: String,
    /// What it is called.
    pub name: String,
    /// What is in it, in base64; up to 10 MB before that.
    pub data: String,
}

/// Names an attached file.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttachmentReference {
    /// The session's id; `home` for the composer on the home page.
    pub session: String,
    /// The file's id.
    pub attachment: String,
}

/// What is typed of something's name.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchMentions {
    /// The folder's id.
    pub folder: String,
    /// What is typed.
    pub typed: String,
}

/// A command that the person read and trusts.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustCommand {
    /// The folder's id.
    pub folder: String,
    /// The command's key.
    pub key: String,
    /// What it said when they read it.
    pub hash: String,
}

/// Names a command that is trusted.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustedCommand {
    /// The folder's path, as it is listed.
    pub folder: String,
    /// The command's key.
    pub command: String,
}

/// A command to run.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunCommand {
    /// The session's id.
    pub session: String,
    /// The command's key.
    pub key: String,
    /// What is written behind it, up to 64 KiB.
    pub arguments: String,
    /// The agent to ask, unless the command names one; the session's own when absent.
    pub agent: Option<String>,
    /// The model to ask, unless the command names one; the session's own when absent.
    pub model: Option<String>,
    /// The ids of what is attached; nothing when absent.
    #[ts(optional)]
    pub attachments: Option<Vec<String>>,
}

/// Names a prompt that waits.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueuedReference {
    /// The session's id.
    pub session: String,
    /// The prompt's id.
    pub prompt: String,
}

/// Whether a prompt that waits is being edited.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldQueued {
    /// The session's id.
    pub session: String,
    /// The prompt's id.
    pub prompt: String,
    /// It is; it does not go out before it is not.
    pub held: bool,
}

/// Other words for a prompt that waits.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditQueued {
    /// The session's id.
    pub session: String,
    /// The prompt's id.
    pub prompt: String,
    /// The words, up to 1 MiB.
    pub text: String,
}

/// An order for what waits.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrderQueue {
    /// The session's id.
    pub session: String,
    /// The prompts' ids, the next one first.
    pub prompts: Vec<String>,
}

/// What to sum up.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompactSession {
    /// The session's id.
    pub session: String,
    /// The model that does it, `provider/model`; the session's own when absent.
    pub model: Option<String>,
}
