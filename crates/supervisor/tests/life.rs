//! Whatever happens to an engine, one at most is alive, it comes back by itself as long as that can help, and a person
//! can always start it.

#[path = "life/world.rs"]
mod world;

use std::time::Duration;

use cowork_supervisor::{
    Breaker, BreakerSettings, BreakerState, Command, DegradedReason, Hope, Input, Life, LifeState,
    StartCounts, Step, Verdict,
};
use proptest::prelude::*;

use Command::{Start, Stop, WakeAt};
use DegradedReason::{MemoryHigh, NotAnswering, StreamLost, StreamStalled};
use world::{World, any_event, any_settings, any_world, died, failure, seconds, start_failed};

fn is_starting(life: &Life) -> bool {
    matches!(life.state(), LifeState::Starting { .. })
}

fn is_broken(life: &Life) -> bool {
    matches!(life.state(), LifeState::Broken { .. })
}

/// A life whose engine is up since 0 s.
fn ready_life() -> Life {
    let mut life = Life::new(BreakerSettings::default());
    assert_eq!(life.handle(Input::WantStart, Duration::ZERO, 0.0), [Start]);
    assert_eq!(life.handle(Input::Up, Duration::ZERO, 0.0), []);
    life
}

/// A life that failed at each start until the breaker opened, at 0 s, and the time of its probe.
fn broken_life(settings: BreakerSettings) -> (Life, Duration) {
    let mut life = Life::new(settings);
    let mut commands = life.handle(Input::WantStart, Duration::ZERO, 0.0);
    while commands == [Start] {
        commands = life.handle(start_failed(Hope::Retry), Duration::ZERO, 0.0);
    }
    let [WakeAt(probe_at)] = commands[..] else {
        panic!("it waits for the probe, and does not {commands:?}");
    };
    (life, probe_at)
}

