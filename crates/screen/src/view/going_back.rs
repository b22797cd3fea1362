//! Going back in a conversation.

use serde::Serialize;
use ts_rs::TS;

use super::session::SessionRow;

/// A conversation that went back. What was taken out of it is kept until the next message is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Reverted {
    /// How many prompts were taken out, with what answered them; of a long conversation those that were read.
    pub prompts: u32,
    /// Files were put back, and are brought again when it is undone.
    pub files: bool,
}

/// What going back to before a prompt would take back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RevertPreview {
    /// How many prompts are taken out, that one included, with what answered them.
    pub prompts: u32,
    /// Files that are put back as they were, with what of them goes.
    pub files: Vec<TakenBack>,
    /// Files that were changed and stay as they are now.
    pub left: Vec<TakenBack>,
    /// The engine keeps the history of the folder's files. Without it none is put back.
    pub history: bool,
    /// Further prompts were not looked at, and may have changed more.
    pub more: bool,
    /// Files were attached to the prompt; they come back with its text.
    pub attachments: bool,
}

/// A file that prompts changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TakenBack {
    /// Its path, relative to the session's folder when inside it.
    pub path: String,
    /// Lines that were added.
    pub additions: u64,
    /// Lines that were removed.
    pub deletions: u64,
}

/// A prompt that was gone back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RevertedPrompt {
    /// What it said.
    pub text: String,
    /// The ids of what was attached to it, which is attached in the composer now.
    pub attachments: Vec<String>,
    /// The names of files that were attached to it and did not come back.
    pub missing: Vec<String>,
}

/// A thread that begins as another one does.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ForkedThread {
    /// It, with the prompt that was forked from in its composer.
    pub thread: SessionRow,
    /// The names of files that were attached to that prompt and did not come along.
    pub missing: Vec<String>,
}
