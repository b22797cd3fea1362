//! The words of messages, to be searched.
//!
//! What is kept here is a copy, cut to what is worth searching; the engine has the whole. It is written when a
//! message is finished, in batches, and never while it streams.

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::search::{FACET, cut};
use crate::{AnswerUsage, Store, StoreError, answer_usage, tags};

/// How much of a message's own text is searched, in bytes: a long answer whole; of a pasted log its beginning.
pub const TEXT_LIMIT: usize = 32 * 1024;
/// How much of what tools were asked and answered is searched, in bytes for each message: their commands, paths and
/// first lines. The whole would be most of the index, and mostly the person's own files.
pub const TOOLS_LIMIT: usize = 8 * 1024;
/// Paths of changed files that are remembered for each session; as many as are counted.
const CHANGED_FILES: u32 = 10_000;
/// Messages with the same second that are looked through for a free one.
const CROWD: i64 = 256;
/// Of the room the database may take, the share at which the oldest messages leave the index: what is left over is
/// for what cannot be had again.
const SHARE: (u64, u64) = (3, 4);
/// How many of the oldest messages make room for one, so that there soon is some.
const LEAVING: usize = 4;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// The person's.
    Prompt,
    /// The agent's.
    Answer,
}

/// A message, as it is searched.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The session it belongs to. One the index does not know is passed over with its messages.
    pub session: String,
    /// Its id, unique within the session.
    pub message: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The agent that was asked or answers.
    pub agent: Option<String>,
    /// The model that was asked or answers.
    pub model: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    pub created: i64,
    /// Tokens it took.
    pub tokens: u64,
    /// What it took in full, of an answer that took something.
    pub usage: Option<AnswerUsage>,
    /// Its text; what is beyond [`TEXT_LIMIT`] is not searched.
    pub text: String,
    /// What its tools did, in words; what is beyond [`TOOLS_LIMIT`] is not searched.
    pub tools: String,
    /// Files it changed, each by its path.
    pub changed_files: Vec<String>,
}

impl Store {
    /// Puts messages into the index, or what they hold now in the place of what they held: all or none. How many
    /// there were of sessions that are known. In batches of some dozens: each is one wait for every other writer.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is changed.
    pub fn index_messages(&self, documents: &[Document]) -> Result<usize, StoreError> {
        if documents.is_empty() {
            return Ok(0);
        }
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        make_room(&transaction, documents.len())?;
        // In the order of their keys, as the index takes them fastest.
        let mut ordered: Vec<_> = documents.iter().collect();
        ordered.sort_by_key(|document| document.created);
        let mut sessions: HashMap<&str, Option<i64>> = HashMap::new();
        let mut count = 0;
        for document in ordered {
            let session = if let Some(known) = sessions.get(document.session.as_str()) {
                *known
            } else {
                let key = session_key(&transaction, &document.session)?;
                sessions.insert(&document.session, key);
                key
            };
            if let Some(session) = session {
                put(&transaction, session, document)?;
                count += 1;
            }
        }
        transaction.commit()?;
        Ok(count)
    }

    /// Takes a message out of the index. Whether it was there.
    ///
    /// # Errors
    /// [`StoreError`]; then it is still there.
    pub fn remove_message(&self, session: &str, message: &str) -> Result<bool, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = transaction
            .prepare_cached(
                "SELECT messages.key FROM messages JOIN sessions ON sessions.key = messages.session \
                 WHERE sessions.id = ?1 AND messages.id = ?2",
            )?
            .query_row([session, message], |row| row.get(0))
            .optional()?;
        if let Some(key) = found {
            take_out(&transaction, key)?;
        }
        transaction.commit()?;
        Ok(found.is_some())
    }

    /// The messages of a session that are in the index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn messages_of(&self, session: &str) -> Result<HashSet<String>, StoreError> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT messages.id FROM messages JOIN sessions ON sessions.key = messages.session WHERE sessions.id = ?1",
        )?;
        let rows = statement.query_map([session], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Takes messages that are no more out of the index, and of a session's changed files what is not among
    /// `changed_files`, which is what its other messages changed. How many messages were there. In batches of some
    /// dozens, as they came in.
    ///
    /// # Errors
    /// [`StoreError`]; then all of it is still there.
    pub fn remove_messages(
        &self,
        session: &str,
        messages: &[String],
        changed_files: &BTreeSet<String>,
    ) -> Result<usize, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(session) = session_key(&transaction, session)? else {
            return Ok(0);
        };
        let mut removed = 0;
        for message in messages {
            let key: Option<i64> = transaction
                .prepare_cached("SELECT key FROM messages WHERE session = ?1 AND id = ?2")?
                .query_row((session, message), |row| row.get(0))
                .optional()?;
            if let Some(key) = key {
                take_out(&transaction, key)?;
                removed += 1;
            }
        }
        let known: Vec<String> = transaction
            .prepare_cached("SELECT path FROM changed_files WHERE session = ?1")?
            .query_map([session], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for path in known.iter().filter(|path| !changed_files.contains(*path)) {
            transaction
                .prepare_cached("DELETE FROM changed_files WHERE session = ?1 AND path = ?2")?
                .execute((session, path))?;
        }
        transaction
            .prepare_cached(
                "UPDATE sessions SET changed_files = (SELECT count(*) FROM changed_files WHERE session = ?1) \
                 WHERE key = ?1",
            )?
            .execute([session])?;
        transaction.commit()?;
        Ok(removed)
    }
}

