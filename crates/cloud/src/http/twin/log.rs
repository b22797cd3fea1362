//! The log of desktops, as rooms read it.

use async_trait::async_trait;
use cowork_cloud_store::{
    Cursor, Event, EventPage, EventSelection, OrganizationId, Pairing, PairingId, SessionId, Store,
    StoreError, Subscription, WakeKey,
};
use cowork_pairing_protocol::session::VERSION;
use cowork_pairing_protocol::wire::{EventType, PairingStatus};
use cowork_watch::{Entry, Follow, Key, Log, LogError, News, Page, Place, Presence, Standing};
use serde_json::json;

/// The store as a log.
pub(super) struct StoredLog(pub(super) Store);

struct Following {
    subscription: Subscription,
}

/// Whether a desktop is there, as its row says.
pub(super) fn presence(pairing: &Pairing) -> Presence {
    Presence {
        seen: pairing.last_seen,
        paused: pairing.status == Some(PairingStatus::Disabled),
        left: pairing.status == Some(PairingStatus::PairedOffline),
        revoked: pairing.revoked,
        behind: pairing.has_a_gap,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given by what failed")]
fn failed(error: StoreError) -> LogError {
    LogError(error.to_string())
}

fn ids(key: &Key) -> Result<(OrganizationId, PairingId), LogError> {
    let not_an_id = |error: cowork_cloud_store::NotAnId| LogError(error.to_string());
    let organization = OrganizationId::parse(&key.organization).map_err(not_an_id)?;
    let pairing = PairingId::parse(&key.pairing).map_err(not_an_id)?;
    Ok((organization, pairing))
}

fn place(cursor: Cursor) -> Place {
    Place {
        order: cursor.order,
        position: cursor.position,
    }
}

fn cursor(place: Place) -> Cursor {
    Cursor {
        order: place.order,
        position: place.position,
    }
}

fn entry(event: Event) -> Entry {
    Entry {
        place: place(event.cursor),
        kind: event.kind,
        session: event.session.map(String::from),
        occurred: event.occurred,
        payload: event.payload,
    }
}

fn page(page: EventPage) -> Page {
    Page {
        entries: page.events.into_iter().map(entry).collect(),
        next: place(page.next),
        more: page.more,
    }
}

fn count(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

#[async_trait]
impl Follow for Following {
    async fn next(&mut self) -> News {
        let mut news = News::default();
        for key in self.subscription.woken().await {
            match key {
                WakeKey::Events(_) => news.events = true,
                _ => news.standing = true,
            }
        }
        news
    }
}

/// Follows a pairing that cannot be one.
struct Nothing;

#[async_trait]
impl Follow for Nothing {
    async fn next(&mut self) -> News {
        std::future::pending().await
    }
}

#[async_trait]
impl Log for StoredLog {
    fn follow(&self, key: &Key) -> Box<dyn Follow> {
        let Ok((_, pairing)) = ids(key) else {
            return Box::new(Nothing);
        };
        let keys = [WakeKey::Events(pairing.clone()), WakeKey::Pairing(pairing)];
        let subscription = self.0.wakes().subscribe(&keys);
        Box::new(Following { subscription })
    }

    async fn standing(&self, key: &Key) -> Result<Standing, LogError> {
        let (organization, pairing) = ids(key)?;
        let newest = self
            .0
            .end_of_events(&organization, &pairing)
            .await
            .map_err(failed)?;
        let row = self.0.pairing(&organization, &pairing).await.map_err(failed)?;
        Ok(Standing {
            newest: place(newest),
            presence: row.as_ref().map(presence).unwrap_or_default(),
        })
    }

    async fn heads(&self, key: &Key, after: Place, limit: usize) -> Result<Page, LogError> {
        let (organization, pairing) = ids(key)?;
        let store = &self.0;
        let mut first = Vec::new();
        if after == Place::default() {
            // Rows and how the desktop stands are kept as they are now, however old what told them is.
            let row = store.pairing(&organization, &pairing).await.map_err(failed)?;
            first.extend(row.and_then(|row| row.desktop).map(|desktop| Entry {
                place: Place::default(),
                kind: EventType::Status,
                session: None,
                occurred: 0,
                payload: Some(desktop),
            }));
            let threads = store.threads(&organization, &pairing).await.map_err(failed)?;
            first.extend(threads.into_iter().map(|thread| Entry {
                place: place(thread.cursor),
                kind: EventType::SessionEvent,
                session: Some(thread.session.into()),
                occurred: thread.received,
                payload: Some(
                    json!({ "v": VERSION, "event": { "kind": "thread", "thread": thread.thread } }),
                ),
            }));
        }
        let told = store
            .heads(&organization, &pairing, cursor(after), count(limit))
            .await;
        let mut told = page(told.map_err(failed)?);
        told.entries.splice(0..0, first);
        Ok(told)
    }

    async fn session(&self, key: &Key, session: &str, after: Place, limit: usize) -> Result<Page, LogError> {
        let (organization, pairing) = ids(key)?;
        let session = SessionId::parse(session).map_err(|error| LogError(error.to_string()))?;
        let selection = EventSelection {
            session: Some(&session),
            after: cursor(after),
            limit: count(limit),
        };
        let told = self.0.events(&organization, &pairing, selection).await;
        Ok(page(told.map_err(failed)?))
    }

    async fn since(&self, key: &Key, after: Place, limit: usize) -> Result<Page, LogError> {
        let (organization, pairing) = ids(key)?;
        let selection = EventSelection {
            session: None,
            after: cursor(after),
            limit: count(limit),
        };
        let told = self.0.events(&organization, &pairing, selection).await;
        Ok(page(told.map_err(failed)?))
    }
}
