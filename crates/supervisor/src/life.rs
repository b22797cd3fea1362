//! The life of the engine as one state machine: what is, and what follows from what happens.
//!
//! # Why it exists
//! Starts, deaths, clicks and timers arrive in any order. Decided in one place, they cannot start two engines, start
//! one while the app closes, or forget a person's wish.
//!
//! # When to use it
//! Tell [`Life::handle`] everything that happens, carry out the [`Command`]s it returns, show [`Life::state`].
//!
//! # What the caller keeps to
//! - `now` is the time since one arbitrary origin. A `now` that goes back counts as the latest one seen.
//! - Each [`Command::Start`] is answered by exactly one of [`Input::StartFailed`], [`Input::Died`] and
//!   [`Input::Ended`], told when no process of it is left. [`Input::Up`] may come before.
//! - [`Input::Tick`] comes at each [`Command::WakeAt`], or later. More ticks do no harm.
//!
//! # What holds
//! - No [`Command::Start`] while an engine may be alive, and none after [`Input::Shutdown`].
//! - Automatic starts keep to the [`Breaker`]; those of a person are always possible and counted apart.
//! - An input that makes no sense in a state changes nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::breaker::{Breaker, BreakerSettings, BreakerState, Verdict};
use crate::start::Step;

/// Why there is no engine, in a form that can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifeFailure {
    /// A stable name of the kind of failure, for example `died_at_start`. The interface finds its words by it.
    pub code: &'static str,
    /// What happened and what to do next. Already redacted.
    pub message: String,
}

/// Why an engine that runs is not well. In order of weight: the last is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DegradedReason {
    /// It takes more memory than it should. It works, still.
    MemoryHigh,
    /// Its stream of events is open but silent.
    StreamStalled,
    /// Its stream of events broke and is not back.
    StreamLost,
    /// It does not answer questions about its health.
    NotAnswering,
}

/// Where the engine is in its life. This is what a person is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LifeState {
    /// There is no program to start. Only a person's retry leads out: somebody must install it first.
    Absent {
        /// Why there is none.
        failure: LifeFailure,
    },
    /// It is being started.
    Starting {
        /// How far it has come.
        step: Step,
        /// Counts from 1, anew when a person starts the engine or when it ran steadily.
        attempt: u32,
    },
    /// It is up and well.
    Ready,
    /// It is up and not well.
    Degraded {
        /// The worst of the reasons that hold.
        reason: DegradedReason,
    },
    /// It failed and will be started again.
    BackingOff {
        /// The number of the attempt that will follow.
        attempt: u32,
        /// When that is.
        until: Duration,
    },
    /// It failed too often, or in a way that starting again cannot mend.
    Broken {
        /// The last failure.
        failure: LifeFailure,
        /// When one more start is tried. Only a person starts it when `None`.
        probe_at: Option<Duration>,
    },
    /// It was told to stop and is not gone yet.
    Stopping,
    /// There is none and none is wanted: before the first start, or after the shutdown.
    Stopped,
}

/// Whether starting again can help after a failed start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hope {
    /// It may work the next time.
    Retry,
    /// There is no program to start.
    NoProgram,
    /// It will fail in the same way each time, for example with the wrong version.
    Useless,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The app wants its engine: its first start, an automatic one.
    WantStart,
    /// A person wants the engine started, or started anew: one that is up is stopped first.
    PersonRetry,
    /// The start has come this far.
    Step(Step),
    /// The start succeeded.
    Up,
    /// The start failed and nothing of it is left.
    StartFailed {
        /// Why.
        failure: LifeFailure,
        /// What can be done about it.
        hope: Hope,
    },
    /// The engine ended without being told to.
    Died {
        /// How.
        failure: LifeFailure,
    },
    /// The engine that is up is not well. Several reasons can hold at once.
    Degrade(DegradedReason),
    /// This reason holds no more.
    Recovered(DegradedReason),
    /// Time has passed: what is due is done.
    Tick,
    /// The app closes. Nothing starts any more.
    Shutdown,
    /// The engine that was told to stop is gone.
    Ended,
}

/// What the caller must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Start an engine. None is alive.
    Start,
    /// Stop the engine, or give its start up, and tell [`Input::Ended`] when it is gone.
    Stop,
    /// Tell [`Input::Tick`] at this time, instead of at any time that was asked for before.
    WakeAt(Duration),
}

/// How often the engine was started, since the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StartCounts {
    /// By itself: the first start, the ones after failures, the probes.
    pub automatic: u64,
    /// Because a person asked.
    pub by_person: u64,
}