pub(crate) fn session_key(connection: &Connection, session: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT key FROM sessions WHERE id = ?1")?
        .query_row([session], |row| row.get(0))
        .optional()
}

/// The number of a name; one that is new gets one.
pub(crate) fn name_number(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    if let Some(known) = known_name(connection, name)? {
        return Ok(known);
    }
    connection
        .prepare_cached("INSERT INTO names (text) VALUES (?1)")?
        .execute([name])?;
    Ok(connection.last_insert_rowid())
}

/// The number of a name that something has.
pub(crate) fn known_name(connection: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM names WHERE text = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// The word that stands for a facet in the index.
pub(crate) fn facet_word(kind: char, name: i64) -> String {
    format!("{FACET}{kind}{name}")
}

/// A text without what only facets may hold.
pub(crate) fn plain(text: &str) -> String {
    text.replace(FACET, " ")
}

/// The key for what was made at a time: its second, or the next one that is free.
pub(crate) fn free_key(connection: &Connection, table: &str, created: i64) -> rusqlite::Result<i64> {
    let first = created.div_euclid(1000).max(1);
    let mut free = first;
    {
        let query = format!("SELECT key FROM {table} WHERE key >= ?1 ORDER BY key LIMIT ?2");
        let mut statement = connection.prepare_cached(&query)?;
        let mut taken = statement.query([first, CROWD])?;
        while let Some(row) = taken.next()? {
            if row.get::<_, i64>(0)? != free {
                return Ok(free);
            }
            free += 1;
        }
    }
    if free - first < CROWD {
        return Ok(free);
    }
    // A clock that stands still: found all the same, if not in its order.
    let query = format!("SELECT max(key) + 1 FROM {table}");
    connection.prepare_cached(&query)?.query_row([], |row| row.get(0))
}

struct Known {
    key: i64,
    tokens: i64,
    text: String,
    tools: String,
    agent: Option<i64>,
    model: Option<i64>,
}

fn put(transaction: &Transaction<'_>, session: i64, document: &Document) -> rusqlite::Result<()> {
    answer_usage::put(transaction, document)?;
    let text = plain(cut(&document.text, TEXT_LIMIT));
    let tools = plain(cut(&document.tools, TOOLS_LIMIT));
    let number = |name: &Option<String>| {
        let name = name.as_deref().filter(|name| !name.is_empty());
        name.map(|name| name_number(transaction, name)).transpose()
    };
    let (agent, model) = (number(&document.agent)?, number(&document.model)?);
    let tokens = i64::try_from(document.tokens).unwrap_or(i64::MAX);
    let known = transaction
        .prepare_cached(
            "SELECT messages.key, tokens, text, tools, agent, model FROM messages JOIN message_texts USING (key) \
             WHERE session = ?1 AND id = ?2",
        )?
        .query_row((session, &document.message), |row| {
            Ok(Known {
                key: row.get(0)?,
                tokens: row.get(1)?,
                text: row.get(2)?,
                tools: row.get(3)?,
                agent: row.get(4)?,
                model: row.get(5)?,
            })
        })
        .optional()?;
    let same_words = |known: &Known| {
        (&known.text, &known.tools, known.agent, known.model) == (&text, &tools, agent, model)
    };
    let key = match &known {
        Some(known) => known.key,
        None => free_key(transaction, "messages", document.created)?,
    };
    if known.is_none()
        || known
            .as_ref()
            .is_some_and(|known| known.tokens != tokens || !same_words(known))
    {
        transaction
            .prepare_cached(
                "INSERT INTO messages (key, session, id, kind, agent, model, tokens, created) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (key) DO UPDATE SET \
                 agent = excluded.agent, model = excluded.model, tokens = excluded.tokens",
            )?
            .execute((
                key,
                session,
                &document.message,
                document.kind == DocumentKind::Answer,
                agent,
                model,
                tokens,
                document.created,
            ))?;
        let (more, before) = (
            i64::from(known.is_none()),
            known.as_ref().map_or(0, |known| known.tokens),
        );
        transaction
            .prepare_cached(
                "UPDATE sessions SET messages = messages + ?2, tokens = tokens + ?3 WHERE key = ?1",
            )?
            .execute((session, more, tokens.saturating_sub(before)))?;
    }
    if !known.as_ref().is_some_and(same_words) {
        transaction
            .prepare_cached("INSERT OR REPLACE INTO message_texts (key, text, tools) VALUES (?1, ?2, ?3)")?
            .execute((key, &text, &tools))?;
        let folder: i64 = transaction
            .prepare_cached("SELECT folder_name FROM sessions WHERE key = ?1")?
            .query_row([session], |row| row.get(0))?;
        let mut facets = facet_word('f', folder);
        for (kind, number) in [('a', agent), ('m', model)] {
            if let Some(number) = number {
                facets.push(' ');
                facets.push_str(&facet_word(kind, number));
            }
        }
        if known.is_some() {
            transaction
                .prepare_cached(delete_from(document.kind))?
                .execute([key])?;
        }
        match document.kind {
            DocumentKind::Prompt => transaction
                .prepare_cached("INSERT INTO prompt_index (rowid, prompt, facet) VALUES (?1, ?2, ?3)")?
                .execute((key, &text, facets))?,
            DocumentKind::Answer => transaction
                .prepare_cached(
                    "INSERT INTO answer_index (rowid, answer, tools, facet) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((key, &text, &tools, facets))?,
        };
    }
    changed_files(transaction, session, &document.changed_files)
}

fn delete_from(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Prompt => "DELETE FROM prompt_index WHERE rowid = ?1",
        DocumentKind::Answer => "DELETE FROM answer_index WHERE rowid = ?1",
    }
}

fn changed_files(transaction: &Transaction<'_>, session: i64, paths: &[String]) -> rusqlite::Result<()> {
    let mut fresh = 0;
    for path in paths {
        fresh += transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO changed_files (session, path) SELECT ?1, ?2 WHERE \
                 (SELECT changed_files FROM sessions WHERE key = ?1) < ?3",
            )?
            .execute((session, path, CHANGED_FILES))?;
    }
    if fresh > 0 {
        transaction
            .prepare_cached("UPDATE sessions SET changed_files = changed_files + ?2 WHERE key = ?1")?
            .execute((session, i64::try_from(fresh).unwrap_or(i64::MAX)))?;
    }
    Ok(())
}

