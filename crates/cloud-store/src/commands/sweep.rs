//! What becomes of commands by time.

use super::{becomes, record_timeout, standing};
use crate::database::{Tx, transaction};
use crate::rows::Columns;
use crate::rules::commands::{GRACE, due};
use crate::{CommandId, CommandState, OrganizationId, PairingId, Store, StoreError, Swept};

/// Commands of one transaction.
const AT_ONCE: u64 = 200;

impl Store {
    /// Ends leases and deadlines that are over, in all organizations. Worth to be called each second, by any number of
    /// processes.
    pub async fn sweep_commands(&self, now: i64) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        loop {
            // Mostly there is nothing, and then nothing is written.
            let waits = sqlx::query(
                "SELECT 1 AS there FROM commands WHERE state = 'leased' AND leased_until < $1 \
                 UNION ALL SELECT 1 AS there FROM commands WHERE state = 'queued' AND deadline <= $2 LIMIT 1",
            )
            .bind(now.saturating_sub(GRACE))
            .bind(now)
            .fetch_optional(self.database().reading())
            .await?;
            if waits.is_none() {
                return Ok(swept);
            }
            let round = transaction!(self.database(), |tx| { sweep(&mut tx, now).await? })?;
            swept.queued += round.queued;
            swept.unknown += round.unknown;
            swept.expired += round.expired;
            // The rest is somebody else's at this moment.
            if round.queued + round.unknown + round.expired < AT_ONCE {
                return Ok(swept);
            }
        }
    }
}

async fn sweep(tx: &mut Tx, now: i64) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    let mut ended = Vec::new();
    let over = [
        (
            "SELECT id, pairing, state, leased_until, redelivery, attempts, deadline, \
             (SELECT organization FROM pairings WHERE pairings.id = commands.pairing) AS organization FROM commands \
             WHERE state = 'leased' AND leased_until < $1 ORDER BY leased_until LIMIT 200",
            now.saturating_sub(GRACE),
        ),
        (
            "SELECT id, pairing, state, leased_until, redelivery, attempts, deadline, \
             (SELECT organization FROM pairings WHERE pairings.id = commands.pairing) AS organization FROM commands \
             WHERE state = 'queued' AND deadline <= $1 ORDER BY deadline LIMIT 200",
            now,
        ),
    ];
    for (statement, before) in over {
        let statement = tx.database().locking_free(statement);
        for row in sqlx::query(statement).bind(before).fetch_all(tx.on()).await? {
            let Some(state) = due(standing(&row)?, now) else {
                continue;
            };
            let (pairing, command): (PairingId, CommandId) = (row.id("pairing")?, row.id("id")?);
            becomes(tx, &pairing, &command, state, now).await?;
            ended.push((row.id::<OrganizationId>("organization")?, pairing, command, state));
            match state {
                CommandState::Queued => swept.queued += 1,
                CommandState::Unknown => swept.unknown += 1,
                _ => swept.expired += 1,
            }
        }
    }
    // Always in the same order, so that no two wait for each other.
    ended.sort_by(|(one, ..), (other, ..)| one.as_str().cmp(other.as_str()));
    for (organization, pairing, command, state) in ended {
        record_timeout(tx, &organization, &pairing, &command, state, now).await?;
    }
    Ok(swept)
}
