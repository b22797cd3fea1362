//! How often a scripted failure has happened: the one thing a request does not tell.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

/// Failures remembered. Each is one step of one running turn, and a test run has some hundreds at
/// most; the oldest is forgotten first, which only makes a very old step fail again.
const CAPACITY: usize = 1_024;

/// Counts failures per place of a script. Two sessions that play the same script count apart when the
/// engine names its session in a header, and so do two turns of one session.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    by_place: HashMap<u64, u32>,
    oldest_first: VecDeque<u64>,
}

impl Failures {
    /// Whether the failure at `place` is still due, given how often it is to happen; counts it if so.
    pub(crate) fn due(&self, place: impl Hash, times: Option<u32>) -> bool {
        let Some(times) = times else { return true };
        let mut hasher = DefaultHasher::new();
        place.hash(&mut hasher);
        let key = hasher.finish();
        // A panic elsewhere cannot leave a count half written, so a poisoned lock is still good.
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if !counts.by_place.contains_key(&key) {
            if counts.oldest_first.len() >= CAPACITY
                && let Some(oldest) = counts.oldest_first.pop_front()
            {
                counts.by_place.remove(&oldest);
            }
            counts.oldest_first.push_back(key);
        }
        let count = counts.by_place.entry(key).or_insert(0);
        if *count >= times {
            return false;
        }
        *count += 1;
        true
    }
}
