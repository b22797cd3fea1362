//! Time and chance, given from outside, and how long to wait after a failure.

use std::time::Duration;

use jiff::Timestamp;

/// The first pause after a failure.
const FIRST: Duration = Duration::from_secs(1);
/// The longest: a person who looks at a server that is back waits no longer, and a server that comes back is not run
/// over by all desktops at once.
const LONGEST: Duration = Duration::from_mins(1);
/// The longest a server may have us wait by its own word. More would be a way to silence a desktop.
const LONGEST_ASKED: Duration = Duration::from_mins(15);

/// The time of day, and chance.
pub trait Pace: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// A number from 0 to 1, other each time.
    fn chance(&self) -> f64;
}

/// The system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemPace;

impl Pace for SystemPace {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn chance(&self) -> f64 {
        // Without randomness every desktop waits the same time, which is no reason to fail.
        getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
    }
}

/// Pauses that double with each failure, each somewhere between its half and its whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// How often it failed since it last went well.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// It went well.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// It failed. How long to wait now; no less than `asked`, which the server said.
    pub fn failed(&mut self, asked: Option<Duration>, pace: &dyn Pace) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let chosen = doubled.mul_f64(f64::midpoint(1.0, pace.chance().clamp(0.0, 1.0)));
        match asked {
            // All who were asked to wait come back at different times all the same.
            Some(asked) => (asked.min(LONGEST_ASKED) + chosen.min(FIRST)).max(chosen),
            None => chosen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, Pace};
    use jiff::Timestamp;
    use proptest::prelude::*;
    use std::time::Duration;

    struct Fixed(f64);

    impl Pace for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn chance(&self) -> f64 {
            self.0
        }
    }

    proptest! {
        #[test]
        fn pauses_grow_to_a_minute_and_lie_between_half_and_whole(chance in 0.0..=1.0_f64, times in 1..40_u32) {
            let mut backoff = Backoff::default();
            for time in 0..times {
                let whole = Duration::from_secs(60.min(1_u64 << time.min(10)));
                let pause = backoff.failed(None, &Fixed(chance));
                prop_assert!(pause >= whole / 2 && pause <= whole, "{pause:?} of {whole:?}");
            }
            backoff.reset();
            prop_assert!(backoff.failed(None, &Fixed(chance)) <= Duration::from_secs(1));
        }

        #[test]
        fn what_the_server_asked_for_is_waited_for_within_reason(chance in 0.0..=1.0_f64, asked in 0..100_000_u64) {
            let pause = Backoff::default().failed(Some(Duration::from_secs(asked)), &Fixed(chance));
            prop_assert!(pause >= Duration::from_secs(asked.min(900)));
            prop_assert!(pause <= Duration::from_secs(901));
        }

        #[test]
        fn a_server_that_asks_for_no_pause_gets_one_that_grows(chance in 0.0..=1.0_f64) {
            let mut backoff = Backoff::default();
            let last = (0..8).map(|_| backoff.failed(Some(Duration::ZERO), &Fixed(chance))).last();
            prop_assert!(last >= Some(Duration::from_secs(30)));
        }
    }
}
