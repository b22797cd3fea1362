//! Times inside of texts, so that whoever sees the text knows how long it took.

use std::fmt;
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

    /// The moment.
    #[must_use]
    pub fn stamp(self) -> Stamp {
        Stamp { made: self.now() }
    }

    /// Microseconds since the clock began, counted from one, so that every stamp is newer than none.
    fn now(self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).map_or(u64::MAX, |now| now.saturating_add(1))
    }

    /// How long ago each stamp in `text` was made that is newer than `after`, in microseconds since the clock began; and
    /// the newest of them.
    #[must_use]
    pub fn read(self, text: &str, after: u64) -> (Vec<Duration>, u64) {
        let now = self.now();
        let mut newest = after;
        let mut delays = Vec::new();
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
            // The same text may hold a stamp more than once, and older ones before newer ones.
            if made > newest {
                newest = made;
                delays.push(Duration::from_micros(now.saturating_sub(made)));
            }
        }
        (delays, newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_read_once_and_in_order() {
        let clock = Clock::start();
        let first = clock.stamp();
        std::thread::sleep(Duration::from_millis(2));
        let second = clock.stamp();
        let text = format!("<p>word {first} and qz {second} again {second}</p>");
        let (delays, newest) = clock.read(&text, 0);
        assert_eq!(delays.len(), 2);
        assert!(delays[0] > delays[1]);
        assert!(clock.read(&text, newest).0.is_empty());
    }
}
