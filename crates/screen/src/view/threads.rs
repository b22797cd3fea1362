//! The list of threads: what it is made of, and pages of it.

use serde::Serialize;
use ts_rs::TS;

use super::SessionRow;

/// What the list of threads is made of: a window lays it out by this, and asks for the rows it shows.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ThreadOutline {
    /// The groups: the folder that was worked in last comes first, that of all throw-away folders last.
    pub groups: Vec<ThreadGroup>,
    /// The threads that changed last, whatever their folder, newest first.
    pub recent: Vec<SessionRow>,
}

/// The threads of a folder, or of all throw-away folders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ThreadGroup {
    /// The folder's id; none for all throw-away folders.
    pub folder: Option<String>,
    /// What the folder is called, also when it was forgotten.
    pub label: String,
    /// When its newest thread changed, milliseconds since the epoch.
    pub newest: i64,
    /// How many threads changed last in each span of time that was asked for, and last how many before all of them.
    pub counts: Vec<u32>,
}

/// A page of one span of a group.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ThreadPage {
    /// The threads, newest first.
    pub rows: Vec<SessionRow>,
    /// How many there are in the span, as of the same moment.
    pub count: u32,
}
