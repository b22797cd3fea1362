//! How long what the engine wrote took to the screen.

use std::time::{Duration, Instant};

use crate::view::ScreenDelay;

/// What takes longer is counted with the last: nobody reads a stream that is seconds behind by its milliseconds.
const LONGEST: usize = 1_000;

/// Counts delays by the millisecond.
#[derive(Debug)]
pub(super) struct Delays {
    counts: Box<[u32; LONGEST + 1]>,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            counts: Box::new([0; LONGEST + 1]),
        }
    }
}

impl Delays {
    /// What was read at these times was confirmed at `drawn`.
    pub(super) fn count(&mut self, reads: &[Instant], drawn: Instant) {
        for read in reads {
            let delay = drawn.saturating_duration_since(*read);
            let place = usize::try_from(delay.as_millis()).unwrap_or(LONGEST).min(LONGEST);
            self.counts[place] = self.counts[place].saturating_add(1);
        }
    }

    /// The figures so far; none before anything was counted.
    pub(super) fn figures(&self, gap: Duration) -> Option<ScreenDelay> {
        let reads: u64 = self.counts.iter().map(|count| u64::from(*count)).sum();
        (reads > 0).then(|| ScreenDelay {
            reads,
            median: self.at(reads, 50),
            most: self.at(reads, 95),
            nearly_all: self.at(reads, 99),
            gap: u32::try_from(gap.as_millis()).unwrap_or(u32::MAX),
        })
    }

    /// The delay that so many of a hundred do not pass.
    fn at(&self, reads: u64, percent: u64) -> u32 {
        let wanted = (reads * percent).div_ceil(100);
        let mut seen = 0;
        for (delay, count) in (0_u32..).zip(self.counts.iter()) {
            seen += u64::from(*count);
            if seen >= wanted {
                return delay;
            }
        }
        u32::try_from(LONGEST).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_figures_are_those_of_what_was_counted() {
        let mut delays = Delays::default();
        assert_eq!(delays.figures(Duration::ZERO), None);
        let read = Instant::now();
        for delay in 1..=100 {
            delays.count(&[read], read + Duration::from_millis(delay));
        }
        let figures = delays.figures(Duration::from_millis(16));
        let expected = ScreenDelay {
            reads: 100,
            median: 50,
            most: 95,
            nearly_all: 99,
            gap: 16,
        };
        assert_eq!(figures, Some(expected));
    }

    #[test]
    fn a_delay_beyond_all_bounds_is_counted_with_the_longest() {
        let mut delays = Delays::default();
        let read = Instant::now();
        delays.count(&[read, read], read + Duration::from_hours(1));
        let figures = delays.figures(Duration::ZERO);
        assert_eq!(
            figures.map(|figures| (figures.reads, figures.median)),
            Some((2, 1_000))
        );
    }
}
