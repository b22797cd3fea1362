//! What is kept beside the events of a transaction: how sessions, desktops, pairings and logs stand after it.

use std::collections::{BTreeMap, HashMap};

use sqlx::AssertSqlSafe;

use super::write::{Fresh, ROWS, Request, Standing};
use crate::commands::settle_by;
use crate::database::Tx;
use crate::rows::{chunks, rows_of_placeholders};
use crate::rules::events::Detail;
use crate::{PairingId, StoreError};

/// How long, in milliseconds, a session counts as touched once it was, so that its row is not written with each event.
const TOUCHED_FOR: i64 = 60_000;

/// Keeps the newest row of each session, and that it was touched.
pub(super) async fn note_sessions(tx: &mut Tx, fresh: &[Fresh<'_>]) -> Result<(), StoreError> {
    let mut rows: BTreeMap<(&str, &str), &Fresh<'_>> = BTreeMap::new();
    let mut touched: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for each in fresh {
        let Some(session) = &each.event.event.session else {
            continue;
        };
        let key = (each.pairing.as_str(), session.as_str());
        if matches!(each.event.about.detail, Detail::Thread | Detail::ThreadGone) {
            let newest = rows.entry(key).or_insert(each);
            if each.cursor > newest.cursor {
                *newest = each;
            }
        }
        let last = touched.entry(key).or_insert(each.received);
        *last = (*last).max(each.received);
    }
    let touched: Vec<_> = touched.into_iter().collect();
    for range in chunks(touched.len(), ROWS) {
        let statement = format!(
            "INSERT INTO sessions (pairing, session, touched, received, compacted, ordering, position) VALUES {} \
             ON CONFLICT (pairing, session) DO UPDATE SET touched = excluded.touched \
             WHERE sessions.touched < excluded.touched - {TOUCHED_FOR}",
            rows_of_placeholders(tx.database().dialect(), range.len(), 7)
        );
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for ((pairing, session), at) in &touched[range] {
            query = query
                .bind(*pairing)
                .bind(*session)
                .bind(at.saturating_add(TOUCHED_FOR))
                .bind(*at)
                .bind(0_i64)
                .bind(0_i64)
                .bind(0_i64);
        }
        query.execute(tx.on()).await?;
    }
    for ((pairing, session), told) in rows {
        let gone = told.event.about.detail == Detail::ThreadGone;
        sqlx::query(
            "UPDATE sessions SET ordering = $3, position = $4, payload = $5, received = $6 \
             WHERE pairing = $1 AND session = $2 AND (ordering < $3 OR (ordering = $3 AND position < $4))",
        )
        .bind(pairing)
        .bind(session)
        .bind(told.cursor.order)
        .bind(told.cursor.position)
        .bind(told.event.payload.as_deref().filter(|_| !gone))
        .bind(told.received)
        .execute(tx.on())
        .await?;
    }
    Ok(())
}

/// Keeps how each desktop stands.
pub(super) async fn note_desktops(
    tx: &mut Tx,
    fresh: &[Fresh<'_>],
    pairings: &mut HashMap<PairingId, Standing>,
) -> Result<(), StoreError> {
    for each in fresh
        .iter()
        .filter(|each| each.event.about.detail == Detail::Desktop)
    {
        let (Some(standing), Some(payload)) = (pairings.get_mut(each.pairing), &each.event.payload) else {
            continue;
        };
        if standing
            .desktop
            .as_ref()
            .is_none_or(|(cursor, _)| *cursor < each.cursor)
        {
            standing.desktop = Some((each.cursor, payload.clone()));
        }
    }
    let mut all: Vec<_> = pairings.iter().collect();
    all.sort_unstable_by_key(|(pairing, _)| *pairing);
    for (pairing, standing) in all {
        let Some((cursor, payload)) = &standing.desktop else {
            continue;
        };
        sqlx::query(
            "INSERT INTO desktops (pairing, ordering, position, payload) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (pairing) DO UPDATE SET ordering = excluded.ordering, position = excluded.position, \
             payload = excluded.payload WHERE desktops.ordering < excluded.ordering \
             OR (desktops.ordering = excluded.ordering AND desktops.position < excluded.position)",
        )
        .bind(pairing.as_str())
        .bind(cursor.order)
        .bind(cursor.position)
        .bind(payload.as_str())
        .execute(tx.on())
        .await?;
    }
    Ok(())
}

/// Keeps how far each pairing is.
pub(super) async fn note_pairings(
    tx: &mut Tx,
    pairings: &HashMap<PairingId, Standing>,
) -> Result<(), StoreError> {
    let mut all: Vec<_> = pairings
        .iter()
        .filter(|(_, standing)| standing.accepted)
        .collect();
    all.sort_unstable_by_key(|(pairing, _)| *pairing);
    for range in chunks(all.len(), ROWS) {
        let statement = format!(
            "UPDATE pairings SET position = told.column2, through = told.column3, runs = told.column4, \
             last_seen = CASE WHEN last_seen IS NULL OR last_seen < told.column5 THEN told.column5 ELSE last_seen END \
             FROM (VALUES {}) AS told WHERE pairings.id = told.column1",
            rows_of_placeholders(tx.database().dialect(), range.len(), 5)
        );
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for (pairing, standing) in &all[range] {
            query = query
                .bind(pairing.as_str())
                .bind(standing.position)
                .bind(standing.through.through())
                .bind(standing.through.stored_runs())
                .bind(standing.seen);
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

/// Adds up what the organizations' logs hold.
pub(super) async fn note_used(
    tx: &mut Tx,
    added: &BTreeMap<String, (i64, i64)>,
    day: i64,
) -> Result<(), StoreError> {
    let added: Vec<_> = added.iter().filter(|(_, sums)| sums.0 > 0).collect();
    for range in chunks(added.len(), ROWS) {
        let statement = format!(
            "INSERT INTO used (organization, day, events) VALUES {} \
             ON CONFLICT (organization, day) DO UPDATE SET events = used.events + excluded.events",
            rows_of_placeholders(tx.database().dialect(), range.len(), 3)
        );
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for (organization, (events, _)) in &added[range.clone()] {
            query = query.bind(organization.as_str()).bind(day).bind(*events);
        }
        query.execute(tx.on()).await?;
        let statement = format!(
            "UPDATE log_sizes SET bytes = bytes + told.column2 FROM (VALUES {}) AS told \
             WHERE log_sizes.organization = told.column1",
            rows_of_placeholders(tx.database().dialect(), range.len(), 2)
        );
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for (organization, (_, bytes)) in &added[range] {
            query = query.bind(organization.as_str()).bind(*bytes);
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

/// Takes what became of commands that had to wait for the person at their desktop.
pub(super) async fn note_commands(
    tx: &mut Tx,
    requests: &[Request],
    fresh: &[Fresh<'_>],
) -> Result<(), StoreError> {
    for each in fresh {
        let event = &each.event.event;
        if let Some(command) = &event.command {
            let proven = &requests[each.which.0].proven;
            let payload = event.payload.as_ref();
            settle_by(tx, proven, command, event.kind, payload, each.received).await?;
        }
    }
    Ok(())
}
