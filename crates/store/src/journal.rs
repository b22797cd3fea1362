//! What was streamed into answers that the engine has not finished, so that it is not lost with the engine.
//!
//! A text arrives in pieces and is kept in pieces: a chunk is appended, and the pieces before it are not written
//! again. A chunk says at which byte of its part it begins, and everything after a chunk that was kept later
//! counts as rewritten. So whatever is read back was once shown, from its beginning and without a hole.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, TransactionBehavior, named_params};

use crate::error::bounded;
use crate::{Store, StoreError};

/// The longest chunk in bytes: the longest text a conversation holds, so that a part can also be kept whole.
pub const CHUNK_LIMIT: usize = 16 * 1024 * 1024;
/// How many bytes of journal are worth keeping, for [`Store::journal_prune`]. An answer takes tens of kilobytes
/// and its tools' output a few megabytes, so this holds what a dozen sessions stream at once; beyond it lie
/// answers that nobody came back for.
pub const JOURNAL_LIMIT: u64 = 64 * 1024 * 1024;

/// What a part of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JournalKind {
    /// What the agent says.
    Text,
    /// What it thinks on the way.
    Reasoning,
}

impl JournalKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Reasoning => "reasoning",
        }
    }
}

impl ToSql for JournalKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for JournalKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let found = value.as_str()?;
        [Self::Text, Self::Reasoning]
            .into_iter()
            .find(|kind| kind.as_str() == found)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// A piece of what was streamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalChunk {
    /// The session it was streamed in.
    pub session: String,
    /// The message it belongs to.
    pub message: String,
    /// The part of that message.
    pub part: String,
    /// What the part is.
    pub kind: JournalKind,
    /// Where in the part it begins, in bytes.
    pub at: u64,
    /// The text from there on. An empty one says that the part ends there.
    pub text: String,
}

/// What is known of one part of an unfinished answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// The message it belongs to.
    pub message: String,
    /// The part of that message.
    pub part: String,
    /// What the part is.
    pub kind: JournalKind,
    /// Its text from the beginning, as far as it is known without a hole.
    pub text: String,
}

/// A message's share of the journal.
struct Share {
    session: String,
    message: String,
    bytes: u64,
    written: i64,
}

/// The bytes a chunk takes. Its names are counted along, as they outweigh the text of a small chunk.
/// `octet_length` does not read a text to know its length.
const BYTES: &str = "octet_length(session) + octet_length(message) + octet_length(part) + octet_length(text)";

impl Store {
    /// Keeps chunks, in the order they were streamed: all or none. A chunk replaces the one that begins at the
    /// same byte of its part and all that begin behind it, since the part was written anew from there. `now` is
    /// in milliseconds since the epoch.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] when a chunk is longer than [`CHUNK_LIMIT`]. On any error none is kept; whoever
    /// goes on has to begin where these began, or else what they rewrote would stand before what follows.
    pub fn journal_append(&self, chunks: &[JournalChunk], now: i64) -> Result<(), StoreError> {
        if chunks.is_empty() {
            return Ok(());
        }
        for chunk in chunks {
            bounded("a piece of an answer", &chunk.text, CHUNK_LIMIT)?;
        }
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut rewritten = transaction.prepare_cached(
                "DELETE FROM journal WHERE session = ?1 AND message = ?2 AND part = ?3 AND at > ?4",
            )?;
            let mut append = transaction.prepare_cached(
                "INSERT INTO journal (session, message, part, kind, at, written, text) VALUES (:session, :message, \
                 :part, :kind, :at, :written, :text) ON CONFLICT (session, message, part, at) DO UPDATE SET \
                 kind = excluded.kind, written = excluded.written, text = excluded.text",
            )?;
            for chunk in chunks {
                let at = i64::try_from(chunk.at)
                    .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
                rewritten.execute((&chunk.session, &chunk.message, &chunk.part, at))?;
                append.execute(named_params! {
                    ":session": chunk.session, ":message": chunk.message, ":part": chunk.part,
                    ":kind": chunk.kind, ":at": at, ":written": now, ":text": chunk.text,
                })?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// What is known of a session's unfinished answers, by message and part in the order of their ids. A part
    /// ends before its first hole, and one whose beginning is missing is left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn journal_of(&self, session: &str) -> Result<Vec<JournalEntry>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT message, part, kind, at, text FROM journal WHERE session = ?1 ORDER BY message, part, at",
        )?;
        let mut rows = statement.query([session])?;
        let mut entries: Vec<JournalEntry> = Vec::new();
        // Whether the part read last goes on; its later chunks are passed over once it does not.
        let mut whole = false;
        while let Some(row) = rows.next()? {
            let (message, part): (String, String) = (row.get("message")?, row.get("part")?);
            let (kind, at): (JournalKind, i64) = (row.get("kind")?, row.get("at")?);
            let text = row.get_ref("text")?.as_str().map_err(rusqlite::Error::from)?;
            let same = entries
                .last_mut()
                .filter(|entry| entry.message == message && entry.part == part);
            match same {
                Some(entry) => whole = whole && entry.kind == kind && continued(&mut entry.text, at, text),
                None if at == 0 => {
                    whole = true;
                    entries.push(JournalEntry {
                        message,
                        part,
                        kind,
                        text: text.to_owned(),
                    });
                }
                None => {}
            }
        }
        Ok(entries)
    }

