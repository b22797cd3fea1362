//! What is done while the system has no room for a connection: no file is left for one, or no memory.

use std::time::Duration;

use tokio::time::Instant;

/// The first pause: a connection that ends makes room at once.
const FIRST: Duration = Duration::from_millis(50);
/// The longest: whoever comes when there is room again waits no longer for it.
const LONGEST: Duration = Duration::from_secs(1);
/// How seldom it is said.
const SAID_EVERY: Duration = Duration::from_secs(30);

/// How long it was so, and when it was said.
#[derive(Debug, Default)]
pub(super) struct Full {
    /// The last pause, since a connection was taken.
    paused: Option<Duration>,
    said: Option<Instant>,
    /// Times that it was so and not said.
    times: u64,
}

impl Full {
    /// It is so once more. Says how often it was since that was said, when it is to be said now.
    pub(super) fn say(&mut self, now: Instant) -> Option<u64> {
        self.times += 1;
        // Kept also while connections are taken between: at the bound both take turns.
        if self.said.is_some_and(|said| now < said + SAID_EVERY) {
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.times))
    }

    /// How long is waited before the next try, so that nothing spins: each time longer.
    pub(super) fn pause(&mut self) -> Duration {
        let pause = self.paused.map_or(FIRST, |paused| (paused * 2).min(LONGEST));
        self.paused = Some(pause);
        pause
    }

    /// There is room.
    pub(super) fn over(&mut self) {
        self.paused = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_in_a_while_with_how_often_it_was_so() {
        let mut full = Full::default();
        let began = Instant::now();
        assert_eq!(full.say(began), Some(1));
        for second in 1..30 {
            assert_eq!(full.say(began + Duration::from_secs(second)), None);
            // One that is taken in between changes nothing of that.
            full.over();
        }
        assert_eq!(full.say(began + SAID_EVERY), Some(30));
    }

    #[test]
    fn pauses_grow_to_a_bound_until_there_is_room() {
        let mut full = Full::default();
        let pauses: Vec<_> = (0..7).map(|_| full.pause().as_millis()).collect();
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1_000, 1_000]);
        full.over();
        assert_eq!(full.pause(), FIRST);
    }
}
