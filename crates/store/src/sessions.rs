//! The index of sessions.

use rusqlite::{Row, TransactionBehavior, named_params};

use crate::{FolderKind, Store, StoreError};

const COLUMNS: &str =
    "id, folder, folder_kind, parent, title, agent, model, created, updated, mark, unread, cost, demo";

/// How many sub-agents' sessions are listed at once: four for each of the 5,000 sessions a list shows at most. They
/// are kept in memory, about 300 bytes each.
pub const CHILDREN_LISTED: u32 = 20_000;

/// One session as the index holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// The folder it works in.
    pub folder: String,
    /// Whose folder that is.
    pub folder_kind: FolderKind,
    /// The session whose agent started it, for a sub-agent's session.
    pub parent: Option<String>,
    /// Its title.
    pub title: String,
    /// The agent that was asked last.
    pub agent: Option<String>,
    /// The model that was asked last.
    pub model: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    pub created: i64,
    /// When it last changed, in milliseconds since the epoch.
    pub updated: i64,
    /// What the list shows beside it (that it was interrupted, say), in the words of whoever sets it.
    pub mark: Option<String>,
    /// Whether something happened that the person has not seen.
    pub unread: bool,
    /// Cost so far in US dollars. What is no finite number is stored as 0.
    pub cost: f64,
    /// Whether it is the demo model's.
    pub demo: bool,
}

impl SessionRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            folder: row.get("folder")?,
            folder_kind: row.get("folder_kind")?,
            parent: row.get("parent")?,
            title: row.get("title")?,
            agent: row.get("agent")?,
            model: row.get("model")?,
            created: row.get("created")?,
            updated: row.get("updated")?,
            mark: row.get("mark")?,
            unread: row.get("unread")?,
            cost: row.get("cost")?,
            demo: row.get("demo")?,
        })
    }
}

impl Store {
    /// Puts sessions into the index, or replaces them there: all or none.
    ///
    /// # Errors
    /// [`StoreError`]; then none is changed.
    pub fn upsert_sessions<'a>(
        &self,
        sessions: impl IntoIterator<Item = &'a SessionRow>,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut statement = transaction.prepare_cached(
                "INSERT INTO sessions (id, folder, folder_kind, parent, title, agent, model, created, updated, \
                 mark, unread, cost, demo) VALUES (:id, :folder, :folder_kind, :parent, :title, :agent, :model, \
                 :created, :updated, :mark, :unread, :cost, :demo) ON CONFLICT (id) DO UPDATE SET \
                 folder = excluded.folder, folder_kind = excluded.folder_kind, parent = excluded.parent, \
                 title = excluded.title, agent = excluded.agent, model = excluded.model, \
                 created = excluded.created, updated = excluded.updated, mark = excluded.mark, \
                 unread = excluded.unread, cost = excluded.cost, demo = excluded.demo",
            )?;
            for session in sessions {
                statement.execute(named_params! {
                    ":id": session.id, ":folder": session.folder, ":folder_kind": session.folder_kind,
                    ":parent": session.parent, ":title": session.title, ":agent": session.agent,
                    ":model": session.model, ":created": session.created, ":updated": session.updated,
                    ":mark": session.mark, ":unread": session.unread,
                    ":cost": if session.cost.is_finite() { session.cost } else { 0.0 }, ":demo": session.demo,
                })?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Puts one session into the index, or replaces it there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn upsert_session(&self, session: &SessionRow) -> Result<(), StoreError> {
        self.upsert_sessions([session])
    }

    /// The sessions that changed last, newest first, without those of sub-agents.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn list_sessions(&self, limit: u32) -> Result<Vec<SessionRow>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&list_query())?;
        let rows = statement.query_map([limit], SessionRow::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The sessions that sub-agents run in, at any depth and of all sessions together, those that changed last first:
    /// one read for a start, instead of one for each session. At most [`CHILDREN_LISTED`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn list_child_sessions(&self) -> Result<Vec<SessionRow>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&children_query())?;
        let rows = statement.query_map([CHILDREN_LISTED], SessionRow::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Takes a session out of the index, with its sub-agents' sessions and the drafts, prompts and
    /// unfinished answers of all of them. What was allowed in it stays: that belongs to the folder. Answers
    /// whether the index knew it.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is taken out.
    pub fn remove_session(&self, id: &str) -> Result<bool, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Collected first, as taking rows away would cut the way to those below them.
        let family: Vec<String> = transaction
            .prepare_cached(
                "WITH RECURSIVE family (id) AS (SELECT ?1 UNION SELECT sessions.id FROM sessions \
                 JOIN family ON sessions.parent = family.id) SELECT id FROM family",
            )?
            .query_map([id], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut known = false;
        for member in &family {
            let removed = transaction.execute("DELETE FROM sessions WHERE id = ?1", [member])?;
            known |= member == id && removed > 0;
            transaction.execute("DELETE FROM drafts WHERE session = ?1", [member])?;
            transaction.execute("DELETE FROM outbox WHERE session = ?1", [member])?;
            transaction.execute("DELETE FROM journal WHERE session = ?1", [member])?;
        }
        transaction.commit()?;
        Ok(known)
    }

    /// How SQLite would find the lists of sessions and of sub-agents' sessions, for the test that holds that it
    /// reads no more rows than it answers.
    ///
    /// # Errors
    /// [`StoreError`].
    #[doc(hidden)]
    pub fn explain_lists(&self) -> Result<[String; 2], StoreError> {
        let connection = self.connection();
        let explain = |query: String| -> Result<String, StoreError> {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}"))?;
            let rows = statement.query_map([10], |row| row.get::<_, String>("detail"))?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?.join("\n"))
        };
        Ok([explain(list_query())?, explain(children_query())?])
    }
}

fn list_query() -> String {
    format!("SELECT {COLUMNS} FROM sessions WHERE parent IS NULL ORDER BY updated DESC, id LIMIT ?1")
}

fn children_query() -> String {
    format!("SELECT {COLUMNS} FROM sessions WHERE parent IS NOT NULL ORDER BY updated DESC, id LIMIT ?1")
}
