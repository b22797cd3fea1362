//! Browsers' streams by their ids, so that a command finds the one it belongs to.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cowork_brand::Brand;
use cowork_cloud_store::{PairingId, Store, UserId};
use cowork_screen::view::BrandView;
use cowork_watch::{Hub, Options, Watcher};

use super::log::StoredLog;
use crate::clock;
use crate::http::refusal::Refusal;

/// A browser's stream, and what its commands may look at.
pub(super) struct Connection {
    pub(super) watcher: Watcher,
    pub(super) person: UserId,
    pub(super) pairing: PairingId,
}

/// Pages of one person that look at one desktop: more than anybody has open, and few enough that nobody takes the places of
/// all others.
const PAGES: usize = 32;

/// Everybody who looks.
pub struct Connections {
    /// What they see.
    pub hub: Hub,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    by_id: HashMap<String, Arc<Connection>>,
    /// How many pages of each person look at each desktop.
    pages: HashMap<(UserId, PairingId), usize>,
}

/// A connection in the table; it leaves when this is dropped.
pub(super) struct Listed {
    connections: crate::shared::App,
    pub(super) id: String,
    pub(super) connection: Arc<Connection>,
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut open = self.connections.connections.open();
        open.by_id.remove(&self.id);
        let who = (self.connection.person.clone(), self.connection.pairing.clone());
        if let Entry::Occupied(mut pages) = open.pages.entry(who) {
            *pages.get_mut() -= 1;
            if *pages.get() == 0 {
                pages.remove();
            }
        }
    }
}

impl Connections {
    /// Nobody yet.
    #[must_use]
    pub fn new(store: &Store, brand: &Brand) -> Self {
        let options = Options {
            brand: BrandView {
                name: brand.name.clone(),
                short_name: brand.short_name.clone(),
                help_url: brand.help_url.clone().unwrap_or_default(),
                support_url: brand.support_url.clone().unwrap_or_default(),
                security_url: brand.security_url.clone().unwrap_or_default(),
            },
            clock: Arc::new(clock::now),
        };
        Self {
            hub: Hub::new(Arc::new(StoredLog(store.clone())), options),
            open: Mutex::default(),
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a stream in. Its id is a random number: whoever does not know it finds no stream of somebody else's, and one
    /// who does is not let in either, since it belongs to a person.
    pub(super) fn enter(app: &crate::shared::App, connection: Connection) -> Result<Listed, Refusal> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| {
            tracing::error!(%error, "no random numbers");
            Refusal::internal()
        })?;
        let (id, connection) = (hex::encode(bytes), Arc::new(connection));
        let mut open = app.connections.open();
        let who = (connection.person.clone(), connection.pairing.clone());
        let pages = open.pages.entry(who).or_default();
        if *pages >= PAGES {
            drop(open);
            return Err(Refusal::too_many(
                "As many pages of yours look at this desktop as may; close one and try again.",
                10,
            ));
        }
        *pages += 1;
        open.by_id.insert(id.clone(), Arc::clone(&connection));
        Ok(Listed {
            connections: Arc::clone(app),
            id,
            connection,
        })
    }

    /// The stream of a person that looks at a desktop.
    pub(super) fn find(&self, id: &str, person: &UserId, pairing: &PairingId) -> Option<Arc<Connection>> {
        let found = self.open().by_id.get(id).cloned();
        found.filter(|found| found.person == *person && found.pairing == *pairing)
    }
}
