//! The engine is stopped for a minute and then goes on, as after a debugger, or on a machine that swaps.

use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;

use super::{PACE, SAID, Scene};
use crate::harness::{prompt, rounds, signal};

/// How long it stands still.
const STOPPED: Duration = Duration::from_mins(1);

#[test]
fn stopped_for_a_minute_it_loses_nothing() {
    rounds("engine stopped for a minute", |round| {
        let mut scene = Scene::new(round);
        let streams = round.is_even();
        let text = prompt("Tell me", [vec![scene.words.slowly(PACE)]]);
        let asked = scene.app.send(text);
        if streams {
            scene.app.until_said(&asked, round.amount(SAID));
        } else {
            scene.app.ends_whole(&asked, &scene.words);
        }
        let engine = scene.home.engine();
        assert!(signal(engine, Signal::STOP), "the engine lived until now");
        scene.app.until("the news that it does not answer", |screen| {
            let told = |name: &str| {
                screen
                    .engine
                    .iter()
                    .any(|(_, state)| format!("{state:?}").contains(name))
            };
            (told("StreamStalled") || told("NotAnswering")).then_some(())
        });
        sleep(STOPPED);
        // One that had nothing to do may have been ended by then, and another be there in its place.
        let lives = signal(engine, Signal::CONT);
        assert!(
            lives || !streams,
            "an engine at work is not given up after a minute"
        );
        scene.app.until("an engine that is well", |screen| {
            let well = screen
                .engine
                .last()
                .is_some_and(|(_, state)| matches!(state, cowork_workspace::view::EngineState::Ready { .. }));
            well.then_some(())
        });
        scene.app.ends_whole(&asked, &scene.words);
        scene.ends_well();
    });
}
