//! Tokens for programs, in the name of a person in an organization.

use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use crate::audit::record;
use crate::database::transaction;
use crate::error::line;
use crate::organizations::hold;
use crate::rows::Columns;
use crate::rules::quotas::{Quota, one_more};
use crate::sign_ins::{SEEN_EVERY, was_noted};
use crate::{Actor, ApiTokenId, OrganizationId, Role, Scope, SecretHash, Store, StoreError, UserId, WakeKey};

/// A token. What is in it nobody knows any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Where it works.
    pub organization: OrganizationId,
    /// In whose name.
    pub user: UserId,
    /// What they are called.
    pub user_name: String,
    /// What it is for, in a person's words.
    pub label: String,
    /// What it may.
    pub scopes: Vec<Scope>,
    /// Since when, in milliseconds since the epoch.
    pub created: i64,
    /// Until when, in milliseconds since the epoch.
    pub expires: i64,
    /// When it was used last, to the minute.
    pub last_used: Option<i64>,
}

/// A token that is new.
#[derive(Clone, Debug)]
pub struct NewApiToken {
    /// In whose name.
    pub user: UserId,
    /// What it is for.
    pub label: String,
    /// The hash of it.
    pub secret: SecretHash,
    /// What it may: at least one.
    pub scopes: Vec<Scope>,
    /// Until when, in milliseconds since the epoch.
    pub expires: i64,
}

/// A token that works, with what its person is by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenStanding {
    /// The token.
    pub token: ApiToken,
    /// What its person is in its organization.
    pub role: Role,
}

const COLUMNS: &str = "api_tokens.id, api_tokens.organization, api_tokens.person, people.name, label, scopes, \
    api_tokens.created, api_tokens.expires, last_used, memberships.role";
const FROM: &str = "FROM api_tokens JOIN people ON people.id = api_tokens.person \
    JOIN memberships ON memberships.organization = api_tokens.organization \
    AND memberships.person = api_tokens.person";
/// The longest label, in bytes.
const LABEL_LIMIT: usize = 200;

