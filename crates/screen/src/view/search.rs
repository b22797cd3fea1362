//! Finding threads.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::SessionRow;

/// What a search is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchFacets {
    /// A folder's id.
    pub folder: Option<String>,
    /// The agent that was asked or answered.
    pub agent: Option<String>,
    /// The model that was asked or answered, `provider/model`.
    pub model: Option<String>,
    /// What is at most so many days old.
    pub within_days: Option<u32>,
    /// Threads that changed files.
    pub has_changes: bool,
    /// Threads that wait for the person.
    pub needs_you: bool,
    /// Threads with a tag, in whatever letters.
    pub tag: Option<String>,
}

/// A piece of text with marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchSnippet {
    /// The piece, on one line.
    pub text: String,
    /// Something stands before it.
    pub cut_before: bool,
    /// Something stands behind it.
    pub cut_after: bool,
    /// Where the words of the search stand: from and to, in UTF-16 units, in order and apart.
    pub marks: Vec<[u32; 2]>,
}

/// Where in a thread something was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchPlace {
    /// The session: the thread's, or that of one of its sub-agents.
    pub session: String,
    /// The message.
    pub message: String,
    /// It is the person's, not the agent's.
    pub prompt: bool,
    /// When it was made, milliseconds since the epoch.
    pub created: i64,
}

/// A thread that was found.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// The thread.
    pub session: SessionRow,
    /// Messages of it that are in the index.
    pub messages: u64,
    /// Files it changed.
    pub changed_files: u64,
    /// Tokens it took.
    pub tokens: u64,
    /// Where the words of the search stand in its title, in UTF-16 units.
    pub title_marks: Vec<[u32; 2]>,
    /// The best message; none when only the title was found.
    pub place: Option<SearchPlace>,
    /// The best piece of that message.
    pub snippet: Option<SearchSnippet>,
}

/// How many of the threads have a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchCount {
    /// A folder's id, an agent, a model or a tag.
    pub value: String,
    /// Threads.
    pub count: u32,
}

/// How many of the threads are at most so old.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchAge {
    /// Days.
    pub days: u32,
    /// Threads.
    pub count: u32,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchAnswer {
    /// The page, the best first.
    pub hits: Vec<SearchHit>,
    /// Threads that were found.
    pub found: u32,
    /// There are more matches than were considered; older ones are not among them.
    pub capped: bool,
    /// Only words to be left out were given.
    pub wants_word: bool,
    /// By folder, the most first.
    pub folders: Vec<SearchCount>,
    /// By agent, the most first.
    pub agents: Vec<SearchCount>,
    /// By model, the most first.
    pub models: Vec<SearchCount>,
    /// By age, each with what is newer.
    pub ages: Vec<SearchAge>,
    /// Those that changed files.
    pub has_changes: u32,
    /// Those that wait for the person.
    pub needs_you: u32,
    /// By tag, the most first.
    pub tags: Vec<SearchCount>,
    /// Threads whose messages are still to be read from the engine, and are found by their titles alone.
    pub unread: u64,
}

/// A search that was saved under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchFilter {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What is searched for.
    pub query: String,
    /// What it is narrowed to. A folder that is no longer granted is still named.
    pub facets: SearchFacets,
}

/// What takes how much of the disk, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StorageReport {
    /// The app's database, with its log.
    pub database: u64,
    /// Of it, what is there to search in.
    pub index: u64,
    /// Of it, unfinished answers.
    pub journal: u64,
    /// Bytes at which the oldest unfinished answers go.
    pub journal_limit: u64,
    /// Days an unfinished answer is kept that nobody came back for.
    pub journal_days: u32,
    /// Of it, what answers took.
    pub usage: u64,
    /// Of it, what was answered and by whom.
    pub answered: u64,
    /// Of it, pairings, with what waits to leave over them and the audit.
    pub pairing: u64,
    /// Of it, room that will be used again.
    pub free: u64,
    /// Log files.
    pub logs: u64,
    /// Of them, those of earlier days, which can be deleted.
    pub old_logs: u64,
    /// The engine's home, with its conversations.
    pub engine_home: u64,
    /// The homes of commands' boxes.
    pub box_homes: u64,
    /// Throw-away folders.
    pub sandboxes: u64,
    /// Damaged databases that were set aside.
    pub set_aside: u64,
    /// How many they are.
    pub set_aside_count: u32,
    /// Files that are attached to drafts and to waiting prompts.
    pub attachments: u64,
    /// Of them, those that nothing needs any more.
    pub needless_attachments: u64,
    /// Files as they were before something was put back.
    pub kept_reverts: u64,
    /// Of them, those that cannot be undone any more.
    pub needless_reverts: u64,
    /// There were too many files to count them all: the figures are at least this.
    pub cut: bool,
    /// Threads there are, and of them those whose messages are not in the index yet.
    pub threads: u64,
    /// See `threads`.
    pub unread: u64,
}

/// What the reading of messages into the index is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum IndexState {
    /// Everything is in it.
    Done,
    /// Threads are read.
    Reading,
    /// A turn runs, and the engine is the person's.
    GivesWay,
    /// There is no engine to read from.
    NoEngine,
}

/// How far the index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct IndexProgress {
    /// Threads there are, those of sub-agents among them.
    pub threads: u64,
    /// Of them, those whose messages are not in the index yet.
    pub unread: u64,
    /// Threads that were read from the engine since the app started.
    pub read: u64,
    /// What it is doing.
    pub state: IndexState,
}
