//! Letting go of what is old or superseded.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use crate::commands;
use crate::database::{Tx, transaction};
use crate::events::ROW_BYTES;
use crate::rows::{Columns, chunks, rows_of_placeholders};
use crate::rules::events::Detail;
use crate::rules::quotas::day;
use crate::rules::retention::{Told, superseded};
use crate::{Cursor, Dialect, PairingId, SessionId, Store, StoreError};

/// How long what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Sessions since something was told of them, other events, and what became of commands, in milliseconds.
    pub events: i64,
    /// The audit, in milliseconds.
    pub audit: i64,
    /// What is superseded, in milliseconds: until then somebody may be reading it.
    pub superseded: i64,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: i64 = crate::rules::quotas::DAY;
        Self {
            events: 90 * DAY,
            audit: 400 * DAY,
            superseded: 10 * 60 * 1000,
        }
    }
}

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Events that were superseded.
    pub superseded: u64,
    /// Events that were old.
    pub old_events: u64,
    /// Commands that were old.
    pub old_commands: u64,
    /// Pairings that ended and of which nothing was left.
    pub old_pairings: u64,
    /// Rows of the audit that were old.
    pub old_audit: u64,
    /// Sign-ins, tokens, invitations and links that are over.
    pub over: u64,
    /// There is more; call it again soon.
    pub more: bool,
}

/// Sessions that are looked at in one call.
const SESSIONS: i64 = 50;
/// Events of a session that are looked at at once.
const EVENTS: i64 = 50_000;
/// Pairings that go in one call.
const PAIRINGS: i64 = 100;
/// Rows that go in one transaction.
const ROWS: usize = 256;
/// Gives some pages of the file that nothing is on any more back to the disk: 8 MB, so that nobody waits long.
const GIVE_BACK: &str = "PRAGMA incremental_vacuum(2000)";
/// Rows of one kind that go in one call.
const ROWS_OF_A_KIND: i64 = 5_000;

impl Store {
    /// Lets go of some of what need not be kept, in small transactions. Worth to be called each minute, by any number of
    /// processes.
    pub async fn retain(&self, retention: &Retention, now: i64) -> Result<Kept, StoreError> {
        let mut kept = Kept::default();
        self.compact(retention, now, &mut kept).await?;
        self.let_sessions_go(now.saturating_sub(retention.events), &mut kept)
            .await?;
        // How a desktop stands is kept beside its events.
        let told = "SELECT pairing, event FROM events WHERE session IS NULL AND received < $1 \
                    AND sequence IS NOT NULL AND kind IN ('heartbeat', 'status') LIMIT $2";
        kept.superseded += self
            .let_events_go(told, now.saturating_sub(retention.superseded), &mut kept.more)
            .await?;
        let old = "SELECT pairing, event FROM events WHERE session IS NULL AND received < $1 LIMIT $2";
        kept.old_events += self
            .let_events_go(old, now.saturating_sub(retention.events), &mut kept.more)
            .await?;
        kept.old_commands = self
            .let_commands_go(now.saturating_sub(retention.events), &mut kept.more)
            .await?;
        kept.old_pairings = self
            .let_pairings_go(now.saturating_sub(retention.events), &mut kept.more)
            .await?;
        kept.old_audit = self
            .let_go(
                "DELETE FROM audit WHERE (organization, number) IN \
                 (SELECT organization, number FROM audit WHERE at < $1 LIMIT $2)",
                now.saturating_sub(retention.audit),
                &mut kept.more,
            )
            .await?;
        for statement in [
            "DELETE FROM sign_ins WHERE id IN (SELECT id FROM sign_ins WHERE expires <= $1 LIMIT $2)",
            "DELETE FROM api_tokens WHERE id IN (SELECT id FROM api_tokens WHERE expires <= $1 LIMIT $2)",
            "DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE expires <= $1 LIMIT $2)",
            "DELETE FROM owner_links WHERE secret IN (SELECT secret FROM owner_links WHERE expires <= $1 LIMIT $2)",
        ] {
            kept.over += self.let_go(statement, now, &mut kept.more).await?;
        }
        // Only today's is ever asked.
        self.let_go(
            "DELETE FROM used WHERE (organization, day) IN (SELECT organization, day FROM used WHERE day < $1 LIMIT $2)",
            day(now) - 7,
            &mut kept.more,
        )
        .await?;
        if self.dialect() == Dialect::Sqlite {
            // PostgreSQL does that by itself.
            sqlx::raw_sql(GIVE_BACK)
                .execute(self.database().writing())
                .await?;
        }
        Ok(kept)
    }

