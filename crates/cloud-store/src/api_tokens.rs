//! Tokens for programs, in the name of a person in an organization.

use crate::{Actor, ApiTokenId, OrganizationId, Role, Scope, SecretHash, Store, StoreError, UserId};

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

impl Store {
    /// Makes a token.
    pub async fn create_api_token(
        &self,
        organization: &OrganizationId,
        token: &NewApiToken,
        by: &Actor,
        now: i64,
    ) -> Result<ApiToken, StoreError> {
        todo!()
    }

    /// The token with that secret, when it works and its person still is in its organization. Notes, once in a minute
    /// at most, that it was used.
    pub async fn api_token_by_secret(
        &self,
        secret: &SecretHash,
        now: i64,
    ) -> Result<Option<TokenStanding>, StoreError> {
        todo!()
    }

    /// Tokens that work, of one person or of everybody, newest first.
    pub async fn api_tokens(
        &self,
        organization: &OrganizationId,
        user: Option<&UserId>,
        now: i64,
    ) -> Result<Vec<ApiToken>, StoreError> {
        todo!()
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
        todo!()
    }
}
