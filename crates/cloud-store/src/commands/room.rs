//! What commands take in their organization's log: what they carry is kept as long as what desktops tell.

use crate::database::Tx;
use crate::rows::Columns;
use crate::rules::quotas::{Used, log_fits};
use crate::{Limits, OrganizationId, StoreError};

/// What a command takes beside its payload and its result, in bytes, about: its row, and its places in the indexes.
pub(crate) const ROW_BYTES: usize = 500;
/// Payloads up to this are taken by a log that is full, too: what stops a turn, and most answers.
const ALWAYS: usize = 1024;

/// Takes room for a new command.
pub(super) async fn take_room(
    tx: &mut Tx,
    organization: &OrganizationId,
    payload: Option<&str>,
    limits: &Limits,
) -> Result<(), StoreError> {
    let length = payload.map_or(0, str::len);
    let bytes = length + ROW_BYTES;
    if length > ALWAYS {
        let row = sqlx::query("SELECT bytes FROM log_sizes WHERE organization = $1")
            .bind(organization.as_str())
            .fetch_one(tx.on())
            .await?;
        let used = Used {
            log_bytes: row.count("bytes")?,
            ..Used::default()
        };
        log_fits(limits, used, bytes as u64).map_err(StoreError::Quota)?;
    }
    add(tx, organization, bytes, 0).await
}

/// Adds to what an organization's log holds: so many bytes in the place of as many as stood there before.
pub(crate) async fn add(
    tx: &mut Tx,
    organization: &OrganizationId,
    bytes: usize,
    before: usize,
) -> Result<(), StoreError> {
    let count = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
    sqlx::query("UPDATE log_sizes SET bytes = bytes + $2 WHERE organization = $1")
        .bind(organization.as_str())
        .bind(count(bytes) - count(before))
        .execute(tx.on())
        .await?;
    Ok(())
}