    async fn let_go(&self, statement: &'static str, before: i64, more: &mut bool) -> Result<u64, StoreError> {
        let gone = transaction!(self.database(), |tx| {
            sqlx::query(statement)
                .bind(before)
                .bind(ROWS_OF_A_KIND)
                .execute(tx.on())
                .await?
                .rows_affected()
        })?;
        *more |= gone >= ROWS_OF_A_KIND.unsigned_abs();
        Ok(gone)
    }

    /// Lets go of commands that were over before, and takes them off what the organizations' logs hold.
    async fn let_commands_go(&self, before: i64, more: &mut bool) -> Result<u64, StoreError> {
        let gone = transaction!(self.database(), |tx| {
            let statement = format!(
                "DELETE FROM commands WHERE id IN (SELECT id FROM commands WHERE finished < $1 LIMIT $2) \
                 RETURNING pairing, COALESCE(octet_length(payload), 0) + COALESCE(octet_length(result), 0) \
                 + {} AS bytes",
                commands::ROW_BYTES
            );
            let rows = sqlx::query(AssertSqlSafe(statement))
                .bind(before)
                .bind(ROWS_OF_A_KIND)
                .fetch_all(tx.on())
                .await?;
            take_off(&mut tx, &rows).await?;
            rows.len() as u64
        })?;
        *more |= gone >= ROWS_OF_A_KIND.unsigned_abs();
        Ok(gone)
    }

    /// Lets go of pairings that ended before, once what they told and were given is gone.
    async fn let_pairings_go(&self, before: i64, more: &mut bool) -> Result<u64, StoreError> {
        let ended = sqlx::query(
            "SELECT id FROM pairings WHERE revoked < $1 \
             AND NOT EXISTS (SELECT 1 FROM events WHERE events.pairing = pairings.id) \
             AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.pairing = pairings.id) \
             AND NOT EXISTS (SELECT 1 FROM commands WHERE commands.pairing = pairings.id) LIMIT $2",
        )
        .bind(before)
        .bind(PAIRINGS)
        .fetch_all(self.database().reading())
        .await?;
        *more |= ended.len() as u64 >= PAIRINGS.unsigned_abs();
        for row in &ended {
            let pairing: PairingId = row.id("id")?;
            transaction!(self.database(), |tx| {
                for statement in [
                    "DELETE FROM desktops WHERE pairing = $1",
                    "DELETE FROM pairings WHERE id = $1",
                ] {
                    sqlx::query(statement)
                        .bind(pairing.as_str())
                        .execute(tx.on())
                        .await?;
                }
            })?;
        }
        Ok(ended.len() as u64)
    }

    /// Lets go of what later events say too, session by session.
    async fn compact(&self, retention: &Retention, now: i64, kept: &mut Kept) -> Result<(), StoreError> {
        let until = now.saturating_sub(retention.superseded);
        let sessions = sqlx::query(
            "SELECT pairing, session FROM sessions WHERE touched > compacted AND compacted < $1 \
             ORDER BY compacted LIMIT $2",
        )
        // One that goes on and on is looked at again when half of that time is over.
        .bind(until.saturating_sub(retention.superseded / 2))
        .bind(SESSIONS)
        .fetch_all(self.database().reading())
        .await?;
        kept.more |= sessions.len() as u64 >= SESSIONS.unsigned_abs();
        for row in sessions {
            let (pairing, session): (PairingId, SessionId) = (row.id("pairing")?, row.id("session")?);
            kept.superseded += self.compact_session(&pairing, &session, until).await?;
            sqlx::query("UPDATE sessions SET compacted = $3 WHERE pairing = $1 AND session = $2")
                .bind(pairing.as_str())
                .bind(session.as_str())
                .bind(until)
                .execute(self.database().writing())
                .await?;
        }
        Ok(())
    }

    async fn compact_session(
        &self,
        pairing: &PairingId,
        session: &SessionId,
        until: i64,
    ) -> Result<u64, StoreError> {
        let mut gone = 0;
        let mut after = Cursor::START;
        loop {
            // What has no sequence stays: only its id says that it was here.
            let rows = sqlx::query(
                "SELECT event, detail, subject, piece, ordering, position FROM events \
                 WHERE pairing = $1 AND session = $2 AND sequence IS NOT NULL AND received <= $3 \
                 AND ordering <= (SELECT through FROM pairings WHERE id = $1) \
                 AND (ordering, position) > ($4, $5) ORDER BY ordering, position LIMIT $6",
            )
            .bind(pairing.as_str())
            .bind(session.as_str())
            .bind(until)
            .bind(after.order)
            .bind(after.position)
            .bind(EVENTS)
            .fetch_all(self.database().reading())
            .await?;
            let told = rows
                .iter()
                .map(|row| {
                    Ok(Told {
                        detail: row.word("detail", Detail::parse)?,
                        subject: row.maybe_text("subject")?.unwrap_or_default(),
                        piece: row.maybe_text("piece")?.unwrap_or_default(),
                    })
                })
                .collect::<Result<Vec<_>, StoreError>>()?;
            let superseded = superseded(&told);
            let events = superseded
                .iter()
                .map(|place| Ok((pairing.clone(), rows[*place].text("event")?)))
                .collect::<Result<Vec<_>, StoreError>>()?;
            gone += self.delete(&events).await?;
            if (rows.len() as u64) < EVENTS.unsigned_abs() {
                return Ok(gone);
            }
            // On from the middle, since what stands before the end of this may be superseded by what is behind it.
            let middle = &rows[rows.len() / 2];
            after = Cursor {
                order: middle.number("ordering")?,
                position: middle.number("position")?,
            };
        }
    }