proptest! {
    #[test]
    fn nothing_starts_once_the_app_closes(
        mut world in any_world(),
        events in prop::collection::vec(any_event(), 0..60),
    ) {
        let was_alive = world.alive;
        world.tell(&Input::Shutdown, 0.0);
        prop_assert_eq!(world.alive, was_alive);
        prop_assert_eq!(world.stopping, was_alive, "one that lives is stopped");
        let starts = world.life.starts();
        for event in &events {
            world.perform(event);
        }
        world.tell(&Input::Ended, 0.0);
        prop_assert_eq!(world.life.state(), &LifeState::Stopped);
        prop_assert_eq!(world.life.starts(), starts);
        prop_assert_eq!(world.life.next_wake(), None);
    }

    #[test]
    fn a_person_can_always_start_it_and_is_counted_apart(mut world in any_world()) {
        let before = world.life.starts();
        let on_its_way = is_starting(&world.life) || (world.stopping && !world.person_waits);
        world.tell(&Input::PersonRetry, 0.5);
        if world.stopping {
            prop_assert_eq!(world.life.state(), &LifeState::Stopping);
            world.tell(&Input::Ended, 0.5);
        }
        prop_assert!(is_starting(&world.life));
        let expected = before.by_person + u64::from(!on_its_way);
        prop_assert_eq!(world.life.starts(), StartCounts { by_person: expected, ..before });
    }

    #[test]
    fn a_broken_engine_is_probed_exactly_once_after_the_cool_down(
        mut world in any_world(),
        ticks in prop::collection::vec(0_u64..500_000, 0..20),
    ) {
        // However it got here: it fails until it is broken, and then the probe fails too.
        let fail_until_broken = |world: &mut World| while !is_broken(&world.life) {
            let input = if world.alive { died() } else { Input::PersonRetry };
            world.tell(&input, 0.0);
        };
        if world.stopping {
            world.tell(&Input::Ended, 0.0);
        }
        if is_broken(&world.life) {
            world.tell(&Input::PersonRetry, 0.0);
        }
        for _ in 0..2 {
            fail_until_broken(&mut world);
            let Some(probe_at) = world.life.next_wake() else {
                panic!("it is left by itself");
            };
            let before = world.life.starts();
            world.now = probe_at.saturating_sub(Duration::from_nanos(1));
            world.tell(&Input::Tick, 0.0);
            prop_assert!(is_broken(&world.life));
            world.now = probe_at;
            world.tell(&Input::Tick, 0.0);
            prop_assert!(is_starting(&world.life));
            prop_assert_eq!(world.life.breaker(), BreakerState::HalfOpen);
            for pause in &ticks {
                world.now += Duration::from_millis(*pause);
                world.tell(&Input::Tick, 0.0);
            }
            let expected = StartCounts { automatic: before.automatic + 1, ..before };
            prop_assert_eq!(world.life.starts(), expected);
        }
    }

    #[test]
    fn an_open_breaker_closes_after_a_steady_run_and_not_before(settings in any_settings(), by_person: bool) {
        let (mut life, probe_at) = broken_life(settings);
        let input = if by_person { Input::PersonRetry } else { Input::Tick };
        prop_assert_eq!(life.handle(input, probe_at, 0.0), [Start]);
        let steady_at = probe_at + settings.clamped().steady;
        prop_assert_eq!(life.handle(Input::Up, probe_at, 0.0), [WakeAt(steady_at)]);
        let too_early = steady_at.saturating_sub(Duration::from_nanos(1));
        prop_assert_eq!(life.handle(Input::Tick, too_early, 0.0), [WakeAt(steady_at)]);
        prop_assert_eq!(life.breaker(), BreakerState::HalfOpen);
        prop_assert_eq!(life.handle(Input::Tick, steady_at, 0.0), []);
        prop_assert_eq!(life.breaker(), BreakerState::Closed);
    }

    #[test]
    fn a_breaker_gives_no_more_automatic_starts_than_a_window_holds_however_often_it_is_asked(
        settings in any_settings(),
        calls in prop::collection::vec((0_u8..8, 0_u64..20_000), 0..200),
    ) {
        let BreakerSettings { failures, window, steady, .. } = settings.clamped();
        let mut breaker = Breaker::new(settings);
        let (mut now, mut starts) = (Duration::ZERO, Vec::new());
        for (call, pause) in calls {
            now += Duration::from_millis(pause);
            match call {
                0 => breaker.start_by_person(),
                1 => prop_assert_eq!(breaker.ran(now, now + steady), true),
                2 => drop(breaker.failed(now, 0.0)),
                _ => {
                    let (state, promised) = (breaker.state(), breaker.next_automatic_start(now));
                    let started = breaker.start_automatically(now);
                    prop_assert_eq!(started, promised == Some(now));
                    prop_assert!(!started || state != BreakerState::HalfOpen);
                    starts.extend(started.then_some(now));
                }
            }
        }
        for group in starts.windows(failures as usize + 1) {
            prop_assert!(group[group.len() - 1] >= group[0] + window, "{:?}", group);
        }
    }

    #[test]
    fn a_delay_is_the_random_share_of_a_ceiling_that_doubles(random in 0.0..1.0, further in 1_u32..20) {
        let settings = BreakerSettings { failures: 50, ..BreakerSettings::default() };
        let mut breaker = Breaker::new(settings);
        prop_assert_eq!(breaker.failed(seconds(1), random), Verdict::StartAt(seconds(1)));
        let mut verdict = None;
        for _ in 0..further {
            verdict = Some(breaker.failed(seconds(1), random));
        }
        let ceiling = 2_f64.powf(f64::from(further) - 1.0).min(60.0);
        let expected = seconds(1) + Duration::from_secs_f64(ceiling * random);
        let Some(Verdict::StartAt(time)) = verdict else {
            panic!("it opened: {verdict:?}");
        };
        prop_assert!(time.abs_diff(expected) < Duration::from_micros(1), "{:?}", time);
    }
}

