//! What leaves over pairings, in its order, until the server has it.
//!
//! An event gets its number when it goes out for the first time. So what is let go because nobody fetches it leaves no
//! hole in what a server counts, and what went out once is the same whenever it goes out again.

use std::collections::BTreeSet;

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Transaction, TransactionBehavior};

use crate::error::bounded;
use crate::{Store, StoreError};

/// Events of one pairing that wait at most, and their bytes: some hours of work while nobody answers. Beyond it what is
/// told of sessions is let go, and they are told anew.
pub const EVENTS_ROWS: u32 = 20_000;
/// See [`EVENTS_ROWS`].
pub const EVENTS_BYTES: u64 = 32 * 1024 * 1024;
/// Bytes of one event: below what a request may have.
pub const EVENT_LIMIT: usize = 400 * 1024;

/// An event to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRemoteEvent {
    /// It tells of a session, and can be let go: what it tells of can be told anew.
    pub tells: bool,
    /// The event as JSON of the caller's, without its number.
    pub event: String,
}

/// An event that goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteEvent {
    /// Its number.
    pub sequence: u64,
    /// The event, as it was kept.
    pub event: String,
}

/// Whether events are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// They are.
    Kept,
    /// There were too many: what was told of sessions and did not go out is gone, these along with it. What is shared
    /// has to be told anew.
    Overflowed,
}

/// How a thread was told of. It is known of each that a server may have anything of, until the server was told that it is
/// gone: so that one is taken back that is not shared any more, whatever became of the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldOf {
    /// As it was when it had last changed then. Nothing went on in it.
    Resting(i64),
    /// Something goes on in it: who did not hear its end tells it anew.
    Going,
    /// What was told of it was let go, at least in part: it is told anew.
    Stale,
}

impl ToldOf {
    const GOING: i64 = -2;
    const STALE: i64 = -1;
}

impl ToSql for ToldOf {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match *self {
            Self::Resting(at) => at.max(0),
            Self::Going => Self::GOING,
            Self::Stale => Self::STALE,
        }
        .into())
    }
}

impl FromSql for ToldOf {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value.as_i64()? {
            Self::GOING => Self::Going,
            at if at < 0 => Self::Stale,
            at => Self::Resting(at),
        })
    }
}

/// What of a pairing waits to be delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitingEvents {
    /// Events.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What of a pairing's events is here, as its row counts it.
