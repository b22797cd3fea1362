//! Getting changes to a window, no faster than it can draw them.
//!
//! Nothing is queued: what changed is remembered as *what to read again*, and a batch is built from the state of
//! the moment it is sent. A slow window so gets fewer and larger batches, ends in the same state, and costs no
//! memory while it is behind. One that nobody sees gets none.

mod delays;
#[cfg(test)]
mod flow;
mod pace;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use self::delays::Delays;
use self::pace::Pace;
use crate::view::{ScreenDelay, Update};

/// Batches on their way that a window has not confirmed. Two let one travel while the other is drawn.
const UNCONFIRMED: u64 = 2;

/// Takes a batch; false when the window is gone.
pub(crate) type Sink = Arc<dyn Fn(Update) -> bool + Send + Sync>;

/// What a window is told next.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) update: Update,
    /// When what is in it was read from the engine, as far as that is known.
    pub(crate) reads: Vec<std::time::Instant>,
    /// How many of the news that are told until somebody saw them it is the last of; zero for none.
    pub(crate) lasting: u64,
}

/// A batch on its way.
struct Sent {
    sequence: u64,
    at: Instant,
    reads: Vec<std::time::Instant>,
    lasting: u64,
}

struct Subscriber {
    sink: Sink,
    sent: u64,
    confirmed: u64,
    has_drawn: bool,
    /// Nobody sees it: it is minimised, or its page is behind another.
    hidden: bool,
    /// Since when it is seen.
    seen_since: std::time::Instant,
    /// What was not confirmed, at most [`UNCONFIRMED`] of them.
    on_their_way: VecDeque<Sent>,
    /// The last of the lasting news that it drew.
    lasting: u64,
    pace: Pace,
}

/// The one window that listens. A window that subscribes again (after a reload) takes its own place.
#[derive(Default)]
pub(crate) struct Feed {
    subscriber: Mutex<Option<Subscriber>>,
    changed: Notify,
    drew: watch::Sender<bool>,
    /// The last of the lasting news that is in a first picture, and the last that was drawn in a window that is seen.
    begins_with: AtomicU64,
    seen: watch::Sender<u64>,
    delays: Mutex<Delays>,
}

impl Feed {
    /// Says that there is something to send.
    pub(crate) fn changed(&self) {
        self.changed.notify_one();
    }

    pub(crate) fn subscribe(&self, sink: Sink) {
        *self.lock() = Some(Subscriber {
            sink,
            sent: 0,
            confirmed: 0,
            has_drawn: false,
            hidden: false,
            seen_since: Instant::now().into_std(),
            on_their_way: VecDeque::new(),
            lasting: 0,
            pace: Pace::default(),
        });
        self.changed();
    }

    /// Returns when a window has drawn its first picture, for any number of those who wait.
    pub(crate) async fn has_drawn(&self) {
        let mut drew = self.drew.subscribe();
        // The sender lives as long as the feed.
        let _ = drew.wait_for(|drew| *drew).await;
    }

    /// The first picture of a window that begins now has the lasting news up to this one.
    pub(crate) fn begins_with(&self, lasting: u64) {
        self.begins_with.store(lasting, Ordering::Relaxed);
    }

    /// Returns when a window that is seen has drawn the lasting news up to this one.
    pub(crate) async fn has_shown(&self, lasting: u64) {
        let mut seen = self.seen.subscribe();
        // The sender lives as long as the feed.
        let _ = seen.wait_for(|seen| *seen >= lasting).await;
    }

    /// Notes what a person sees, who is not there while the window is hidden.
    fn note_seen(&self, subscriber: &Subscriber) {
        if !subscriber.hidden {
            self.seen.send_if_modified(|seen| {
                let is_more = subscriber.lasting > *seen;
                *seen = subscriber.lasting.max(*seen);
                is_more
            });
        }
    }

    /// Lets go of who listens: what changes from now on waits for the next.
    pub(crate) fn unsubscribe(&self) {
        *self.lock() = None;
    }

