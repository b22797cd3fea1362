//! Invitations into an organization: links that work once.

use serde_json::json;
use sqlx::any::AnyRow;

use crate::audit::{ActorKind, record};
use crate::database::{Tx, transaction};
use crate::organizations::{hold, join, may_join_one_more};
use crate::rows::Columns;
use crate::rules::access::{Standing, may_give};
use crate::rules::quotas::{Quota, one_more};
use crate::users::{self, address};
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
    /// Invites somebody. An earlier invitation for the same address into the same organization is void. Who invites may
    /// give that role at this moment ([`StoreError::Forbidden`]), and the invitation is void as soon as they may not any
    /// more.
    pub async fn invite(
        &self,
        organization: &OrganizationId,
        invitation: &NewInvitation,
        by: &Actor,
        now: i64,
    ) -> Result<InvitationId, StoreError> {
        let email = address(&invitation.email)?;
        let id = InvitationId::random();
        transaction!(self.database(), |tx| {
            hold(&mut tx, organization).await?;
            let inviter = inviter(&mut tx, organization, by, invitation.role).await?;
            sqlx::query("DELETE FROM invitations WHERE organization = $1 AND (email = $2 OR expires <= $3)")
                .bind(organization.as_str())
                .bind(email.as_str())
                .bind(now)
                .execute(tx.on())
                .await?;
            let is_in = sqlx::query(
                "SELECT 1 AS there FROM memberships JOIN people ON people.id = memberships.person \
                 WHERE memberships.organization = $1 AND people.email = $2",
            )
            .bind(organization.as_str())
            .bind(email.as_str())
            .fetch_optional(tx.on())
            .await?;
            if is_in.is_some() {
                return Err(StoreError::Conflict("they are in this organization already"));
            }
            let there = sqlx::query(
                "SELECT (SELECT COUNT(*) FROM memberships WHERE organization = $1) \
                 + (SELECT COUNT(*) FROM invitations WHERE organization = $1) AS there",
            )
            .bind(organization.as_str())
            .fetch_one(tx.on())
            .await?
            .count("there")?;
            one_more(Quota::Members, there, self.limits().members, None).map_err(StoreError::Quota)?;
            sqlx::query(
                "INSERT INTO invitations (id, organization, email, role, secret, created, expires, inviter) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(id.as_str())
            .bind(organization.as_str())
            .bind(email.as_str())
            .bind(invitation.role.as_str())
            .bind(invitation.secret.as_str())
            .bind(now)
            .bind(invitation.expires)
            .bind(inviter.as_ref().map(UserId::as_str))
            .execute(tx.on())
            .await?;
            let details = json!({ "email": email, "role": invitation.role });
            record(
                &mut tx,
                organization,
                by,
                "member.invited",
                id.as_str(),
                &details,
                now,
            )
            .await?;
            id.clone()
        })
    }

    /// Those that can still be accepted, newest first.
    pub async fn invitations(
        &self,
        organization: &OrganizationId,
        now: i64,
    ) -> Result<Vec<Invitation>, StoreError> {
        sqlx::query(
            "SELECT invitations.id, organization, organizations.name AS organization_name, email, role, \
             invitations.created, expires FROM invitations \
             JOIN organizations ON organizations.id = invitations.organization \
             WHERE organization = $1 AND expires > $2 ORDER BY invitations.created DESC, invitations.id",
        )
        .bind(organization.as_str())
        .bind(now)
        .fetch_all(self.database().reading())
        .await?
        .iter()
        .map(invitation)
        .collect()
    }

    /// Takes one back.
    pub async fn withdraw_invitation(
        &self,
        organization: &OrganizationId,
        invitation: &InvitationId,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        transaction!(self.database(), |tx| {
            let gone = sqlx::query("DELETE FROM invitations WHERE organization = $1 AND id = $2")
                .bind(organization.as_str())
                .bind(invitation.as_str())
                .execute(tx.on())
                .await?;
            if gone.rows_affected() == 0 {
                return Err(StoreError::NotFound("invitation"));
            }
            record(
                &mut tx,
                organization,
                by,
                "member.invitation_withdrawn",
                invitation.as_str(),
                &json!({}),
                now,
            )
            .await?;
        })
    }

    /// The one with that secret, when it can still be accepted.
    pub async fn invitation_by_secret(
        &self,
        secret: &SecretHash,
        now: i64,
    ) -> Result<Option<Invitation>, StoreError> {
        sqlx::query(BY_SECRET)
            .bind(secret.as_str())
            .bind(now)
            .fetch_optional(self.database().reading())
            .await?
            .map(|row| invitation(&row))
            .transpose()
    }

    /// Somebody without an account comes in. Their address is the invitation's, whatever `user` says; somebody who has
    /// an account by it signs in first ([`StoreError::Conflict`]).
    pub async fn accept_invitation_as_new(
        &self,
        secret: &SecretHash,
        user: &NewUser,
        now: i64,
    ) -> Result<Welcomed, StoreError> {
        transaction!(self.database(), |tx| {
            let invitation = take(&mut tx, secret, now).await?;
            let person = users::insert(&mut tx, user, &invitation.email, now).await?;
            come_in(&mut tx, &invitation, &person, &user.name, now).await?
        })
    }

    /// Somebody who is signed in comes in. The invitation must be for their address ([`StoreError::Forbidden`]).
    pub async fn accept_invitation_as(
        &self,
        secret: &SecretHash,
        user: &UserId,
        now: i64,
    ) -> Result<Welcomed, StoreError> {
        transaction!(self.database(), |tx| {
            let invitation = take(&mut tx, secret, now).await?;
            let person =
                sqlx::query("SELECT id, email, name, password_hash, created FROM people WHERE id = $1")
                    .bind(user.as_str())
                    .fetch_optional(tx.on())
                    .await?
                    .ok_or(StoreError::NotFound("person"))?;
            let person = users::user(&person)?;
            if person.email != invitation.email {
                return Err(StoreError::Forbidden("this invitation is for another address"));
            }
            may_join_one_more(&mut tx, user, self.limits().organizations).await?;
            come_in(&mut tx, &invitation, user, &person.name, now).await?
        })
    }
}