/// What follows when the engine that is being stopped is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AfterStop {
    StartForPerson,
    StayStopped,
}

/// One engine's life, from [`LifeState::Stopped`] before the first start to [`LifeState::Stopped`] after the shutdown.
#[derive(Clone, Debug)]
pub struct Life {
    state: LifeState,
    breaker: Breaker,
    starts: StartCounts,
    /// The number of the last attempt; 0 before the first and after a steady run.
    attempt: u32,
    /// Since when it is [`LifeState::Ready`] without a break. A degraded engine is not steady.
    ready_since: Option<Duration>,
    reasons: BTreeSet<DegradedReason>,
    after_stop: AfterStop,
    shut_down: bool,
    now: Duration,
}

impl Life {
    /// A life in which nothing has happened. The settings are taken within their bounds.
    #[must_use]
    pub fn new(settings: BreakerSettings) -> Self {
        Self {
            state: LifeState::Stopped,
            breaker: Breaker::new(settings),
            starts: StartCounts::default(),
            attempt: 0,
            ready_since: None,
            reasons: BTreeSet::new(),
            after_stop: AfterStop::StayStopped,
            shut_down: false,
            now: Duration::ZERO,
        }
    }

    /// Changes the settings, within their bounds. What was counted so far counts on.
    pub fn reconfigure(&mut self, settings: BreakerSettings) {
        self.breaker.reconfigure(settings);
    }

    /// Where the engine is.
    #[must_use]
    pub fn state(&self) -> &LifeState {
        &self.state
    }

    /// How often it was started.
    #[must_use]
    pub fn starts(&self) -> StartCounts {
        self.starts
    }

    /// Whether failures still lead to new starts.
    #[must_use]
    pub fn breaker(&self) -> BreakerState {
        self.breaker.state()
    }

