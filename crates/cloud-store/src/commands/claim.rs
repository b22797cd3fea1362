//! Giving commands out.

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use cowork_pairing_protocol::extension::Extension;

use super::{COLUMNS, becomes, command, record_timeout, standing};
use crate::database::{Tx, transaction};
use crate::presence::{SEEN_EVERY, is_back};
use crate::rows::{Columns, written};
use crate::rules::claims::{Candidate, Decision, LEAST_LEASE, LONGEST_LEASE, Wish, choose};
use crate::rules::commands::GRACE;
use crate::{
    ClaimRequest, Claimed, CommandId, CommandState, GivenCommand, LeaseToken, Proven, Store, StoreError,
    WakeKey,
};

impl Store {
    /// Commands for a desktop, each under a lease of its own. It does not wait: subscribe to
    /// [`WakeKey::Commands`](crate::WakeKey::Commands) before, and claim again when that wakes.
    pub async fn claim(
        &self,
        proven: &Proven,
        request: &ClaimRequest,
        now: i64,
    ) -> Result<Claimed, StoreError> {
        // Most claims find nothing, and then nothing is written.
        let row = sqlx::query(
            "SELECT policy, commands, extensions, last_seen, CASE WHEN EXISTS (SELECT 1 FROM commands \
             WHERE pairing = $1 AND state IN ('queued', 'leased')) THEN 1 ELSE 0 END AS waiting FROM pairings \
             WHERE id = $1 AND organization = $2 AND token = $3 AND revoked IS NULL",
        )
        .bind(proven.pairing.as_str())
        .bind(proven.organization.as_str())
        .bind(proven.token.as_str())
        .fetch_optional(self.database().reading())
        .await?
        .ok_or(StoreError::Revoked)?;
        let announced = Announced::of(request)?;
        let last_seen = row.maybe_number("last_seen")?;
        let same = announced.is(&row)?;
        if !same || last_seen.is_none_or(|seen| now >= seen.saturating_add(SEEN_EVERY)) {
            let tell = !same || is_back(last_seen, now);
            transaction!(self.database(), |tx| {
                announced.keep(&mut tx, proven, tell, now).await?;
            })?;
        }
        if row.number("waiting")? == 0 {
            return Ok(Claimed::default());
        }
        transaction!(self.database(), |tx| {
            give(&mut tx, proven, request, now).await?
        })
    }
}

/// What a desktop says of itself with each claim, as it is stored.
struct Announced {
    policy: String,
    commands: String,
    extensions: String,
}

/// The most words of a list that are stored: there are eight kinds, and three extensions.
const WORDS_LIMIT: usize = 32;

impl Announced {
    fn of(request: &ClaimRequest) -> Result<Self, StoreError> {
        let kinds: Vec<_> = request
            .kinds
            .iter()
            .filter(|kind| kind.len() <= 64)
            .take(WORDS_LIMIT)
            .collect();
        let extensions: Vec<_> = request.extensions.iter().take(WORDS_LIMIT).collect();
        Ok(Self {
            policy: written(&request.policy)?,
            commands: written(&kinds)?,
            extensions: written(&extensions)?,
        })
    }

    fn is(&self, row: &AnyRow) -> Result<bool, StoreError> {
        Ok(row.maybe_text("policy")?.as_deref() == Some(self.policy.as_str())
            && row.text("commands")? == self.commands
            && row.text("extensions")? == self.extensions)
    }

    async fn keep(&self, tx: &mut Tx, proven: &Proven, tell: bool, now: i64) -> Result<(), StoreError> {
        let kept = sqlx::query(
            "UPDATE pairings SET policy = $4, commands = $5, extensions = $6, last_seen = $7 \
             WHERE id = $1 AND organization = $2 AND token = $3 AND revoked IS NULL",
        )
        .bind(proven.pairing.as_str())
        .bind(proven.organization.as_str())
        .bind(proven.token.as_str())
        .bind(self.policy.as_str())
        .bind(self.commands.as_str())
        .bind(self.extensions.as_str())
        .bind(now)
        .execute(tx.on())
        .await?;
        if kept.rows_affected() == 0 {
            return Err(StoreError::Revoked);
        }
        if tell {
            tx.wake(WakeKey::Pairing(proven.pairing.clone()));
        }
        Ok(())
    }
}

