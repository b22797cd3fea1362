//! Stopping a run from outside of the thread that watches it.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// The order to stop, once given never taken back.
pub(crate) struct Stop {
    given: AtomicBool,
    /// For what waits for a place.
    told: Notify,
    here: UnixStream,
    /// Readable (at its end) once the order is given, for what waits for descriptors.
    there: UnixStream,
}

impl Stop {
    /// # Errors
    /// The system has no descriptors to give.
    pub(crate) fn new() -> io::Result<Arc<Self>> {
        let (here, there) = UnixStream::pair()?;
        Ok(Arc::new(Self {
            given: AtomicBool::new(false),
            told: Notify::new(),
            here,
            there,
        }))
    }

    pub(crate) fn give(&self) {
        if !self.given.swap(true, Ordering::SeqCst) {
            self.told.notify_one();
            if let Err(error) = self.here.shutdown(Shutdown::Both) {
                tracing::warn!(%error, "an order to stop is seen late");
            }
        }
    }

    pub(crate) fn is_given(&self) -> bool {
        self.given.load(Ordering::SeqCst)
    }

    pub(crate) async fn given(&self) {
        while !self.is_given() {
            self.told.notified().await;
        }
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.there.as_fd()
    }
}