#[test]
fn after_the_first_death_in_a_while_it_starts_at_once() {
    let mut life = ready_life();
    for minute in [10, 20, 30] {
        let now = Duration::from_mins(minute);
        assert_eq!(life.handle(died(), now, 0.9), [Start], "minute {minute}");
        let attempt = 1;
        let step = Step::PreparingHome;
        assert_eq!(life.state(), &LifeState::Starting { step, attempt });
        assert_eq!(life.handle(Input::Up, now, 0.9), []);
    }
}

#[test]
fn after_further_deaths_it_waits_and_says_for_how_long() {
    let mut life = ready_life();
    assert_eq!(life.handle(died(), seconds(10), 0.5), [Start]);
    let until = seconds(11) + Duration::from_millis(500);
    assert_eq!(
        life.handle(start_failed(Hope::Retry), seconds(11), 0.5),
        [WakeAt(until)]
    );
    assert_eq!(life.state(), &LifeState::BackingOff { attempt: 3, until });
    assert_eq!(
        life.handle(Input::Tick, seconds(11), 0.5),
        [WakeAt(until)],
        "too early"
    );
    assert_eq!(life.handle(Input::Tick, until, 0.5), [Start]);
}

#[test]
fn after_the_fifth_failure_it_is_broken_and_the_probe_waits_for_room_in_the_window() {
    let (mut life, probe_at) = broken_life(BreakerSettings::default());
    assert_eq!((life.starts().automatic, probe_at), (5, seconds(120)));
    assert_eq!(life.handle(Input::Tick, probe_at, 0.0), [Start]);
    // The starts before have left the window by then; the cool-down has doubled.
    let next = probe_at + seconds(120);
    assert_eq!(
        life.handle(start_failed(Hope::Retry), probe_at, 0.0),
        [WakeAt(next)]
    );
    assert_eq!(life.breaker(), BreakerState::Open { since: probe_at });
}

#[test]
fn a_failed_retry_by_a_person_does_not_lengthen_the_cool_down() {
    let (mut life, _) = broken_life(BreakerSettings::default());
    for minute in 10..20 {
        let now = Duration::from_mins(minute);
        assert_eq!(life.handle(Input::PersonRetry, now, 0.0), [Start]);
        let commands = life.handle(start_failed(Hope::Retry), now, 0.0);
        assert_eq!(commands, [WakeAt(now + seconds(60))]);
    }
}

#[test]
fn an_engine_that_ran_steadily_before_it_died_is_no_failed_probe_even_without_a_tick() {
    let (mut life, probe_at) = broken_life(BreakerSettings::default());
    assert_eq!(life.handle(Input::PersonRetry, probe_at, 0.0), [Start]);
    let _ = life.handle(Input::Up, probe_at, 0.0);
    assert_eq!(life.handle(died(), probe_at + seconds(60), 0.9), [Start]);
    assert_eq!(life.breaker(), BreakerState::Closed);
}

#[test]
fn a_missing_program_and_a_hopeless_one_wait_for_a_person() {
    for hope in [Hope::NoProgram, Hope::Useless] {
        let mut life = Life::new(BreakerSettings::default());
        assert_eq!(life.handle(Input::WantStart, Duration::ZERO, 0.0), [Start]);
        assert_eq!(life.handle(start_failed(hope), seconds(1), 0.0), []);
        let (failure, probe_at) = (failure(), None);
        let expected = match hope {
            Hope::NoProgram => LifeState::Absent { failure },
            _ => LifeState::Broken { failure, probe_at },
        };
        assert_eq!(life.state(), &expected);
        assert_eq!(life.handle(Input::Tick, seconds(10_000), 0.0), []);
        assert_eq!(life.handle(Input::PersonRetry, seconds(10_000), 0.0), [Start]);
    }
}

