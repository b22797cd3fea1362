//! Changes to files.

use serde::Serialize;
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
}

/// A change to one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FileDiff {
    /// The path, relative to the session's folder when inside it.
    pub path: String,
    /// Lines added.
    pub additions: u64,
    /// Lines removed.
    pub deletions: u64,
    /// The lines; may be cut.
    pub lines: Vec<DiffLine>,
    /// How many lines were cut off the end.
    pub cut: u64,
}
