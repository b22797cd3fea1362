//! What the commands about finding threads take.

use cowork_workspace::view;
use serde::Deserialize;
use ts_rs::TS;

/// How the list of threads is laid out.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OutlineThreads {
    /// When days, months and years begin where the window is, the latest first. Milliseconds since the epoch.
    pub starts: Vec<i64>,
}

/// A page of the list of threads.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListThreads {
    /// The folder's id; none for all throw-away folders.
    pub folder: Option<String>,
    /// Threads that changed last from then on; none for the oldest. Milliseconds since the epoch.
    pub from: Option<i64>,
    /// Threads that changed last before then; none for the newest.
    pub until: Option<i64>,
    /// Threads of that span before the page.
    pub offset: u32,
    /// How many of them; at most 200.
    pub count: u32,
}

/// What to look for.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchThreads {
    /// What the person typed.
    pub query: String,
    /// What it is narrowed to.
    pub facets: view::SearchFacets,
    /// Threads before the page.
    pub offset: u32,
}

/// A search to keep.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SaveSearchFilter {
    /// Its name.
    pub name: String,
    /// What is searched for.
    pub query: String,
    /// What it is narrowed to.
    pub facets: view::SearchFacets,
}

/// Names a saved search.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchFilterReference {
    /// Its number.
    pub filter: i64,
}

/// A saved search's new name.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RenameSearchFilter {
    /// Its number.
    pub filter: i64,
    /// The name.
    pub name: String,
}

/// An order of saved searches.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrderSearchFilters {
    /// Their numbers.
    pub filters: Vec<i64>,
}

/// A thread's tags.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TagSession {
    /// The session's id.
    pub session: String,
    /// The tags: at most 20, each of 1 to 40 characters that can be seen.
    pub tags: Vec<String>,
}

/// Days to look back on.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UsageDays {
    /// Each by its first millisecond, as the clock of whoever looks has it; in order, and at most 400.
    pub days: Vec<i64>,
}
