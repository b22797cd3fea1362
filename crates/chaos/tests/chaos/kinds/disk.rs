//! The disk is full, and then it is not.

use cowork_chaos::Command;

use super::{PACE, SAID, Scene};
use crate::harness::{App, prompt, rounds};

/// Room for the app and an engine that has hardly worked.
const DISK: u64 = 64 * 1024 * 1024;

#[test]
fn on_a_full_disk_the_answer_goes_on_and_with_room_it_is_saved_again() {
    rounds("full disk", |round| {
        let mut scene = Scene::with(round, |home| App::start_on_small_disk(home, DISK));
        let text = prompt("Tell me", [vec![scene.words.slowly(2 * PACE)]]);
        let asked = scene.app.send(text);
        let said = round.amount(SAID);
        scene.app.until_said(&asked, said);
        scene.app.have(Command::FillDisk);
        scene.app.until("the news that nothing is saved", |screen| {
            screen.not_saving.is_some().then_some(())
        });
        let more = scene.app.screen().text_of(&asked).len() + 100;
        scene.app.until_said(&asked, more.min(scene.words.text().len()));
        scene.app.have(Command::FreeDisk);
        scene.app.until("the news that it is saved", |screen| {
            screen.not_saving.is_none().then_some(())
        });
        scene.app.ends_whole(&asked, &scene.words);
        scene.ends_well();
    });
}
