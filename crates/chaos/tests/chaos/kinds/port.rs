//! Another program takes the port that was meant for the engine.

use super::{PACE, SAID, Scene};
use crate::harness::{App, prompt, rounds, until};

#[test]
fn a_port_that_was_taken_is_given_up_for_another() {
    rounds("port stolen", |round| {
        // More than one start tries, now and then: the next start goes on.
        let at_first = round.number(1..9);
        let later = round.number(0..4);
        let mut stand_in = None;
        let mut scene = Scene::with(round, |home| {
            let thief = stand_in.insert(home.stand_in("steal-port"));
            thief.tell("thefts", &at_first.to_string());
            App::start_with(home, thief.program())
        });
        let thief = stand_in.expect("it was made");
        assert_eq!(
            thief.says("thefts").as_deref(),
            Some("0"),
            "all of them were taken"
        );

        let text = prompt("Tell me", [vec![scene.words.slowly(PACE)]]);
        let asked = scene.app.send(text);
        scene.app.until_said(&asked, round.amount(SAID));
        thief.tell("thefts", &later.to_string());
        scene.app.kill_engine();
        until("the last of the thefts", || {
            (thief.says("thefts").as_deref() == Some("0")).then_some(())
        });
        scene.app.holds_beginning(&asked, &scene.words);
        scene.ends_well();
    });
}