/// Takes one message out.
fn take_out(connection: &Connection, key: i64) -> rusqlite::Result<()> {
    let (session, kind, tokens): (i64, bool, i64) = connection
        .prepare_cached("DELETE FROM messages WHERE key = ?1 RETURNING session, kind, tokens")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let kind = if kind {
        DocumentKind::Answer
    } else {
        DocumentKind::Prompt
    };
    connection.prepare_cached(delete_from(kind))?.execute([key])?;
    connection
        .prepare_cached("DELETE FROM message_texts WHERE key = ?1")?
        .execute([key])?;
    connection
        .prepare_cached("UPDATE sessions SET messages = messages - 1, tokens = tokens - ?2 WHERE key = ?1")?
        .execute([session, tokens])?;
    Ok(())
}

/// Takes everything of a session out of the index, its title and its tags too.
pub(crate) fn take_out_session(connection: &Connection, session: i64) -> rusqlite::Result<()> {
    let keys: Vec<i64> = connection
        .prepare_cached("SELECT key FROM messages WHERE session = ?1")?
        .query_map([session], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for key in keys {
        take_out(connection, key)?;
    }
    connection
        .prepare_cached("DELETE FROM changed_files WHERE session = ?1")?
        .execute([session])?;
    connection
        .prepare_cached("DELETE FROM title_index WHERE rowid = ?1")?
        .execute([session])?;
    tags::take_out(connection, session)
}

/// Lets the oldest messages go where the index has taken its share of the database.
fn make_room(connection: &Connection, coming: usize) -> rusqlite::Result<()> {
    let pragma = |name: &str| -> rusqlite::Result<u64> {
        let value: i64 = connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))?;
        Ok(value.unsigned_abs())
    };
    let used = pragma("page_count")?.saturating_sub(pragma("freelist_count")?);
    let (part, whole) = SHARE;
    if used * whole < pragma("max_page_count")? * part {
        return Ok(());
    }
    let leaving: Vec<i64> = connection
        .prepare_cached("SELECT key FROM messages ORDER BY key LIMIT ?1")?
        .query_map(
            [i64::try_from(coming.saturating_mul(LEAVING)).unwrap_or(i64::MAX)],
            |row| row.get(0),
        )?
        .collect::<Result<_, _>>()?;
    for key in leaving {
        take_out(connection, key)?;
    }
    Ok(())
}
