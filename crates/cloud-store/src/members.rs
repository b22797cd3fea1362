//! Who is in an organization.

use crate::{Actor, OrganizationId, PairingId, Role, Store, StoreError, UserId};

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// What they are called.
    pub name: String,
    /// Their mail's address.
    pub email: String,
    /// What they are.
    pub role: Role,
    /// Since when, in milliseconds since the epoch.
    pub since: i64,
}

impl Store {
    /// The members, by name.
    pub async fn members(&self, organization: &OrganizationId) -> Result<Vec<Member>, StoreError> {
        todo!()
    }

    /// Makes a member something else. The last owner stays one ([`StoreError::Conflict`]). Who may do it is
    /// [`may_give`](crate::rules::access::may_give)'s to say: `expected` is the role that the caller judged by, and when
    /// it is another one by now that is a conflict too.
    pub async fn set_role(
        &self,
        organization: &OrganizationId,
        user: &UserId,
        expected: Role,
        role: Role,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Removes a member, ends their pairings in it, and takes back their tokens for it. Says which pairings ended.
    pub async fn remove_member(
        &self,
        organization: &OrganizationId,
        user: &UserId,
        expected: Role,
        by: &Actor,
        now: i64,
    ) -> Result<Vec<PairingId>, StoreError> {
        todo!()
    }
}
