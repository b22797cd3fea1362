//! Connections.

use crate::{Dialect, Options, StoreError, Wakes};

/// The connections.
#[derive(Clone)]
pub(crate) struct Database {
    dialect: Dialect,
    wakes: Wakes,
}

impl Database {
    pub(crate) async fn open(options: &Options) -> Result<Self, StoreError> {
        todo!()
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn wakes(&self) -> &Wakes {
        &self.wakes
    }

    pub(crate) async fn close(&self) {}
}
