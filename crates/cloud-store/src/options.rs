//! Where the database is, and how it is used.

use std::path::PathBuf;
use std::time::Duration;

use crate::StoreError;
use crate::rules::quotas::Limits;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// A file, used by this process.
    Sqlite,
    /// A server, used by any number of processes.
    Postgres,
}

impl Dialect {
    /// What it is called.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Where the database is, and how it is used.
#[derive(Clone)]
pub struct Options {
    /// `sqlite:FILE`, or `postgres://USER:PASSWORD@HOST/NAME`.
    pub address: String,
    /// Connections to PostgreSQL of one process, besides the one that listens. SQLite has one that writes and
    /// `connections` that read.
    pub connections: u32,
    /// How long one statement may take before it is given up.
    pub statement_timeout: Duration,
    /// How long a request waits for a connection before it is told to come again.
    pub acquire_timeout: Duration,
    /// Bounds of what is kept.
    pub limits: Limits,
}

impl Options {
    /// The usual, for the database at an address.
    #[must_use]
    pub fn at(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            connections: 12,
            statement_timeout: Duration::from_secs(10),
            acquire_timeout: Duration::from_secs(5),
            limits: Limits::default(),
        }
    }

    /// Which database it is.
    pub fn dialect(&self) -> Result<Dialect, StoreError> {
        let address = self.address.as_str();
        if self.sqlite_file().is_some() {
            Ok(Dialect::Sqlite)
        } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            Ok(Dialect::Postgres)
        } else {
            // Not the address itself: there may be a password in it.
            let scheme = address.split_once(':').map_or("no scheme", |(scheme, _)| scheme);
            Err(StoreError::Address(scheme.chars().take(20).collect()))
        }
    }

    /// SQLite's file.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let rest = self.address.strip_prefix("sqlite:")?;
        let file = rest.strip_prefix("//").unwrap_or(rest);
        // One in memory could not be read by a second connection.
        (!file.is_empty() && !file.starts_with(":memory:")).then(|| PathBuf::from(file))
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Options")
            .field("connections", &self.connections)
            .field("statement_timeout", &self.statement_timeout)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_which_database_it_is() {
        assert_eq!(
            Options::at("sqlite:/srv/cowork.db").dialect().unwrap(),
            Dialect::Sqlite
        );
        assert_eq!(
            Options::at("sqlite:///srv/cowork.db").sqlite_file(),
            Some(PathBuf::from("/srv/cowork.db"))
        );
        assert_eq!(
            Options::at("postgres://cowork@localhost/cowork")
                .dialect()
                .unwrap(),
            Dialect::Postgres
        );
        assert!(Options::at("sqlite::memory:").dialect().is_err());
        let error = Options::at("mysql://user:secret@host/name")
            .dialect()
            .unwrap_err();
        assert!(!error.to_string().contains("secret"));
    }
}
