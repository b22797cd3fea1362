//! Desktops that are paired.

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::{PairingStatus, Policy};

use crate::audit::record;
use crate::database::{Tx, transaction};
use crate::error::line;
use crate::proven::hold;
use crate::rows::{Columns, damaged};
use crate::rules::quotas::{Quota, one_more};
use crate::{
    Actor, DeviceId, OrganizationId, PairingId, Proven, Role, SecretHash, Store, StoreError, UserId,
    Visibility, WakeKey, organizations,
};

/// The longest label of a desktop, in bytes.
pub const LABEL_LIMIT: usize = 200;

/// A desktop that is new: what was entered, with the token's hash alone.
#[derive(Clone, Debug)]
pub struct NewPairing {
    /// The pairing.
    pub id: PairingId,
    /// The device.
    pub device: DeviceId,
    /// What it is called.
    pub label: String,
    /// The token's hash.
    pub token: SecretHash,
    /// Who sees it.
    pub visibility: Visibility,
}

/// A paired desktop.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairing {
    /// The pairing.
    pub id: PairingId,
    /// Where it belongs.
    pub organization: OrganizationId,
    /// The device.
    pub device: DeviceId,
    /// Who paired it.
    pub owner: UserId,
    /// What they are called.
    pub owner_name: String,
    /// What it is called.
    pub label: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// How it stands, as it said last; none before it came the first time.
    pub status: Option<PairingStatus>,
    /// What it lets in and out, as it said last.
    pub policy: Option<Policy>,
    /// The kinds of commands it knows, as it said last.
    pub commands: Vec<String>,
    /// What it knows beyond the published protocol, as it said last.
    pub extensions: Vec<Extension>,
    /// The payload of its last `status` event ([`DesktopStatus`](cowork_pairing_protocol::session::DesktopStatus)).
    pub desktop: Option<Value>,
    /// The last command it said it had handled.
    pub last_command_sequence: i64,
    /// All its events up to this sequence are kept.
    pub through: i64,
    /// Events beyond a gap came: it is about to send what is between.
    pub has_a_gap: bool,
    /// Since when, in milliseconds since the epoch.
    pub created: i64,
    /// When it was here last, to [`SEEN_EVERY`].
    pub last_seen: Option<i64>,
    /// When it ended.
    pub revoked: Option<i64>,
}

/// A paired desktop, and what somebody is where it belongs.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenPairing {
    /// The desktop.
    pub pairing: Pairing,
    /// Where it belongs.
    pub organization_name: String,
    /// What they are there.
    pub role: Role,
}

/// What is to be different. What is none stays.
#[derive(Clone, Debug, Default)]
pub struct PairingChange {
    /// What it is called.
    pub label: Option<String>,
    /// Who sees it.
    pub visibility: Option<Visibility>,
}

const COLUMNS: &str = "pairings.id, pairings.organization, pairings.device, pairings.owner, people.name AS owner_name, \
    pairings.label, pairings.visibility, pairings.status, pairings.policy, pairings.commands, pairings.extensions, \
    pairings.handled, pairings.through, pairings.runs, pairings.created, pairings.last_seen, pairings.revoked, \
    desktops.payload AS desktop";
const FROM: &str = "FROM pairings JOIN people ON people.id = pairings.owner \
    LEFT JOIN desktops ON desktops.pairing = pairings.id";
/// What somebody sees, `$1`: what they paired themselves where they still are, and what their organizations are shown.
const SEEN: &str = "JOIN memberships ON memberships.organization = pairings.organization AND memberships.person = $1 \
    JOIN organizations ON organizations.id = pairings.organization \
    WHERE pairings.revoked IS NULL AND (pairings.owner = $1 OR pairings.visibility = 'organization')";

