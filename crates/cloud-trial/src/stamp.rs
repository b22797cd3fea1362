//! Times inside of texts, so that whoever sees the text knows how long it took.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What stands before and behind a stamp. No markdown, and in no other word of a trial.
const SIGN: &str = "qz";

/// A moment, to be written into a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Microseconds since the clock began.
    pub made: u64,
}

impl fmt::Display for Stamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{SIGN}{}{SIGN}", self.made)
    }
}

/// A stamp that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Microseconds since the clock began at which it was made.
    pub made: u64,
    /// How long ago that was.
    pub delay: Duration,
}

/// Makes and reads stamps of one run.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// A clock that begins now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            began: Instant::now(),
        }
    }

    /// A moment at which something was due. What is late has waited since then, also where nobody could begin with it.
    #[must_use]
    pub fn stamp(self, due: Instant) -> Stamp {
        Stamp { made: self.at(due) }
    }

    /// Microseconds since the clock began, counted from one, so that every stamp is newer than none.
    fn at(self, moment: Instant) -> u64 {
        let since = moment.saturating_duration_since(self.began);
        u64::try_from(since.as_micros()).map_or(u64::MAX, |since| since.saturating_add(1))
    }

    /// Each stamp in `text` that is newer than `after`, in microseconds since the clock began, the oldest first.
    #[must_use]
    pub fn read(self, text: &str, after: u64) -> Vec<Seen> {
        let now = self.at(Instant::now());
        // The same text may hold a stamp more than once, and newer ones before older ones.
        let mut found = BTreeSet::new();
        let mut rest = text;
        while let Some(at) = rest.find(SIGN) {
            rest = &rest[at + SIGN.len()..];
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if digits == 0 || !rest[digits..].starts_with(SIGN) {
                continue;
            }
            let Ok(made) = rest[..digits].parse::<u64>() else {
                continue;
            };
            rest = &rest[digits + SIGN.len()..];
            if made > after {
                found.insert(made);
            }
        }
        let since = |made| Duration::from_micros(now.saturating_sub(made));
        found
            .into_iter()
            .map(|made| Seen {
                made,
                delay: since(made),
            })
            .collect()
    }
}

/// The stamps of all that one desktop told, the oldest first.
#[derive(Clone, Default)]
pub struct Stamps(Arc<Mutex<Vec<u64>>>);

impl Stamps {
    /// Adds the next one.
    pub fn add(&self, stamp: Stamp) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(stamp.made);
    }

    /// The last one, or nothing.
    #[must_use]
    pub fn newest(&self) -> u64 {
        let stamps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stamps.last().copied().unwrap_or_default()
    }

    /// How many of them, from the first that somebody saw, that one did not see.
    #[must_use]
    pub fn missing(&self, seen: &BTreeSet<u64>) -> usize {
        let Some(first) = seen.first() else { return 0 };
        let stamps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = stamps.iter().filter(|made| *made >= first);
        since.filter(|made| !seen.contains(made)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_read_once_and_in_order() {
        let clock = Clock::start();
        let due = Instant::now();
        let (first, second) = (clock.stamp(due), clock.stamp(due + Duration::from_millis(2)));
        let text = format!("<p>word {second} and qz {first} again {second}</p>");
        let seen = clock.read(&text, 0);
        let made: Vec<_> = seen.iter().map(|seen| seen.made).collect();
        assert_eq!(made, [first.made, second.made]);
        assert!(clock.read(&text, second.made).is_empty());
    }

    #[test]
    fn what_was_due_long_ago_has_waited_since_then() {
        let clock = Clock::start();
        let waited = Duration::from_secs(3);
        let late = Clock {
            began: clock
                .began
                .checked_sub(waited)
                .expect("the system runs for longer"),
        };
        let stamp = late.stamp(late.began);
        let seen = late.read(&stamp.to_string(), 0);
        assert!(seen[0].delay >= waited);
    }

    #[test]
    fn what_did_not_arrive_is_missed_also_where_later_things_did() {
        let stamps = Stamps::default();
        for made in 1..=5 {
            stamps.add(Stamp { made });
        }
        assert_eq!(stamps.newest(), 5);
        assert_eq!(stamps.missing(&BTreeSet::from([2, 3, 4, 5])), 0, "it came later");
        assert_eq!(stamps.missing(&BTreeSet::from([2, 4, 5])), 1);
        assert_eq!(stamps.missing(&BTreeSet::from([2, 3])), 2);
    }
}
