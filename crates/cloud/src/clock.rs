//! The time, and how it is spelled on the wire.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the epoch.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A time as the protocol spells it: ISO 8601 in UTC with milliseconds.
#[must_use]
pub fn spelled(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}

/// The time that is spelled so, in milliseconds since the epoch.
#[must_use]
pub fn read(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>()
        .ok()
        .map(jiff::Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_was_spelled() {
        assert_eq!(spelled(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(spelled(1_790_000_000_123), "2026-09-21T14:13:20.123Z");
        assert_eq!(read(&spelled(1_790_000_000_123)), Some(1_790_000_000_123));
        assert_eq!(read("2026-09-21T16:13:20.123+02:00"), Some(1_790_000_000_123));
        for text in ["", "now", "2026-09-21", "2026-09-21T14:13:20"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
