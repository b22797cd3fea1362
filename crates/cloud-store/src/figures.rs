//! Figures for whoever watches the server.

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
    /// Events that were ever taken, of the pairings that are kept.
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
        todo!()
    }

    /// What this process took of events since it started.
    #[must_use]
    pub fn ingest_figures(&self) -> IngestFigures {
        todo!()
    }
}
