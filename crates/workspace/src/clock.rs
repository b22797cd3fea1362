//! The clocks, as something that can be handed in.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// The time of day and the time that passed, read together: when they disagree the computer slept, or somebody set its
/// clock.
#[derive(Clone)]
pub struct Clock {
    /// Milliseconds since the epoch.
    pub wall: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Time that passed since some moment, without the time the computer slept where the system tells them apart.
    pub monotonic: Arc<dyn Fn() -> Duration + Send + Sync>,
}

static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Default for Clock {
    /// The system's.
    fn default() -> Self {
        Self {
            wall: Arc::new(crate::workspace::now),
            monotonic: Arc::new(|| ORIGIN.elapsed()),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}
