//! The same faults for the command line.

use std::sync::Arc;

use super::{LONG, PACE, SAID};
use crate::harness::{
    EngineWatch, Home, Round, Run, Words, bash, kill, prompt, rounds, sleeper, until_asleep, until_gone,
};

struct Scene {
    home: Arc<Home>,
    watch: EngineWatch,
    mark: String,
    words: Words,
}

impl Scene {
    fn new(round: &mut Round) -> Self {
        let home = Arc::new(Home::new());
        let mark = round.mark();
        Self {
            watch: EngineWatch::new(&home),
            home,
            words: Words::new(&mark, LONG),
            mark,
        }
    }

    /// The next run works, and there never were two engines.
    #[track_caller]
    fn goes_on(self) {
        let words = Words::new(&format!("{}next", self.mark), 20);
        let ended = Run::start(&self.home, &prompt("Go on", [vec![words.at_once()]])).ended();
        assert_eq!(ended.code, Some(0), "{}", ended.notes);
        assert_eq!(ended.answer.trim(), words.text());
        self.home.is_empty();
        self.watch.saw_no_second();
    }

    /// Nothing was lost in between, and nothing doubled.
    #[track_caller]
    fn has_beginning(&self, answer: &str) {
        let answer = answer.trim_end();
        assert!(
            !answer.is_empty() && self.words.text().starts_with(answer),
            "{answer:?} is not how it began"
        );
    }
}

#[test]
fn an_engine_killed_while_it_streams_fails_the_run_and_the_text_stays() {
    rounds("command line: engine killed while streaming", |round| {
        let scene = Scene::new(round);
        let run = Run::start(&scene.home, &prompt("Tell me", [vec![scene.words.slowly(PACE)]]));
        let said = round.amount(SAID);
        run.until("the answer", |run| run.answer().len() >= said);
        assert!(kill(scene.home.engine()), "the engine lived until now");
        let ended = run.ended();
        assert_eq!(ended.code, Some(1), "{}", ended.notes);
        assert!(ended.notes.contains("The turn failed: "), "{}", ended.notes);
        assert!(ended.answer.len() >= said, "{}", ended.answer);
        scene.has_beginning(&ended.answer);
        scene.goes_on();
    });
}

#[test]
fn an_engine_killed_while_a_command_runs_fails_the_run() {
    rounds("command line: engine killed in a tool", |round| {
        let scene = Scene::new(round);
        let begun = scene.home.work().join("begun");
        let steps = [
            vec![scene.words.at_once(), bash("touch begun; sleep 600")],
            vec![scene.words.at_once()],
        ];
        let mut run = Run::start(&scene.home, &prompt("Run it", steps));
        run.allow();
        run.until("the command", |_| begun.exists());
        std::thread::sleep(std::time::Duration::from_millis(round.number(0..500)));
        assert!(kill(scene.home.engine()), "the engine lived until now");
        let ended = run.ended();
        assert_eq!(ended.code, Some(1), "{}", ended.notes);
        assert_eq!(ended.answer.trim(), scene.words.text());
        scene.goes_on();
    });
}

#[test]
fn killed_while_it_streams_the_command_line_leaves_nothing_behind_and_runs_again() {
    rounds("command line: killed while streaming", |round| {
        let scene = Scene::new(round);
        let run = Run::start(&scene.home, &prompt("Tell me", [vec![scene.words.slowly(PACE)]]));
        let said = round.amount(SAID);
        run.until("the answer", |run| run.answer().len() >= said);
        let ended = run.kill();
        scene.has_beginning(&ended.answer);
        if !round.is_even() {
            // Else the next run begins while the old engine may still be dying.
            scene.home.until_empty();
        }
        scene.goes_on();
    });
}

#[test]
fn what_a_command_left_behind_ends_with_the_engine_and_with_the_command_line() {
    rounds("command line: orphans", |round| {
        let scene = Scene::new(round);
        let (argument, command) = sleeper(round);
        let steps = [vec![bash(&command)], vec![scene.words.at_once()]];
        let mut run = Run::start(&scene.home, &prompt("Run it", steps));
        run.allow();
        until_asleep(&argument);
        if round.is_even() {
            assert!(kill(scene.home.engine()), "the engine lived until now");
            assert_eq!(run.ended().code, Some(1));
        } else {
            run.kill();
        }
        until_gone(&argument);
        scene.home.until_empty();
        scene.goes_on();
    });
}
