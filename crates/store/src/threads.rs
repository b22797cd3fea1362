//! The list of threads, which may be long: what it is made of, and the stretch of it that is looked at.
//!
//! The list has a group for each folder, and one for all folders that the app made; a group has its threads newest
//! first, in spans of time that begin where whoever asks says that his days, months and years begin. Sub-agents'
//! sessions are not in it.

use rusqlite::{Connection, OptionalExtension, named_params};

use crate::sessions::{COLUMNS, SessionRow};
use crate::{Store, StoreError};

/// Spans of time at most: the days of a week, the months of a year and more years than there were computers.
pub const STARTS_LIMIT: usize = 128;

/// Sessions of one family at most: a thread, and what sub-agents did for it. They are held in memory together.
pub const FAMILY_LIMIT: u32 = 1_000;

/// How many ids are looked for with one statement.
const LOOKED_UP: usize = 100;

/// A group of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadGroup {
    /// The folder; none for the group of all folders that the app made.
    pub folder: Option<String>,
    /// When the newest of its threads changed, in milliseconds since the epoch.
    pub newest: i64,
    /// How many threads there are in each span, and last how many are older than all of them.
    pub counts: Vec<u32>,
}

/// A stretch of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadSpan {
    /// The folder; none for the group of all folders that the app made.
    pub folder: Option<String>,
    /// From when on its threads changed last, in milliseconds since the epoch; none for the oldest.
    pub from: Option<i64>,
    /// Before when they did; none for the newest.
    pub until: Option<i64>,
    /// Threads of the span before the page.
    pub offset: u32,
    /// Threads of the page at most.
    pub limit: u32,
}

/// What stands there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThreadPage {
    /// The threads, newest first.
    pub rows: Vec<SessionRow>,
    /// How many there are in the span, as of the same moment.
    pub count: u32,
}

const OUTLINE: &str = "SELECT place, updated FROM sessions WHERE place >= 0 ORDER BY place, updated DESC, id";

const COUNT: &str =
    "SELECT count(*) FROM sessions WHERE place = :place AND updated >= :from AND updated < :until";

/// The rows of a page are found in the index alone, so that those before it are passed over without being read.
fn page_query() -> String {
    format!(
        "SELECT {COLUMNS} FROM sessions WHERE key IN (SELECT key FROM sessions WHERE place = :place \
         AND updated >= :from AND updated < :until ORDER BY updated DESC, id LIMIT :limit OFFSET :offset) \
         ORDER BY updated DESC, id"
    )
}