impl Store {
    /// Pairs a desktop.
    pub async fn enrol(
        &self,
        organization: &OrganizationId,
        owner: &UserId,
        pairing: &NewPairing,
        by: &Actor,
        now: i64,
    ) -> Result<Pairing, StoreError> {
        let label = line("the label", &pairing.label, LABEL_LIMIT)?;
        transaction!(self.database(), |tx| {
            organizations::hold(&mut tx, organization).await?;
            let member =
                sqlx::query("SELECT 1 AS there FROM memberships WHERE organization = $1 AND person = $2")
                    .bind(organization.as_str())
                    .bind(owner.as_str())
                    .fetch_optional(tx.on())
                    .await?;
            member.ok_or(StoreError::NotFound("member"))?;
            let there = sqlx::query(
                "SELECT COUNT(*) AS there FROM pairings WHERE organization = $1 AND revoked IS NULL",
            )
            .bind(organization.as_str())
            .fetch_one(tx.on())
            .await?
            .count("there")?;
            one_more(Quota::Desktops, there, self.limits().desktops, None).map_err(StoreError::Quota)?;
            let inserted = sqlx::query(
                "INSERT INTO pairings (id, organization, device, owner, label, visibility, token, commands, \
                 extensions, handled, commanded, position, through, runs, created) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', '[]', 0, 0, 0, 0, '', $8) ON CONFLICT (id) DO NOTHING",
            )
            .bind(pairing.id.as_str())
            .bind(organization.as_str())
            .bind(pairing.device.as_str())
            .bind(owner.as_str())
            .bind(label)
            .bind(pairing.visibility.as_str())
            .bind(pairing.token.as_str())
            .bind(now)
            .execute(tx.on())
            .await?;
            if inserted.rows_affected() == 0 {
                return Err(StoreError::Conflict(
                    "this desktop is paired already; make a new pairing on it",
                ));
            }
            let details = json!({ "label": label, "visibility": pairing.visibility, "owner": owner });
            record(
                &mut tx,
                organization,
                by,
                "pairing.created",
                pairing.id.as_str(),
                &details,
                now,
            )
            .await?;
            tx.wake(WakeKey::Organization(organization.clone()));
            tx.wake(WakeKey::User(owner.clone()));
            let statement =
                format!("SELECT {COLUMNS} {FROM} WHERE pairings.organization = $1 AND pairings.id = $2");
            let row = sqlx::query(AssertSqlSafe(statement))
                .bind(organization.as_str())
                .bind(pairing.id.as_str())
                .fetch_one(tx.on())
                .await?;
            self::pairing(&row)?
        })
    }

    /// The desktops of an organization that are not over, by label.
    pub async fn pairings(&self, organization: &OrganizationId) -> Result<Vec<Pairing>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} {FROM} WHERE pairings.organization = $1 AND pairings.revoked IS NULL \
             ORDER BY lower(pairings.label), pairings.id"
        );
        let rows = sqlx::query(AssertSqlSafe(statement))
            .bind(organization.as_str())
            .fetch_all(self.database().reading())
            .await?;
        rows.iter().map(pairing).collect()
    }

    /// One of them; also one that is over.
    pub async fn pairing(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
    ) -> Result<Option<Pairing>, StoreError> {
        let statement =
            format!("SELECT {COLUMNS} {FROM} WHERE pairings.organization = $1 AND pairings.id = $2");
        let row = sqlx::query(AssertSqlSafe(statement))
            .bind(organization.as_str())
            .bind(pairing.as_str())
            .fetch_optional(self.database().reading())
            .await?;
        row.map(|row| self::pairing(&row)).transpose()
    }

    /// The desktops somebody sees, over all their organizations, by label: their own and those that an organization is
    /// shown.
    pub async fn pairings_seen_by(&self, user: &UserId) -> Result<Vec<SeenPairing>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS}, organizations.name AS organization_name, memberships.role {FROM} {SEEN} \
             ORDER BY lower(pairings.label), pairings.id"
        );
        let rows = sqlx::query(AssertSqlSafe(statement))
            .bind(user.as_str())
            .fetch_all(self.database().reading())
            .await?;
        rows.iter().map(seen).collect()
    }

    /// One of them; none when they do not see it.
    pub async fn pairing_seen_by(
        &self,
        user: &UserId,
        pairing: &PairingId,
    ) -> Result<Option<SeenPairing>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS}, organizations.name AS organization_name, memberships.role {FROM} {SEEN} \
             AND pairings.id = $2"
        );
        let row = sqlx::query(AssertSqlSafe(statement))
            .bind(user.as_str())
            .bind(pairing.as_str())
            .fetch_optional(self.database().reading())
            .await?;
        row.map(|row| seen(&row)).transpose()
    }

    /// Changes what it is called or who sees it.
    pub async fn change_pairing(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        change: &PairingChange,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        let label = change
            .label
            .as_deref()
            .map(|label| line("the label", label, LABEL_LIMIT))
            .transpose()?;
        transaction!(self.database(), |tx| {
            let changed = sqlx::query(
                "UPDATE pairings SET label = COALESCE($3, label), visibility = COALESCE($4, visibility) \
                 WHERE organization = $1 AND id = $2 AND revoked IS NULL",
            )
            .bind(organization.as_str())
            .bind(pairing.as_str())
            .bind(label)
            .bind(change.visibility.map(Visibility::as_str))
            .execute(tx.on())
            .await?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::NotFound("desktop"));
            }
            let details = json!({ "label": label, "visibility": change.visibility });
            record(
                &mut tx,
                organization,
                by,
                "pairing.updated",
                pairing.as_str(),
                &details,
                now,
            )
            .await?;
            tx.wake(WakeKey::Pairing(pairing.clone()));
            tx.wake(WakeKey::Organization(organization.clone()));
        })
    }

    /// Another token. The one before works no more, also for what waits at this moment.
    pub async fn rotate_pairing_token(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        token: &SecretHash,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        transaction!(self.database(), |tx| {
            let changed = sqlx::query(
                "UPDATE pairings SET token = $3 WHERE organization = $1 AND id = $2 AND revoked IS NULL",
            )
            .bind(organization.as_str())
            .bind(pairing.as_str())
            .bind(token.as_str())
            .execute(tx.on())
            .await?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::NotFound("desktop"));
            }
            record(
                &mut tx,
                organization,
                by,
                "pairing.token_rotated",
                pairing.as_str(),
                &json!({}),
                now,
            )
            .await?;
            tx.wake(WakeKey::Pairing(pairing.clone()));
        })
    }

    /// Ends a pairing. What waits for it is cancelled, what it has becomes unknown. Once more changes nothing.
    pub async fn revoke_pairing(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        transaction!(self.database(), |tx| {
            end(&mut tx, organization, pairing, by, now).await?;
        })
    }

    /// The same, by the desktop itself.
    pub async fn revoke_by_desktop(&self, proven: &Proven, now: i64) -> Result<(), StoreError> {
        let by = Actor::desktop(proven);
        transaction!(self.database(), |tx| {
            match hold(&mut tx, proven).await {
                Ok(_) => end(&mut tx, &proven.organization, &proven.pairing, &by, now).await?,
                // It was over already when it proved itself, which is what it asks for.
                Err(StoreError::Revoked) if proven.revoked => {}
                Err(error) => return Err(error),
            }
        })
    }
}