fn held(transaction: &Transaction<'_>, pairing: &str) -> rusqlite::Result<(i64, i64)> {
    transaction
        .prepare_cached("SELECT rows, bytes FROM pairings WHERE id = ?1")?
        .query_row([pairing], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn count_anew(transaction: &Transaction<'_>, pairing: &str) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE pairings SET (rows, bytes) = (SELECT count(*), coalesce(sum(octet_length(event)), 0) \
             FROM remote_events WHERE pairing = ?1) WHERE id = ?1",
        )?
        .execute([pairing])?;
    Ok(())
}

impl Store {
    /// Keeps events of a pairing, in their order: all or none.
    ///
    /// # Errors
    /// [`StoreError::TooLong`] when one is beyond [`EVENT_LIMIT`]; an error of the database when the pairing is not
    /// there.
    pub fn append_events(&self, pairing: &str, events: &[NewRemoteEvent]) -> Result<Appended, StoreError> {
        self.append_told(pairing, events, &[])
    }

    /// The same, and with it how threads were told of; none for one that was taken back. When the events are let go, no
    /// thread is told of as it is.
    ///
    /// # Errors
    /// As [`Store::append_events`].
    pub fn append_told(
        &self,
        pairing: &str,
        events: &[NewRemoteEvent],
        told: &[(String, Option<ToldOf>)],
    ) -> Result<Appended, StoreError> {
        for event in events {
            bounded("an event", &event.event, EVENT_LIMIT)?;
        }
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let appended = append(&transaction, pairing, events)?;
        if appended == Appended::Kept {
            for (session, told) in told {
                match told {
                    Some(told) => transaction
                        .prepare_cached(
                            "INSERT OR REPLACE INTO told_threads (pairing, session, updated) VALUES (?1, ?2, ?3)",
                        )?
                        .execute((pairing, session, told))?,
                    None => transaction
                        .prepare_cached("DELETE FROM told_threads WHERE pairing = ?1 AND session = ?2")?
                        .execute((pairing, session))?,
                };
            }
        }
        transaction.commit()?;
        Ok(appended)
    }

    /// The events that go out next, the first of them behind `after`: up to so many and so many bytes, at least one where
    /// there is one. Those that never went out get their numbers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn next_events(
        &self,
        pairing: &str,
        after: u64,
        most: u32,
        bytes: usize,
    ) -> Result<Vec<RemoteEvent>, StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut found = Vec::new();
        {
            let mut number = transaction.prepare_cached(
                "UPDATE pairings SET sequence = sequence + 1 WHERE id = ?1 RETURNING sequence",
            )?;
            let mut give =
                transaction.prepare_cached("UPDATE remote_events SET sequence = ?2 WHERE place = ?1")?;
            let mut statement = transaction.prepare_cached(
                "SELECT place, sequence, event FROM remote_events WHERE pairing = ?1 AND (sequence IS NULL OR \
                 sequence > ?2) ORDER BY place LIMIT ?3",
            )?;
            let mut rows = statement.query((pairing, i64::try_from(after).unwrap_or(i64::MAX), most))?;
            let mut taken = 0;
            while let Some(row) = rows.next()? {
                let event: String = row.get("event")?;
                if taken > 0 && taken + event.len() > bytes {
                    break;
                }
                taken += event.len();
                let place: i64 = row.get("place")?;
                let sequence: Option<i64> = row.get("sequence")?;
                found.push((place, sequence, event));
            }
            drop(rows);
            for (place, sequence, _) in &mut found {
                if sequence.is_none() {
                    let next: i64 = number.query_row([pairing], |row| row.get(0))?;
                    give.execute((*place, next))?;
                    *sequence = Some(next);
                }
            }
        }
        transaction.commit()?;
        let numbered = found.into_iter().filter_map(|(_, sequence, event)| {
            let sequence = sequence?.unsigned_abs();
            Some(RemoteEvent { sequence, event })
        });
        Ok(numbered.collect())
    }

    /// The server has all events of a pairing up to this number: they go.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn events_delivered(&self, pairing: &str, through: u64) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mut rows, mut bytes) = (0_i64, 0_i64);
        {
            let mut delivered = transaction.prepare_cached(
                "DELETE FROM remote_events WHERE pairing = ?1 AND sequence <= ?2 RETURNING octet_length(event)",
            )?;
            let mut gone = delivered.query((pairing, i64::try_from(through).unwrap_or(i64::MAX)))?;
            while let Some(row) = gone.next()? {
                rows += 1;
                bytes += row.get::<_, i64>(0)?;
            }
        }
        transaction
            .prepare_cached(
                "UPDATE pairings SET rows = max(0, rows - ?2), bytes = max(0, bytes - ?3), delivered = ?4 \
                 WHERE id = ?1",
            )?
            .execute((pairing, rows, bytes, i64::try_from(through).unwrap_or(i64::MAX)))?;
        transaction.commit()?;
        Ok(())
    }

    /// Puts another event in the place of one that the server will not take, under the same number, so that what it
    /// counts has no hole.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn replace_event(&self, pairing: &str, sequence: u64, event: &str) -> Result<(), StoreError> {
        bounded("an event", event, EVENT_LIMIT)?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached("UPDATE remote_events SET event = ?3 WHERE pairing = ?1 AND sequence = ?2")?
            .execute((pairing, i64::try_from(sequence).unwrap_or(i64::MAX), event))?;
        count_anew(&transaction, pairing)?;
        transaction.commit()?;
        Ok(())
    }

    /// Up to which number the server has the events of a pairing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn delivered_through(&self, pairing: &str) -> Result<u64, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT delivered FROM pairings WHERE id = ?1")?;
        let delivered: i64 = statement.query_row([pairing], |row| row.get(0))?;
        Ok(delivered.unsigned_abs())
    }

    /// What of a pairing waits to be delivered; nothing of one that is not there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting_events(&self, pairing: &str) -> Result<WaitingEvents, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT rows, bytes FROM pairings WHERE id = ?1")?;
        let mut rows = statement.query([pairing])?;
        let Some(row) = rows.next()? else {
            return Ok(WaitingEvents::default());
        };
        Ok(WaitingEvents {
            rows: row.get::<_, i64>(0)?.unsigned_abs(),
            bytes: row.get::<_, i64>(1)?.unsigned_abs(),
        })
    }

    /// The threads that the server of a pairing was told of, and how.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn told_threads(&self, pairing: &str) -> Result<Vec<(String, ToldOf)>, StoreError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT session, updated FROM told_threads WHERE pairing = ?1")?;
        let rows = statement.query_map([pairing], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Lets go of what is told of sessions and did not go out: all of them are told anew.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_untold_events(&self, pairing: &str) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let_go_of_untold(&transaction, pairing)?;
        count_anew(&transaction, pairing)?;
        transaction.commit()?;
        Ok(())
    }

    /// The sessions of which something waits to be delivered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting_sessions(&self, pairing: &str) -> Result<BTreeSet<String>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT DISTINCT event ->> '$.sessionId' AS session FROM remote_events WHERE pairing = ?1 AND tells \
             AND session IS NOT NULL",
        )?;
        let rows = statement.query_map([pairing], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Lets go of what waits to be delivered of some sessions, or of all: it must not leave any more. What has a number
    /// may have arrived, and leaves a hole otherwise: `void` gives what takes its place, made of the event.
    ///
    /// # Errors
    /// [`StoreError`]; then all of it stays.
    pub fn let_go_of_events(
        &self,
        pairing: &str,
        sessions: Option<&BTreeSet<String>>,
        void: impl Fn(&str) -> Option<String>,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut waiting = transaction.prepare_cached(
                "SELECT place, sequence, event ->> '$.sessionId' AS session, event FROM remote_events \
                 WHERE pairing = ?1 AND tells",
            )?;
            let mut forget = transaction.prepare_cached("DELETE FROM remote_events WHERE place = ?1")?;
            let mut replace = transaction
                .prepare_cached("UPDATE remote_events SET event = ?2, tells = FALSE WHERE place = ?1")?;
            let mut found = Vec::new();
            let mut rows = waiting.query([pairing])?;
            while let Some(row) = rows.next()? {
                let session: Option<String> = row.get("session")?;
                let goes = sessions
                    .is_none_or(|sessions| session.is_some_and(|session| sessions.contains(&session)));
                if goes {
                    let sequence: Option<i64> = row.get("sequence")?;
                    let void = match sequence {
                        Some(_) => void(row.get_ref("event")?.as_str().map_err(rusqlite::Error::from)?),
                        None => None,
                    };
                    found.push((row.get::<_, i64>("place")?, void));
                }
            }
            drop(rows);
            for (place, void) in found {
                match void {
                    Some(void) => replace.execute((place, void))?,
                    // Delivery fills a hole by itself, should nothing take the place of one with a number.
                    None => forget.execute([place])?,
                };
            }
        }
        count_anew(&transaction, pairing)?;
        transaction.commit()?;
        Ok(())
    }
}

