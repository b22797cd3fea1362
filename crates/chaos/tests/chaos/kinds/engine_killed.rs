//! The engine is killed. It comes back by itself, and what it was saying stays.

use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use cowork_chaos::Command;
use cowork_workspace::view::EngineState;

use super::{PACE, SAID, Scene};
use crate::harness::{App, EngineWatch, Home, Round, Words, bash, prompt, rounds};

#[test]
fn killed_while_it_streams_it_comes_back_and_the_answer_stays() {
    rounds("engine killed while streaming", |round| {
        let mut scene = Scene::new(round);
        round.note("first start", started(&scene.app));
        let text = prompt("Tell me", [vec![scene.words.slowly(PACE)]]);
        let asked = scene.app.send(text);
        scene.app.until_said(&asked, round.amount(SAID));
        let died = scene.app.kill_engine();

        let words = Words::new(&format!("{}after", scene.mark), 20);
        let next = scene.app.send(prompt("Again", [vec![words.at_once()]]));
        let (death_to_prompt, start) = (died.elapsed(), started(&scene.app));
        round.note("next start", start);
        round.note("death to prompt", death_to_prompt);
        round.note(
            "death to prompt beyond the start",
            death_to_prompt.saturating_sub(start),
        );
        scene.app.ends_whole(&next, &words);

        scene.app.holds_beginning(&asked, &scene.words);
        assert!(
            scene.app.screen().was_cut_off(&asked),
            "it says that it was cut off"
        );
        scene.ends_well();
    });
}

/// How long the last start of the engine took, from when it was decided to when it took prompts.
fn started(app: &App) -> Duration {
    let screen = app.until("an engine", |screen| {
        screen.engine_is_up().then(|| screen.clone())
    });
    let up = screen
        .engine
        .iter()
        .rposition(|(_, state)| !state.takes_requests());
    let up = up.map_or(0, |before| before + 1);
    let begun = screen.engine[..up]
        .iter()
        .rposition(|(_, state)| !matches!(state, EngineState::Starting { .. }))
        .map_or(0, |before| before + 1);
    screen.engine[up].0 - screen.engine[begun].0
}

#[test]
fn killed_while_a_command_runs_it_comes_back_and_the_command_is_marked() {
    rounds("engine killed in a tool", |round| {
        let mut scene = Scene::new(round);
        let said = Words::new(&format!("{}before", scene.mark), 10);
        let command = "for i in $(seq 1000); do echo line-$i; sleep 0.05; done";
        let text = prompt(
            "Run it",
            [vec![said.at_once(), bash(command)], vec![scene.words.at_once()]],
        );
        let asked = scene.app.send(text);
        scene.app.allow();
        let line = format!("line-{}\n", round.number(1..40));
        scene.app.until_printed(&asked, &line);
        scene.app.kill_engine();
        scene.app.ready();

        scene.app.goes_on("between");
        scene.app.holds_beginning(&asked, &said);
        let screen = scene.app.screen();
        let mut tools = screen.answers_to(&asked).flat_map(|message| &message.tools);
        assert!(
            tools.any(|tool| tool.is_interrupted && tool.output.contains(&line)),
            "the command is shown as cut off, with what it had printed\n{screen}"
        );
        scene.ends_well();
    });
}

#[test]
fn killed_while_it_asks_for_permission_it_comes_back_and_the_request_is_gone() {
    rounds("engine killed in an ask", |round| {
        let mut scene = Scene::new(round);
        let said = Words::new(&format!("{}before", scene.mark), 10);
        let text = prompt(
            "Run it",
            [
                vec![said.at_once(), bash("touch never.txt")],
                vec![scene.words.at_once()],
            ],
        );
        let asked = scene.app.send(text);
        let permission = scene.app.until_asked();
        sleep(Duration::from_millis(round.number(0..500)));
        scene.app.kill_engine();
        scene.app.until("the end of the request", |screen| {
            screen.asks.is_empty().then_some(())
        });
        let answer = scene.app.ask(Command::Allow {
            session: scene.app.session(),
            permission,
        });
        assert!(scene.app.answered(answer).is_err(), "nobody asks any more");
        scene.app.ready();

        scene.app.goes_on("between");
        scene.app.holds_beginning(&asked, &said);
        assert!(!scene.home.work().join("never.txt").exists(), "nobody allowed it");
        scene.ends_well();
    });
}

#[test]
fn killed_while_it_starts_it_is_started_again() {
    rounds("engine killed at its start", |round: &mut Round| {
        let home = Arc::new(Home::new());
        let watch = EngineWatch::new(&home);
        let mut app = App::start(&home);
        sleep(Duration::from_millis(round.number(0..2_000)));
        app.kill_engine();
        let mark = round.mark();
        app.begin();
        Scene {
            words: Words::new(&mark, 1),
            home,
            watch,
            app,
            mark,
        }
        .ends_well();
    });
}