    /// A window drew everything up to `sequence`; zero is its first picture, before any batch.
    pub(crate) fn confirm(&self, sequence: u64) {
        if let Some(subscriber) = self.lock().as_mut() {
            // Once: a page that says it again and again must not fill the log.
            if sequence == 0 && !std::mem::replace(&mut subscriber.has_drawn, true) {
                tracing::info!("the window drew its first picture");
                subscriber.lasting = subscriber.lasting.max(self.begins_with.load(Ordering::Relaxed));
                self.drew.send_replace(true);
            }
            // A sequence that was never sent, from a client that makes things up, earns no credit.
            subscriber.confirmed = subscriber.confirmed.max(sequence.min(subscriber.sent));
            let confirmed = subscriber.confirmed;
            while let Some(sent) = subscriber
                .on_their_way
                .pop_front_if(|sent| sent.sequence <= confirmed)
            {
                let now = Instant::now();
                subscriber.pace.confirmed(now - sent.at);
                self.delays().count(&sent.reads, now.into_std());
                subscriber.lasting = subscriber.lasting.max(sent.lasting);
            }
            self.note_seen(subscriber);
        }
        self.changed();
    }

    /// The window is seen, or nobody sees it: then nothing is built for it, and what changes gathers.
    pub(crate) fn show(&self, shown: bool) {
        if let Some(subscriber) = self.lock().as_mut() {
            if shown && subscriber.hidden {
                subscriber.seen_since = Instant::now().into_std();
            }
            subscriber.hidden = !shown;
            // What is drawn while nobody looks says nothing about the screen.
            for sent in &mut subscriber.on_their_way {
                sent.reads.clear();
            }
            self.note_seen(subscriber);
        }
        self.changed();
    }

    /// How long what the engine wrote takes to the screen, since the app began; none before anything was drawn.
    pub(crate) fn screen_delay(&self) -> Option<ScreenDelay> {
        let gap = self.gap();
        self.delays().figures(gap)
    }

    fn delays(&self) -> std::sync::MutexGuard<'_, Delays> {
        self.delays.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn gap(&self) -> std::time::Duration {
        self.lock()
            .as_ref()
            .map_or_else(|| Pace::default().gap(), |subscriber| subscriber.pace.gap())
    }

    fn may_send(&self) -> bool {
        self.lock().as_ref().is_some_and(|subscriber| {
            !subscriber.hidden && subscriber.sent - subscriber.confirmed < UNCONFIRMED
        })
    }

    fn send(
        &self,
        Batch {
            mut update,
            mut reads,
            lasting,
        }: Batch,
    ) {
        let sink = {
            let mut held = self.lock();
            let Some(subscriber) = held.as_mut() else { return };
            subscriber.sent += 1;
            update.sequence = subscriber.sent;
            // What gathered before waited for somebody to look, not for the screen.
            reads.retain(|read| *read >= subscriber.seen_since);
            subscriber.on_their_way.push_back(Sent {
                sequence: subscriber.sent,
                at: Instant::now(),
                reads,
                lasting,
            });
            subscriber.sink.clone()
        };
        // Called unlocked: a listener in this process may confirm at once.
        if !sink(update) {
            let mut held = self.lock();
            if held
                .as_ref()
                .is_some_and(|subscriber| Arc::ptr_eq(&subscriber.sink, &sink))
            {
                *held = None;
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Subscriber>> {
        self.subscriber.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what `build` gives, whenever something changed and the window has room; runs for ever. The first
    /// change after a pause is sent at once.
    pub(crate) async fn run<Building>(&self, build: impl Fn() -> Building)
    where
        Building: Future<Output = Option<Batch>>,
    {
        let mut last = Instant::now();
        loop {
            self.changed.notified().await;
            tokio::time::sleep_until(last + self.gap()).await;
            if !self.may_send() {
                // Confirmation or a new subscription wakes this loop again; until then changes gather.
                continue;
            }
            if let Some(batch) = build().await {
                self.send(batch);
                last = Instant::now();
            }
        }
    }
}