/// What is told of sessions and did not go out goes, and all of them are told anew.
fn let_go_of_untold(transaction: &Transaction<'_>, pairing: &str) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM remote_events WHERE pairing = ?1 AND sequence IS NULL AND tells")?
        .execute([pairing])?;
    transaction
        .prepare_cached("UPDATE told_threads SET updated = ?2 WHERE pairing = ?1")?
        .execute((pairing, ToldOf::Stale))?;
    Ok(())
}

/// Keeps events, within a transaction of the caller's.
pub(crate) fn append(
    transaction: &Transaction<'_>,
    pairing: &str,
    events: &[NewRemoteEvent],
) -> rusqlite::Result<Appended> {
    let (rows, bytes) = held(transaction, pairing)?;
    let new_rows = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let new_bytes: usize = events.iter().map(|event| event.event.len()).sum();
    let new_bytes = i64::try_from(new_bytes).unwrap_or(i64::MAX);
    let fits = rows.saturating_add(new_rows) <= i64::from(EVENTS_ROWS)
        && bytes.saturating_add(new_bytes) <= EVENTS_BYTES.cast_signed();
    if fits {
        insert(transaction, pairing, events)?;
        transaction
            .prepare_cached("UPDATE pairings SET rows = rows + ?2, bytes = bytes + ?3 WHERE id = ?1")?
            .execute((pairing, new_rows, new_bytes))?;
        return Ok(Appended::Kept);
    }
    let_go_of_untold(transaction, pairing)?;
    // What does not tell of sessions is little, and one that says what became of a command must not be lost.
    let rest: Vec<_> = events.iter().filter(|event| !event.tells).cloned().collect();
    insert(transaction, pairing, &rest)?;
    // A server that never answers and is asked to do ever more: the oldest of these go in the end.
    transaction
        .prepare_cached(
            "DELETE FROM remote_events WHERE pairing = ?1 AND sequence IS NULL AND place <= (SELECT place \
             FROM remote_events WHERE pairing = ?1 ORDER BY place DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute((pairing, EVENTS_ROWS / 2))?;
    count_anew(transaction, pairing)?;
    Ok(Appended::Overflowed)
}

fn insert(transaction: &Transaction<'_>, pairing: &str, events: &[NewRemoteEvent]) -> rusqlite::Result<()> {
    let mut add = transaction
        .prepare_cached("INSERT INTO remote_events (pairing, tells, event) VALUES (?1, ?2, ?3)")?;
    for event in events {
        add.execute((pairing, event.tells, &event.event))?;
    }
    Ok(())
}
