//! Why the database did not do what was asked.

/// Why the database did not do what was asked. Nothing of what was asked is kept then, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database's address is of no kind that is known, or cannot be read.
    #[error("the database's address is not usable: {0}; it is sqlite:FILE or postgres://USER@HOST/NAME")]
    Address(String),
    /// The database was not made ready for this version.
    #[error(
        "the database is at step {found}, and this version needs step {known}; run `open-cowork-cloud migrate` first"
    )]
    NotMigrated {
        /// The step it is at; 0 when it is empty.
        found: i64,
        /// The step this version needs.
        known: i64,
    },
    /// A newer version made the database ready.
    #[error(
        "the database is at step {found}, which is newer than this version knows ({known}); run the newer version, or \
         restore a backup"
    )]
    Newer {
        /// The step it is at.
        found: i64,
        /// The newest step this version knows.
        known: i64,
    },
    /// A step that was taken is not the one this version has.
    #[error("step {step} of the database was not taken as this version has it; restore a backup")]
    OtherHistory {
        /// Which.
        step: i64,
    },
    /// There is no such row, or not in the organization that asks.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It is there already, or something else stands where it is to be.
    #[error("{0}")]
    Conflict(&'static str),
    /// It is not allowed.
    #[error("{0}")]
    Forbidden(&'static str),
    /// What is given can not be kept: too long, empty, or with characters that are not allowed.
    #[error("{what} {why}")]
    Invalid {
        /// What.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// A bound is reached.
    #[error("{}", .0.says())]
    Quota(crate::rules::quotas::Reached),
    /// The pairing is over, or its token is another one by now.
    #[error("the pairing is over")]
    Revoked,
    /// More comes in than is written. Come again in a second.
    #[error("the database is behind; try again in a second")]
    Busy,
    /// The server is about to stop.
    #[error("the server is about to stop")]
    Closed,
    /// What is stored is not what this version reads.
    #[error("the stored {what} cannot be read: {why}")]
    Damaged {
        /// What.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// Anything else the database reports.
    #[error("the database did not answer: {0}")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::PoolTimedOut => Self::Busy,
            other => Self::Database(other),
        }
    }
}

impl StoreError {
    /// The same transaction may go through when it is begun again: somebody else held what it needed. Nothing of it was
    /// kept.
    pub(crate) fn may_go_through(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        // PostgreSQL: serialization failure, deadlock, lock not to be had in time. SQLite, with its extended codes:
        // busy, busy after recovery, busy snapshot, busy timeout, locked, locked by a shared cache.
        matches!(
            error.code().as_deref(),
            Some("40001" | "40P01" | "55P03" | "5" | "261" | "517" | "773" | "6" | "262")
        )
    }

    /// It is worth to ask the same again in a moment: somebody was in the way, or the database is away.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.may_go_through() || self.lost_the_database()
    }

    /// The connection went away, so that nobody can tell whether what was asked was kept.
    pub(crate) fn lost_the_database(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                // PostgreSQL: connection failures, and a server that is stopping, starting or has crashed.
                error
                    .code()
                    .is_some_and(|code| code.starts_with("08") || code.starts_with("57P"))
            }
            Self::Database(
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::WorkerCrashed,
            )
            | Self::Busy => true,
            _ => false,
        }
    }

    /// The one who asks did something wrong, rather than this server or its database.
    #[must_use]
    pub fn is_about_the_request(&self) -> bool {
        matches!(
            self,
            Self::NotFound(_)
                | Self::Conflict(_)
                | Self::Forbidden(_)
                | Self::Invalid { .. }
                | Self::Quota(_)
                | Self::Revoked
        )
    }
}

/// Refuses a text that is empty, too long, or has control characters in it.
pub(crate) fn line<'t>(what: &'static str, text: &'t str, limit: usize) -> Result<&'t str, StoreError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(StoreError::Invalid {
            what,
            why: "is empty".to_owned(),
        });
    }
    bounded(what, text, limit)?;
    if text.chars().any(char::is_control) {
        return Err(StoreError::Invalid {
            what,
            why: "has control characters in it".to_owned(),
        });
    }
    Ok(text)
}

/// Refuses a text that is too long.
pub(crate) fn bounded(what: &'static str, text: &str, limit: usize) -> Result<(), StoreError> {
    if text.len() > limit {
        return Err(StoreError::Invalid {
            what,
            why: format!("is {} bytes long, and at most {limit} are kept", text.len()),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_broke_is_no_fault_that_stays() {
        let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert!(StoreError::from(sqlx::Error::Io(broken)).may_pass());
        assert!(StoreError::from(sqlx::Error::PoolTimedOut).may_pass());
        for stays in [
            StoreError::from(sqlx::Error::RowNotFound),
            StoreError::NotFound("desktop"),
            StoreError::Closed,
        ] {
            assert!(!stays.may_pass(), "{stays}");
        }
    }
}
