//! The stream of events falls silent without closing, as behind a proxy that forgot it.

use super::{PACE, SAID, Scene};
use crate::harness::{App, prompt, rounds, until};

#[test]
fn a_stream_that_falls_silent_is_opened_anew_and_nothing_is_missing() {
    rounds("stream stalled", |round| {
        let mut stand_in = None;
        let mut scene = Scene::with(round, |home| {
            let proxy = stand_in.insert(home.stand_in("stall-engine"));
            App::start_with(home, proxy.program())
        });
        let proxy = stand_in.expect("it was made");
        let text = prompt("Tell me", [vec![scene.words.slowly(PACE)]]);
        let asked = scene.app.send(text);
        scene.app.until_said(&asked, round.amount(SAID));
        proxy.tell("stall", "");
        until("the silence", || proxy.says("stall").is_none().then_some(()));
        scene
            .app
            .until("the news that the stream was opened anew", |screen| {
                screen.was_told("StreamStalled").then_some(())
            });
        scene.app.ends_whole(&asked, &scene.words);
        scene.ends_well();
    });
}
