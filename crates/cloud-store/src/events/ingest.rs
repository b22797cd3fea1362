//! Taking events: those of many requests in one transaction.

use crate::database::Database;
use crate::{Ingested, Limits, NewEvent, Proven, Store, StoreError};

/// The task that writes.
pub(crate) struct Ingest;

impl Ingest {
    pub(crate) fn start(database: &Database, limits: Limits) -> Self {
        Self
    }

    pub(crate) async fn close(&self) {}
}

impl Store {
    /// Keeps events, in any order, each once by its id. It comes back when they are on the disk. At most 500.
    pub async fn ingest(
        &self,
        proven: &Proven,
        events: Vec<NewEvent>,
        now: i64,
    ) -> Result<Ingested, StoreError> {
        todo!()
    }
}
