//! How often something may be done: a bucket that fills by itself, of which each deed takes one.

/// How fast a bucket fills and how much is in a full one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So many can be done at once after a pause.
    pub burst: u32,
    /// So many milliseconds for each one more.
    pub each: u32,
}

/// A bucket. A new one is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Until when it fills: before this moment by as much as it lacks.
    full_at: i64,
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub fn full(now: i64) -> Self {
        Self { full_at: now }
    }

    /// Takes one, or says after how many seconds there is one again (at least one).
    pub fn take(&mut self, rate: Rate, now: i64) -> Result<(), u32> {
        let each = i64::from(rate.each.max(1));
        let latest = now.saturating_add(each.saturating_mul(i64::from(rate.burst.max(1))));
        // It never lacks more than it holds, also where the clock went back.
        self.full_at = self.full_at.min(latest);
        let after = self.full_at.max(now).saturating_add(each);
        if after <= latest {
            self.full_at = after;
            return Ok(());
        }
        let seconds = (after - latest).saturating_add(999) / 1000;
        Err(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX))
    }

    /// Whether it is full, so that it need not be kept.
    #[must_use]
    pub fn is_full(&self, now: i64) -> bool {
        self.full_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        burst: 3,
        each: 2_000,
    };

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let mut bucket = Bucket::full(0);
        assert!(bucket.take(RATE, 0).is_ok());
        assert!(bucket.take(RATE, 0).is_ok());
        assert!(bucket.take(RATE, 0).is_ok());
        assert_eq!(bucket.take(RATE, 0), Err(2));
        assert_eq!(bucket.take(RATE, 1_001), Err(1));
        assert!(bucket.take(RATE, 2_000).is_ok());
        assert_eq!(bucket.take(RATE, 2_000), Err(2));
        assert!(!bucket.is_full(2_000));
        assert!(bucket.is_full(8_000));
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_away() {
        let mut bucket = Bucket::full(1_000_000);
        for _ in 0..3 {
            assert!(bucket.take(RATE, 1_000_000).is_ok());
        }
        assert_eq!(bucket.take(RATE, 0), Err(2));
        // And keeps nobody out until it is as late as it was.
        assert!(bucket.take(RATE, 2_000).is_ok());
    }

    #[test]
    fn what_is_refused_takes_nothing() {
        let mut bucket = Bucket::full(0);
        for _ in 0..3 {
            assert!(bucket.take(RATE, 0).is_ok());
        }
        for _ in 0..100 {
            assert!(bucket.take(RATE, 0).is_err());
        }
        assert!(bucket.take(RATE, 2_000).is_ok());
    }
}
