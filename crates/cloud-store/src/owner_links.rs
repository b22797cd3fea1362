//! The link by which the first owner comes: it works once.

use crate::{NewUser, SecretHash, Store, StoreError, Welcomed};

impl Store {
    /// Keeps the hash of a link's secret. Those before are void.
    pub async fn mint_owner_link(
        &self,
        secret: &SecretHash,
        expires: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Whether a link still works.
    pub async fn owner_link_works(&self, secret: &SecretHash, now: i64) -> Result<bool, StoreError> {
        todo!()
    }

    /// Makes a person and an organization of which they are the owner, and voids the link.
    /// [`StoreError::NotFound`] when the link does not work (any more), [`StoreError::Conflict`] when somebody has the
    /// address.
    pub async fn redeem_owner_link(
        &self,
        secret: &SecretHash,
        user: &NewUser,
        organization_name: &str,
        now: i64,
    ) -> Result<Welcomed, StoreError> {
        todo!()
    }
}
