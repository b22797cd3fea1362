//! Reading events.

use crate::{Cursor, EventPage, EventSelection, OrganizationId, PairingId, Store, StoreError, Thread};

impl Store {
    /// Events of a pairing, in order.
    pub async fn events(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        selection: EventSelection<'_>,
    ) -> Result<EventPage, StoreError> {
        todo!()
    }

    /// Behind which place nothing is that can be read by now.
    pub async fn end_of_events(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
    ) -> Result<Cursor, StoreError> {
        todo!()
    }

    /// The sessions of a pairing that are shared, at most 5,000, the one told of last first.
    pub async fn threads(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
    ) -> Result<Vec<Thread>, StoreError> {
        todo!()
    }
}
