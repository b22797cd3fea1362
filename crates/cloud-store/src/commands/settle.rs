//! What became of commands that had to wait for the person at their desktop: it answered them long ago, and tells the rest
//! as an event. Of any other command such an event says nothing that its answer did not.

use serde::Deserialize as _;
use serde_json::{Value, json};
use sqlx::any::AnyRow;

use cowork_pairing_protocol::wire::{CommandResult, EventType, ResultStatus};

use super::{RESULT_LIMIT, add_room};
use crate::audit::record;
use crate::database::Tx;
use crate::rows::{Columns, written};
use crate::{Actor, CommandState, Proven, StoreError, WakeKey};

/// What an event says that a command came to; none when it does not say that it is over. The whole result is in `result`,
/// or how it ended and why stand by themselves.
fn settled(kind: EventType, payload: Option<&Value>) -> Option<(CommandState, CommandResult)> {
    let state = match kind {
        EventType::CommandCompleted => CommandState::Done,
        EventType::CommandFailed => CommandState::Failed,
        _ => return None,
    };
    let payload = payload?;
    let result = CommandResult::deserialize(&payload["result"]).ok().or_else(|| {
        let message = payload["message"].as_str().map(str::to_owned);
        Some(CommandResult::new(status_of(Some(payload))?, message))
    })?;
    (result.status != ResultStatus::RequiresLocalConfirmation).then_some((state, result))
}

fn status_of(result: Option<&Value>) -> Option<ResultStatus> {
    ResultStatus::deserialize(&result?["status"]).ok()
}

/// Whether a command that was answered so waits for the person at its desktop.
pub(super) fn waits(result: Option<&Value>) -> bool {
    status_of(result) == Some(ResultStatus::RequiresLocalConfirmation)
}

/// Takes what an event says of a command, when that waits for it.
pub(crate) async fn settle_by(
    tx: &mut Tx,
    proven: &Proven,
    command: &str,
    kind: EventType,
    payload: Option<&Value>,
    at: i64,
) -> Result<(), StoreError> {
    let Some((state, result)) = settled(kind, payload) else {
        return Ok(());
    };
    let statement = tx.database().locking(
        "SELECT result, kind FROM commands WHERE id = $1 AND pairing = $2 AND state IN ('done', 'failed')",
    );
    let row = sqlx::query(statement)
        .bind(command)
        .bind(proven.pairing.as_str())
        .fetch_optional(tx.on())
        .await?;
    let Some(row) = row else { return Ok(()) };
    if !waits(row.maybe_json("result")?.as_ref()) {
        return Ok(());
    }
    let mut text = written(&result)?;
    if text.len() > RESULT_LIMIT {
        text = written(&CommandResult::new(result.status, None))?;
    }
    let before = row.maybe_text("result")?.map_or(0, |result| result.len());
    add_room(tx, &proven.organization, text.len(), before).await?;
    sqlx::query("UPDATE commands SET state = $3, result = $4, finished = $5 WHERE id = $1 AND pairing = $2")
        .bind(command)
        .bind(proven.pairing.as_str())
        .bind(state.as_str())
        .bind(text)
        .bind(at)
        .execute(tx.on())
        .await?;
    let action = match state {
        CommandState::Done => "command.completed",
        _ => "command.failed",
    };
    let details = json!({ "pairing": proven.pairing, "kind": row.text("kind")?, "confirmed": true });
    let by = Actor::desktop(proven);
    record(tx, &proven.organization, &by, action, command, &details, at).await?;
    tx.wake(WakeKey::Answers(proven.pairing.clone()));
    Ok(())
}

/// The same for a command that was answered just now, and of which the rest was told before: its answer came late.
pub(super) async fn settle_late(
    tx: &mut Tx,
    proven: &Proven,
    command: &str,
    at: i64,
) -> Result<(), StoreError> {
    let told: Vec<AnyRow> = sqlx::query(
        "SELECT kind, payload FROM events WHERE pairing = $1 AND command = $2 AND command IS NOT NULL \
         AND kind IN ('command.completed', 'command.failed') ORDER BY ordering, position",
    )
    .bind(proven.pairing.as_str())
    .bind(command)
    .fetch_all(tx.on())
    .await?;
    for row in told {
        let kind = match row.text("kind")?.as_str() {
            "command.completed" => EventType::CommandCompleted,
            _ => EventType::CommandFailed,
        };
        settle_by(tx, proven, command, kind, row.maybe_json("payload")?.as_ref(), at).await?;
    }
    Ok(())
}