#[test]
fn it_is_ready_again_only_when_every_reason_is_gone_and_shows_the_worst_until_then() {
    let mut life = ready_life();
    let mut told = |input| {
        assert_eq!(life.handle(input, seconds(1), 0.0), []);
        life.state().clone()
    };
    let degraded = |reason| LifeState::Degraded { reason };
    assert_eq!(told(Input::Degrade(StreamLost)), degraded(StreamLost));
    assert_eq!(told(Input::Degrade(MemoryHigh)), degraded(StreamLost));
    assert_eq!(told(Input::Degrade(NotAnswering)), degraded(NotAnswering));
    assert_eq!(told(Input::Recovered(NotAnswering)), degraded(StreamLost));
    assert_eq!(told(Input::Recovered(StreamStalled)), degraded(StreamLost));
    assert_eq!(told(Input::Recovered(StreamLost)), degraded(MemoryHigh));
    assert_eq!(told(Input::Recovered(MemoryHigh)), LifeState::Ready);
}

#[test]
fn a_restart_by_a_person_stops_the_running_one_first_and_a_shutdown_meanwhile_wins() {
    for closes in [false, true] {
        let mut life = ready_life();
        assert_eq!(life.handle(Input::PersonRetry, seconds(1), 0.0), [Stop]);
        assert_eq!(life.handle(Input::PersonRetry, seconds(1), 0.0), []);
        if closes {
            assert_eq!(life.handle(Input::Shutdown, seconds(1), 0.0), []);
        }
        let commands = life.handle(Input::Ended, seconds(2), 0.0);
        assert_eq!(commands, if closes { vec![] } else { vec![Start] });
        assert_eq!(life.starts().by_person, u64::from(!closes));
    }
}

#[test]
fn no_setting_turns_the_breaker_off() {
    let zero = BreakerSettings {
        failures: 0,
        window: Duration::ZERO,
        first_delay: Duration::ZERO,
        longest_delay: Duration::ZERO,
        cool_down: Duration::ZERO,
        steady: Duration::ZERO,
    };
    assert_eq!(zero.clamped(), BreakerSettings::default());
    let huge = BreakerSettings {
        failures: u32::MAX,
        window: Duration::MAX,
        first_delay: Duration::MAX,
        longest_delay: Duration::MAX,
        cool_down: Duration::MAX,
        steady: Duration::MAX,
    };
    for random in [-1.0, 2.0, f64::NAN, f64::INFINITY] {
        let mut breaker = Breaker::new(huge);
        let opened = (0..100).any(|_| matches!(breaker.failed(seconds(1), random), Verdict::ProbeAt(_)));
        assert!(opened);
    }
}

#[test]
fn a_failure_counts_until_the_window_is_over_and_no_longer() {
    let mut breaker = Breaker::new(BreakerSettings::default());
    assert_eq!(breaker.failed(seconds(0), 0.5), Verdict::StartAt(seconds(0)));
    assert_eq!(breaker.failed(seconds(120), 0.5), Verdict::StartAt(seconds(120)));
    let late = seconds(240).saturating_sub(Duration::from_nanos(1));
    assert_eq!(
        breaker.failed(late, 0.5),
        Verdict::StartAt(late + Duration::from_millis(500))
    );
}

#[test]
fn a_start_shows_how_far_it_has_come() {
    let mut life = Life::new(BreakerSettings::default());
    assert_eq!(life.handle(Input::WantStart, seconds(0), 0.0), [Start]);
    let (step, attempt) = (Step::Probing, 1);
    assert_eq!(life.handle(Input::Step(step), seconds(1), 0.0), []);
    assert_eq!(life.state(), &LifeState::Starting { step, attempt });
    assert_eq!(life.handle(Input::Up, seconds(2), 0.0), []);
    assert_eq!(life.handle(Input::Step(step), seconds(3), 0.0), []);
    assert_eq!(life.state(), &LifeState::Ready);
}

#[test]
fn a_time_that_goes_back_counts_as_the_latest() {
    let mut life = Life::new(BreakerSettings::default());
    assert_eq!(life.handle(Input::WantStart, seconds(100), 0.0), [Start]);
    assert_eq!(life.handle(start_failed(Hope::Retry), seconds(100), 0.0), [Start]);
    let until = seconds(100) + Duration::from_millis(500);
    assert_eq!(
        life.handle(start_failed(Hope::Retry), seconds(1), 0.5),
        [WakeAt(until)]
    );
}
