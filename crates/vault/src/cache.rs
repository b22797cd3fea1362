//! Values that were read a moment ago, so that a burst of requests asks the keychain once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::name::SecretName;
use crate::sensitive::Sensitive;

/// How long a value is kept after it was last asked for. A turn's requests follow each other within seconds; what is
/// not in use is not in memory.
const KEPT: Duration = Duration::from_mins(1);

/// Values and when they were last asked for. Each is wiped when its time is over, asked for or not.
#[derive(Default)]
pub(crate) struct Cache {
    values: Mutex<HashMap<SecretName, (Sensitive, Instant)>>,
    sweeper: Mutex<Option<JoinHandle<()>>>,
}

impl Cache {
    pub(crate) fn get(&self, name: &SecretName) -> Option<Sensitive> {
        let now = Instant::now();
        let mut values = self.values();
        let (value, used) = values.get_mut(name)?;
        if now.duration_since(*used) >= KEPT {
            values.remove(name);
            return None;
        }
        *used = now;
        Some(value.duplicate())
    }

    pub(crate) fn put(self: &Arc<Self>, name: &SecretName, value: Sensitive) {
        self.values().insert(name.clone(), (value, Instant::now()));
        let mut sweeper = self.sweeper.lock().unwrap_or_else(PoisonError::into_inner);
        if sweeper.as_ref().is_none_or(JoinHandle::is_finished) {
            *sweeper = Some(Handle::current().spawn(sweep(Arc::downgrade(self))));
        }
    }

    pub(crate) fn remove(&self, name: &SecretName) {
        self.values().remove(name);
    }

    pub(crate) fn clear(&self) {
        self.values().clear();
    }

    /// How many are in memory.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.values().len()
    }

    fn values(&self) -> MutexGuard<'_, HashMap<SecretName, (Sensitive, Instant)>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wipes what has had its time, as long as there is something. It looks each tenth of that time.
async fn sweep(cache: Weak<Cache>) {
    loop {
        tokio::time::sleep(KEPT / 10).await;
        let Some(cache) = cache.upgrade() else { return };
        let now = Instant::now();
        // Held while it decides to end: whoever puts a value in meanwhile finds no sweeper and starts one.
        let mut sweeper = cache.sweeper.lock().unwrap_or_else(PoisonError::into_inner);
        let mut values = cache.values();
        values.retain(|_, (_, used)| now.duration_since(*used) < KEPT);
        if values.is_empty() {
            *sweeper = None;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_value_is_wiped_a_minute_after_its_last_use_without_being_asked_for() {
        let cache = Arc::new(Cache::default());
        let name = SecretName::new("anthropic").unwrap();
        cache.put(&name, Sensitive::new("value"));
        tokio::time::sleep(KEPT / 4 * 3).await;
        assert!(cache.get(&name).is_some());
        tokio::time::sleep(KEPT / 4 * 3).await;
        assert!(cache.get(&name).is_some(), "each use begins the minute anew");
        tokio::time::sleep(KEPT + KEPT / 5).await;
        assert_eq!(cache.len(), 0);
        assert!(cache.get(&name).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_past_its_time_is_not_given_out_before_it_is_wiped() {
        let cache = Arc::new(Cache::default());
        let name = SecretName::new("anthropic").unwrap();
        cache.put(&name, Sensitive::new("value"));
        tokio::time::advance(KEPT).await;
        assert!(cache.get(&name).is_none());
    }
}
