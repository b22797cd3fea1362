//! Making the database ready, step by step and only forward.

use crate::{Options, StoreError};

/// What making ready came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The step it was at; 0 when it was empty.
    pub from: i64,
    /// The step it is at.
    pub to: i64,
}

pub(crate) async fn migrate(options: &Options) -> Result<Migrated, StoreError> {
    todo!()
}
