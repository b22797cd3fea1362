//! Figures for whoever watches the server.

use crate::rows::Columns;
use crate::{CommandState, Store, StoreError};

/// What is in the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Organizations.
    pub organizations: u64,
    /// People.
    pub users: u64,
    /// Sign-ins that are not over.
    pub sign_ins: u64,
    /// Pairings that are not over.
    pub pairings: u64,
    /// Of those, seen in the last minute.
    pub pairings_online: u64,
    /// Commands by how they stand, of those that are kept.
    pub commands: Vec<(CommandState, u64)>,
    /// Events that were ever taken, about: what came twice may count twice.
    pub events: u64,
    /// Bytes of all logs.
    pub log_bytes: u64,
}

/// What this process took of events since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IngestFigures {
    /// Transactions.
    pub transactions: u64,
    /// Requests.
    pub requests: u64,
    /// Events that were new.
    pub events: u64,
    /// Transactions that were begun again.
    pub retries: u64,
    /// Requests that could not be written.
    pub failures: u64,
    /// Microseconds that the transactions took together.
    pub microseconds: u64,
    /// Requests that wait at this moment.
    pub waiting: u64,
}

impl Store {
    /// What is in the database. Some queries that count: worth to be asked each ten seconds, not more.
    pub async fn figures(&self, now: i64) -> Result<Figures, StoreError> {
        let reading = self.database().reading();
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM organizations) AS organizations, (SELECT COUNT(*) FROM people) AS users, \
             (SELECT COUNT(*) FROM sign_ins WHERE expires > $1) AS sign_ins, \
             (SELECT COUNT(*) FROM pairings WHERE revoked IS NULL) AS pairings, \
             (SELECT COUNT(*) FROM pairings WHERE revoked IS NULL AND last_seen > $2) AS online, \
             (SELECT CAST(COALESCE(SUM(position), 0) AS BIGINT) FROM pairings) AS events, \
             (SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM log_sizes) AS bytes",
        )
        .bind(now)
        .bind(now.saturating_sub(crate::AWAY_AFTER))
        .fetch_one(reading)
        .await?;
        let commands =
            sqlx::query("SELECT state, COUNT(*) AS commands FROM commands GROUP BY state ORDER BY state")
                .fetch_all(reading)
                .await?
                .iter()
                .map(|row| Ok((row.word("state", CommandState::parse)?, row.count("commands")?)))
                .collect::<Result<Vec<_>, StoreError>>()?;
        Ok(Figures {
            organizations: row.count("organizations")?,
            users: row.count("users")?,
            sign_ins: row.count("sign_ins")?,
            pairings: row.count("pairings")?,
            pairings_online: row.count("online")?,
            commands,
            events: row.count("events")?,
            log_bytes: row.count("bytes")?,
        })
    }
}
