//! How long the next batch waits, so that a page that falls behind gets fewer and larger ones.

use std::time::Duration;

/// At least this long between two batches: one frame at 60 Hz.
pub(super) const FRAME: Duration = Duration::from_millis(16);

/// At most this long: text that comes five times a second still reads as being written.
pub(super) const WIDEST: Duration = Duration::from_millis(200);

/// A page that keeps up confirms a batch within two frames and the way there and back. What takes longer than this was
/// drawn late.
const LATE: Duration = Duration::from_millis(50);

/// The time between two batches.
#[derive(Debug)]
pub(super) struct Pace(Duration);

impl Default for Pace {
    fn default() -> Self {
        Self(FRAME)
    }
}

impl Pace {
    pub(super) fn gap(&self) -> Duration {
        self.0
    }

    /// A batch was confirmed so long after it was sent. Doubled when that was late and halved when it was not: a page
    /// that was slow once is back at each frame within four batches, and one that stays slow is left in peace as fast.
    pub(super) fn confirmed(&mut self, took: Duration) {
        self.0 = if took > LATE {
            (self.0 * 2).min(WIDEST)
        } else {
            (self.0 / 2).max(FRAME)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_widens_for_a_page_that_falls_behind_and_narrows_when_it_caught_up() {
        let mut pace = Pace::default();
        assert_eq!(pace.gap(), FRAME);
        let widening: Vec<_> = (0..6)
            .map(|_| {
                pace.confirmed(LATE * 2);
                pace.gap().as_millis()
            })
            .collect();
        assert_eq!(widening, [32, 64, 128, 200, 200, 200]);
        let narrowing: Vec<_> = (0..5)
            .map(|_| {
                pace.confirmed(FRAME);
                pace.gap().as_millis()
            })
            .collect();
        assert_eq!(narrowing, [100, 50, 25, 16, 16]);
    }
}
