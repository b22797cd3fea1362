//! Reading events.

use futures_util::TryStreamExt;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use cowork_pairing_protocol::wire::EventType;

use crate::rows::Columns;
use crate::{
    Cursor, Dialect, Event, EventPage, EventSelection, OrganizationId, PairingId, Store, StoreError, Thread,
};

/// The most events of a page.
const PAGE_LIMIT: u32 = 2_000;
/// Payloads of a page in bytes, but for the last of them.
const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// The most sessions of a pairing.
const THREADS_LIMIT: i64 = 5_000;

/// What is told of a session as such, but for its row.
const HEADS: &str = " AND detail IN ('began', 'status', 'failed', 'permission', 'permissionGone', 'question', \
    'questionGone')";

/// Every type of event, as it is spelled.
const KINDS: [(EventType, &str); 7] = [
    (EventType::Heartbeat, "heartbeat"),
    (EventType::CommandAccepted, "command.accepted"),
    (EventType::CommandCompleted, "command.completed"),
    (EventType::CommandFailed, "command.failed"),
    (EventType::SessionEvent, "session.event"),
    (EventType::Audit, "audit"),
    (EventType::Status, "status"),
];

pub(super) fn kind_word(kind: EventType) -> &'static str {
    KINDS
        .iter()
        .find(|(each, _)| *each == kind)
        .map_or("session.event", |(_, word)| word)
}

fn kind_of(word: &str) -> Option<EventType> {
    KINDS
        .iter()
        .find(|(_, each)| *each == word)
        .map(|(kind, _)| *kind)
}

impl Store {
    /// Events of a pairing, in order.
    pub async fn events(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        selection: EventSelection<'_>,
    ) -> Result<EventPage, StoreError> {
        self.read_events(organization, pairing, selection, "").await
    }

    /// What a pairing's sessions do and what waits in them, in order, and nothing of what was said: with
    /// [`Store::threads`] all that a list of them needs.
    pub async fn heads(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        after: Cursor,
        limit: u32,
    ) -> Result<EventPage, StoreError> {
        let selection = EventSelection {
            session: None,
            after,
            limit,
        };
        self.read_events(organization, pairing, selection, HEADS).await
    }

    async fn read_events(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        selection: EventSelection<'_>,
        wanted: &str,
    ) -> Result<EventPage, StoreError> {
        // Read first: what is written after this has a later place than this.
        let end = self.end_of_events(organization, pairing).await?;
        let limit = selection.limit.clamp(1, PAGE_LIMIT) as usize;
        let of_session = if selection.session.is_some() {
            " AND session = $6"
        } else {
            wanted
        };
        let columns =
            "event, ordering, position, sequence, kind, session, command, payload, occurred, received";
        let of_them = format!(
            "FROM events WHERE pairing = $1 AND (ordering, position) > ($2, $3) AND ordering <= $4{of_session} \
             ORDER BY ordering, position LIMIT $5"
        );
        let statement = match self.dialect() {
            // Gives row by row, and nothing that is not taken.
            Dialect::Sqlite => format!("SELECT {columns} {of_them}"),
            // Sends all, also what is not taken, so it counts the bytes itself.
            Dialect::Postgres => format!(
                "SELECT {columns} FROM (SELECT {columns}, SUM(octet_length(payload)) OVER (ORDER BY ordering, position \
                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before {of_them}) AS page \
                 WHERE before IS NULL OR before < {PAGE_BYTES} ORDER BY ordering, position"
            ),
        };
        let mut query = sqlx::query(AssertSqlSafe(statement))
            .bind(pairing.as_str())
            .bind(selection.after.order)
            .bind(selection.after.position)
            .bind(end.order)
            .bind(i64::try_from(limit + 1).unwrap_or(i64::MAX));
        if let Some(session) = selection.session {
            query = query.bind(session.as_str());
        }
        let mut rows = query.fetch(self.database().reading());
        let mut events = Vec::new();
        let mut bytes = 0;
        let mut more = false;
        while let Some(row) = rows.try_next().await? {
            if events.len() == limit || bytes >= PAGE_BYTES {
                more = true;
                break;
            }
            bytes += row.maybe_text("payload")?.map_or(0, |payload| payload.len());
            events.push(event(&row)?);
        }
        drop(rows);
        // There may be more that was not sent; when there is none, that is said by the next page.
        more |= bytes >= PAGE_BYTES;
        let last = events.last().map_or(selection.after, |event| event.cursor);
        let next = if more {
            last
        } else {
            last.max(end).max(selection.after)
        };
        Ok(EventPage { events, next, more })
    }

    /// Behind which place nothing is that can be read by now.
    pub async fn end_of_events(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
    ) -> Result<Cursor, StoreError> {
        let row = sqlx::query("SELECT through, position FROM pairings WHERE organization = $1 AND id = $2")
            .bind(organization.as_str())
            .bind(pairing.as_str())
            .fetch_optional(self.database().reading())
            .await?
            .ok_or(StoreError::NotFound("desktop"))?;
        Ok(Cursor {
            order: row.number("through")?,
            position: row.number("position")?,
        })
    }

    /// The sessions of a pairing that are shared, at most 5,000, the one told of last first.
    pub async fn threads(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
    ) -> Result<Vec<Thread>, StoreError> {
        sqlx::query(
            "SELECT session, payload, ordering, position, received FROM sessions \
             WHERE pairing = $1 AND payload IS NOT NULL \
             AND pairing IN (SELECT id FROM pairings WHERE organization = $2) \
             ORDER BY ordering DESC, position DESC LIMIT $3",
        )
        .bind(pairing.as_str())
        .bind(organization.as_str())
        .bind(THREADS_LIMIT)
        .fetch_all(self.database().reading())
        .await?
        .iter()
        .map(|row| {
            let mut payload: serde_json::Value = row.json("payload")?;
            Ok(Thread {
                session: row.id("session")?,
                thread: payload["event"]["thread"].take(),
                cursor: Cursor {
                    order: row.number("ordering")?,
                    position: row.number("position")?,
                },
                received: row.number("received")?,
            })
        })
        .collect()
    }
}

fn event(row: &AnyRow) -> Result<Event, StoreError> {
    Ok(Event {
        cursor: Cursor {
            order: row.number("ordering")?,
            position: row.number("position")?,
        },
        id: row.id("event")?,
        kind: row.word("kind", kind_of)?,
        sequence: row.maybe_number("sequence")?,
        session: row.maybe_id("session")?,
        command: row.maybe_text("command")?,
        payload: row.maybe_json("payload")?,
        occurred: row.number("occurred")?,
        received: row.number("received")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_spelled_as_on_the_wire() {
        for (kind, word) in KINDS {
            assert_eq!(serde_json::to_value(kind).unwrap(), word);
            assert_eq!(kind_of(kind_word(kind)), Some(kind));
        }
    }
}
