//! What answers took, by day, model and session.
//!
//! Each answer has one row, whatever number of times it is seen: while it streams, when its session is read from the
//! engine, after a new start, after the index was made anew. So nothing is added up that could be added twice; what
//! is shown is the sum of the rows.
//!
//! A session that was forked from another begins with copies of what that holds, under new names and with what each
//! answer took. A copy is older than its session, which nothing else is; of a day and a model it is counted only where
//! the answer it is a copy of is not known.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};

use crate::{Document, Store, StoreError};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Tokens and money of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AnswerUsage {
    /// Tokens read, without those that came from a cache.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
    /// Tokens spent on reasoning.
    pub reasoning: u64,
    /// Tokens read from the provider's cache.
    pub cache_read: u64,
    /// Tokens written to the provider's cache.
    pub cache_write: u64,
    /// Cost in US dollars. What is no finite number counts as 0.
    pub cost: f64,
}

/// What several answers took together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UsageSum {
    /// Answers.
    pub answers: u64,
    /// What they took.
    pub taken: AnswerUsage,
}

/// What each model took, by its name; the name is empty where none is known.
pub type UsageByModel = BTreeMap<String, UsageSum>;

impl UsageSum {
    fn add(&mut self, one: &AnswerUsage) {
        self.answers += 1;
        let taken = &mut self.taken;
        for (sum, more) in [
            (&mut taken.input, one.input),
            (&mut taken.output, one.output),
            (&mut taken.reasoning, one.reasoning),
            (&mut taken.cache_read, one.cache_read),
            (&mut taken.cache_write, one.cache_write),
        ] {
            *sum = sum.saturating_add(more);
        }
        taken.cost += one.cost;
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<AnswerUsage> {
    let count = |name: &str| {
        row.get::<_, i64>(name)
            .map(|count| u64::try_from(count).unwrap_or(0))
    };
    Ok(AnswerUsage {
        input: count("input")?,
        output: count("output")?,
        reasoning: count("reasoning")?,
        cache_read: count("cache_read")?,
        cache_write: count("cache_write")?,
        cost: row.get("cost")?,
    })
}

/// Writes down what an answer took, in the place of what is known of it.
pub(crate) fn put(connection: &Connection, document: &Document) -> rusqlite::Result<()> {
    let Some(usage) = &document.usage else {
        return Ok(());
    };
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "INSERT INTO answer_usage (session, message, model, created, input, output, reasoning, cache_read, \
             cache_write, cost, copied) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
             coalesce(?4 < (SELECT created FROM sessions WHERE id = ?1), 0)) ON CONFLICT (session, message) DO UPDATE \
             SET model = excluded.model, created = excluded.created, input = excluded.input, output = excluded.output, \
             reasoning = excluded.reasoning, cache_read = excluded.cache_read, cache_write = excluded.cache_write, \
             cost = excluded.cost, copied = excluded.copied",
        )?
        .execute((
            &document.session,
            &document.message,
            document.model.as_deref().unwrap_or_default(),
            document.created,
            count(usage.input),
            count(usage.output),
            count(usage.reasoning),
            count(usage.cache_read),
            count(usage.cache_write),
            if usage.cost.is_finite() { usage.cost } else { 0.0 },
        ))?;
    Ok(())
}

impl Store {
    /// What each model took on each of some days. A day is named by its first millisecond and goes on to the next
    /// one's, the last of them without end; they come in order. Days are the caller's, because where one begins is
    /// said by the clock on the person's wall. It reads every answer since the first day: for `spawn_blocking`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn usage_by_day(&self, days: &[i64]) -> Result<Vec<UsageByModel>, StoreError> {
        let mut sums = vec![UsageByModel::new(); days.len()];
        let Some(first) = days.first() else {
            return Ok(sums);
        };
        let reader = self.reader()?;
        // What others are copies of comes before them.
        let mut statement = reader
            .prepare_cached("SELECT * FROM answer_usage WHERE created >= ?1 ORDER BY created, copied")?;
        let mut rows = statement.query([first])?;
        let mut at = i64::MIN;
        let mut counted: Vec<(String, AnswerUsage)> = Vec::new();
        while let Some(row) = rows.next()? {
            let created: i64 = row.get("created")?;
            if created != at {
                at = created;
                counted.clear();
            }
            let answer = (row.get("model")?, read(row)?);
            if row.get("copied")? && counted.contains(&answer) {
                continue;
            }
            counted.push(answer);
            let day = days.partition_point(|begins| *begins <= created);
            if let Some(sums) = day.checked_sub(1).and_then(|day| sums.get_mut(day)) {
                add(sums, row)?;
            }
        }
        Ok(sums)
    }

    /// What each model took in a session and in those of its sub-agents; of a fork, also what it began with.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn session_usage(&self, session: &str) -> Result<UsageByModel, StoreError> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "WITH RECURSIVE family (id) AS (SELECT ?1 UNION SELECT sessions.id FROM sessions \
             JOIN family ON sessions.parent = family.id) \
             SELECT answer_usage.* FROM family JOIN answer_usage ON answer_usage.session = family.id",
        )?;
        let mut rows = statement.query([session])?;
        let mut sums = UsageByModel::new();
        while let Some(row) = rows.next()? {
            add(&mut sums, row)?;
        }
        Ok(sums)
    }

    /// Forgets what answers took before a moment, and what went to providers on the days before it. How many answers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn expire_usage(&self, before: i64) -> Result<u64, StoreError> {
        let connection = self.connection();
        let forgotten = connection.execute("DELETE FROM answer_usage WHERE created < ?1", [before])?;
        connection.execute(
            "DELETE FROM provider_usage WHERE day < ?1",
            [before.div_euclid(DAY)],
        )?;
        Ok(forgotten as u64)
    }
}

fn add(sums: &mut UsageByModel, row: &Row<'_>) -> rusqlite::Result<()> {
    let usage = read(row)?;
    let model = row.get_ref("model")?.as_str().unwrap_or_default();
    match sums.get_mut(model) {
        Some(sum) => sum.add(&usage),
        None => sums.entry(model.to_owned()).or_default().add(&usage),
    }
    Ok(())
}
