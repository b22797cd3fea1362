//! A pretended engine with a life, held to the laws after each input by a second, plain account.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use cowork_supervisor::{
    BreakerSettings, BreakerState, Command, DegradedReason, Hope, Input, Life, LifeFailure, LifeState,
    StartCounts, Step,
};
use proptest::prelude::*;

use Command::{Start, Stop, WakeAt};
use DegradedReason::{MemoryHigh, NotAnswering, StreamLost, StreamStalled};

/// How far a cool-down may double.
const LONGEST_COOL_DOWN: Duration = Duration::from_mins(10);

pub(crate) fn failure() -> LifeFailure {
    LifeFailure {
        code: "died_at_start",
        message: "the engine ended while starting".to_owned(),
    }
}

pub(crate) fn start_failed(hope: Hope) -> Input {
    Input::StartFailed {
        failure: failure(),
        hope,
    }
}

pub(crate) fn died() -> Input {
    Input::Died { failure: failure() }
}

pub(crate) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Runs a life against an engine that does as told, and holds it to the laws after each input by a second, plain
/// account of what has happened.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts as they were told, not a state machine again"
)]
pub(crate) struct World {
    pub(crate) life: Life,
    settings: BreakerSettings,
    pub(crate) now: Duration,
    pub(crate) alive: bool,
    up: bool,
    pub(crate) stopping: bool,
    pub(crate) person_waits: bool,
    shut_down: bool,
    well_since: Option<Duration>,
    reasons: BTreeSet<DegradedReason>,
    failures: Vec<Duration>,
    automatic: Vec<Duration>,
    by_person: u64,
    breaker: BreakerState,
    timer: Option<Duration>,
}

impl World {
    fn new(settings: BreakerSettings) -> Self {
        Self {
            life: Life::new(settings),
            settings: settings.clamped(),
            now: Duration::ZERO,
            alive: false,
            up: false,
            stopping: false,
            person_waits: false,
            shut_down: false,
            well_since: None,
            reasons: BTreeSet::new(),
            failures: Vec::new(),
            automatic: Vec::new(),
            by_person: 0,
            breaker: BreakerState::Closed,
            timer: None,
        }
    }

    pub(crate) fn perform(&mut self, event: &Event) {
        self.now += event.pause;
        match &event.happening {
            Happening::Say(input) => self.tell(input, event.random),
            Happening::Answer(answer) if self.alive => {
                let input = match answer {
                    _ if self.stopping => Input::Ended,
                    0..3 if !self.up => Input::Up,
                    3 if !self.up => start_failed(Hope::Retry),
                    _ => died(),
                };
                self.tell(&input, event.random);
            }
            Happening::Answer(_) | Happening::Wait => {
                self.now = self.now.max(self.life.next_wake().unwrap_or(self.now));
                self.tell(&Input::Tick, event.random);
            }
        }
    }

    pub(crate) fn tell(&mut self, input: &Input, random: f64) {
        self.close_after_a_steady_run();
        let before = self.life.state().clone();
        let commands = self.life.handle(input.clone(), self.now, random);
        let retried = *input == Input::PersonRetry && !self.shut_down;
        let has_ended = self.note_end(input);
        self.note_health(input);
        if *input == Input::Shutdown {
            self.shut_down = true;
            self.person_waits = false;
        }
        let due = match before {
            LifeState::BackingOff { until, .. } => Some(until),
            LifeState::Broken { probe_at, .. } => probe_at,
            _ => None,
        };
        let mut due_to_person = has_ended && self.person_waits;
        match before {
            LifeState::Ready | LifeState::Degraded { .. } if retried => {
                assert_eq!(commands, [Stop]);
                self.person_waits = true;
            }
            LifeState::Starting { .. } | LifeState::Stopping => {}
            _ => due_to_person |= retried,
        }
        match commands.first() {
            Some(Start) => {
                assert!(due_to_person || due <= Some(self.now), "a start before its time");
                self.note_start(due_to_person);
            }
            Some(Stop) => {
                assert!(self.alive && !self.stopping, "there is one to stop, once");
                self.stopping = true;
                self.well_since = None;
            }
            Some(WakeAt(_)) | None => {}
        }
        assert!(
            !due_to_person || commands.first() == Some(&Start),
            "a person gets a start"
        );
        self.check_timer(input, &commands);
        self.check_state();
    }

