//! Who is in an organization.

use serde_json::json;

use crate::audit::record;
use crate::database::{Tx, transaction};
use crate::invitations::void_beyond;
use crate::organizations::hold;
use crate::pairings::end;
use crate::rows::Columns;
use crate::rules::access::keeps_an_owner;
use crate::{Actor, OrganizationId, PairingId, Role, Store, StoreError, UserId, WakeKey};

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
        sqlx::query(
            "SELECT people.id, people.name, people.email, memberships.role, memberships.since FROM memberships \
             JOIN people ON people.id = memberships.person \
             WHERE memberships.organization = $1 ORDER BY lower(people.name), people.id",
        )
        .bind(organization.as_str())
        .fetch_all(self.database().reading())
        .await?
        .iter()
        .map(|row| {
            Ok(Member {
                user: row.id("id")?,
                name: row.text("name")?,
                email: row.text("email")?,
                role: row.word("role", Role::parse)?,
                since: row.number("since")?,
            })
        })
        .collect()
    }

    /// Makes a member something else. What they invited to and may not invite to any more is void. The last owner stays
    /// one ([`StoreError::Conflict`]). Who may do it is [`may_give`](crate::rules::access::may_give)'s to say: `expected`
    /// is the role that the caller judged by, and when it is another one by now that is a conflict too.
    pub async fn set_role(
        &self,
        organization: &OrganizationId,
        user: &UserId,
        expected: Role,
        role: Role,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        transaction!(self.database(), |tx| {
            judge(&mut tx, organization, user, expected, Some(role)).await?;
            sqlx::query("UPDATE memberships SET role = $3 WHERE organization = $1 AND person = $2")
                .bind(organization.as_str())
                .bind(user.as_str())
                .bind(role.as_str())
                .execute(tx.on())
                .await?;
            let void = void_beyond(&mut tx, organization, user, Some(role)).await?;
            let details = json!({ "from": expected, "to": role, "invitationsVoid": void });
            record(
                &mut tx,
                organization,
                by,
                "member.role_changed",
                user.as_str(),
                &details,
                now,
            )
            .await?;
            tx.wake(WakeKey::User(user.clone()));
            tx.wake(WakeKey::Organization(organization.clone()));
        })
    }

    /// Removes a member, ends their pairings in it, takes back their tokens for it, and voids what they invited to. Says
    /// which pairings ended.
    pub async fn remove_member(
        &self,
        organization: &OrganizationId,
        user: &UserId,
        expected: Role,
        by: &Actor,
        now: i64,
    ) -> Result<Vec<PairingId>, StoreError> {
        transaction!(self.database(), |tx| {
            judge(&mut tx, organization, user, expected, None).await?;
            let theirs = sqlx::query(
                "SELECT id FROM pairings WHERE organization = $1 AND owner = $2 AND revoked IS NULL ORDER BY id",
            )
            .bind(organization.as_str())
            .bind(user.as_str())
            .fetch_all(tx.on())
            .await?
            .iter()
            .map(|row| row.id("id"))
            .collect::<Result<Vec<PairingId>, _>>()?;
            for pairing in &theirs {
                end(&mut tx, organization, pairing, by, now).await?;
            }
            // Their tokens go with the membership.
            sqlx::query("DELETE FROM memberships WHERE organization = $1 AND person = $2")
                .bind(organization.as_str())
                .bind(user.as_str())
                .execute(tx.on())
                .await?;
            let void = void_beyond(&mut tx, organization, user, None).await?;
            let details = json!({ "role": expected, "invitationsVoid": void });
            record(
                &mut tx,
                organization,
                by,
                "member.removed",
                user.as_str(),
                &details,
                now,
            )
            .await?;
            tx.wake(WakeKey::User(user.clone()));
            tx.wake(WakeKey::Organization(organization.clone()));
            theirs
        })
    }
}

/// Refuses what was judged by another role than the member has, and what would leave no owner. The organization's row is
/// held, so that two owners do not go at once.
async fn judge(
    tx: &mut Tx,
    organization: &OrganizationId,
    user: &UserId,
    expected: Role,
    becomes: Option<Role>,
) -> Result<(), StoreError> {
    hold(tx, organization).await?;
    let role = sqlx::query("SELECT role FROM memberships WHERE organization = $1 AND person = $2")
        .bind(organization.as_str())
        .bind(user.as_str())
        .fetch_optional(tx.on())
        .await?
        .ok_or(StoreError::NotFound("member"))?
        .word("role", Role::parse)?;
    if role != expected {
        return Err(StoreError::Conflict(
            "somebody changed this member's role in the meantime",
        ));
    }
    let owners =
        sqlx::query("SELECT COUNT(*) AS owners FROM memberships WHERE organization = $1 AND role = 'owner'")
            .bind(organization.as_str())
            .fetch_one(tx.on())
            .await?
            .count("owners")?;
    if keeps_an_owner(u32::try_from(owners).unwrap_or(u32::MAX), role, becomes) {
        Ok(())
    } else {
        Err(StoreError::Conflict("an organization keeps at least one owner"))
    }
}
