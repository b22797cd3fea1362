//! Whether a failed engine is started again, when, and when not any more.
//!
//! # Why it exists
//! An engine that fails once should be back before anyone notices. One that fails again and again heats the computer,
//! fills the log and hides the reason. So the first failure is forgiven at once, further ones cost more and more
//! time, and after some the breaker opens: nothing starts by itself until the cool-down is over, and then once.
//!
//! # What holds
//! - At most [`BreakerSettings::failures`] automatic starts in any [`BreakerSettings::window`], probes among them.
//!   A window holds its beginning and not its end.
//! - Only an engine that ran for [`BreakerSettings::steady`] closes an open breaker.
//! - A start by a person is never refused, and takes no room from the automatic ones.
//!
//! It reads no clock and rolls no dice. Every `now` is a time since one arbitrary origin and never goes back; every
//! `random` is in [0, 1).

use std::collections::VecDeque;
use std::time::Duration;

/// How far the cool-down grows by doubling. A person who comes back after lunch should find a new try, not a wait.
const LONGEST_COOL_DOWN: Duration = Duration::from_mins(10);

/// As many failures as one can ask for. It bounds what is remembered; nobody wants a hundred starts in a row.
const MOST_FAILURES: u32 = 100;

/// The shortest window. In a shorter one not even the quickest failing starts would meet.
const SHORTEST_WINDOW: Duration = Duration::from_secs(10);

/// The shortest cool-down and steady run. Less than a second is no pause and no proof.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// The shortest ceiling of a delay. It keeps doubling from staying at nothing.
const SHORTEST_DELAY: Duration = Duration::from_millis(10);

/// The longest of any setting. More is a mistake in the unit, and sums of it stay far from overflowing.
const LONGEST: Duration = Duration::from_hours(24);

/// When to try again and when to stop trying. [`Breaker::new`] takes it [`clamped`](Self::clamped).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// How many failures within the window open the breaker, and how many automatic starts fit into one window.
    pub failures: u32,
    /// How long a failure, or an automatic start, counts.
    pub window: Duration,
    /// The ceiling of the delay after the second failure in the window; it doubles with each further one. After the
    /// first there is no delay.
    pub first_delay: Duration,
    /// Where the doubling of the delay ends.
    pub longest_delay: Duration,
    /// From the opening to the probe. Each failed probe doubles it, up to ten minutes.
    pub cool_down: Duration,
    /// How long an engine must run before an open breaker closes.
    pub steady: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures: 5,
            window: Duration::from_mins(2),
            first_delay: Duration::from_secs(1),
            longest_delay: Duration::from_mins(1),
            cool_down: Duration::from_mins(1),
            steady: Duration::from_mins(1),
        }
    }
}

impl BreakerSettings {
    /// The same settings within sensible bounds: nothing turns the breaker off.
    ///
    /// A zero means the default. Other values are moved to the nearest bound: 1 to 100 failures, a window of at least
    /// 10 s, a cool-down and a steady run of at least 1 s, delays of at least 10 ms, nothing longer than a day, and
    /// the longest delay no shorter than the first.
    #[must_use]
    pub fn clamped(self) -> Self {
        let default = Self::default();
        let bound = |value: Duration, otherwise: Duration, shortest: Duration| {
            if value.is_zero() { otherwise } else { value }.clamp(shortest, LONGEST)
        };
        let failures = if self.failures == 0 {
            default.failures
        } else {
            self.failures.min(MOST_FAILURES)
        };
        let first_delay = bound(self.first_delay, default.first_delay, SHORTEST_DELAY);
        Self {
            failures,
            window: bound(self.window, default.window, SHORTEST_WINDOW),
            first_delay,
            longest_delay: bound(self.longest_delay, default.longest_delay, first_delay),
            cool_down: bound(self.cool_down, default.cool_down, SHORTEST_PAUSE),
            steady: bound(self.steady, default.steady, SHORTEST_PAUSE),
        }
    }
}

/// What the breaker lets happen by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Failures lead to new starts.
    Closed,
    /// Too many failures: nothing starts by itself before the probe.
    Open {
        /// The failure that opened it, or opened it again.
        since: Duration,
    },
    /// One start is being tried, or its engine has not run steadily yet. Its failure opens the breaker again.
    HalfOpen,
}

/// What follows a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Start again at this time, which may be now.
    StartAt(Duration),
    /// The breaker is open. One probe may start at this time.
    ProbeAt(Duration),
}

#[derive(Clone, Copy, Debug)]
enum Position {
    Closed,
    Open { since: Duration, cool_down: Duration },
    HalfOpen { cool_down: Duration, by_person: bool },
}

/// The memory of failures and starts of one engine, and what follows from it.
///
/// Give it each automatic start, each start by a person, each failure and each steady run. It starts closed.
#[derive(Clone, Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    position: Position,
    /// Those within the window, oldest first, since the breaker last closed. Never more than the settings allow.
    failures: VecDeque<Duration>,
    /// The last automatic starts, oldest first, as many as fit into one window. Closing does not forget them: the
    /// bound on starts holds over every window.
    automatic_starts: VecDeque<Duration>,
}

impl Breaker {
    /// A closed breaker that remembers nothing.
    #[must_use]
    pub fn new(settings: BreakerSettings) -> Self {
        Self {
            settings: settings.clamped(),
            position: Position::Closed,
            failures: VecDeque::new(),
            automatic_starts: VecDeque::new(),
        }
    }

