//! Whether a desktop is there, and how it says that it stands.

use serde_json::Value;

use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::PairingStatus;

use crate::database::transaction;
use crate::rows::{Columns, damaged, written};
use crate::{Proven, Store, StoreError, WakeKey};

/// How seldom, in milliseconds, it is written that a desktop was seen, when nothing else changed.
pub const SEEN_EVERY: i64 = 10_000;
/// The largest sequence of a command that a desktop is believed to have handled: what every client can count to.
const LAST_COMMAND: i64 = (1 << 53) - 1;
/// After how long a desktop that nobody saw counts as away, in milliseconds.
pub const AWAY_AFTER: i64 = 60_000;

/// Whether a desktop that is seen now was away before.
pub(crate) fn is_back(last_seen: Option<i64>, now: i64) -> bool {
    last_seen.is_none_or(|seen| now >= seen.saturating_add(AWAY_AFTER))
}

impl Store {
    /// A desktop says how it stands. Gives up to which sequence its events are kept.
    pub async fn heartbeat(
        &self,
        proven: &Proven,
        status: PairingStatus,
        last_command_sequence: i64,
        extensions: &[Extension],
        now: i64,
    ) -> Result<i64, StoreError> {
        let status = word_of(status)?;
        let last_command_sequence = last_command_sequence.min(LAST_COMMAND);
        let extensions = written(&extensions)?;
        let row = sqlx::query(
            "SELECT status, extensions, handled, last_seen, through FROM pairings \
             WHERE id = $1 AND organization = $2 AND token = $3 AND revoked IS NULL",
        )
        .bind(proven.pairing.as_str())
        .bind(proven.organization.as_str())
        .bind(proven.token.as_str())
        .fetch_optional(self.database().reading())
        .await?
        .ok_or(StoreError::Revoked)?;
        let through = row.number("through")?;
        let last_seen = row.maybe_number("last_seen")?;
        let same = row.maybe_text("status")?.as_deref() == Some(status.as_str())
            && row.text("extensions")? == extensions;
        let lately = last_seen.is_some_and(|seen| now < seen.saturating_add(SEEN_EVERY));
        if same && lately && row.number("handled")? >= last_command_sequence {
            return Ok(through);
        }
        transaction!(self.database(), |tx| {
            let changed = sqlx::query(
                "UPDATE pairings SET status = $4, extensions = $5, last_seen = $6, \
                 handled = CASE WHEN handled < $7 THEN $7 ELSE handled END \
                 WHERE id = $1 AND organization = $2 AND token = $3 AND revoked IS NULL",
            )
            .bind(proven.pairing.as_str())
            .bind(proven.organization.as_str())
            .bind(proven.token.as_str())
            .bind(status.as_str())
            .bind(extensions.as_str())
            .bind(now)
            .bind(last_command_sequence)
            .execute(tx.on())
            .await?;
            if changed.rows_affected() == 0 {
                return Err(StoreError::Revoked);
            }
            if !same || is_back(last_seen, now) {
                tx.wake(WakeKey::Pairing(proven.pairing.clone()));
            }
        })?;
        Ok(through)
    }
}

/// How a word of the protocol is spelled.
fn word_of(status: PairingStatus) -> Result<String, StoreError> {
    match serde_json::to_value(status) {
        Ok(Value::String(word)) => Ok(word),
        other => Err(damaged("status", &format!("{other:?}"))),
    }
}
