//! How many links leave within a while. A link a person presses is one; a page that somebody else has come to rule could
//! press thousands, each with a piece of what it read in its address.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Links within [`WITHIN`]: more than anybody reads.
const MOST: usize = 20;
const WITHIN: Duration = Duration::from_mins(1);

/// When the links of the last while were opened, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Opened(Mutex<VecDeque<Instant>>);

impl Opened {
    /// Whether one more may be opened. It counts then.
    pub(crate) fn one_more(&self, now: Instant) -> bool {
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while opened
            .front()
            .is_some_and(|first| now.saturating_duration_since(*first) >= WITHIN)
        {
            opened.pop_front();
        }
        if opened.len() >= MOST {
            return false;
        }
        opened.push_back(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_links_at_once_some_are_opened_and_later_some_more() {
        let opened = Opened::default();
        let start = Instant::now();
        let within = |from: Instant| (0..100).filter(|_| opened.one_more(from)).count();
        assert_eq!(within(start), MOST);
        assert_eq!(
            within(start + WITHIN / 2),
            0,
            "those that were refused count for nothing"
        );
        assert_eq!(within(start + WITHIN), MOST);
        assert_eq!(within(start + WITHIN), 0);
    }
}
