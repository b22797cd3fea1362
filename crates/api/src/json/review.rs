//! What the commands of a review take.

use cowork_workspace::view;
use serde::Deserialize;
use ts_rs::TS;

/// Asks which files changed.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListReview {
    /// The session's id.
    pub session: String,
    /// Whose changes.
    pub scope: view::ReviewScope,
}

/// Asks for a page of a file's lines.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadReview {
    /// The session's id.
    pub session: String,
    /// Whose changes.
    pub scope: view::ReviewScope,
    /// The file, as it was listed.
    pub path: String,
    /// How its lines are to be shown.
    pub look: view::ReviewLook,
    /// Which page, from 0.
    pub page: usize,
}

/// Asks what putting a file or a hunk back takes away.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AskRevert {
    /// The session's id.
    pub session: String,
    /// Whose changes.
    pub scope: view::ReviewScope,
    /// The file, as it was listed.
    pub path: String,
    /// A hunk of it alone.
    pub hunk: Option<view::HunkPlace>,
    /// Whether the hunk was found without regard to white space.
    pub ignore_whitespace: bool,
}

/// Puts a file or a hunk back as it was.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevertChange {
    /// The session's id.
    pub session: String,
    /// Whose changes.
    pub scope: view::ReviewScope,
    /// The file, as it was listed.
    pub path: String,
    /// A hunk of it alone.
    pub hunk: Option<view::HunkPlace>,
    /// Whether the hunk was found without regard to white space.
    pub ignore_whitespace: bool,
    /// What the file was when the person decided.
    pub stamp: String,
}

/// Undoes putting something back.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UndoRevert {
    /// The session's id.
    pub session: String,
    /// What was kept, by its id.
    pub kept: String,
}

/// Asks for a patch to be copied.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CopyPatch {
    /// The session's id.
    pub session: String,
    /// Whose changes.
    pub scope: view::ReviewScope,
    /// What of them.
    pub of: view::PatchOf,
    /// Whether lines that differ in white space alone count as the same.
    pub ignore_whitespace: bool,
}

/// Takes files into the next commit, or out of it.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StageFiles {
    /// The session's id, whose folder it is about.
    pub session: String,
    /// The files, relative to the folder.
    pub paths: Vec<String>,
    /// Into it.
    pub staged: bool,
}

/// Commits what is staged.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommitStaged {
    /// The session's id, whose folder it is about.
    pub session: String,
    /// The commit's message.
    pub message: String,
}

/// Switches to a branch.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SwitchBranch {
    /// The session's id, whose folder it is about.
    pub session: String,
    /// The branch.
    pub branch: String,
    /// It is a new one.
    pub create: bool,
}

/// Opens a file in a program of the person's.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenFile {
    /// The session's id, whose folder it lies in.
    pub session: String,
    /// The file, relative to the folder or in full.
    pub path: String,
    /// The line to go to, from 1.
    pub line: Option<u32>,
}