    fn close_after_a_steady_run(&mut self) {
        let steady = self
            .well_since
            .is_some_and(|since| self.now >= since + self.settings.steady);
        if steady && self.breaker == BreakerState::HalfOpen {
            self.breaker = BreakerState::Closed;
            self.failures.clear();
        }
    }

    /// Whether this input is the end of the engine.
    fn note_end(&mut self, input: &Input) -> bool {
        let hope = match input {
            Input::StartFailed { hope, .. } if self.alive && (self.stopping || !self.up) => *hope,
            Input::Died { .. } if self.alive => Hope::Retry,
            Input::Ended if self.stopping => Hope::Retry,
            _ => return false,
        };
        if !self.stopping {
            self.note_failure(hope);
        }
        self.alive = false;
        self.up = false;
        self.stopping = false;
        self.well_since = None;
        self.reasons.clear();
        true
    }

    fn note_failure(&mut self, hope: Hope) {
        if hope == Hope::Retry {
            self.failures.push(self.now);
        }
        let too_many = hope == Hope::Retry && self.recent_failures() >= self.settings.failures as usize;
        if too_many || self.breaker == BreakerState::HalfOpen {
            self.breaker = BreakerState::Open { since: self.now };
        }
    }

    fn recent_failures(&self) -> usize {
        let recent = |time: &&Duration| self.now < **time + self.settings.window;
        self.failures.iter().filter(recent).count()
    }

    fn note_health(&mut self, input: &Input) {
        match input {
            Input::Up if self.alive && !self.stopping && !self.up => {
                self.up = true;
                self.well_since = Some(self.now);
            }
            Input::Degrade(reason) if self.up && !self.stopping => {
                self.reasons.insert(*reason);
                self.well_since = None;
            }
            Input::Recovered(reason) if self.up && !self.stopping => {
                let held = self.reasons.remove(reason);
                if held && self.reasons.is_empty() {
                    self.well_since = Some(self.now);
                }
            }
            _ => {}
        }
    }

    fn note_start(&mut self, due_to_person: bool) {
        assert!(!self.alive, "two engines");
        assert!(!self.shut_down, "a start after the shutdown");
        self.alive = true;
        self.person_waits = false;
        if due_to_person {
            self.by_person += 1;
        } else {
            match self.breaker {
                BreakerState::Closed => {}
                BreakerState::Open { since } => assert!(self.now >= since + self.settings.cool_down),
                BreakerState::HalfOpen => panic!("a second probe"),
            }
            assert!(
                self.now >= self.room_at(),
                "too many starts: {:?}",
                self.automatic
            );
            self.automatic.push(self.now);
        }
        if self.breaker != BreakerState::Closed {
            self.breaker = BreakerState::HalfOpen;
        }
    }

    /// When the last but N automatic start leaves the window.
    fn room_at(&self) -> Duration {
        let oldest = self.automatic.len().checked_sub(self.settings.failures as usize);
        oldest.map_or(Duration::ZERO, |index| {
            self.automatic[index] + self.settings.window
        })
    }

    fn check_timer(&mut self, input: &Input, commands: &[Command]) {
        if *input == Input::Tick {
            self.timer = None;
        }
        match commands {
            [] | [Start | Stop] => {}
            [WakeAt(time)] | [Start | Stop, WakeAt(time)] => self.timer = Some(*time),
            _ => panic!("too much at once: {commands:?}"),
        }
        let wake = self.life.next_wake();
        assert!(
            wake.is_none() || wake == self.timer,
            "it is woken when it needs to be"
        );
        assert!(*input != Input::Tick || wake.is_none_or(|wake| wake > self.now));
    }

