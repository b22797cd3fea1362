//! Whether the database does its work.

use std::time::{Duration, Instant};

use crate::database::transaction;
use crate::rows::{Columns, damaged};
use crate::{Store, StoreError, migrate};

/// How the database does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// How long it took to write and to read that.
    pub took: Duration,
    /// The step it is at.
    pub step: i64,
    /// Requests with events that wait to be written.
    pub waiting: usize,
}

impl Store {
    /// Writes, reads what was written, and looks whether the database still is ready for this version and events are
    /// written.
    pub async fn ready(&self, now: i64) -> Result<Readiness, StoreError> {
        let began = Instant::now();
        if self.ingest_task().has_ended() {
            return Err(StoreError::Closed);
        }
        let process = self.process();
        transaction!(self.database(), |tx| {
            // Those of processes that are no more.
            sqlx::query("DELETE FROM readiness WHERE at < $1")
                .bind(now.saturating_sub(FORGET_AFTER))
                .execute(tx.on())
                .await?;
            sqlx::query(
                "INSERT INTO readiness (process, at) VALUES ($1, $2) ON CONFLICT (process) DO UPDATE SET at = excluded.at",
            )
            .bind(process)
            .bind(now)
            .execute(tx.on())
            .await?;
        })?;
        let there = sqlx::query("SELECT at FROM readiness WHERE process = $1")
            .bind(process)
            .fetch_optional(self.database().reading())
            .await?
            .map(|row| row.number("at"))
            .transpose()?;
        if there != Some(now) {
            return Err(damaged("readiness", &"is not what was written"));
        }
        let step = migrate::check(self.database().writing(), self.dialect()).await?;
        let waiting = usize::try_from(self.ingest_task().waiting()).unwrap_or(usize::MAX);
        Ok(Readiness {
            took: began.elapsed(),
            step,
            waiting,
        })
    }
}

/// After how long the row of a process that is no more goes, in milliseconds.
const FORGET_AFTER: i64 = 24 * 60 * 60 * 1000;
