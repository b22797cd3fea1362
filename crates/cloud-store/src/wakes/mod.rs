//! Who waits for what, indexed by what they wait for.

mod listening;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::{OrganizationId, PairingId, UserId};

pub(crate) use listening::Listening;

/// What can be waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WakeKey {
    /// There may be commands for a desktop.
    Commands(PairingId),
    /// A command of a desktop stands differently.
    Answers(PairingId),
    /// There are events of a desktop.
    Events(PairingId),
    /// A desktop's pairing is over, has another token, label or visibility, or stands differently.
    Pairing(PairingId),
    /// An organization has a desktop more or less, or a member or name.
    Organization(OrganizationId),
    /// Somebody was signed out somewhere, or is something else in an organization: what they may is to be looked at anew.
    User(UserId),
}

/// Who is told of what changes. Cheap to clone.
#[derive(Clone)]
pub struct Wakes {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    /// By key, and there by number, so that whoever stops waiting is found at once too.
    waiting: Mutex<HashMap<WakeKey, HashMap<u64, Arc<Waiting>>>>,
    next: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    woken: Mutex<BTreeSet<WakeKey>>,
    notify: Notify,
}

/// What is behind these locks is whole between any two statements, so a panic elsewhere damages nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Waiting {
    fn wake(&self, key: &WakeKey) {
        lock(&self.woken).insert(key.clone());
        self.notify.notify_one();
    }
}

impl Wakes {
    pub(crate) fn new() -> Self {
        Self {
            inner: Arc::default(),
        }
    }

    /// Waits for any of some.
    #[must_use]
    pub fn subscribe(&self, keys: &[WakeKey]) -> Subscription {
        let number = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let waiting = Arc::new(Waiting::default());
        let mut all = lock(&self.inner.waiting);
        for key in keys {
            all.entry(key.clone())
                .or_default()
                .insert(number, Arc::clone(&waiting));
        }
        drop(all);
        Subscription {
            wakes: self.clone(),
            keys: keys.to_vec(),
            number,
            waiting,
        }
    }

    /// How many keys somebody waits for.
    #[must_use]
    pub fn keys_waited_for(&self) -> usize {
        lock(&self.inner.waiting).len()
    }

    pub(crate) fn wake(&self, keys: &[WakeKey]) {
        let all = lock(&self.inner.waiting);
        for key in keys {
            for waiting in all.get(key).into_iter().flat_map(HashMap::values) {
                waiting.wake(key);
            }
        }
    }

    /// Wakes everybody: something may have been missed.
    pub(crate) fn wake_everybody(&self) {
        let all = lock(&self.inner.waiting);
        for (key, waiting) in &*all {
            for waiting in waiting.values() {
                waiting.wake(key);
            }
        }
    }
}

/// Somebody who waits. Whatever happens from its making on wakes it, so look at the database after it is made.
pub struct Subscription {
    wakes: Wakes,
    keys: Vec<WakeKey>,
    number: u64,
    waiting: Arc<Waiting>,
}

impl Subscription {
    /// Waits until one of them wakes, and says which did since the last time. It can be dropped while it waits; nothing
    /// is lost then.
    pub async fn woken(&mut self) -> Vec<WakeKey> {
        loop {
            let woken = std::mem::take(&mut *lock(&self.waiting.woken));
            if !woken.is_empty() {
                return woken.into_iter().collect();
            }
            self.waiting.notify.notified().await;
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut all = lock(&self.wakes.inner.waiting);
        for key in &self.keys {
            if let Some(waiting) = all.get_mut(key) {
                waiting.remove(&self.number);
                if waiting.is_empty() {
                    all.remove(key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairing(name: &str) -> PairingId {
        PairingId::parse(name).unwrap()
    }

    #[tokio::test]
    async fn whoever_waits_for_it_is_woken_and_nobody_else() {
        let wakes = Wakes::new();
        let mut one = wakes.subscribe(&[WakeKey::Events(pairing("a")), WakeKey::Pairing(pairing("a"))]);
        let mut other = wakes.subscribe(&[WakeKey::Events(pairing("b"))]);
        wakes.wake(&[
            WakeKey::Events(pairing("a")),
            WakeKey::Events(pairing("a")),
            WakeKey::Commands(pairing("b")),
        ]);
        assert_eq!(one.woken().await, [WakeKey::Events(pairing("a"))]);
        assert!(lock(&other.waiting.woken).is_empty());
        wakes.wake_everybody();
        assert_eq!(one.woken().await.len(), 2);
        assert_eq!(other.woken().await, [WakeKey::Events(pairing("b"))]);
        assert_eq!(wakes.keys_waited_for(), 3);
        drop(one);
        assert_eq!(wakes.keys_waited_for(), 1);
        drop(other);
        assert_eq!(wakes.keys_waited_for(), 0);
    }

    #[tokio::test]
    async fn what_came_before_it_was_waited_for_wakes_and_a_wait_that_is_dropped_loses_nothing() {
        let wakes = Wakes::new();
        let mut waits = wakes.subscribe(&[WakeKey::Commands(pairing("a"))]);
        tokio::select! {
            biased;
            _ = waits.woken() => panic!("nothing happened yet"),
            () = tokio::task::yield_now() => {}
        }
        wakes.wake(&[WakeKey::Commands(pairing("a"))]);
        assert_eq!(waits.woken().await.len(), 1);
    }
}