impl Store {
    /// Makes a token.
    pub async fn create_api_token(
        &self,
        organization: &OrganizationId,
        token: &NewApiToken,
        by: &Actor,
        now: i64,
    ) -> Result<ApiToken, StoreError> {
        let label = line("the label", &token.label, LABEL_LIMIT)?;
        if token.scopes.is_empty() {
            return Err(StoreError::Invalid {
                what: "the scopes",
                why: "are empty".to_owned(),
            });
        }
        let scopes = token
            .scopes
            .iter()
            .map(|scope| scope.as_str())
            .collect::<Vec<_>>()
            .join(",");
        let id = ApiTokenId::random();
        transaction!(self.database(), |tx| {
            hold(&mut tx, organization).await?;
            let person = sqlx::query(
                "SELECT people.name FROM memberships JOIN people ON people.id = memberships.person \
                 WHERE memberships.organization = $1 AND memberships.person = $2",
            )
            .bind(organization.as_str())
            .bind(token.user.as_str())
            .fetch_optional(tx.on())
            .await?
            .ok_or(StoreError::NotFound("member"))?;
            let there = sqlx::query(
                "SELECT COUNT(*) AS there FROM api_tokens WHERE organization = $1 AND person = $2 AND expires > $3",
            )
            .bind(organization.as_str())
            .bind(token.user.as_str())
            .bind(now)
            .fetch_one(tx.on())
            .await?
            .count("there")?;
            one_more(Quota::ApiTokens, there, self.limits().api_tokens, None).map_err(StoreError::Quota)?;
            sqlx::query(
                "INSERT INTO api_tokens (id, secret, organization, person, label, scopes, created, expires) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(id.as_str())
            .bind(token.secret.as_str())
            .bind(organization.as_str())
            .bind(token.user.as_str())
            .bind(label)
            .bind(scopes.as_str())
            .bind(now)
            .bind(token.expires)
            .execute(tx.on())
            .await?;
            let details = json!({ "label": label, "scopes": token.scopes, "expires": token.expires });
            record(
                &mut tx,
                organization,
                by,
                "token.created",
                id.as_str(),
                &details,
                now,
            )
            .await?;
            ApiToken {
                id: id.clone(),
                organization: organization.clone(),
                user: token.user.clone(),
                user_name: person.text("name")?,
                label: label.to_owned(),
                scopes: token.scopes.clone(),
                created: now,
                expires: token.expires,
                last_used: None,
            }
        })
    }

    /// The token with that secret, when it works and its person still is in its organization. Notes, once in a minute
    /// at most, that it was used.
    pub async fn api_token_by_secret(
        &self,
        secret: &SecretHash,
        now: i64,
    ) -> Result<Option<TokenStanding>, StoreError> {
        let statement =
            format!("SELECT {COLUMNS} {FROM} WHERE api_tokens.secret = $1 AND api_tokens.expires > $2");
        let found = sqlx::query(AssertSqlSafe(statement))
            .bind(secret.as_str())
            .bind(now)
            .fetch_optional(self.database().reading())
            .await?;
        let Some(row) = found else { return Ok(None) };
        let mut token = token(&row)?;
        if token
            .last_used
            .is_none_or(|used| now >= used.saturating_add(SEEN_EVERY))
        {
            let noted =
                sqlx::query("UPDATE api_tokens SET last_used = $3 WHERE organization = $1 AND id = $2")
                    .bind(token.organization.as_str())
                    .bind(token.id.as_str())
                    .bind(now)
                    .execute(self.database().writing())
                    .await;
            if was_noted(&noted) {
                token.last_used = Some(now);
            }
        }
        Ok(Some(TokenStanding {
            role: row.word("role", Role::parse)?,
            token,
        }))
    }

    /// Tokens that work, of one person or of everybody, newest first.
    pub async fn api_tokens(
        &self,
        organization: &OrganizationId,
        user: Option<&UserId>,
        now: i64,
    ) -> Result<Vec<ApiToken>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} {FROM} WHERE api_tokens.organization = $1 AND api_tokens.expires > $2 \
             AND ($3 = '' OR api_tokens.person = $3) ORDER BY api_tokens.created DESC, api_tokens.id"
        );
        sqlx::query(AssertSqlSafe(statement))
            .bind(organization.as_str())
            .bind(now)
            .bind(user.map_or("", UserId::as_str))
            .fetch_all(self.database().reading())
            .await?
            .iter()
            .map(token)
            .collect()
    }

    /// Takes one back; with `user`, only when it is theirs.
    pub async fn revoke_api_token(
        &self,
        organization: &OrganizationId,
        token: &ApiTokenId,
        user: Option<&UserId>,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        transaction!(self.database(), |tx| {
            let person: UserId = sqlx::query(
                "DELETE FROM api_tokens WHERE organization = $1 AND id = $2 AND ($3 = '' OR person = $3) \
                 RETURNING person",
            )
            .bind(organization.as_str())
            .bind(token.as_str())
            .bind(user.map_or("", UserId::as_str))
            .fetch_optional(tx.on())
            .await?
            .ok_or(StoreError::NotFound("token"))?
            .id("person")?;
            record(
                &mut tx,
                organization,
                by,
                "token.revoked",
                token.as_str(),
                &json!({}),
                now,
            )
            .await?;
            tx.wake(WakeKey::User(person));
        })
    }
}

fn token(row: &AnyRow) -> Result<ApiToken, StoreError> {
    // A scope that this version does not know gives nothing.
    let scopes = row.text("scopes")?.split(',').filter_map(Scope::parse).collect();
    Ok(ApiToken {
        id: row.id("id")?,
        organization: row.id("organization")?,
        user: row.id("person")?,
        user_name: row.text("name")?,
        label: row.text("label")?,
        scopes,
        created: row.number("created")?,
        expires: row.number("expires")?,
        last_used: row.maybe_number("last_used")?,
    })
}