    /// Lets go of sessions that nothing was told of for long, whole.
    async fn let_sessions_go(&self, before: i64, kept: &mut Kept) -> Result<(), StoreError> {
        let sessions =
            sqlx::query("SELECT pairing, session FROM sessions WHERE touched < $1 ORDER BY touched LIMIT $2")
                .bind(before)
                .bind(SESSIONS)
                .fetch_all(self.database().reading())
                .await?;
        kept.more |= sessions.len() as u64 >= SESSIONS.unsigned_abs();
        for row in sessions {
            let (pairing, session): (PairingId, SessionId) = (row.id("pairing")?, row.id("session")?);
            loop {
                // Not what is told of it at this moment.
                let events = sqlx::query(
                    "SELECT event FROM events WHERE pairing = $1 AND session = $2 AND received < $3 LIMIT $4",
                )
                .bind(pairing.as_str())
                .bind(session.as_str())
                .bind(before)
                .bind(ROWS_OF_A_KIND)
                .fetch_all(self.database().reading())
                .await?
                .iter()
                .map(|row| Ok((pairing.clone(), row.text("event")?)))
                .collect::<Result<Vec<_>, StoreError>>()?;
                if events.is_empty() {
                    break;
                }
                kept.old_events += self.delete(&events).await?;
            }
            // One that something was told of in the meantime stays.
            sqlx::query("DELETE FROM sessions WHERE pairing = $1 AND session = $2 AND touched < $3")
                .bind(pairing.as_str())
                .bind(session.as_str())
                .bind(before)
                .execute(self.database().writing())
                .await?;
        }
        Ok(())
    }

    async fn let_events_go(
        &self,
        statement: &'static str,
        before: i64,
        more: &mut bool,
    ) -> Result<u64, StoreError> {
        let events = sqlx::query(statement)
            .bind(before)
            .bind(ROWS_OF_A_KIND)
            .fetch_all(self.database().reading())
            .await?
            .iter()
            .map(|row| Ok((row.id("pairing")?, row.text("event")?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        *more |= events.len() as u64 >= ROWS_OF_A_KIND.unsigned_abs();
        self.delete(&events).await
    }

    /// Deletes events, some in each transaction, and takes them off what the organizations' logs hold.
    async fn delete(&self, events: &[(PairingId, String)]) -> Result<u64, StoreError> {
        let mut gone = 0;
        for range in chunks(events.len(), ROWS) {
            let part = &events[range];
            gone += transaction!(self.database(), |tx| { delete(&mut tx, part).await? })?;
        }
        Ok(gone)
    }
}

async fn delete(tx: &mut Tx, events: &[(PairingId, String)]) -> Result<u64, StoreError> {
    let statement = format!(
        "DELETE FROM events WHERE (pairing, event) IN (VALUES {}) \
         RETURNING pairing, COALESCE(octet_length(payload), 0) + {ROW_BYTES} AS bytes",
        rows_of_placeholders(tx.database().dialect(), events.len(), 2)
    );
    let mut query = sqlx::query(AssertSqlSafe(statement));
    for (pairing, event) in events {
        query = query.bind(pairing.as_str()).bind(event.as_str());
    }
    let rows = query.fetch_all(tx.on()).await?;
    take_off(tx, &rows).await?;
    Ok(rows.len() as u64)
}

/// Takes rows that are gone off what the organizations' logs hold.
async fn take_off(tx: &mut Tx, rows: &[AnyRow]) -> Result<(), StoreError> {
    let mut bytes: BTreeMap<String, i64> = BTreeMap::new();
    for row in rows {
        *bytes.entry(row.text("pairing")?).or_default() += row.number("bytes")?;
    }
    for (pairing, bytes) in bytes {
        sqlx::query(
            "UPDATE log_sizes SET bytes = CASE WHEN bytes > $2 THEN bytes - $2 ELSE 0 END \
             WHERE organization = (SELECT organization FROM pairings WHERE id = $1)",
        )
        .bind(pairing)
        .bind(bytes)
        .execute(tx.on())
        .await?;
    }
    Ok(())
}
