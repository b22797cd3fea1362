//! Who looks at which desktop.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cowork_screen::view::BrandView;

use crate::bounds;
use crate::log::{Key, Log};
use crate::queue::{Feed, Queue};
use crate::room::{self, Call, Handle};
use crate::watcher::{Watcher, WatcherId};

/// Milliseconds since the epoch.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What a hub is made with.
#[derive(Clone)]
pub struct Options {
    /// The names a page shows.
    pub brand: BrandView,
    /// What time it is.
    pub clock: Clock,
}

/// What is counted, since the hub was made.
#[derive(Debug, Default)]
pub struct Figures {
    pub(crate) events: AtomicU64,
    pub(crate) batches: AtomicU64,
    pub(crate) frames: AtomicU64,
    pub(crate) reads: AtomicU64,
    pub(crate) overruns: AtomicU64,
    pub(crate) watchers: AtomicUsize,
}

impl Figures {
    /// Events that were projected, in all rooms.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// Batches that were drawn and serialized.
    #[must_use]
    pub fn batches(&self) -> u64 {
        self.batches.load(Ordering::Relaxed)
    }

    /// Batches that were handed to browsers, each counted for each.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Pages that were read from the log.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Browsers that were too slow and began anew.
    #[must_use]
    pub fn overruns(&self) -> u64 {
        self.overruns.load(Ordering::Relaxed)
    }

    /// Browsers that look now.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.watchers.load(Ordering::Relaxed)
    }
}

/// Why a browser cannot look now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// As many look at this desktop as may.
    #[error("too many look at this desktop at the moment; close a page of it and try again")]
    DesktopFull,
    /// As many look at desktops as may.
    #[error("the server has no room for another page at the moment; try again later")]
    Full,
}

pub(crate) struct Shared {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) options: Options,
    rooms: Mutex<HashMap<Key, Arc<Handle>>>,
    pub(crate) figures: Figures,
    next: AtomicU64,
}

impl Shared {
    pub(crate) fn rooms(&self) -> MutexGuard<'_, HashMap<Key, Arc<Handle>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> i64 {
        (self.options.clock)()
    }
}

/// A browser on its way into a room, which waits for it. One that turns back is counted no more.
struct Coming {
    room: Arc<Handle>,
    shared: Arc<Shared>,
    there: bool,
}

impl Coming {
    /// The room has heard of it, and counts it from now on.
    fn arrived(mut self) -> Arc<Handle> {
        self.there = true;
        Arc::clone(&self.room)
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        if !self.there {
            self.room.joining.fetch_sub(1, Ordering::AcqRel);
            self.shared.figures.watchers.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// All desktops that somebody looks at. A copy is the same hub.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

impl Hub {
    /// A hub over a log.
    #[must_use]
    pub fn new(log: Arc<dyn Log>, options: Options) -> Self {
        let shared = Shared {
            log,
            options,
            rooms: Mutex::default(),
            figures: Figures::default(),
            next: AtomicU64::new(1),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// A browser comes to look at a desktop. That it may is for the caller to know.
    pub async fn watch(&self, key: &Key) -> Result<Watcher, Refused> {
        loop {
            let coming = self.join(key)?;
            let id = WatcherId(self.shared.next.fetch_add(1, Ordering::Relaxed));
            let queue = Arc::new(Queue::default());
            let call = Call::Join {
                id,
                queue: Feed::new(&queue),
            };
            if coming.room.call(call).await.is_ok() {
                let room = coming.arrived();
                return Ok(Watcher::new(
                    id,
                    key.clone(),
                    queue,
                    room,
                    Arc::clone(&self.shared),
                ));
            }
            // That room is ending, because its log could not be read say; the next one begins.
            drop(coming);
            tokio::task::yield_now().await;
        }
    }

    fn join(&self, key: &Key) -> Result<Coming, Refused> {
        let figures = &self.shared.figures;
        if figures.watchers() >= bounds::ALL_WATCHERS {
            return Err(Refused::Full);
        }
        let mut rooms = self.shared.rooms();
        let room = match rooms.get(key) {
            Some(room) => Arc::clone(room),
            None if rooms.len() >= bounds::ROOMS => return Err(Refused::Full),
            None => {
                let room = room::open(Arc::clone(&self.shared), key.clone());
                rooms.insert(key.clone(), Arc::clone(&room));
                room
            }
        };
        let here = room.watchers.load(Ordering::Acquire) + room.joining.load(Ordering::Acquire);
        if here >= bounds::WATCHERS {
            return Err(Refused::DesktopFull);
        }
        room.joining.fetch_add(1, Ordering::AcqRel);
        figures.watchers.fetch_add(1, Ordering::Relaxed);
        Ok(Coming {
            room,
            shared: Arc::clone(&self.shared),
            there: false,
        })
    }

    /// What is counted.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.shared.figures
    }

    /// How many desktops are looked at.
    #[must_use]
    pub fn rooms(&self) -> usize {
        self.shared.rooms().len()
    }
}