async fn give(tx: &mut Tx, proven: &Proven, request: &ClaimRequest, now: i64) -> Result<Claimed, StoreError> {
    // The pairing's row is not held: whoever ends it at this moment finds the commands that are given here leased.
    let still = sqlx::query(
        "SELECT 1 AS there FROM pairings WHERE id = $1 AND organization = $2 AND token = $3 AND revoked IS NULL",
    )
    .bind(proven.pairing.as_str())
    .bind(proven.organization.as_str())
    .bind(proven.token.as_str())
    .fetch_optional(tx.on())
    .await?;
    still.ok_or(StoreError::Revoked)?;
    let statement = tx.database().locking_free(
        "SELECT id, sequence, kind, workspace, state, leased_until, redelivery, attempts, deadline FROM commands \
         WHERE pairing = $1 AND state IN ('queued', 'leased') ORDER BY sequence LIMIT 500",
    );
    let rows = sqlx::query(statement)
        .bind(proven.pairing.as_str())
        .fetch_all(tx.on())
        .await?;
    let candidates = rows.iter().map(candidate).collect::<Result<Vec<_>, _>>()?;
    let redelivery = request.extensions.contains(&Extension::Redelivery);
    let wish = Wish {
        after: request.after_sequence,
        limit: request.limit,
        kinds: &request.kinds,
        workspaces: &request.workspaces,
        redelivery,
        first: request.first,
    };
    let seconds = request.lease_seconds.clamp(LEAST_LEASE, LONGEST_LEASE);
    let until = now.saturating_add(i64::from(seconds) * 1000);
    let mut claimed = Claimed::default();
    let mut over = Vec::new();
    for ((row, candidate), decision) in rows.iter().zip(&candidates).zip(choose(&candidates, wish, now)) {
        let id: CommandId = row.id("id")?;
        let ends = match decision {
            Decision::Give => {
                claimed
                    .commands
                    .push(lease(tx, proven, &id, until, redelivery).await?);
                Some(until)
            }
            Decision::Becomes(state) => {
                becomes(tx, &proven.pairing, &id, state, now).await?;
                over.push((id, state));
                None
            }
            Decision::Leave => candidate.standing.held.map(|held| held.until),
        };
        if let Some(again) = ends.map(|ends| ends.saturating_add(GRACE + 1)) {
            claimed.look_again = Some(claimed.look_again.map_or(again, |before| before.min(again)));
        }
    }
    if !claimed.commands.is_empty() {
        tx.wake(WakeKey::Answers(proven.pairing.clone()));
    }
    for (id, state) in over {
        record_timeout(tx, &proven.organization, &proven.pairing, &id, state, now).await?;
    }
    Ok(claimed)
}

fn candidate(row: &AnyRow) -> Result<Candidate, StoreError> {
    Ok(Candidate {
        sequence: row.number("sequence")?,
        standing: standing(row)?,
        kind: row.text("kind")?,
        workspace: row.text("workspace")?,
    })
}

async fn lease(
    tx: &mut Tx,
    proven: &Proven,
    id: &CommandId,
    until: i64,
    redelivery: bool,
) -> Result<GivenCommand, StoreError> {
    let lease = LeaseToken::random();
    let statement = format!(
        "UPDATE commands SET state = $3, lease = $4, leased_until = $5, redelivery = $6, attempts = attempts + 1 \
         WHERE id = $1 AND pairing = $2 RETURNING {COLUMNS}"
    );
    let row = sqlx::query(AssertSqlSafe(statement))
        .bind(id.as_str())
        .bind(proven.pairing.as_str())
        .bind(CommandState::Leased.as_str())
        .bind(lease.as_str())
        .bind(until)
        .bind(i64::from(redelivery))
        .fetch_one(tx.on())
        .await?;
    Ok(GivenCommand {
        command: command(&row)?,
        lease,
        until,
    })
}
