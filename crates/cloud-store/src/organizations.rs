//! Organizations.

use crate::{Actor, OrganizationId, Role, Store, StoreError, UserId};

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// What it is called.
    pub name: String,
    /// Since when, in milliseconds since the epoch.
    pub created: i64,
}

/// An organization, and what somebody is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The organization.
    pub organization: Organization,
    /// What they are.
    pub role: Role,
}

impl Store {
    /// Whether there is an owner: whether the first start's link was used.
    pub async fn is_set_up(&self) -> Result<bool, StoreError> {
        todo!()
    }

    /// A new organization, of which `owner` is the owner.
    pub async fn create_organization(
        &self,
        name: &str,
        owner: &UserId,
        by: &Actor,
        now: i64,
    ) -> Result<Organization, StoreError> {
        todo!()
    }

    /// Names it anew.
    pub async fn rename_organization(
        &self,
        organization: &OrganizationId,
        name: &str,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// The organizations somebody is in, by name.
    pub async fn memberships(&self, user: &UserId) -> Result<Vec<Membership>, StoreError> {
        todo!()
    }

    /// What somebody is in an organization; none when they are not in it, or there is none.
    pub async fn membership(
        &self,
        organization: &OrganizationId,
        user: &UserId,
    ) -> Result<Option<Membership>, StoreError> {
        todo!()
    }
}
