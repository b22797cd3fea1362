//! Places for runs, and those that wait for one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for runs.
pub(crate) struct Queue {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    most: usize,
}

/// What came of asking for a place.
pub(crate) enum Turn {
    /// There is one.
    Now(OwnedSemaphorePermit),
    /// So many are before.
    Later(usize, Waiting),
    /// Too many wait.
    Never,
}

/// One that waits; dropped, it does not any more.
pub(crate) struct Waiting(Arc<Queue>);

impl Queue {
    pub(crate) fn new(places: usize, most: usize) -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(places)),
            waiting: AtomicUsize::new(0),
            most,
        })
    }

    pub(crate) fn ask(self: &Arc<Self>) -> Turn {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Turn::Now(place);
        }
        let counted = self
            .waiting
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |waiting| {
                (waiting < self.most).then_some(waiting + 1)
            });
        match counted {
            Ok(before) => Turn::Later(before, Waiting(Arc::clone(self))),
            Err(_) => Turn::Never,
        }
    }
}

impl Waiting {
    /// Its place, in the order of asking. None when there will never be one.
    pub(crate) async fn place(self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.places).acquire_owned().await.ok()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}
