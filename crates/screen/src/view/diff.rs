//! Changes to files.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Html;

/// What a line of a diff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DiffLineKind {
    /// Unchanged.
    Same,
    /// Added.
    Added,
    /// Removed.
    Removed,
    /// Unchanged lines left out; `html` holds nothing.
    Gap,
}

/// One line of a diff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DiffLine {
    /// What it is.
    pub kind: DiffLineKind,
    /// Its number before the change.
    pub old: Option<u32>,
    /// Its number after the change; for a gap, how many lines are left out, when known.
    pub new: Option<u32>,
    /// The line, highlighted.
    pub html: Html,
    /// The line is longer than it is shown here, and goes on in the next one, which has no numbers.
    pub goes_on: bool,
}

/// A change to one file, as far as it travels by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FileDiff {
    /// The path, relative to the session's folder when inside it.
    pub path: String,
    /// Lines added.
    pub additions: u64,
    /// Lines removed.
    pub deletions: u64,
    /// The first page of its lines.
    pub lines: Vec<DiffLine>,
    /// How many pages of lines there are; at least one.
    pub pages: usize,
    /// How many lines the other pages have.
    pub more: u64,
    /// Size of the whole change in bytes.
    pub bytes: u64,
}

/// A page of the lines of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DiffPage {
    /// Its lines.
    pub lines: Vec<DiffLine>,
    /// How many pages there are.
    pub pages: usize,
}

/// Where a change is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "kind", deny_unknown_fields)]
pub enum ChangeSource {
    /// A tool call made it.
    Tool {
        /// The message's id.
        message: String,
        /// The block's id.
        block: String,
    },
    /// A permission is asked for it.
    Ask {
        /// The permission's id.
        permission: String,
    },
}
