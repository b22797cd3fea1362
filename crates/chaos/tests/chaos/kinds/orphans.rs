//! A command leaves a process behind that nobody is the parent of.

use super::Scene;
use crate::harness::{App, bash, prompt, rounds, sleeper, until_asleep, until_gone};

#[test]
fn what_a_command_left_behind_ends_with_the_engine_and_with_the_app() {
    rounds("orphans", |round| {
        let mut scene = Scene::new(round);
        let (argument, command) = sleeper(round);
        let text = prompt("Run it", [vec![bash(&command)], vec![scene.words.at_once()]]);
        let asked = scene.app.send(text);
        scene.app.allow();
        scene.app.until_printed(&asked, "begun");
        until_asleep(&argument);
        if round.is_even() {
            scene.app.kill_engine();
            until_gone(&argument);
        } else {
            let before = scene.app.kill();
            until_gone(&argument);
            scene.home.until_empty();
            scene.app = App::start(&scene.home);
            scene.app.open(&before);
        }
        scene.ends_well();
    });
}
