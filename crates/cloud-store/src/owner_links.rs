//! The link by which the first owner comes: it works once.

use crate::database::{Tx, transaction};
use crate::{Actor, NewUser, Role, SecretHash, Store, StoreError, Welcomed, organizations, users};

/// Links that wait for the first owner at once: the processes of a server, and their last starts.
const FIRST_LINKS: i64 = 10;

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
            keep(&mut tx, secret, expires, now).await?;
        })
    }

    /// The same, beside those before: of several processes that start before there is an owner each prints one, and nobody
    /// knows which of them is read.
    pub async fn mint_first_owner_link(
        &self,
        secret: &SecretHash,
        expires: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        transaction!(self.database(), |tx| {
            sqlx::query(
                "DELETE FROM owner_links WHERE secret NOT IN \
                 (SELECT secret FROM owner_links ORDER BY created DESC LIMIT $1)",
            )
            .bind(FIRST_LINKS - 1)
            .execute(tx.on())
            .await?;
            keep(&mut tx, secret, expires, now).await?;
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

    /// Makes a person and an organization of which they are the owner, and voids the link, with those beside it.
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
            sqlx::query("DELETE FROM owner_links").execute(tx.on()).await?;
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

async fn keep(tx: &mut Tx, secret: &SecretHash, expires: i64, now: i64) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO owner_links (secret, created, expires) VALUES ($1, $2, $3)")
        .bind(secret.as_str())
        .bind(now)
        .bind(expires)
        .execute(tx.on())
        .await?;
    Ok(())
}
