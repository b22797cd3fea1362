//! The index of sessions.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, named_params};

use crate::documents::{facet_word, free_key, name_number, plain, take_out_session};
use crate::{FolderKind, Store, StoreError, tags};

pub(crate) const COLUMNS: &str = "id, folder, folder_kind, parent, title, agent, model, created, updated, mark, unread, cost, demo, needs_you, tags";

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
    /// Whether it waits for the person.
    pub needs_you: bool,
    /// The person's tags. They are stored with a session that is new; those of one that is there are changed by
    /// [`Store::set_tags`] alone, so that a row out of somebody's memory takes no tag away.
    pub tags: Vec<String>,
}

/// What is counted of a session's messages that are in the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionCounts {
    /// Messages.
    pub messages: u64,
    /// Files that were changed.
    pub changed_files: u64,
    /// Tokens.
    pub tokens: u64,
}

impl SessionCounts {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let count = |name: &str| {
            row.get::<_, i64>(name)
                .map(|count| u64::try_from(count).unwrap_or(0))
        };
        Ok(Self {
            messages: count("messages")?,
            changed_files: count("changed_files")?,
            tokens: count("tokens")?,
        })
    }
}

impl SessionRow {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
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
            needs_you: row.get("needs_you")?,
            tags: tags::read(row.get_ref("tags")?),
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
        for session in sessions {
            upsert(&transaction, session)?;
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
        let connection = self.reader()?;
        let mut statement = connection.prepare_cached(&list_query())?;
        let rows = statement.query_map([limit], SessionRow::read)?;
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
            let removed: Option<i64> = transaction
                .prepare_cached("SELECT key FROM sessions WHERE id = ?1")?
                .query_row([member], |row| row.get(0))
                .optional()?;
            if let Some(key) = removed {
                take_out_session(&transaction, key)?;
                transaction.execute("DELETE FROM sessions WHERE key = ?1", [key])?;
                known |= member == id;
            }
            transaction.execute("DELETE FROM drafts WHERE session = ?1", [member])?;
            transaction.execute("DELETE FROM outbox WHERE session = ?1", [member])?;
            transaction.execute("DELETE FROM journal WHERE session = ?1", [member])?;
            transaction.execute("DELETE FROM attachments WHERE session = ?1", [member])?;
            transaction.execute("DELETE FROM queued_prompts WHERE session = ?1", [member])?;
            transaction.execute("DELETE FROM allowances WHERE only_in = ?1", [member])?;
            transaction.execute("DELETE FROM answered WHERE thread = ?1", [member])?;
            // That a server was told of it is known until that was told that it is gone.
            transaction.execute("DELETE FROM shared_threads WHERE session = ?1", [member])?;
        }
        transaction.commit()?;
        Ok(known)
    }

    /// One session, with what is counted of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn session(&self, id: &str) -> Result<Option<(SessionRow, SessionCounts)>, StoreError> {
        let connection = self.reader()?;
        let mut statement = connection.prepare_cached("SELECT * FROM sessions WHERE id = ?1")?;
        Ok(statement
            .query_row([id], |row| {
                Ok((SessionRow::read(row)?, SessionCounts::read(row)?))
            })
            .optional()?)
    }

    /// No session waits for the person any more: what asked went with the engine that asked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_needs(&self) -> Result<(), StoreError> {
        self.connection()
            .execute("UPDATE sessions SET needs_you = 0 WHERE needs_you", [])?;
        Ok(())
    }

    /// How SQLite would find the list of sessions, for the test that holds that it reads no more rows than it answers.
    ///
    /// # Errors
    /// [`StoreError`].
    #[doc(hidden)]
    pub fn explain_list(&self) -> Result<String, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", list_query()))?;
        let rows = statement.query_map([10], |row| row.get::<_, String>("detail"))?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?.join("\n"))
    }
}

pub(crate) fn upsert(connection: &Connection, session: &SessionRow) -> rusqlite::Result<()> {
    let known: Option<(i64, bool)> = connection
        .prepare_cached("SELECT key, title = ?2 AND folder = ?3 FROM sessions WHERE id = ?1")?
        .query_row([&session.id, &session.title, &session.folder], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let key = match known {
        Some((key, _)) => key,
        None => free_key(connection, "sessions", session.created)?,
    };
    let name = |name: &Option<String>| {
        let name = name.as_deref().filter(|name| !name.is_empty());
        name.map(|name| name_number(connection, name)).transpose()
    };
    let folder = name_number(connection, &session.folder)?;
    // Where the list of threads shows it; sub-agents' sessions are not in it.
    let place = match (&session.parent, session.folder_kind) {
        (Some(_), _) => None,
        (None, FolderKind::Sandbox) => Some(0),
        (None, FolderKind::Project) => Some(folder),
    };
    connection
        .prepare_cached(
            "INSERT INTO sessions (key, folder_name, agent_name, model_name, id, folder, folder_kind, parent, title, agent, model, created, updated, \
             mark, unread, cost, demo, needs_you, tags, place) VALUES (:key, :folder_name, :agent_name, :model_name, :id, :folder, :folder_kind, :parent, :title, \
             :agent, :model, :created, :updated, :mark, :unread, :cost, :demo, :needs_you, :tags, :place) \
             ON CONFLICT (id) DO UPDATE SET folder = excluded.folder, folder_kind = excluded.folder_kind, \
             parent = excluded.parent, title = excluded.title, agent = excluded.agent, model = excluded.model, \
             created = excluded.created, updated = excluded.updated, mark = excluded.mark, \
             unread = excluded.unread, cost = excluded.cost, demo = excluded.demo, \
             needs_you = excluded.needs_you, folder_name = excluded.folder_name, \
             agent_name = excluded.agent_name, model_name = excluded.model_name, place = excluded.place",
        )?
        .execute(named_params! {
            ":key": key, ":folder_name": folder, ":agent_name": name(&session.agent)?,
            ":model_name": name(&session.model)?, ":id": session.id, ":folder": session.folder, ":folder_kind": session.folder_kind,
            ":parent": session.parent, ":title": session.title, ":agent": session.agent,
            ":model": session.model, ":created": session.created, ":updated": session.updated,
            ":mark": session.mark, ":unread": session.unread,
            ":cost": if session.cost.is_finite() { session.cost } else { 0.0 }, ":demo": session.demo,
            ":needs_you": session.needs_you, ":tags": tags::written(&session.tags)?,
            ":place": place,
        })?;
    if known.is_none() {
        tags::put(connection, key, &session.tags)?;
    }
    // Its words change seldom, what it is doing often.
    if known.is_none_or(|(_, same)| !same) {
        connection
            .prepare_cached("DELETE FROM title_index WHERE rowid = ?1")?
            .execute([key])?;
        connection
            .prepare_cached("INSERT INTO title_index (rowid, title, facet) VALUES (?1, ?2, ?3)")?
            .execute((key, plain(&session.title), facet_word('f', folder)))?;
    }
    Ok(())
}

fn list_query() -> String {
    format!("SELECT {COLUMNS} FROM sessions WHERE parent IS NULL ORDER BY updated DESC, id LIMIT ?1")
}