/// Who invites: the person who asks, or whose token does; nobody where it is whoever runs the server. The organization's
/// row is held, so that they are it as long as the transaction is not over.
async fn inviter(
    tx: &mut Tx,
    organization: &OrganizationId,
    by: &Actor,
    role: Role,
) -> Result<Option<UserId>, StoreError> {
    let statement = match by.kind {
        ActorKind::User => "SELECT person, role FROM memberships WHERE organization = $1 AND person = $2",
        ActorKind::Token => {
            "SELECT memberships.person, memberships.role FROM api_tokens \
             JOIN memberships ON memberships.organization = api_tokens.organization \
             AND memberships.person = api_tokens.person \
             WHERE api_tokens.organization = $1 AND api_tokens.id = $2"
        }
        ActorKind::Desktop | ActorKind::Operator | ActorKind::Server => return Ok(None),
    };
    let row = sqlx::query(statement)
        .bind(organization.as_str())
        .bind(by.id.as_str())
        .fetch_optional(tx.on())
        .await?
        .ok_or(StoreError::NotFound("member"))?;
    if may_invite(row.word("role", Role::parse)?, role) {
        row.id("person").map(Some)
    } else {
        Err(StoreError::Forbidden(
            "your role does not let you invite anybody as that",
        ))
    }
}

/// Whether somebody who is that may invite somebody to be `to`. The scopes of their token were looked at before.
fn may_invite(is: Role, to: Role) -> bool {
    let standing = Standing {
        role: is,
        scopes: None,
    };
    may_give(standing, None, to)
}

/// Voids what somebody invited to and may not invite to as what they become (none: they go). Says how many.
pub(crate) async fn void_beyond(
    tx: &mut Tx,
    organization: &OrganizationId,
    inviter: &UserId,
    becomes: Option<Role>,
) -> Result<u64, StoreError> {
    let mut void = 0;
    for role in Role::ALL {
        if becomes.is_some_and(|becomes| may_invite(becomes, *role)) {
            continue;
        }
        void += sqlx::query("DELETE FROM invitations WHERE organization = $1 AND inviter = $2 AND role = $3")
            .bind(organization.as_str())
            .bind(inviter.as_str())
            .bind(role.as_str())
            .execute(tx.on())
            .await?
            .rows_affected();
    }
    Ok(void)
}

const BY_SECRET: &str = "SELECT invitations.id, organization, organizations.name AS organization_name, email, role, \
    invitations.created, expires FROM invitations JOIN organizations ON organizations.id = invitations.organization \
    WHERE secret = $1 AND expires > $2";

/// The invitation with that secret, which works no more when the transaction is kept.
async fn take(tx: &mut Tx, secret: &SecretHash, now: i64) -> Result<Invitation, StoreError> {
    let row = sqlx::query(BY_SECRET)
        .bind(secret.as_str())
        .bind(now)
        .fetch_optional(tx.on())
        .await?;
    let invitation = invitation(&row.ok_or(StoreError::NotFound("invitation"))?)?;
    // Of two who come at once one finds it gone here.
    let gone = sqlx::query("DELETE FROM invitations WHERE organization = $1 AND id = $2")
        .bind(invitation.organization.as_str())
        .bind(invitation.id.as_str())
        .execute(tx.on())
        .await?;
    if gone.rows_affected() == 0 {
        Err(StoreError::NotFound("invitation"))
    } else {
        Ok(invitation)
    }
}

async fn come_in(
    tx: &mut Tx,
    invitation: &Invitation,
    user: &UserId,
    name: &str,
    now: i64,
) -> Result<Welcomed, StoreError> {
    let Invitation {
        organization, role, ..
    } = invitation;
    join(tx, organization, user, *role, now).await?;
    let details = json!({ "role": role, "invitation": invitation.id });
    record(
        tx,
        organization,
        &Actor::user(user, name),
        "member.joined",
        user.as_str(),
        &details,
        now,
    )
    .await?;
    Ok(Welcomed {
        user: user.clone(),
        organization: organization.clone(),
        role: *role,
    })
}

fn invitation(row: &AnyRow) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: row.id("id")?,
        organization: row.id("organization")?,
        organization_name: row.text("organization_name")?,
        email: row.text("email")?,
        role: row.word("role", Role::parse)?,
        created: row.number("created")?,
        expires: row.number("expires")?,
    })
}
