//! How long things took.

use std::fmt;
use std::time::Duration;

/// Delays that were measured.
#[derive(Clone, Debug, Default)]
pub struct Delays(Vec<Duration>);

/// What is told of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many there were.
    pub count: usize,
    /// Half were shorter.
    pub median: Duration,
    /// 95 of 100 were shorter or as long.
    pub p95: Duration,
    /// 99 of 100 were shorter or as long.
    pub p99: Duration,
    /// The longest.
    pub longest: Duration,
}

impl Delays {
    /// Adds one.
    pub fn add(&mut self, delay: Duration) {
        self.0.push(delay);
    }

    /// Adds all of another.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// What is told of them. None of none.
    #[must_use]
    pub fn summary(mut self) -> Option<Summary> {
        self.0.sort_unstable();
        let longest = *self.0.last()?;
        let count = self.0.len();
        // The smallest delay that at least so many of a hundred do not exceed.
        let at = |percent: usize| self.0[(count * percent).div_ceil(100).max(1) - 1];
        Some(Summary {
            count,
            median: at(50),
            p95: at(95),
            p99: at(99),
            longest,
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |delay: Duration| delay.as_secs_f64() * 1_000.0;
        write!(
            formatter,
            "{} measured: median {:.0} ms, p95 {:.0} ms, p99 {:.0} ms, longest {:.0} ms",
            self.count,
            milliseconds(self.median),
            milliseconds(self.p95),
            milliseconds(self.p99),
            milliseconds(self.longest)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_delay_that_so_many_do_not_exceed() {
        let mut delays = Delays::default();
        for milliseconds in (1..=200).rev() {
            delays.add(Duration::from_millis(milliseconds));
        }
        let summary = delays.summary().expect("there are some");
        assert_eq!(summary.count, 200);
        assert_eq!(summary.median, Duration::from_millis(100));
        assert_eq!(summary.p95, Duration::from_millis(190));
        assert_eq!(summary.p99, Duration::from_millis(198));
        assert_eq!(summary.longest, Duration::from_millis(200));
    }

    #[test]
    fn nothing_measured_is_no_figure() {
        assert_eq!(Delays::default().summary(), None);
    }
}
