//! What was answered lately: what asked, what was said to it, and by whom.
//!
//! A person looks back over it to see what they, their rules and the policy let through. It allows nothing: what is
//! allowed for good are the [allowances](crate::Allowance).

use rusqlite::{Row, TransactionBehavior, named_params};

use crate::error::bounded;
use crate::{Store, StoreError};

/// Answers that are kept, whatever days are set: more nobody looks through, and a rule that answers each call of a busy
/// agent makes some hundreds a day.
pub const ANSWERED_LIMIT: u32 = 1_000;
/// Bytes of what was asked, and of the rule or reason it was answered by: a line of a list, and what a rule's pattern
/// usually has.
pub const ANSWERED_TEXT_LIMIT: usize = 1_024;

/// What was said to an ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The ask's id, by which it is kept once.
    pub ask: String,
    /// The thread it was asked in. It may be gone since.
    pub thread: String,
    /// What the thread was called then. At most [`ANSWERED_TEXT_LIMIT`], as all texts here; whoever writes it down cuts
    /// it.
    pub title: String,
    /// The thread's folder.
    pub folder: String,
    /// The agent that asked.
    pub agent: String,
    /// What a permission was about, by a name of the caller's; empty for a question.
    pub subject: String,
    /// The file, address or tool it was about, or the question.
    pub about: String,
    /// What was said, by a name of the caller's.
    pub answer: String,
    /// Who said it, by a name of the caller's.
    pub by: String,
    /// The rule, or the reason.
    pub because: String,
    /// When, in milliseconds since the epoch.
    pub at: i64,
}

impl Answered {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            ask: row.get("ask")?,
            thread: row.get("thread")?,
            title: row.get("title")?,
            folder: row.get("folder")?,
            agent: row.get("agent")?,
            subject: row.get("subject")?,
            about: row.get("about")?,
            answer: row.get("answer")?,
            by: row.get("answered_by")?,
            because: row.get("because")?,
            at: row.get("at")?,
        })
    }
}

impl Store {
    /// Writes down what was said to an ask, in the place of what is known of it, and forgets the oldest beyond
    /// [`ANSWERED_LIMIT`].
    ///
    /// # Errors
    /// [`StoreError::TooLong`] where a text is beyond [`ANSWERED_TEXT_LIMIT`].
    pub fn put_answered(&self, answered: &Answered) -> Result<(), StoreError> {
        for text in [&answered.title, &answered.about, &answered.because] {
            bounded("what was asked", text, ANSWERED_TEXT_LIMIT)?;
        }
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO answered (ask, thread, title, folder, agent, subject, about, answer, \
                 answered_by, because, at) VALUES (:ask, :thread, :title, :folder, :agent, :subject, :about, \
                 :answer, :by, :because, :at)",
            )?
            .execute(named_params! {
                ":ask": answered.ask, ":thread": answered.thread, ":title": answered.title,
                ":folder": answered.folder, ":agent": answered.agent, ":subject": answered.subject,
                ":about": answered.about, ":answer": answered.answer,
                ":by": answered.by, ":because": answered.because, ":at": answered.at,
            })?;
        transaction
            .prepare_cached(
                "DELETE FROM answered WHERE rowid IN (SELECT rowid FROM answered ORDER BY at DESC, rowid DESC \
                 LIMIT -1 OFFSET ?1)",
            )?
            .execute([ANSWERED_LIMIT])?;
        transaction.commit()?;
        Ok(())
    }

    /// What was answered, the newest first, `count` of them at most, and how many there are in all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn answered(&self, count: u32) -> Result<(Vec<Answered>, u32), StoreError> {
        let reader = self.reader()?;
        let all = reader.query_row("SELECT count(*) FROM answered", [], |row| row.get(0))?;
        let mut statement =
            reader.prepare_cached("SELECT * FROM answered ORDER BY at DESC, rowid DESC LIMIT ?1")?;
        let rows = statement.query_map([count], Answered::read)?;
        Ok((rows.collect::<Result<_, _>>()?, all))
    }

    /// Forgets what was answered before a moment. How many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn expire_answered(&self, before: i64) -> Result<u64, StoreError> {
        let forgotten = self
            .connection()
            .execute("DELETE FROM answered WHERE at < ?1", [before])?;
        Ok(forgotten as u64)
    }
}
