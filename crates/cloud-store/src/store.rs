//! The handle.

use std::sync::Arc;

use crate::database::Database;
use crate::events::Ingest;
use crate::{Dialect, Limits, Migrated, Options, SignInId, StoreError, Wakes, migrate};

/// The server's database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    ingest: Ingest,
    limits: Limits,
    /// Names this handle and its copies among all that use the database.
    process: String,
}

impl Store {
    /// Makes the database ready for this version: makes it when it is not there, and takes the steps that are missing.
    /// A second process that does the same waits.
    pub async fn migrate(options: &Options) -> Result<Migrated, StoreError> {
        migrate::migrate(options).await
    }

    /// Opens a database that is ready for this version. It needs a runtime of tokio's, in which it writes events and
    /// listens to other processes until it is closed or the last handle is gone.
    pub async fn open(options: &Options) -> Result<Self, StoreError> {
        let database = Database::open(options).await?;
        let ingest = Ingest::start(&database, options.limits);
        let process = SignInId::random().to_string();
        Ok(Self {
            inner: Arc::new(Inner {
                database,
                ingest,
                limits: options.limits,
                process,
            }),
        })
    }

    /// Which database it is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.database().dialect()
    }

    /// Who is told of what changes, in this process and, with PostgreSQL, in every other.
    #[must_use]
    pub fn wakes(&self) -> &Wakes {
        self.database().wakes()
    }

    /// Writes what was taken, and ends. What comes after is refused with [`StoreError::Closed`].
    pub async fn close(&self) {
        self.inner.ingest.close().await;
        self.database().close().await;
    }

    pub(crate) fn database(&self) -> &Database {
        &self.inner.database
    }

    pub(crate) fn ingest_task(&self) -> &Ingest {
        &self.inner.ingest
    }

    pub(crate) fn process(&self) -> &str {
        &self.inner.process
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.limits
    }
}
