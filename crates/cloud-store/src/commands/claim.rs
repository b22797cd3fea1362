//! Giving commands out.

use crate::{ClaimRequest, Claimed, Proven, Store, StoreError};

impl Store {
    /// Commands for a desktop, each under a lease of its own. It does not wait: subscribe to
    /// [`WakeKey::Commands`](crate::WakeKey::Commands) before, and claim again when that wakes.
    pub async fn claim(
        &self,
        proven: &Proven,
        request: &ClaimRequest,
        now: i64,
    ) -> Result<Claimed, StoreError> {
        todo!()
    }
}
