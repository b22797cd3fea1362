//! Invitations into an organization: links that work once.

use crate::{Actor, InvitationId, NewUser, OrganizationId, Role, SecretHash, Store, StoreError, UserId};

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Into which organization.
    pub organization: OrganizationId,
    /// What that is called.
    pub organization_name: String,
    /// Whose mail's address it is for.
    pub email: String,
    /// What they will be.
    pub role: Role,
    /// Since when, in milliseconds since the epoch.
    pub created: i64,
    /// Until when, in milliseconds since the epoch.
    pub expires: i64,
}

/// An invitation that is new.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Whose mail's address it is for.
    pub email: String,
    /// What they will be.
    pub role: Role,
    /// The hash of the link's secret.
    pub secret: SecretHash,
    /// Until when, in milliseconds since the epoch.
    pub expires: i64,
}

/// Who came by a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcomed {
    /// The person.
    pub user: UserId,
    /// Where they are now.
    pub organization: OrganizationId,
    /// What they are there.
    pub role: Role,
}

impl Store {
    /// Invites somebody. An earlier invitation for the same address into the same organization is void.
    pub async fn invite(
        &self,
        organization: &OrganizationId,
        invitation: &NewInvitation,
        by: &Actor,
        now: i64,
    ) -> Result<InvitationId, StoreError> {
        todo!()
    }

    /// Those that can still be accepted, newest first.
    pub async fn invitations(
        &self,
        organization: &OrganizationId,
        now: i64,
    ) -> Result<Vec<Invitation>, StoreError> {
        todo!()
    }

    /// Takes one back.
    pub async fn withdraw_invitation(
        &self,
        organization: &OrganizationId,
        invitation: &InvitationId,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// The one with that secret, when it can still be accepted.
    pub async fn invitation_by_secret(
        &self,
        secret: &SecretHash,
        now: i64,
    ) -> Result<Option<Invitation>, StoreError> {
        todo!()
    }

    /// Somebody without an account comes in. Their address is the invitation's, whatever `user` says; somebody who has
    /// an account by it signs in first ([`StoreError::Conflict`]).
    pub async fn accept_invitation_as_new(
        &self,
        secret: &SecretHash,
        user: &NewUser,
        now: i64,
    ) -> Result<Welcomed, StoreError> {
        todo!()
    }

    /// Somebody who is signed in comes in. The invitation must be for their address ([`StoreError::Forbidden`]).
    pub async fn accept_invitation_as(
        &self,
        secret: &SecretHash,
        user: &UserId,
        now: i64,
    ) -> Result<Welcomed, StoreError> {
        todo!()
    }
}
