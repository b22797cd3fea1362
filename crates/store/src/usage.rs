//! What went to each provider, by day.

use rusqlite::named_params;

use crate::{Store, StoreError};

/// Days that are remembered: a year and a month, so that a year can be looked back on.
pub const USAGE_DAYS: i64 = 400;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// What went to a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageCounts {
    /// Requests.
    pub requests: i64,
    /// Of them, those that failed.
    pub failures: i64,
    /// Bytes sent.
    pub bytes_up: i64,
    /// Bytes that came back.
    pub bytes_down: i64,
}

impl Store {
    /// Adds to what went to a provider on the day of `now`, and forgets days that are too old.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn add_usage(&self, provider: &str, more: UsageCounts, now: i64) -> Result<(), StoreError> {
        let day = now.div_euclid(DAY);
        let connection = self.connection();
        connection
            .prepare_cached(
                "INSERT INTO provider_usage (provider, day, requests, failures, bytes_up, bytes_down) \
                 VALUES (:provider, :day, :requests, :failures, :up, :down) ON CONFLICT (provider, day) DO UPDATE SET \
                 requests = requests + excluded.requests, failures = failures + excluded.failures, \
                 bytes_up = bytes_up + excluded.bytes_up, bytes_down = bytes_down + excluded.bytes_down",
            )?
            .execute(named_params! {
                ":provider": provider, ":day": day, ":requests": more.requests, ":failures": more.failures,
                ":up": more.bytes_up, ":down": more.bytes_down,
            })?;
        connection.execute("DELETE FROM provider_usage WHERE day < ?1", [day - USAGE_DAYS])?;
        Ok(())
    }

    /// What went to each provider on all days that are remembered, by provider.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn usage(&self) -> Result<Vec<(String, UsageCounts)>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT provider, sum(requests), sum(failures), sum(bytes_up), sum(bytes_down) FROM provider_usage \
             GROUP BY provider ORDER BY provider",
        )?;
        let rows = statement.query_map([], |row| {
            let counts = UsageCounts {
                requests: row.get(1)?,
                failures: row.get(2)?,
                bytes_up: row.get(3)?,
                bytes_down: row.get(4)?,
            };
            Ok((row.get(0)?, counts))
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    }
}
