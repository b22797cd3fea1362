//! What becomes of commands by time.

use crate::{Store, StoreError, Swept};

impl Store {
    /// Ends leases and deadlines that are over, in all organizations. Worth to be called each second, by any number of
    /// processes.
    pub async fn sweep_commands(&self, now: i64) -> Result<Swept, StoreError> {
        todo!()
    }
}