    /// Forgets what was streamed into a message, when the engine has the whole of it.
    ///
    /// # Errors
    /// [`StoreError`]; then all of it stays.
    pub fn journal_settle(&self, session: &str, message: &str) -> Result<(), StoreError> {
        settle(&self.connection(), session, message)?;
        Ok(())
    }

    /// Forgets what was streamed in a session.
    ///
    /// # Errors
    /// [`StoreError`]; then all of it stays.
    pub fn journal_forget(&self, session: &str) -> Result<(), StoreError> {
        self.connection()
            .execute("DELETE FROM journal WHERE session = ?1", [session])?;
        Ok(())
    }

    /// How many bytes the journal takes, names included. It passes over every chunk, so it belongs into
    /// `spawn_blocking`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn journal_bytes(&self) -> Result<u64, StoreError> {
        let query = format!("SELECT coalesce(sum({BYTES}), 0) FROM journal");
        let bytes: i64 = self
            .reader()?
            .prepare_cached(&query)?
            .query_row([], |row| row.get(0))?;
        Ok(bytes.unsigned_abs())
    }

    /// Forgets messages that nothing was streamed into since `before`, in milliseconds since the epoch. Answers how
    /// many bytes were forgotten. It passes over every chunk, so it belongs into `spawn_blocking`.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is forgotten.
    pub fn journal_expire(&self, before: i64) -> Result<u64, StoreError> {
        self.journal_forget_shares(|share, _| share.written < before)
    }

    /// Forgets whole messages, those that nothing was streamed into for longest first, until the journal takes
    /// at most `limit_bytes` as [`Store::journal_bytes`] counts them. Answers how many bytes were forgotten. It
    /// passes over every chunk, so it belongs into `spawn_blocking`.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is forgotten.
    pub fn journal_prune(&self, limit_bytes: u64) -> Result<u64, StoreError> {
        self.journal_forget_shares(|_, left| left > limit_bytes)
    }

    /// Forgets messages, the longest untouched first, until one is to stay: `goes` is asked with what is left, that
    /// message included.
    fn journal_forget_shares(&self, goes: impl Fn(&Share, u64) -> bool) -> Result<u64, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut shares: Vec<Share> = transaction
            .prepare_cached(&format!(
                "SELECT session, message, sum({BYTES}) AS bytes, max(written) AS written FROM journal \
                 GROUP BY session, message"
            ))?
            .query_map([], |row| {
                Ok(Share {
                    session: row.get("session")?,
                    message: row.get("message")?,
                    bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
                    written: row.get("written")?,
                })
            })?
            .collect::<Result<_, _>>()?;
        let total: u64 = shares.iter().map(|share| share.bytes).sum();
        // A stable sort: messages of the same moment go in the order of their ids.
        shares.sort_by_key(|share| share.written);
        let mut pruned = 0;
        for share in shares {
            if !goes(&share, total - pruned) {
                break;
            }
            settle(&transaction, &share.session, &share.message)?;
            pruned += share.bytes;
        }
        transaction.commit()?;
        Ok(pruned)
    }
}

/// Goes on with a text at a byte of it, and answers whether it could. A chunk that begins within what came before
/// was kept later, so what stood behind its beginning is no longer said.
fn continued(text: &mut String, at: i64, chunk: &str) -> bool {
    // Beyond the end is a hole, and within a character the chunk belongs to another text than this.
    let Some(at) = usize::try_from(at).ok().filter(|&at| text.is_char_boundary(at)) else {
        return false;
    };
    text.truncate(at);
    text.push_str(chunk);
    true
}

fn settle(connection: &Connection, session: &str, message: &str) -> rusqlite::Result<usize> {
    connection
        .prepare_cached("DELETE FROM journal WHERE session = ?1 AND message = ?2")?
        .execute((session, message))
}
