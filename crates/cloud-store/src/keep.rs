//! Letting go of what is old or superseded.

use crate::{Store, StoreError};

/// How long what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Events and what became of commands, in milliseconds.
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
    /// Rows of the audit that were old.
    pub old_audit: u64,
    /// Sign-ins, tokens, invitations and links that are over.
    pub over: u64,
    /// There is more; call it again soon.
    pub more: bool,
}

impl Store {
    /// Lets go of some of what need not be kept, in small transactions. Worth to be called each minute, by any number of
    /// processes.
    pub async fn retain(&self, retention: &Retention, now: i64) -> Result<Kept, StoreError> {
        todo!()
    }
}
