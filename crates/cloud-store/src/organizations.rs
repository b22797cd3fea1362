//! Organizations.

use serde_json::json;
use sqlx::any::AnyRow;

use crate::audit::record;
use crate::database::{Tx, transaction};
use crate::error::line;
use crate::rows::Columns;
use crate::rules::quotas::{Quota, one_more};
use crate::users::NAME_LIMIT;
use crate::{Actor, OrganizationId, Role, Store, StoreError, UserId, WakeKey};

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
        let row = sqlx::query("SELECT 1 AS there FROM organizations LIMIT 1")
            .fetch_optional(self.database().reading())
            .await?;
        Ok(row.is_some())
    }

    /// A new organization, of which `owner` is the owner.
    pub async fn create_organization(
        &self,
        name: &str,
        owner: &UserId,
        by: &Actor,
        now: i64,
    ) -> Result<Organization, StoreError> {
        transaction!(self.database(), |tx| {
            may_join_one_more(&mut tx, owner, self.limits().organizations).await?;
            insert(&mut tx, name, owner, by, now).await?
        })
    }

    /// Names it anew.
    pub async fn rename_organization(
        &self,
        organization: &OrganizationId,
        name: &str,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        let name = line("the name", name, NAME_LIMIT)?;
        transaction!(self.database(), |tx| {
            let changed = sqlx::query("UPDATE organizations SET name = $2 WHERE id = $1")
                .bind(organization.as_str())
                .bind(name)
                .execute(tx.on())
                .await?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::NotFound("organization"));
            }
            let details = json!({ "name": name });
            record(
                &mut tx,
                organization,
                by,
                "organization.renamed",
                organization.as_str(),
                &details,
                now,
            )
            .await?;
            tx.wake(WakeKey::Organization(organization.clone()));
        })
    }

    /// The organizations somebody is in, by name.
    pub async fn memberships(&self, user: &UserId) -> Result<Vec<Membership>, StoreError> {
        sqlx::query(
            "SELECT organizations.id, organizations.name, organizations.created, memberships.role FROM memberships \
             JOIN organizations ON organizations.id = memberships.organization \
             WHERE memberships.person = $1 ORDER BY lower(organizations.name), organizations.id",
        )
        .bind(user.as_str())
        .fetch_all(self.database().reading())
        .await?
        .iter()
        .map(membership)
        .collect()
    }

    /// What somebody is in an organization; none when they are not in it, or there is none.
    pub async fn membership(
        &self,
        organization: &OrganizationId,
        user: &UserId,
    ) -> Result<Option<Membership>, StoreError> {
        sqlx::query(
            "SELECT organizations.id, organizations.name, organizations.created, memberships.role FROM memberships \
             JOIN organizations ON organizations.id = memberships.organization \
             WHERE memberships.organization = $1 AND memberships.person = $2",
        )
        .bind(organization.as_str())
        .bind(user.as_str())
        .fetch_optional(self.database().reading())
        .await?
        .map(|row| membership(&row))
        .transpose()
    }
}

fn membership(row: &AnyRow) -> Result<Membership, StoreError> {
    Ok(Membership {
        organization: Organization {
            id: row.id("id")?,
            name: row.text("name")?,
            created: row.number("created")?,
        },
        role: row.word("role", Role::parse)?,
    })
}

/// Makes an organization and its first owner.
pub(crate) async fn insert(
    tx: &mut Tx,
    name: &str,
    owner: &UserId,
    by: &Actor,
    now: i64,
) -> Result<Organization, StoreError> {
    let name = line("the name", name, NAME_LIMIT)?;
    let id = OrganizationId::random();
    sqlx::query("INSERT INTO organizations (id, name, created, audited) VALUES ($1, $2, $3, 0)")
        .bind(id.as_str())
        .bind(name)
        .bind(now)
        .execute(tx.on())
        .await?;
    sqlx::query("INSERT INTO log_sizes (organization, bytes) VALUES ($1, 0)")
        .bind(id.as_str())
        .execute(tx.on())
        .await?;
    join(tx, &id, owner, Role::Owner, now).await?;
    record(
        tx,
        &id,
        by,
        "organization.created",
        id.as_str(),
        &json!({ "name": name }),
        now,
    )
    .await?;
    Ok(Organization {
        id,
        name: name.to_owned(),
        created: now,
    })
}

/// Puts somebody into an organization. Who is in it already stays what they are, and that is said.
pub(crate) async fn join(
    tx: &mut Tx,
    organization: &OrganizationId,
    user: &UserId,
    role: Role,
    now: i64,
) -> Result<(), StoreError> {
    let joined = sqlx::query(
        "INSERT INTO memberships (organization, person, role, since) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (organization, person) DO NOTHING",
    )
    .bind(organization.as_str())
    .bind(user.as_str())
    .bind(role.as_str())
    .bind(now)
    .execute(tx.on())
    .await?;
    if joined.rows_affected() == 0 {
        return Err(StoreError::Conflict("you are in this organization already"));
    }
    tx.wake(WakeKey::User(user.clone()));
    tx.wake(WakeKey::Organization(organization.clone()));
    Ok(())
}

/// Refuses somebody who is in as many organizations as one can be.
pub(crate) async fn may_join_one_more(tx: &mut Tx, user: &UserId, limit: u64) -> Result<(), StoreError> {
    let there = sqlx::query("SELECT COUNT(*) AS there FROM memberships WHERE person = $1")
        .bind(user.as_str())
        .fetch_one(tx.on())
        .await?
        .count("there")?;
    one_more(Quota::Organizations, there, limit, None).map_err(StoreError::Quota)
}

/// Holds an organization's row until the transaction is over, so that what is counted in it stays so.
pub(crate) async fn hold(tx: &mut Tx, organization: &OrganizationId) -> Result<(), StoreError> {
    let statement = tx
        .database()
        .locking("SELECT id FROM organizations WHERE id = $1");
    sqlx::query(statement)
        .bind(organization.as_str())
        .fetch_optional(tx.on())
        .await?
        .map(|_| ())
        .ok_or(StoreError::NotFound("organization"))
}
