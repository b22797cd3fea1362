//! The link by which the first owner comes: it works once.

use crate::database::transaction;
use crate::{Actor, NewUser, Role, SecretHash, Store, StoreError, Welcomed, organizations, users};

impl Store {
    /// Keeps the hash of a link's secret. Those before are void.
    pub async fn mint_owner_link(
        &self,
        secret: &SecretHash,
        expires: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        transaction!(self.database(), |tx| {
            sqlx::query("DELETE FROM owner_links").execute(tx.on()).await?;
            sqlx::query("INSERT INTO owner_links (secret, created, expires) VALUES ($1, $2, $3)")
                .bind(secret.as_str())
                .bind(now)
                .bind(expires)
                .execute(tx.on())
                .await?;
        })
    }

    /// Whether a link still works.
    pub async fn owner_link_works(&self, secret: &SecretHash, now: i64) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 AS there FROM owner_links WHERE secret = $1 AND expires > $2")
            .bind(secret.as_str())
            .bind(now)
            .fetch_optional(self.database().reading())
            .await?;
        Ok(row.is_some())
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
        transaction!(self.database(), |tx| {
            let gone = sqlx::query("DELETE FROM owner_links WHERE secret = $1 AND expires > $2")
                .bind(secret.as_str())
                .bind(now)
                .execute(tx.on())
                .await?;
            if gone.rows_affected() == 0 {
                return Err(StoreError::NotFound("link"));
            }
            let person = users::insert(&mut tx, user, &user.email, now).await?;
            let by = Actor::user(&person, &user.name);
            let organization = organizations::insert(&mut tx, organization_name, &person, &by, now).await?;
            Welcomed {
                user: person,
                organization: organization.id,
                role: Role::Owner,
            }
        })
    }
}
