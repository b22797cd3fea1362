//! What was done in an organization, by whom. Rows are written with what they tell of, and never changed.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::database::{Tx, transaction};
use crate::error::bounded;
use crate::rows::{Columns, written};
use crate::rules::words::word;
use crate::{ID_LIMIT, OrganizationId, Store, StoreError, UserId};

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

    /// A desktop.
    pub(crate) fn desktop(proven: &crate::Proven) -> Self {
        Self {
            kind: ActorKind::Desktop,
            id: proven.pairing.to_string(),
            label: proven.label.clone(),
        }
    }

    /// A person.
    #[must_use]
    pub fn user(id: &UserId, label: &str) -> Self {
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
const ACTION_LIMIT: usize = 64;
/// The longest details as JSON, in bytes.
const DETAILS_LIMIT: usize = 4 * 1024;

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
        transaction!(self.database(), |tx| {
            record(&mut tx, organization, by, action, about, details, now).await?;
        })
    }

    /// Rows older than `before` (none: the newest), newest first, at most `limit` (200).
    pub async fn audit(
        &self,
        organization: &OrganizationId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        let limit = limit.clamp(1, PAGE_LIMIT) as usize;
        let rows = sqlx::query(
            "SELECT number, at, actor_kind, actor, actor_label, action, about, details FROM audit \
             WHERE organization = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
        )
        .bind(organization.as_str())
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::try_from(limit + 1).unwrap_or(i64::MAX))
        .fetch_all(self.database().reading())
        .await?;
        let older = rows.len() > limit;
        let rows = rows.iter().take(limit).map(row).collect::<Result<Vec<_>, _>>()?;
        Ok(AuditPage {
            older: rows.last().filter(|_| older).map(|row| row.number),
            rows,
        })
    }
}

/// The most rows of a page.
const PAGE_LIMIT: u32 = 200;

fn row(row: &AnyRow) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        number: row.number("number")?,
        at: row.number("at")?,
        actor: Actor {
            kind: row.word("actor_kind", ActorKind::parse)?,
            id: row.text("actor")?,
            label: row.text("actor_label")?,
        },
        action: row.text("action")?,
        about: row.text("about")?,
        details: row.json("details")?,
    })
}

/// Writes a row in the transaction of what it tells of. It holds the organization's row from then on, so it comes last.
pub(crate) async fn record(
    tx: &mut Tx,
    organization: &OrganizationId,
    by: &Actor,
    action: &str,
    about: &str,
    details: &Value,
    now: i64,
) -> Result<(), StoreError> {
    let details = written(details)?;
    bounded("the action", action, ACTION_LIMIT)?;
    bounded("what it is about", about, ID_LIMIT)?;
    bounded("the details", &details, DETAILS_LIMIT)?;
    let number =
        sqlx::query("UPDATE organizations SET audited = audited + 1 WHERE id = $1 RETURNING audited")
            .bind(organization.as_str())
            .fetch_optional(tx.on())
            .await?
            .ok_or(StoreError::NotFound("organization"))?
            .number("audited")?;
    sqlx::query(
        "INSERT INTO audit (organization, number, at, actor_kind, actor, actor_label, action, about, details) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(organization.as_str())
    .bind(number)
    .bind(now)
    .bind(by.kind.as_str())
    .bind(by.id.as_str())
    .bind(by.label.as_str())
    .bind(action)
    .bind(about)
    .bind(details)
    .execute(tx.on())
    .await?;
    Ok(())
}

/// Writes what became of somebody's account, in each organization they are in: it is theirs to know what their members'
/// accounts go through. Always in the same order, so that no two wait for each other.
pub(crate) async fn record_everywhere(
    tx: &mut Tx,
    user: &UserId,
    by: &Actor,
    action: &str,
    now: i64,
) -> Result<(), StoreError> {
    let organizations =
        sqlx::query("SELECT organization FROM memberships WHERE person = $1 ORDER BY organization")
            .bind(user.as_str())
            .fetch_all(tx.on())
            .await?;
    for row in organizations {
        let organization = row.id("organization")?;
        record(tx, &organization, by, action, user.as_str(), &Value::Null, now).await?;
    }
    Ok(())
}
