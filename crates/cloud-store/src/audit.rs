//! What was done in an organization, by whom. Rows are written with what they tell of, and never changed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::rules::words::word;
use crate::{OrganizationId, Store, StoreError};

word! {
    /// What somebody is.
    ActorKind {
        /// A person in a browser.
        User = "user",
        /// A program with a person's token.
        Token = "token",
        /// A desktop.
        Desktop = "desktop",
        /// Whoever runs the server.
        Operator = "operator",
        /// The server itself.
        Server = "server",
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What they are.
    pub kind: ActorKind,
    /// Their id: a person's, a token's, a pairing's; empty for an operator and the server.
    pub id: String,
    /// What they are called, as a later reader knows them who may find no row with the id any more.
    pub label: String,
}

impl Actor {
    /// The server itself.
    #[must_use]
    pub fn server() -> Self {
        Self {
            kind: ActorKind::Server,
            id: String::new(),
            label: String::new(),
        }
    }

    /// A person.
    #[must_use]
    pub fn user(id: &crate::UserId, label: &str) -> Self {
        Self {
            kind: ActorKind::User,
            id: id.to_string(),
            label: label.to_owned(),
        }
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    /// Grows from row to row of the organization.
    pub number: i64,
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// Who.
    pub actor: Actor,
    /// What, in words as `pairing.created`.
    pub action: String,
    /// The id of what it was done to.
    pub about: String,
    /// What else there is to know. Never a secret.
    pub details: Value,
}

/// Some rows, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditPage {
    /// The rows.
    pub rows: Vec<AuditRow>,
    /// Where the next page begins; none when this is the last.
    pub older: Option<i64>,
}

/// The longest action.
pub const ACTION_LIMIT: usize = 64;
/// The longest details as JSON, in bytes.
pub const DETAILS_LIMIT: usize = 4 * 1024;

impl Store {
    /// Writes a row of something that no other call tells of: a sign-in, an export.
    pub async fn write_audit(
        &self,
        organization: &OrganizationId,
        by: &Actor,
        action: &str,
        about: &str,
        details: &Value,
        now: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Rows older than `before` (none: the newest), newest first, at most `limit` (200).
    pub async fn audit(
        &self,
        organization: &OrganizationId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        todo!()
    }
}