    /// Changes the settings, within their bounds. What was counted so far counts on, as far as the new ones ask for it.
    pub fn reconfigure(&mut self, settings: BreakerSettings) {
        self.settings = settings.clamped();
    }

    /// The settings in force, within their bounds.
    #[must_use]
    pub fn settings(&self) -> BreakerSettings {
        self.settings
    }

    /// Closed, open or half-open.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        match self.position {
            Position::Closed => BreakerState::Closed,
            Position::Open { since, .. } => BreakerState::Open { since },
            Position::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// When the next automatic start is allowed, from `now` on. `None` while half-open: its one start was used.
    #[must_use]
    pub fn next_automatic_start(&self, now: Duration) -> Option<Duration> {
        let allowed = match self.position {
            Position::Closed => now,
            Position::Open { since, cool_down } => since.saturating_add(cool_down),
            Position::HalfOpen { .. } => return None,
        };
        Some(allowed.max(now).max(self.room_at()))
    }

    /// Takes the right to one automatic start at `now`. When it answers `false`, nothing may start and nothing changed.
    #[must_use]
    pub fn start_automatically(&mut self, now: Duration) -> bool {
        if self.next_automatic_start(now) != Some(now) {
            return false;
        }
        while self.automatic_starts.len() >= self.capacity() {
            self.automatic_starts.pop_front();
        }
        self.automatic_starts.push_back(now);
        if let Position::Open { cool_down, .. } = self.position {
            self.position = Position::HalfOpen {
                cool_down,
                by_person: false,
            };
        }
        true
    }

    /// Notes a start that a person asked for. It is always allowed; out of open it is the probe.
    pub fn start_by_person(&mut self) {
        if let Position::Open { cool_down, .. } | Position::HalfOpen { cool_down, .. } = self.position {
            self.position = Position::HalfOpen {
                cool_down,
                by_person: true,
            };
        }
    }

    /// Notes that a start failed, or that a running engine died, and says what follows.
    ///
    /// After the first failure in the window a start follows at once. After the k-th further one it follows after
    /// `random` times the ceiling, which is the first delay doubled k - 1 times, up to the longest. Spread over the
    /// whole ceiling, so that several apps that failed together do not start together.
    pub fn failed(&mut self, now: Duration, random: f64) -> Verdict {
        self.remember_failure(now);
        match self.position {
            Position::Closed if self.failures.len() >= self.capacity() => {
                self.open(now, self.settings.cool_down)
            }
            Position::Closed => {
                let wanted = now.saturating_add(self.delay(random));
                Verdict::StartAt(wanted.max(self.room_at()))
            }
            Position::HalfOpen {
                cool_down,
                by_person: false,
            } => {
                let longest = LONGEST_COOL_DOWN.max(self.settings.cool_down);
                self.open(now, cool_down.saturating_mul(2).min(longest))
            }
            // It cools down again, but no longer than before: whoever tries often must not wait longer for it.
            Position::HalfOpen { cool_down, .. } | Position::Open { cool_down, .. } => {
                self.open(now, cool_down)
            }
        }
    }

    /// Notes a failure that no further start can mend. It does not count, but it ends a probe.
    pub fn gave_up(&mut self, now: Duration) {
        if let Position::HalfOpen { cool_down, .. } = self.position {
            self.open(now, cool_down);
        }
    }

    /// Notes that the engine has run well from `since` to `now`, and says whether that is a steady run. One closes
    /// a half-open breaker and clears the memory of failures.
    pub fn ran(&mut self, since: Duration, now: Duration) -> bool {
        let steady = now.saturating_sub(since) >= self.settings.steady;
        if steady && matches!(self.position, Position::HalfOpen { .. }) {
            self.position = Position::Closed;
            self.failures.clear();
        }
        steady
    }

    fn open(&mut self, since: Duration, cool_down: Duration) -> Verdict {
        self.position = Position::Open { since, cool_down };
        Verdict::ProbeAt(since.saturating_add(cool_down).max(self.room_at()))
    }

    fn remember_failure(&mut self, now: Duration) {
        let window = self.settings.window;
        self.failures
            .retain(|failure| now.saturating_sub(*failure) < window);
        while self.failures.len() >= self.capacity() {
            self.failures.pop_front();
        }
        self.failures.push_back(now);
    }

    /// The delay after the failure that was just remembered.
    fn delay(&self, random: f64) -> Duration {
        let further = u32::try_from(self.failures.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let Some(doublings) = further.checked_sub(1) else {
            return Duration::ZERO;
        };
        let ceiling = self
            .settings
            .first_delay
            .saturating_mul(2_u32.saturating_pow(doublings))
            .min(self.settings.longest_delay);
        // Broken dice must neither panic here nor make the engine hammer.
        let share = if random.is_finite() {
            random.clamp(0.0, 1.0)
        } else {
            1.0
        };
        ceiling.mul_f64(share)
    }

    /// When one more automatic start fits into every window that it would be in.
    fn room_at(&self) -> Duration {
        let Some(oldest) = self.automatic_starts.len().checked_sub(self.capacity()) else {
            return Duration::ZERO;
        };
        self.automatic_starts
            .get(oldest)
            .map_or(Duration::ZERO, |oldest| {
                oldest.saturating_add(self.settings.window)
            })
    }

    fn capacity(&self) -> usize {
        usize::try_from(self.settings.failures).unwrap_or(usize::MAX)
    }
}
