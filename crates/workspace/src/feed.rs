//! Getting changes to a window, no faster than it can draw them.
//!
//! Nothing is queued: what changed is remembered as *what to read again*, and a batch is built from the state of
//! the moment it is sent. A slow window so gets fewer and larger batches, ends in the same state, and costs no
//! memory while it is behind.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::view::Update;

/// At least this long between two batches: one frame at 60 Hz.
const FRAME: Duration = Duration::from_millis(16);

/// Batches on their way that a window has not confirmed. Two let one travel while the other is drawn.
const UNCONFIRMED: u64 = 2;

/// Takes a batch; false when the window is gone.
pub(crate) type Sink = Arc<dyn Fn(Update) -> bool + Send + Sync>;

struct Subscriber {
    sink: Sink,
    sent: u64,
    confirmed: u64,
    has_drawn: bool,
}

/// The one window that listens. A window that subscribes again (after a reload) takes its own place.
#[derive(Default)]
pub(crate) struct Feed {
    subscriber: Mutex<Option<Subscriber>>,
    changed: Notify,
    drew: watch::Sender<bool>,
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
        });
        self.changed();
    }

    /// Returns when a window has drawn its first picture, for any number of those who wait.
    pub(crate) async fn has_drawn(&self) {
        let mut drew = self.drew.subscribe();
        // The sender lives as long as the feed.
        let _ = drew.wait_for(|drew| *drew).await;
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
                self.drew.send_replace(true);
            }
            // A sequence that was never sent, from a client that makes things up, earns no credit.
            subscriber.confirmed = subscriber.confirmed.max(sequence.min(subscriber.sent));
        }
        self.changed();
    }

    fn may_send(&self) -> bool {
        self.lock()
            .as_ref()
            .is_some_and(|subscriber| subscriber.sent - subscriber.confirmed < UNCONFIRMED)
    }

    fn send(&self, mut update: Update) {
        let sink = {
            let mut held = self.lock();
            let Some(subscriber) = held.as_mut() else { return };
            subscriber.sent += 1;
            update.sequence = subscriber.sent;
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
        Building: Future<Output = Option<Update>>,
    {
        let mut last = Instant::now();
        loop {
            self.changed.notified().await;
            tokio::time::sleep_until(last + FRAME).await;
            if !self.may_send() {
                // Confirmation or a new subscription wakes this loop again; until then changes gather.
                continue;
            }
            if let Some(update) = build().await {
                self.send(update);
                last = Instant::now();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    async fn settle() {
        for _ in 0..20 {
            tokio::time::sleep(FRAME).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_that_does_not_confirm_gets_two_batches_and_then_all_the_rest_in_one() {
        let feed = Arc::new(Feed::default());
        let (built, received) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (runner, counter) = (feed.clone(), built.clone());
        tokio::spawn(async move {
            runner
                .run(move || {
                    counter.fetch_add(1, Ordering::Relaxed);
                    std::future::ready(Some(Update::default()))
                })
                .await;
        });
        let sequences = received.clone();
        feed.subscribe(Arc::new(move |update: Update| {
            sequences.lock().unwrap().push(update.sequence);
            true
        }));
        for _ in 0..1_000 {
            feed.changed();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        settle().await;
        assert_eq!(
            *received.lock().unwrap(),
            [1, 2],
            "a silent window is not flooded"
        );
        feed.confirm(1);
        settle().await;
        assert_eq!(
            *received.lock().unwrap(),
            [1, 2, 3],
            "a confirmation lets what gathered go"
        );
        feed.confirm(u64::MAX);
        for _ in 0..100 {
            feed.changed();
            tokio::time::sleep(FRAME).await;
        }
        assert_eq!(
            *received.lock().unwrap(),
            [1, 2, 3, 4, 5],
            "confirming the future earns no more than was sent"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_may_confirm_while_it_is_told() {
        let feed = Arc::new(Feed::default());
        let runner = feed.clone();
        tokio::spawn(async move { runner.run(|| std::future::ready(Some(Update::default()))).await });
        let (listener, heard) = (feed.clone(), Arc::new(AtomicU64::new(0)));
        let last = heard.clone();
        feed.subscribe(Arc::new(move |update: Update| {
            listener.confirm(update.sequence);
            last.store(update.sequence, Ordering::Relaxed);
            update.sequence < 10
        }));
        settle().await;
        assert_eq!(heard.load(Ordering::Relaxed), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_that_is_gone_is_forgotten() {
        let feed = Arc::new(Feed::default());
        let runner = feed.clone();
        tokio::spawn(async move { runner.run(|| std::future::ready(Some(Update::default()))).await });
        feed.subscribe(Arc::new(|_| false));
        settle().await;
        assert!(feed.lock().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_changes_between_two_listeners_waits_for_the_second() {
        let feed = Arc::new(Feed::default());
        let waiting = Arc::new(AtomicU64::new(0));
        let (runner, counter) = (feed.clone(), waiting.clone());
        tokio::spawn(async move {
            runner
                .run(move || {
                    std::future::ready((counter.swap(0, Ordering::Relaxed) > 0).then(Update::default))
                })
                .await;
        });
        let told = Arc::new(Mutex::new(Vec::new()));
        let listen = |name: &'static str| -> Sink {
            let told = told.clone();
            Arc::new(move |_| {
                told.lock().unwrap().push(name);
                true
            })
        };
        feed.subscribe(listen("the page that was"));
        settle().await;
        feed.unsubscribe();
        waiting.store(1, Ordering::Relaxed);
        feed.changed();
        settle().await;
        assert!(told.lock().unwrap().is_empty(), "nobody listens");
        feed.subscribe(listen("the page that is"));
        settle().await;
        assert_eq!(*told.lock().unwrap(), ["the page that is"]);
    }
}
