//! The app is killed. Started again, it shows everything it had shown.

use super::{PACE, SAID, Scene};
use crate::harness::{App, prompt, rounds};

#[test]
fn killed_while_it_shows_an_answer_the_app_shows_all_of_it_again() {
    rounds("app killed while streaming", |round| {
        let mut scene = Scene::new(round);
        let first = crate::harness::Words::new(&format!("{}first", scene.mark), 30);
        let text = prompt("Begin", [vec![first.at_once()]]);
        let begun = scene.app.send(text);
        scene.app.ends_whole(&begun, &first);
        let text = prompt("Tell me", [vec![scene.words.slowly(PACE)]]);
        let asked = scene.app.send(text);
        scene.app.until_said(&asked, round.amount(SAID));
        let before = scene.app.kill();
        before.lost_nothing();
        if !round.is_even() {
            // Else the next app begins while the old engine may still be dying.
            scene.home.until_empty();
        }
        scene.app = App::start(&scene.home);
        scene.app.open(&before);
        scene.app.holds_beginning(&asked, &scene.words);
        assert!(
            scene.app.screen().was_cut_off(&asked),
            "it says that it was cut off"
        );
        assert_eq!(scene.app.screen().text_of(&begun), first.text());
        scene.ends_well();
    });
}
