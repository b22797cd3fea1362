//! Finding sessions by what was said in them.
//!
//! A search never looks at everything that a common word is in. It walks the index from the newest message on and
//! stops at [`MATCHES_CONSIDERED`]; only these are ranked and counted, and the answer says when there were more. So
//! what a search costs is bounded by how rare its rarest word is or by that number, and not by how much there is.

mod browse;
mod counts;
mod find;
mod matching;
mod narrow;
mod plan;
mod query;
mod rank;
mod snippet;
mod words;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{DocumentKind, SessionCounts, SessionRow, Store, StoreError};

pub use matching::MATCHES_CONSIDERED;
pub(crate) use plan::prepare;
pub use query::QUERY_LIMIT;
pub(crate) use query::{FACET, cut};

/// The most hits of one page: each costs a reading of its message.
pub const PAGE_LIMIT: u32 = 100;

/// What a search is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facets {
    /// A folder, spelled as the sessions' is.
    pub folder: Option<String>,
    /// The agent that was asked or answered.
    pub agent: Option<String>,
    /// The model that was asked or answered.
    pub model: Option<String>,
    /// What is at most so many days old.
    pub within_days: Option<u32>,
    /// Sessions that changed files.
    pub has_changes: bool,
    /// Sessions that wait for the person.
    pub needs_you: bool,
    /// Sessions with a tag, in whatever letters.
    pub tag: Option<String>,
}

/// A search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// What the person typed. Empty for everything the facets leave.
    pub text: String,
    /// What it is narrowed to.
    pub facets: Facets,
    /// Hits before the page.
    pub offset: u32,
    /// Hits of the page, at most [`PAGE_LIMIT`].
    pub limit: u32,
    /// The time now, in milliseconds since the epoch.
    pub now: i64,
}

/// Where a hit was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HitKind {
    /// In a session's title.
    Title,
    /// In what the person wrote.
    Prompt,
    /// In what the agent wrote, or its tools did.
    Answer,
}

/// The message of a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HitMessage {
    /// The session it is in: the hit's, or that of one of its sub-agents.
    pub session: String,
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: DocumentKind,
    /// When it was made, in milliseconds since the epoch.
    pub created: i64,
}

/// A piece of a text, with where the words of the search stand in it, in bytes and in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The piece.
    pub text: String,
    /// Something stands before it.
    pub cut_before: bool,
    /// Something stands behind it.
    pub cut_after: bool,
    /// Where the words stand.
    pub marks: Vec<Range<usize>>,
}

/// A session that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The session; where a sub-agent's was found, the one it works for.
    pub session: SessionRow,
    /// What is counted of it.
    pub counts: SessionCounts,
    /// Where the words of the search stand in its title, in bytes.
    pub title_marks: Vec<Range<usize>>,
    /// The best message; none when only the title was found.
    pub message: Option<HitMessage>,
    /// The best piece of it.
    pub snippet: Option<Snippet>,
    /// How many of the matches that were considered are of it.
    pub matches: u32,
}

/// How many sessions have a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet<T> {
    /// The facet.
    pub value: T,
    /// Sessions.
    pub count: u32,
}

/// How many of the sessions that were found have which facet; the most first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FacetCounts {
    /// By folder.
    pub folders: Vec<Facet<String>>,
    /// By agent.
    pub agents: Vec<Facet<String>>,
    /// By model.
    pub models: Vec<Facet<String>>,
    /// By age: those of the last day, week, month and year, each with what is newer.
    pub within_days: Vec<Facet<u32>>,
    /// Those that changed files.
    pub has_changes: u32,
    /// Those that wait for the person.
    pub needs_you: u32,
    /// By tag.
    pub tags: Vec<Facet<String>>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchAnswer {
    /// The page.
    pub hits: Vec<Hit>,
    /// Sessions that were found.
    pub found: u32,
    /// There were more matches than were considered: older ones are not among `found` nor in the counts.
    pub capped: bool,
    /// There is nothing to look for: only words that are to be left out.
    pub wants_word: bool,
    /// What the hits have in common.
    pub facets: FacetCounts,
}

impl Store {
    /// Finds sessions. It takes milliseconds, and longer beside other work: for `spawn_blocking`.
    ///
    /// # Errors
    /// [`StoreError`]. Nothing that is typed is an error.
    pub fn search(&self, search: &Search) -> Result<SearchAnswer, StoreError> {
        let reader = self.reader()?;
        // All of it sees one state of the database.
        let reading = reader.unchecked_transaction()?;
        let answer = find::answer(&reading, search)?;
        drop(reading);
        Ok(answer)
    }
}
