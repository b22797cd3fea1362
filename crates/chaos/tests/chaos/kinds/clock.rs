//! The clock of the wall jumps, as when the computer slept or somebody set it.

use cowork_chaos::Command;

use super::{PACE, SAID, Scene};
use crate::harness::{prompt, rounds};

#[test]
fn a_clock_that_jumps_by_hours_takes_nothing_from_the_answer() {
    rounds("clock jumps", |round| {
        let mut scene = Scene::new(round);
        let text = prompt("Tell me", [vec![scene.words.slowly(2 * PACE)]]);
        let asked = scene.app.send(text);
        scene.app.until_said(&asked, round.amount(SAID));
        let hours = i64::try_from(round.number(1..48)).expect("hours of two days");
        let seconds = if round.is_even() { hours } else { -hours } * 3_600;
        scene.app.have(Command::JumpClock { seconds });
        scene.app.until("the news that the computer woke", |screen| {
            screen.was_told("ComputerWoke").then_some(())
        });
        scene.app.ends_whole(&asked, &scene.words);
        scene.ends_well();
    });
}
