//! Taking answers.

use serde_json::{Value, json};

use super::settle::{settle_late, waits};
use super::{RESULT_LIMIT, add_room, standing};
use crate::audit::record;
use crate::database::{Tx, transaction};
use crate::error::bounded;
use crate::proven::hold;
use crate::rows::{Columns, written};
use crate::rules::commands::{Answer, answer};
use crate::{
    Actor, Answered, CommandId, CommandOutcome, CommandState, LeaseToken, Proven, Store, StoreError, WakeKey,
};

impl Store {
    /// A desktop says what a command came to.
    pub async fn answer_command(
        &self,
        proven: &Proven,
        command: &CommandId,
        lease: Option<&LeaseToken>,
        outcome: CommandOutcome,
        result: &Value,
        now: i64,
    ) -> Result<Answered, StoreError> {
        let waits = waits(Some(result));
        let result = written(result)?;
        bounded("the result", &result, RESULT_LIMIT)?;
        transaction!(self.database(), |tx| {
            let statement = tx.database().locking(
                "SELECT state, lease, leased_until, redelivery, attempts, deadline, kind FROM commands \
                 WHERE id = $1 AND pairing = $2",
            );
            if waits {
                // What the desktop tells meanwhile comes before this or behind it, so that one finds the other.
                hold(&mut tx, proven).await?;
            } else {
                still_proven(&mut tx, proven).await?;
            }
            let row = sqlx::query(statement)
                .bind(command.as_str())
                .bind(proven.pairing.as_str())
                .fetch_optional(tx.on())
                .await?;
            // Told anew also for an answer that is there already: who says it again may do so because nobody heard.
            tx.wake(WakeKey::Answers(proven.pairing.clone()));
            match row {
                None => Answered::NotFound,
                Some(row) => {
                    let current = row.maybe_text("lease")?;
                    let same_lease = lease.is_some_and(|lease| current.as_deref() == Some(lease.as_str()));
                    match answer(standing(&row)?, same_lease, now) {
                        Answer::Repeated => Answered::Repeated,
                        Answer::Stale => Answered::Stale,
                        Answer::Take => {
                            take(
                                &mut tx,
                                proven,
                                command,
                                outcome,
                                &result,
                                &row.text("kind")?,
                                now,
                            )
                            .await?;
                            if waits {
                                settle_late(&mut tx, proven, command.as_str(), now).await?;
                            }
                            Answered::Taken
                        }
                    }
                }
            }
        })
    }
}

async fn still_proven(tx: &mut Tx, proven: &Proven) -> Result<(), StoreError> {
    let still = sqlx::query(
        "SELECT 1 AS there FROM pairings WHERE id = $1 AND organization = $2 AND token = $3 AND revoked IS NULL",
    )
    .bind(proven.pairing.as_str())
    .bind(proven.organization.as_str())
    .bind(proven.token.as_str())
    .fetch_optional(tx.on())
    .await?;
    still.map(|_| ()).ok_or(StoreError::Revoked)
}

async fn take(
    tx: &mut Tx,
    proven: &Proven,
    command: &CommandId,
    outcome: CommandOutcome,
    result: &str,
    kind: &str,
    now: i64,
) -> Result<(), StoreError> {
    let (state, action) = match outcome {
        CommandOutcome::Done => (CommandState::Done, "command.completed"),
        CommandOutcome::Failed => (CommandState::Failed, "command.failed"),
    };
    sqlx::query("UPDATE commands SET state = $3, result = $4, finished = $5 WHERE id = $1 AND pairing = $2")
        .bind(command.as_str())
        .bind(proven.pairing.as_str())
        .bind(state.as_str())
        .bind(result)
        .bind(now)
        .execute(tx.on())
        .await?;
    add_room(tx, &proven.organization, result.len(), 0).await?;
    let by = Actor::desktop(proven);
    let details = json!({ "pairing": proven.pairing, "kind": kind });
    record(
        tx,
        &proven.organization,
        &by,
        action,
        command.as_str(),
        &details,
        now,
    )
    .await
}
