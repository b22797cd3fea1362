//! Whether the database does its work.

use std::time::Duration;

use crate::{Store, StoreError};

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
    /// Writes, reads what was written, and looks whether the database still is ready for this version.
    pub async fn ready(&self, now: i64) -> Result<Readiness, StoreError> {
        todo!()
    }
}