impl Store {
    /// What the list is made of. `starts` are the times at which spans begin, the latest first; at most
    /// [`STARTS_LIMIT`] of them count. The group that changed last comes first, that of the app's own folders last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn thread_outline(&self, starts: &[i64]) -> Result<Vec<ThreadGroup>, StoreError> {
        let starts = starts.get(..STARTS_LIMIT).unwrap_or(starts);
        let connection = self.reader()?;
        let mut groups: Vec<(i64, ThreadGroup)> = Vec::new();
        {
            let mut statement = connection.prepare_cached(OUTLINE)?;
            let mut rows = statement.query([])?;
            let mut span = 0;
            while let Some(row) = rows.next()? {
                let (place, updated): (i64, i64) = (row.get(0)?, row.get(1)?);
                if groups.last().is_none_or(|(known, _)| *known != place) {
                    let group = ThreadGroup {
                        folder: None,
                        newest: updated,
                        counts: vec![0; starts.len() + 1],
                    };
                    groups.push((place, group));
                    span = 0;
                }
                // They come newest first, so a span that was passed does not come again.
                while starts.get(span).is_some_and(|start| updated < *start) {
                    span += 1;
                }
                if let Some(count) = groups
                    .last_mut()
                    .and_then(|(_, group)| group.counts.get_mut(span))
                {
                    *count += 1;
                }
            }
        }
        let mut name = connection.prepare_cached("SELECT text FROM names WHERE id = ?1")?;
        for (place, group) in &mut groups {
            if *place != 0 {
                group.folder = Some(name.query_row([*place], |row| row.get(0))?);
            }
        }
        groups.sort_by(|(_, one), (_, other)| {
            let key = |group: &ThreadGroup| (group.folder.is_none(), std::cmp::Reverse(group.newest));
            key(one)
                .cmp(&key(other))
                .then_with(|| one.folder.cmp(&other.folder))
        });
        Ok(groups.into_iter().map(|(_, group)| group).collect())
    }

    /// A page of a group.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn thread_page(&self, span: &ThreadSpan) -> Result<ThreadPage, StoreError> {
        let connection = self.reader()?;
        // One transaction, so that the count is that of the moment the rows were read.
        let transaction = connection.unchecked_transaction()?;
        let place = match &span.folder {
            None => Some(0),
            Some(folder) => place_of(&transaction, folder)?,
        };
        let Some(place) = place else {
            return Ok(ThreadPage::default());
        };
        let (from, until) = (span.from.unwrap_or(i64::MIN), span.until.unwrap_or(i64::MAX));
        let rows = transaction
            .prepare_cached(&page_query())?
            .query_map(
                named_params! { ":place": place, ":from": from, ":until": until, ":limit": span.limit,
                ":offset": span.offset },
                SessionRow::read,
            )?
            .collect::<Result<_, _>>()?;
        let count = transaction.prepare_cached(COUNT)?.query_row(
            named_params! { ":place": place, ":from": from, ":until": until },
            |row| row.get(0),
        )?;
        Ok(ThreadPage { rows, count })
    }

    /// A session with those it was started for and those of sub-agents that work for any of them, at most
    /// [`FAMILY_LIMIT`]; none when the session is not known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn family(&self, id: &str) -> Result<Vec<SessionRow>, StoreError> {
        let connection = self.reader()?;
        let mut parent = connection.prepare_cached("SELECT parent FROM sessions WHERE id = ?1")?;
        let mut root = id.to_owned();
        // Sub-agents start sub-agents only a few levels deep; the bound ends a loop in what an engine reported.
        for _ in 0..16 {
            let above: Option<Option<String>> = parent.query_row([&root], |row| row.get(0)).optional()?;
            match above.flatten() {
                Some(above) => root = above,
                None => break,
            }
        }
        let sql = format!(
            "WITH RECURSIVE family (id) AS (SELECT ?1 UNION SELECT sessions.id FROM family JOIN sessions \
             ON sessions.parent = family.id LIMIT {FAMILY_LIMIT}) SELECT {COLUMNS} FROM sessions WHERE id IN family"
        );
        let rows = connection
            .prepare_cached(&sql)?
            .query_map([&root], SessionRow::read)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// Those of these sessions that are known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sessions_named(&self, ids: &[&str]) -> Result<Vec<SessionRow>, StoreError> {
        let connection = self.reader()?;
        let mut found = Vec::new();
        for some in ids.chunks(LOOKED_UP) {
            let places = vec!["?"; some.len()].join(", ");
            let sql = format!("SELECT {COLUMNS} FROM sessions WHERE id IN ({places})");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(some))?;
            while let Some(row) = rows.next()? {
                found.push(SessionRow::read(row)?);
            }
        }
        Ok(found)
    }

    /// How SQLite would find the outline, a page and the count of a span, for the test that holds that all of them are
    /// found in the index.
    ///
    /// # Errors
    /// [`StoreError`].
    #[doc(hidden)]
    pub fn explain_threads(&self) -> Result<[String; 3], StoreError> {
        let connection = self.reader()?;
        let explain = |query: &str| -> Result<String, StoreError> {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}"))?;
            // A plan is the same whatever is asked for, so nothing is.
            let rows = statement.raw_query().mapped(|row| row.get::<_, String>("detail"));
            Ok(rows.collect::<Result<Vec<_>, _>>()?.join("\n"))
        };
        Ok([explain(OUTLINE)?, explain(&page_query())?, explain(COUNT)?])
    }
}

fn place_of(connection: &Connection, folder: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM names WHERE text = ?1")?
        .query_row([folder], |row| row.get(0))
        .optional()
}