    /// When the next [`Input::Tick`] has something to do, if ever.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        match &self.state {
            LifeState::BackingOff { until, .. } => Some(*until),
            LifeState::Broken { probe_at, .. } => *probe_at,
            LifeState::Ready | LifeState::Degraded { .. }
                if self.breaker.state() == BreakerState::HalfOpen =>
            {
                self.ready_since
                    .map(|since| since.saturating_add(self.breaker.settings().steady))
            }
            _ => None,
        }
    }

    /// Takes what happened at `now` and says what to do, in this order: at most one start or stop, then at most one
    /// time to wake. `random` in [0, 1) spreads the delays; give a new one each time.
    #[must_use]
    pub fn handle(&mut self, input: Input, now: Duration, random: f64) -> Vec<Command> {
        self.now = self.now.max(now);
        let wake_before = self.next_wake();
        let ticked = input == Input::Tick;
        // Before anything else, so that an engine that ran steadily and then died is not taken for a failed probe.
        self.note_run();
        let mut commands: Vec<Command> = self.take(input, random).into_iter().collect();
        // A tick that came too early used the timer up: it must be set again.
        if let Some(wake) = self.next_wake()
            && (ticked || wake_before != Some(wake))
        {
            commands.push(Command::WakeAt(wake));
        }
        commands
    }

    fn take(&mut self, input: Input, random: f64) -> Option<Command> {
        match input {
            Input::WantStart => self.start_first(),
            Input::PersonRetry => self.retry_by_person(),
            Input::Step(reached) => {
                if let LifeState::Starting { step, .. } = &mut self.state {
                    *step = reached;
                }
                None
            }
            Input::Up => {
                if matches!(self.state, LifeState::Starting { .. }) {
                    self.show_health();
                }
                None
            }
            Input::StartFailed { failure, hope } => match self.state {
                LifeState::Starting { .. } => self.fail(failure, hope, random),
                LifeState::Stopping => self.end(),
                _ => None,
            },
            Input::Died { failure } => match self.state {
                LifeState::Starting { .. } | LifeState::Ready | LifeState::Degraded { .. } => {
                    self.fail(failure, Hope::Retry, random)
                }
                // It died before the stop reached it. Gone is gone, and nobody is to blame.
                LifeState::Stopping => self.end(),
                _ => None,
            },
            Input::Degrade(reason) => {
                if self.is_up() && self.reasons.insert(reason) {
                    self.show_health();
                }
                None
            }
            Input::Recovered(reason) => {
                if self.is_up() && self.reasons.remove(&reason) {
                    self.show_health();
                }
                None
            }
            Input::Tick => self.start_if_due(),
            Input::Shutdown => self.shut_down(),
            Input::Ended if self.state == LifeState::Stopping => self.end(),
            Input::Ended => None,
        }
    }

    fn is_up(&self) -> bool {
        matches!(self.state, LifeState::Ready | LifeState::Degraded { .. })
    }

    /// Sets the state of an engine that is up from the reasons that hold.
    fn show_health(&mut self) {
        if let Some(&reason) = self.reasons.last() {
            self.ready_since = None;
            self.state = LifeState::Degraded { reason };
        } else {
            self.ready_since = Some(self.now);
            self.state = LifeState::Ready;
        }
    }

    fn note_run(&mut self) {
        if let Some(since) = self.ready_since
            && self.breaker.ran(since, self.now)
        {
            self.attempt = 0;
        }
    }

    fn start_first(&mut self) -> Option<Command> {
        if self.shut_down || self.state != LifeState::Stopped {
            return None;
        }
        self.wait_until(self.now)
    }

    /// Also the way to start at once: the wait is over when it begins then.
    fn wait_until(&mut self, until: Duration) -> Option<Command> {
        let attempt = self.attempt.saturating_add(1);
        self.state = LifeState::BackingOff { attempt, until };
        self.start_if_due()
    }

    /// The only way to an automatic start.
    fn start_if_due(&mut self) -> Option<Command> {
        let due = self.start_due_at()?;
        if due > self.now || !self.breaker.start_automatically(self.now) {
            return None;
        }
        self.starts.automatic = self.starts.automatic.saturating_add(1);
        Some(self.start(self.attempt.saturating_add(1)))
    }

    fn start_due_at(&self) -> Option<Duration> {
        match &self.state {
            LifeState::BackingOff { until, .. } => Some(*until),
            LifeState::Broken { probe_at, .. } => *probe_at,
            _ => None,
        }
    }

    fn retry_by_person(&mut self) -> Option<Command> {
        match self.state {
            LifeState::Ready | LifeState::Degraded { .. } => Some(self.stop(AfterStop::StartForPerson)),
            // It is on its way, or is about to be.
            LifeState::Starting { .. } | LifeState::Stopping => None,
            LifeState::Stopped if self.shut_down => None,
            LifeState::Absent { .. }
            | LifeState::BackingOff { .. }
            | LifeState::Broken { .. }
            | LifeState::Stopped => Some(self.start_for_person()),
        }
    }

    fn start_for_person(&mut self) -> Command {
        self.breaker.start_by_person();
        self.starts.by_person = self.starts.by_person.saturating_add(1);
        self.start(1)
    }

    fn start(&mut self, attempt: u32) -> Command {
        self.attempt = attempt;
        self.state = LifeState::Starting {
            step: Step::PreparingHome,
            attempt,
        };
        Command::Start
    }

    fn fail(&mut self, failure: LifeFailure, hope: Hope, random: f64) -> Option<Command> {
        self.forget_run();
        match hope {
            Hope::NoProgram => {
                self.breaker.gave_up(self.now);
                self.state = LifeState::Absent { failure };
                None
            }
            Hope::Useless => {
                self.breaker.gave_up(self.now);
                self.state = LifeState::Broken {
                    failure,
                    probe_at: None,
                };
                None
            }
            Hope::Retry => match self.breaker.failed(self.now, random) {
                Verdict::StartAt(until) => self.wait_until(until),
                Verdict::ProbeAt(probe_at) => {
                    self.state = LifeState::Broken {
                        failure,
                        probe_at: Some(probe_at),
                    };
                    None
                }
            },
        }
    }

    fn shut_down(&mut self) -> Option<Command> {
        self.shut_down = true;
        match self.state {
            LifeState::Starting { .. } | LifeState::Ready | LifeState::Degraded { .. } => {
                Some(self.stop(AfterStop::StayStopped))
            }
            // It was told to stop already, perhaps to start again: it shall not.
            LifeState::Stopping => {
                self.after_stop = AfterStop::StayStopped;
                None
            }
            LifeState::Absent { .. }
            | LifeState::BackingOff { .. }
            | LifeState::Broken { .. }
            | LifeState::Stopped => {
                self.state = LifeState::Stopped;
                None
            }
        }
    }

    fn stop(&mut self, after_stop: AfterStop) -> Command {
        self.forget_run();
        self.after_stop = after_stop;
        self.state = LifeState::Stopping;
        Command::Stop
    }

    fn end(&mut self) -> Option<Command> {
        match self.after_stop {
            AfterStop::StartForPerson => Some(self.start_for_person()),
            AfterStop::StayStopped => {
                self.state = LifeState::Stopped;
                None
            }
        }
    }

    /// What was known of one engine says nothing about the next.
    fn forget_run(&mut self) {
        self.ready_since = None;
        self.reasons.clear();
    }
}
