//! Bounds of what is kept, by organization, person and desktop.

use serde::{Deserialize, Serialize};

use super::words::word;

word! {
    /// What there is too much of.
    Quota {
        /// Desktops of an organization.
        Desktops = "desktops",
        /// Members and pending invitations of an organization.
        Members = "members",
        /// Tokens of a person.
        ApiTokens = "api_tokens",
        /// Organizations of a person.
        Organizations = "organizations",
        /// Commands that a desktop has not finished.
        Commands = "commands",
        /// Events of an organization in a day.
        EventsPerDay = "events_per_day",
        /// Bytes of an organization's log.
        LogBytes = "log_bytes",
    }
}

/// A bound is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub quota: Quota,
    /// How many there may be.
    pub limit: u64,
    /// After how many seconds it is worth to ask again; none when only somebody's deed makes room.
    pub retry_after: Option<u32>,
}

impl Reached {
    /// In words.
    #[must_use]
    pub fn says(self) -> String {
        let limit = self.limit;
        match self.quota {
            Quota::Desktops => {
                format!("this organization has {limit} desktops already; end the pairing of one first")
            }
            Quota::Members => format!("this organization has {limit} members and invitations already"),
            Quota::ApiTokens => format!("you have {limit} tokens already; take one back first"),
            Quota::Organizations => format!("you are in {limit} organizations already"),
            Quota::Commands => {
                format!("{limit} commands wait for this desktop already; try again when it has taken some")
            }
            Quota::EventsPerDay => {
                format!("this organization's desktops told {limit} events today; try again tomorrow")
            }
            Quota::LogBytes => format!("this organization's log has {limit} bytes, and no more are kept"),
        }
    }
}

/// The bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Desktops of an organization. The list of them is shown whole.
    pub desktops: u64,
    /// Members and pending invitations of an organization.
    pub members: u64,
    /// Tokens of a person in an organization.
    pub api_tokens: u64,
    /// Organizations of a person.
    pub organizations: u64,
    /// Commands of a desktop that are not over. Whoever gives more than a hundred does not look at what comes of them.
    pub commands: u64,
    /// Events of an organization in a day (of UTC): sixty in each second, all day.
    pub events_per_day: u64,
    /// Bytes of an organization's log: what its desktops told, and what commands carried.
    pub log_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            desktops: 500,
            members: 1_000,
            api_tokens: 50,
            organizations: 50,
            commands: 100,
            events_per_day: 5_000_000,
            log_bytes: 8 * 1024 * 1024 * 1024,
        }
    }
}

/// Milliseconds of a day.
pub const DAY: i64 = 24 * 60 * 60 * 1000;

/// The day of a moment, counted from the epoch.
#[must_use]
pub fn day(now: i64) -> i64 {
    now.div_euclid(DAY)
}

/// How an organization's log stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Events of today.
    pub events_today: u64,
    /// Bytes of its log.
    pub log_bytes: u64,
}

/// Whether so many more events of so many bytes are taken.
pub fn events_fit(limits: &Limits, used: Used, events: u64, bytes: u64, now: i64) -> Result<(), Reached> {
    if used.events_today.saturating_add(events) > limits.events_per_day {
        let seconds = ((day(now) + 1) * DAY - now).div_euclid(1000) + 1;
        return Err(Reached {
            quota: Quota::EventsPerDay,
            limit: limits.events_per_day,
            retry_after: u32::try_from(seconds).ok(),
        });
    }
    log_fits(limits, used, bytes)
}

/// Whether so many more bytes are taken.
pub fn log_fits(limits: &Limits, used: Used, bytes: u64) -> Result<(), Reached> {
    if used.log_bytes.saturating_add(bytes) > limits.log_bytes {
        // What is superseded goes after ten minutes, and that may be enough.
        return Err(Reached {
            quota: Quota::LogBytes,
            limit: limits.log_bytes,
            retry_after: Some(600),
        });
    }
    Ok(())
}

/// Whether one more is taken.
pub fn one_more(quota: Quota, there: u64, limit: u64, retry_after: Option<u32>) -> Result<(), Reached> {
    if there >= limit {
        Err(Reached {
            quota,
            limit,
            retry_after,
        })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_is_full_says_when_the_next_one_begins() {
        let limits = Limits {
            events_per_day: 10,
            ..Limits::default()
        };
        let noon = 5 * DAY + DAY / 2;
        let used = Used {
            events_today: 8,
            log_bytes: 0,
        };
        assert!(events_fit(&limits, used, 2, 100, noon).is_ok());
        let reached = events_fit(&limits, used, 3, 100, noon).unwrap_err();
        assert_eq!(reached.quota, Quota::EventsPerDay);
        assert_eq!(reached.retry_after, Some(12 * 60 * 60 + 1));
    }

    #[test]
    fn a_log_that_is_full_takes_nothing() {
        let limits = Limits {
            log_bytes: 1_000,
            ..Limits::default()
        };
        let used = Used {
            events_today: 0,
            log_bytes: 950,
        };
        assert!(events_fit(&limits, used, 1, 50, 0).is_ok());
        assert_eq!(
            events_fit(&limits, used, 1, 51, 0).unwrap_err().quota,
            Quota::LogBytes
        );
    }

    #[test]
    fn times_before_the_epoch_have_days_too() {
        assert_eq!(day(-1), -1);
        assert_eq!(day(0), 0);
        assert_eq!(day(DAY), 1);
    }
}