    fn check_state(&self) {
        assert_eq!(self.life.breaker(), self.breaker);
        let counts = StartCounts {
            automatic: self.automatic.len() as u64,
            by_person: self.by_person,
        };
        assert_eq!(self.life.starts(), counts);
        match self.life.state() {
            LifeState::Starting { attempt, .. } => {
                assert!(self.alive && !self.up && !self.stopping && *attempt > 0);
            }
            LifeState::Ready => {
                assert!(self.alive && self.up && !self.stopping && self.reasons.is_empty());
            }
            LifeState::Degraded { reason } => {
                assert!(self.alive && self.up && !self.stopping);
                assert_eq!(self.reasons.last(), Some(reason), "the worst is shown");
            }
            LifeState::Stopping => assert!(self.alive && self.stopping),
            LifeState::BackingOff { until, .. } => {
                assert!(!self.alive && self.breaker == BreakerState::Closed);
                let last = self.failures.last().copied().unwrap_or_default();
                assert!(*until <= (last + self.ceiling()).max(self.room_at()));
            }
            LifeState::Broken {
                probe_at: Some(time), ..
            } => {
                let BreakerState::Open { since } = self.breaker else {
                    panic!("broken, and not open");
                };
                assert!(!self.alive && *time >= since + self.settings.cool_down);
                let longest = LONGEST_COOL_DOWN.max(self.settings.cool_down);
                assert!(*time <= (since + longest).max(self.room_at()));
            }
            LifeState::Absent { .. } | LifeState::Broken { probe_at: None, .. } => assert!(!self.alive),
            LifeState::Stopped => assert!(!self.alive && (self.shut_down || self.failures.is_empty())),
        }
    }

    /// The ceiling of the delay after the last failure, counted by hand.
    fn ceiling(&self) -> Duration {
        let Some(last) = self.failures.last() else {
            return Duration::ZERO;
        };
        let counts = |time: &&Duration| *last < **time + self.settings.window;
        let mut ceiling = Duration::ZERO;
        for _ in 1..self.failures.iter().filter(counts).count() {
            ceiling = (ceiling * 2).clamp(self.settings.first_delay, self.settings.longest_delay);
        }
        ceiling
    }
}

#[derive(Clone, Debug)]
enum Happening {
    /// Whether it makes sense or not.
    Say(Input),
    /// What the engine does: mostly it comes up, and then dies. Time passes when there is none.
    Answer(u8),
    /// The time passes until something is due.
    Wait,
}

#[derive(Clone, Debug)]
pub(crate) struct Event {
    pause: Duration,
    happening: Happening,
    random: f64,
}

pub(crate) fn any_settings() -> impl Strategy<Value = BreakerSettings> {
    let wild = (0_u32..6, 0_u64..200, 0_u64..9, 0_u64..90, 0_u64..90, 0_u64..90).prop_map(
        |(failures, window, first, longest, cool_down, steady)| BreakerSettings {
            failures,
            window: seconds(window),
            first_delay: seconds(first),
            longest_delay: seconds(longest),
            cool_down: seconds(cool_down),
            steady: seconds(steady),
        },
    );
    prop_oneof![Just(BreakerSettings::default()), wild]
}

fn any_input() -> impl Strategy<Value = Input> {
    let hope = prop_oneof![Just(Hope::Retry), Just(Hope::NoProgram), Just(Hope::Useless)];
    let reason = prop_oneof![
        Just(StreamStalled),
        Just(StreamLost),
        Just(NotAnswering),
        Just(MemoryHigh)
    ];
    prop_oneof![
        Just(Input::WantStart),
        Just(Input::PersonRetry),
        Just(Input::Step(Step::Probing)),
        Just(Input::Up),
        hope.prop_map(start_failed),
        Just(died()),
        reason.clone().prop_map(Input::Degrade),
        reason.prop_map(Input::Recovered),
        Just(Input::Tick),
        Just(Input::Ended),
    ]
}

pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    let happening = prop_oneof![
        5 => (0_u8..6).prop_map(Happening::Answer),
        2 => Just(Happening::Wait),
        2 => any_input().prop_map(Happening::Say),
    ];
    let milliseconds = prop_oneof![4 => 0_u64..50, 2 => 0_u64..3_000, 1 => 0_u64..150_000];
    (happening, milliseconds, 0.0..1.0).prop_map(|(happening, pause, random)| Event {
        pause: Duration::from_millis(pause),
        happening,
        random,
    })
}

/// A world after its first start and some two hundred events, without a shutdown.
pub(crate) fn any_world() -> impl Strategy<Value = World> {
    (any_settings(), prop::collection::vec(any_event(), 0..200)).prop_map(|(settings, events)| {
        let mut world = World::new(settings);
        world.tell(&Input::WantStart, 0.0);
        for event in &events {
            world.perform(event);
        }
        world
    })
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} at {:?}", self.life, self.now)
    }
}