/// Ends a pairing; one that is over stays as it is.
pub(crate) async fn end(
    tx: &mut Tx,
    organization: &OrganizationId,
    pairing: &PairingId,
    by: &Actor,
    now: i64,
) -> Result<(), StoreError> {
    let statement = tx
        .database()
        .locking("SELECT owner, revoked FROM pairings WHERE organization = $1 AND id = $2");
    let row = sqlx::query(statement)
        .bind(organization.as_str())
        .bind(pairing.as_str())
        .fetch_optional(tx.on())
        .await?
        .ok_or(StoreError::NotFound("desktop"))?;
    if row.maybe_number("revoked")?.is_some() {
        return Ok(());
    }
    sqlx::query("UPDATE pairings SET revoked = $3, status = 'revoked' WHERE organization = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(pairing.as_str())
        .bind(now)
        .execute(tx.on())
        .await?;
    sqlx::query(
        "UPDATE commands SET state = CASE WHEN attempts = 0 THEN 'cancelled' ELSE 'unknown' END, finished = $2 \
         WHERE pairing = $1 AND state IN ('queued', 'leased')",
    )
    .bind(pairing.as_str())
    .bind(now)
    .execute(tx.on())
    .await?;
    record(
        tx,
        organization,
        by,
        "pairing.revoked",
        pairing.as_str(),
        &json!({}),
        now,
    )
    .await?;
    for key in [WakeKey::Pairing, WakeKey::Commands, WakeKey::Answers] {
        tx.wake(key(pairing.clone()));
    }
    tx.wake(WakeKey::Organization(organization.clone()));
    tx.wake(WakeKey::User(row.id("owner")?));
    Ok(())
}

fn pairing(row: &AnyRow) -> Result<Pairing, StoreError> {
    let through = row.number("through")?;
    let status = row
        .maybe_text("status")?
        .map(|word| serde_json::from_value(Value::String(word)))
        .transpose();
    Ok(Pairing {
        id: row.id("id")?,
        organization: row.id("organization")?,
        device: row.id("device")?,
        owner: row.id("owner")?,
        owner_name: row.text("owner_name")?,
        label: row.text("label")?,
        visibility: row.word("visibility", Visibility::parse)?,
        status: status.map_err(|error| damaged("status", &error))?,
        policy: row
            .maybe_json("policy")?
            .map(serde_json::from_value)
            .transpose()
            .map_err(|error| damaged("policy", &error))?,
        commands: row.json("commands")?,
        extensions: row.json("extensions")?,
        desktop: row.maybe_json("desktop")?,
        last_command_sequence: row.number("handled")?,
        through,
        has_a_gap: !row.text("runs")?.is_empty(),
        created: row.number("created")?,
        last_seen: row.maybe_number("last_seen")?,
        revoked: row.maybe_number("revoked")?,
    })
}

fn seen(row: &AnyRow) -> Result<SeenPairing, StoreError> {
    Ok(SeenPairing {
        pairing: pairing(row)?,
        organization_name: row.text("organization_name")?,
        role: row.word("role", Role::parse)?,
    })
}
